// Improves what the page already does; every page works without it.
import { focusErrorSummary } from "./error-summary.js";
import { closeMenus } from "./menu.js";
import { submitOnce } from "./submit-once.js";

const behaviours = {
  "error-summary": focusErrorSummary,
  menu: closeMenus,
  "submit-once": submitOnce,
};

for (const [name, improve] of Object.entries(behaviours)) {
  document.querySelectorAll(`[data-behaviour~="${name}"]`).forEach(improve);
}
