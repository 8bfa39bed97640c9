// A list that can be searched in place of a long select: diacritics need not be typed. The select
// stays, unseen, and is what is sent.
const MOST = 50;

const folded = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().trim();

function make(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function inputFor(select, list) {
  const input = make("input", {
    class: "control",
    id: select.id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: select.options[0].text,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
  });
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  return input;
}

class Search {
  constructor(select) {
    this.select = select;
    this.list = make("ul", { class: "search-list", role: "listbox", id: `${select.id}:list` });
    this.list.setAttribute("aria-label", select.labels[0]?.textContent.trim() ?? "");
    this.status = make("p", { class: "visually-hidden", role: "status" });
    this.input = inputFor(select, this.list);
    this.list.hidden = true;
    const frame = make("div", { class: "search" });
    select.replaceWith(frame);
    select.removeAttribute("id");
    select.hidden = true;
    frame.append(this.input, this.list, this.status, select);
    this.showChosen();
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => this.open());
    this.input.addEventListener("click", () => this.open(""));
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.leave());
    this.select.addEventListener("change", () => this.showChosen());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    this.list.addEventListener("click", (event) => {
      const line = event.target.closest("[role=option]");
      if (line) this.choose(line.dataset.value);
    });
  }

  showChosen() {
    const option = this.select.selectedOptions[0];
    this.input.value = option?.value ? option.text : "";
  }

  open(typed = this.input.value) {
    const words = folded(typed).split(/\s+/).filter(Boolean);
    const found = [...this.select.options]
      .filter(({ value, text }) => value && words.every((word) => folded(text).includes(word)))
      .slice(0, MOST);
    this.list.replaceChildren(...found.map((option, number) => this.line(option, number)));
    const { none, found: told } = this.select.dataset;
    this.status.textContent = found.length ? told.replace("{count}", found.length) : none;
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.activate(null);
  }

  line(option, number) {
    const line = make("li", { role: "option", id: `${this.list.id}:${number}` });
    line.textContent = option.text;
    line.dataset.value = option.value;
    line.setAttribute("aria-selected", "false");
    return line;
  }

  activate(line) {
    this.list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.active = line;
    if (!line) return this.input.removeAttribute("aria-activedescendant");
    line.setAttribute("aria-selected", "true");
    line.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", line.id);
  }

  press(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.open(this.chosenText() === this.input.value ? "" : undefined);
      const lines = [...this.list.children];
      const at = lines.indexOf(this.active) + (key === "ArrowDown" ? 1 : -1);
      this.activate(lines.at(at >= lines.length ? 0 : at) ?? null);
    } else if (key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      const line = this.active ?? (this.list.children.length === 1 && this.list.firstChild);
      if (line) this.choose(line.dataset.value);
    } else if (key === "Escape") {
      this.close();
      this.showChosen();
    }
  }

  chosenText() {
    const option = this.select.selectedOptions[0];
    return option?.value ? option.text : "";
  }

  choose(value) {
    this.select.value = value;
    this.close();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(null);
  }

  // Leaving takes what was typed in full, or a blank; anything else goes back to what was chosen.
  leave() {
    this.close();
    const typed = folded(this.input.value);
    if (typed === folded(this.chosenText())) return this.showChosen();
    const option = [...this.select.options].find(({ text, value }) => value && folded(text) === typed);
    if (option || !typed) this.choose(option?.value ?? "");
    else this.showChosen();
  }
}

export function improve(select) {
  new Search(select);
}
