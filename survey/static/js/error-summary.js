// Takes a reader straight to what is wrong, and from a line there into its field.
export function improve(summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const label = field.closest("fieldset, .field, .question") ?? field;
    label.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true, focusVisible: true });
  });
}
