// What stands alone unticks the rest, and the other way round; a way out empties the answer, and an
// answer takes back the way out. What was emptied comes back with the way out unticked.
const emptied = new WeakMap();

const baseOf = (name) => name.split("--")[0];
const isWayOut = (field) => field.closest(".way-out") !== null;
const isTicked = (field) => ["radio", "checkbox"].includes(field.type);
const hasValue = (field) => (isTicked(field) ? field.checked : field.value !== "");

function tell(field) {
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function empty(field) {
  const was = isTicked(field) ? true : field.value;
  if (isTicked(field)) field.checked = false;
  else field.value = "";
  tell(field);
  return [field, was];
}

function restore(field, was) {
  if (isTicked(field)) field.checked = true;
  else field.value = was;
  tell(field);
}

function others(box, field) {
  const fields = [...box.querySelectorAll("input, select, textarea")];
  return fields.filter((other) => other !== field && baseOf(other.name) === baseOf(field.name));
}

function leave(box, field) {
  const answers = others(box, field).filter((other) => !isWayOut(other));
  if (!field.checked) {
    for (const [other, was] of emptied.get(field) ?? []) restore(other, was);
    emptied.delete(field);
    return;
  }
  const found = answers.filter(hasValue).map(empty);
  if (found.length) emptied.set(field, found);
}

function answer(box, field) {
  if (!hasValue(field)) return;
  for (const other of others(box, field)) if (isWayOut(other)) other.checked = false;
  if (field.type !== "checkbox" || box.dataset.kind !== "multiple") return;
  const isAlone = field.closest(".choice-apart") !== null;
  for (const other of others(box, field)) {
    if (other.checked && (isAlone || other.closest(".choice-apart"))) empty(other);
  }
}

export function improve(root) {
  const listen = ({ target }) => {
    const box = target.closest("[data-kind]");
    if (!box || !target.name) return;
    if (isWayOut(target)) leave(box, target);
    else answer(box, target);
  };
  root.addEventListener("change", listen);
  root.addEventListener("input", (event) => isTicked(event.target) || listen(event));
}
