// Sends a form without leaving the page, shows the answer in its place, and keeps the history of
// addresses as if one had gone there: back shows earlier answers, never a question to send again.
import { attempt, deliver, kept } from "./pending.js";
import { pageIn, replace, startReading } from "./replace.js";

let refreshing = null; // a refresh under way; what is pressed meanwhile waits for it
let isSending = false;

function entries(form, submitter) {
  const data = new FormData(form, submitter);
  if (submitter?.name && !data.has(submitter.name)) data.append(submitter.name, submitter.value);
  return data;
}

function parcelOf(form, submitter) {
  const url = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  return { url, body: new URLSearchParams(entries(form, submitter)).toString() };
}

function goTo(address, sent) {
  const url = new URL(address, location.href);
  url.hash ||= new URL(sent, location.href).hash;
  if (url.pathname === location.pathname) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  return url.hash;
}

function show(answer, sent) {
  replace(answer.page);
  startReading(goTo(answer.url, sent));
}

async function send(form, submitter) {
  if (isSending) return;
  isSending = true;
  submitter?.setAttribute("aria-busy", "true");
  const parcel = parcelOf(form, submitter);
  const sent = deliver(parcel, { isShared: "shared" in form.dataset });
  // While nothing is confirmed the form stays usable: another press sends what is there then.
  setTimeout(() => (isSending = false), 1500);
  const answer = await sent;
  if (!answer) return;
  isSending = false;
  show(answer, parcel.url);
}

// --- Refreshing: choices and words that follow from other answers of the page ----------------

const valuesOf = (form, name) => JSON.stringify(entries(form).getAll(name));

function fill(form, name, values) {
  for (const field of form.elements) {
    if (field.name !== name || field.type === "hidden") continue;
    if (field.type === "radio" || field.type === "checkbox") {
      field.checked = values.includes(field.value);
    } else field.value = values[0] ?? "";
  }
}

// Brings what was typed while the refresh was under way into the new form.
function carryOver(before, old, next) {
  const names = new Set([...old.elements].map((field) => field.name).filter(Boolean));
  for (const name of names) {
    if (valuesOf(old, name) === JSON.stringify(before.getAll(name))) continue;
    fill(next, name, entries(old).getAll(name));
  }
}

function keepPlace(act) {
  const focused = document.activeElement;
  const [id, start, end] = [focused?.id, focused?.selectionStart, focused?.selectionEnd];
  const top = focused?.getBoundingClientRect().top ?? 0;
  act();
  const again = id && document.getElementById(id);
  if (!again) return;
  again.focus({ preventScroll: true });
  if (typeof start === "number" && again.setSelectionRange && again.type !== "radio") {
    again.setSelectionRange(start, end);
  }
  window.scrollBy(0, again.getBoundingClientRect().top - top);
}

async function refresh(form) {
  const before = entries(form);
  const body = new URLSearchParams(before);
  body.set("go", "stay");
  const answer = await attempt({ url: form.action, body: body.toString() });
  const next = answer?.page.getElementById(form.id);
  if (!next || !form.isConnected) return;
  keepPlace(() => {
    replace(answer.page);
    carryOver(before, form, next);
    next.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function isRefresher(form, field) {
  const code = /^q_(.+?)(?:__|--|$)/.exec(field.name)?.[1];
  return code && form.dataset.refreshers?.split(" ").includes(code);
}

// --- The form ---------------------------------------------------------------------------------

async function pressed(form, submitter) {
  if (!refreshing) return send(form, submitter);
  await refreshing;
  const now = document.getElementById(form.id);
  const buttons = [...now.elements].filter((field) => field.type === "submit");
  return send(
    now,
    buttons.find((b) => b.name === submitter?.name && b.value === submitter?.value) ?? null,
  );
}

// What a browser too old for this does of itself.
function plainly(form, submitter) {
  if (submitter?.name) {
    const pressed = document.createElement("input");
    Object.assign(pressed, { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(pressed);
  }
  if (submitter?.hasAttribute("formaction")) form.action = submitter.formAction;
  form.submit();
}

export function improve(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    pressed(form, event.submitter).catch(() => plainly(form, event.submitter));
  });
  form.addEventListener("change", async (event) => {
    if (!isRefresher(form, event.target)) return;
    await refreshing;
    refreshing = refresh(document.getElementById(form.id) ?? form);
    await refreshing;
    refreshing = null;
  });
}

// What this very form could not send before the page was loaded again.
async function resume() {
  const own = (url) => new URL(url, location.href).pathname.split("/").slice(0, 4).join("/");
  for (const parcel of await kept()) {
    if (own(parcel.url) !== own(location.href)) continue;
    const answer = await deliver(parcel, { isKept: true });
    if (answer) show(answer, parcel.url);
  }
}

// The page under an address, asked for by the form's token, which works without cookies too.
function fetched() {
  const visit = document.querySelector("input[name=visit]")?.value;
  if (!visit || !location.pathname.includes("/page/")) return fetch(location.href);
  const body = new URLSearchParams({ visit, go: "open" });
  return fetch(location.href, { method: "POST", headers: { "X-Inline": "1" }, body });
}

addEventListener("popstate", async () => {
  const response = await fetched().catch(() => null);
  const page = response && (await pageIn(response));
  if (!page) return location.reload();
  replace(page);
  startReading(location.hash);
});

history.scrollRestoration = "manual";
resume();
