// What is filled in on a page, read as the server reads it.

const NAME = /^q_(.+?)(?:__(.*?))?(?:--(.+))?$/;
const MARKS = { en: [",", "."] }; // thousands, decimals
const OWN_MARKS = [".", ","];

// A typed number in canonical form, or null.
export function numberIn(typed, language) {
  const [thousands, sign] = MARKS[language] ?? OWN_MARKS;
  const text = typed.replace(/[ \t\u00a0\u202f]/g, "").replaceAll("\u2212", "-");
  const grouped = new RegExp(`^[+-]?\\d{1,3}(\\${thousands}\\d{3})+(\\${sign}\\d+)?$`);
  if (grouped.test(text)) return text.replaceAll(thousands, "").replace(sign, ".").replace("+", "");
  if (!/^[+-]?\d{1,15}([.,]\d{1,9})?$/.test(text)) return null;
  return text.replace(",", ".").replace("+", "");
}

const isChosen = (field) => !["radio", "checkbox"].includes(field.type) || field.checked;
const filled = (fields) => fields.filter(isChosen).map((field) => field.value.trim()).filter(Boolean);

function dateIn(parts, operand) {
  const [year = "", month = "", day = ""] = ["year", "month", "day"].map(
    (part) => filled(parts.get(part) ?? [])[0],
  );
  if (!/^\d{4}$/.test(year)) return null;
  const given = [year, month.padStart(month && 2, "0"), day.padStart(day && 2, "0")].filter(Boolean);
  return operand === "date" && given.length < 3 ? null : given.join("-");
}

function rankingIn(parts) {
  const ranks = [...parts].flatMap(([code, fields]) => filled(fields).map((rank) => [rank, code]));
  const codes = ranks.sort(([one], [other]) => one - other).map(([, code]) => code);
  return codes.length ? codes : null;
}

function valueIn({ parts, box }, language) {
  const { kind, operand } = box.dataset;
  if (kind === "date") return dateIn(parts, operand);
  if (kind === "ranking") return rankingIn(parts);
  const found = filled(parts.get("") ?? []);
  if (kind === "multiple") return found.length ? found : null;
  if (!found.length) return null;
  return ["integer", "decimal", "constant_sum"].includes(kind)
    ? numberIn(found[0], language)
    : found[0];
}

// Every answer of a form that is to be seen: variable → row → { value, reason }.
export function answersIn(form) {
  const fields = new Map();
  for (const field of form.elements) {
    const [, variable, row = "", part = ""] = NAME.exec(field.name) ?? [];
    const box = variable && field.closest("[data-kind]");
    if (!box) continue;
    const rows = fields.get(variable) ?? fields.set(variable, new Map()).get(variable);
    const answer = rows.get(row) ?? rows.set(row, { parts: new Map(), box, field }).get(row);
    const isWayOut = part === "missing" && field.closest(".way-out");
    if (isWayOut) answer.stated = field.checked ? field.value : answer.stated;
    else answer.parts.set(part, [...(answer.parts.get(part) ?? []), field]);
  }
  for (const rows of fields.values()) {
    for (const [row, answer] of rows) rows.set(row, said(answer, form.dataset.language));
  }
  return fields;
}

function said(answer, language) {
  if (answer.field.closest("[hidden]:not(select)")) return { value: null, reason: "not_asked" };
  const value = valueIn(answer, language);
  if (value === null) return { value, reason: answer.stated ?? "blank" };
  const fields = [...answer.parts.values()].flat();
  const isApart = fields.some((f) => f.checked && f.closest(".choice-apart, .matrix-apart"));
  return { value, reason: isApart ? undefined : null };
}
