// Says how much of a total is shared out, and how much is left.
import { numberIn } from "./values.js";

const EXACT = 1e6;

export function improve(box) {
  const { total, told, full, over } = box.dataset;
  const language = box.closest("[data-language]")?.dataset.language ?? "vi";
  const line = document.createElement("p");
  line.className = "sum-told";
  line.setAttribute("role", "status");
  box.append(line);
  const shown = (number) => number.toLocaleString(language, { maximumFractionDigits: 6 });

  const update = () => {
    const parts = [...box.querySelectorAll("input[type=text]")];
    const scaled = parts.map((part) => Math.round((numberIn(part.value, language) ?? 0) * EXACT));
    const sum = scaled.reduce((one, other) => one + other, 0) / EXACT;
    const rest = Math.round((total - sum) * EXACT) / EXACT;
    const words = rest === 0 ? full : rest < 0 ? over : told;
    line.dataset.state = rest === 0 ? "full" : rest < 0 ? "over" : "open";
    line.textContent = words
      .replaceAll("{sum}", shown(sum))
      .replaceAll("{total}", shown(Number(total)))
      .replaceAll("{rest}", shown(Math.abs(rest)));
  };
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, 300); // not with every digit: it is read out
  });
  update();
}
