// Puts a page that came as the answer to a post, or for an address, in the place of this one.
const PARTS = [".skip-link", ".site-header", "#main", ".site-footer"];

// A page of ours, parsed, or null: a sign-in page of a hotel's network is none.
export async function pageIn(response) {
  if (response.status >= 500 || !response.headers.get("Content-Type")?.startsWith("text/html")) {
    return null;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return PARTS.every((part) => page.querySelector(part)) ? page : null;
}

export function replace(page) {
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.body.className = page.body.className;
  for (const part of PARTS) {
    document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
  }
  document.dispatchEvent(new Event("page-replaced"));
}

// Where reading goes on: what is wrong, a field that was asked for, or the heading.
export function startReading(hash) {
  const field = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  const main = document.getElementById("main");
  if (field) {
    (field.closest(".question, .matrix-row") ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
    return;
  }
  window.scrollTo(0, 0);
  if (main.querySelector('[data-behaviour~="error-summary"]')) return; // takes the focus itself
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
