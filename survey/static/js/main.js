// Improves what the page already does; every page works without it. A script is fetched when the
// page has something for it.
const behaviours = {
  conditions: () => import("./conditions.js"),
  "error-summary": () => import("./error-summary.js"),
  exclusive: () => import("./exclusive.js"),
  inline: () => import("./answers.js"),
  menu: () => import("./menu.js"),
  print: () => import("./print.js"),
  resume: () => import("./resume.js"),
  search: () => import("./search.js"),
  "submit-once": () => import("./submit-once.js"),
  sum: () => import("./sum.js"),
  timeout: () => import("./timeout.js"),
};

function improveAll() {
  for (const [name, load] of Object.entries(behaviours)) {
    const found = [...document.querySelectorAll(`[data-behaviour~="${name}"]`)].filter(
      (element) => !improved.get(element)?.has(name),
    );
    for (const element of found) improved.set(element, (improved.get(element) ?? new Set()).add(name));
    if (found.length) load().then(({ improve }) => found.forEach(improve));
  }
}

const improved = new WeakMap();
document.documentElement.classList.add("scripted");
document.addEventListener("page-replaced", improveAll);
improveAll();
