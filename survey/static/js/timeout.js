// Warns two minutes before a form that nobody touches closes. At the end what is there is sent to be
// kept; the server then shows the door.
const MINUTE = 60_000;
const WARNING = 2 * MINUTE;

let timers = [];

function start(form, dialog) {
  timers.forEach(clearTimeout);
  const whole = Number(form.dataset.idleMinutes) * MINUTE;
  const warning = Math.max(whole - WARNING, whole / 2);
  timers = [setTimeout(() => warn(form, dialog), warning), setTimeout(() => end(form, dialog), whole)];
}

function warn(form, dialog) {
  if (form.isConnected && !dialog.open) dialog.showModal();
}

function end(form, dialog) {
  if (!form.isConnected) return;
  dialog.close("end");
  const stay = document.createElement("input");
  Object.assign(stay, { type: "hidden", name: "go", value: "stay" });
  form.append(stay);
  form.requestSubmit();
  stay.remove();
}

async function stayAwake(form) {
  const body = new URLSearchParams();
  for (const field of form.querySelectorAll("input[type=hidden]")) body.set(field.name, field.value);
  await fetch(form.dataset.alive, { method: "POST", body }).catch(() => {});
}

export function improve(form) {
  const dialog = document.getElementById("idle-dialog");
  if (!dialog) return;
  dialog.addEventListener("close", () => {
    if (!form.isConnected || dialog.returnValue === "end") return;
    start(form, dialog);
    stayAwake(form);
  });
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  start(form, dialog);
}
