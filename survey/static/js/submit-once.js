// A second press while the first is under way is ignored. Buttons are never disabled: that would
// drop the pressed button's value, and after a failed connection the form must stay usable.
const PATIENCE = 8000;

export function improve(form) {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < PATIENCE) {
      event.preventDefault();
      return;
    }
    sentAt = event.timeStamp;
    event.submitter?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    sentAt = -Infinity;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
}
