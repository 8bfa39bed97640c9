// Shows and hides questions while others of the page are answered. Where a condition cannot be
// decided here nothing changes: the server decides in any case.
import { evaluate } from "./expressions.js";
import { answersIn } from "./values.js";

const VIETNAM = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" });

class UndecidedError extends Error {}

// The names in a compiled expression, each with how it is used.
function* namesIn(form) {
  if (!Array.isArray(form)) return;
  const [kind, name, of] = form;
  if (kind === "var" || kind === "all") yield [kind, name];
  else if (kind === "call" && name === "missing") yield ["missing", Array.isArray(of) ? of[1] : of];
  else for (const part of form.slice(1)) yield* namesIn(part);
}

function environment(form, condition, row) {
  const answers = answersIn(form);
  const known = JSON.parse(form.dataset.known || "{}");
  const [values, missing] = [{}, {}];
  for (const [use, name] of namesIn(condition)) {
    const rows = answers.get(name);
    if (!rows && (use !== "var" || !Object.hasOwn(known, name))) throw new UndecidedError(name);
    if (!rows) values[name] = known[name];
    else if (use === "all") values[name] = [...rows.values()].map(({ value }) => value);
    else {
      const { value, reason } = rows.get(row) ?? rows.get("") ?? {};
      if (value === undefined || (use === "missing" && reason === undefined)) {
        throw new UndecidedError(name);
      }
      values[name] = value;
      missing[name] = reason;
    }
  }
  const position = row.startsWith("@") ? row.slice(1) : "";
  const unit = position ? "" : row;
  return { values, missing, this: null, today: VIETNAM.format(new Date()), unit, position };
}

function holds(form, condition, row) {
  return evaluate(condition, environment(form, condition, row)) === true;
}

const rowOf = (name) => /__(.+?)(?:--.*|-box)?$/.exec(name)?.[1] ?? "";

// One decision for a question, or one for each of its rows.
function decide(form, box) {
  const condition = JSON.parse(box.dataset.show);
  const rows = [...box.querySelectorAll("[data-row]")];
  if (rows.length && rowOf(rows[0].dataset.row) !== rowOf(box.id)) {
    const found = rows.map((row) => [row, holds(form, condition, rowOf(row.dataset.row))]);
    for (const [row, isShown] of found) row.hidden = !isShown;
    box.hidden = !found.some(([, isShown]) => isShown);
    return;
  }
  const field = box.querySelector("[name^=q_]");
  box.hidden = !holds(form, condition, rowOf(field?.name ?? box.id));
}

function update(form) {
  for (const box of form.querySelectorAll("[data-show]")) {
    try {
      decide(form, box);
    } catch (error) {
      if (!(error instanceof UndecidedError)) throw error;
    }
  }
}

export function improve(questions) {
  const form = questions.closest("form");
  form.addEventListener("input", () => update(form));
  form.addEventListener("change", () => update(form));
}
