// A link carries its code behind the #, which browsers never send. Put it into the form, take it
// out of the address bar and the history, and open the form. Opening does not spend the code.
const field = document.getElementById("code");

function openWithFragment() {
  const code = decodeURIComponent(window.location.hash.slice(1));
  if (!field || !code || code === field.id || code === "main") return;
  history.replaceState(null, "", window.location.pathname + window.location.search);
  field.value = code;
  field.form.requestSubmit();
}

openWithFragment();
window.addEventListener("hashchange", openWithFragment);
