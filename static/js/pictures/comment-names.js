// The list that "@" opens above the field of a comment: people who may see the picture, by what is typed of their
// names. Arrows choose, Enter takes. This module comes with the first "@" (comments.js).
const BEGUN = /(?<![\p{L}\p{N}_@])@([^@\n]{0,80})$/u;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const MOST = 8;
const ID = "comment-names";

class Names {
  #closedAt = -1; // where the mention begins for which the list was closed

  constructor(field, place, markup) {
    this.field = field;
    this.list = Object.assign(document.createElement("ul"), { id: ID, className: "menu mentions", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "People");
    place.append(this.list);
    const parsed = new DOMParser().parseFromString(markup, "text/html");
    this.people = [...parsed.querySelectorAll("[role=option]")];
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("keydown", (event) => this.#keyed(event), { capture: true });
    for (const name of ["input", "click"]) field.addEventListener(name, () => this.offer());
    field.addEventListener("blur", () => this.#close());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the focus stays in the field
      const one = event.target.closest("[role=option]");
      if (one) this.#take(one);
    });
    this.offer();
  }

  get #begun() {
    const { value, selectionStart, selectionEnd } = this.field;
    const found = selectionStart === selectionEnd && BEGUN.exec(value.slice(0, selectionStart));
    return found ? { words: found[1].normalize("NFKC").toLowerCase(), start: found.index, end: selectionStart } : null;
  }

  offer() {
    const now = this.#begun;
    if (!now) this.#closedAt = -1;
    const isWanted = now && now.start !== this.#closedAt && document.activeElement === this.field;
    const fits = isWanted ? this.people.filter(({ dataset }) => dataset.name.toLowerCase().includes(now.words)) : [];
    // A whole name is written already.
    if (!fits.length || fits.some(({ dataset }) => `${dataset.name.toLowerCase()} ` === now.words)) {
      this.#close();
      return;
    }
    fits.sort((a, b) => this.#rank(a, now.words) - this.#rank(b, now.words));
    this.list.replaceChildren(...fits.slice(0, MOST));
    for (const one of this.list.children) this.#mark(one, now.words);
    this.list.hidden = false;
    this.field.setAttribute("aria-controls", ID);
    this.#choose(this.list.firstElementChild);
  }

  #rank = ({ dataset }, words) => (dataset.name.toLowerCase().startsWith(words) ? 0 : 1);

  // The typed letters are bold.
  #mark(one, words) {
    const { name } = one.dataset;
    const at = name.toLowerCase().indexOf(words);
    const bold = Object.assign(document.createElement("b"), { textContent: name.slice(at, at + words.length) });
    one.querySelector(".mentions__name").replaceChildren(name.slice(0, at), bold, name.slice(at + words.length));
  }

  #close() {
    this.list.hidden = true;
    this.field.removeAttribute("aria-controls");
    this.field.removeAttribute("aria-activedescendant");
  }

  #choose(one) {
    for (const other of this.list.children) other.setAttribute("aria-selected", String(other === one));
    this.field.setAttribute("aria-activedescendant", one.id);
    one.scrollIntoView({ block: "nearest" });
  }

  #take(one) {
    const { start, end } = this.#begun;
    this.field.setRangeText(`@${one.dataset.name} `, start, end, "end");
    this.#close();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #keyed(event) {
    if (this.list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = this.list.querySelector('[aria-selected="true"]');
    const all = [...this.list.children];
    if (event.key in STEPS) this.#choose(all.at((all.indexOf(chosen) + STEPS[event.key]) % all.length));
    else if (event.key === "Enter" || event.key === "Tab") this.#take(chosen);
    else if (event.key === "Escape") {
      this.#closedAt = this.#begun?.start ?? -1;
      this.#close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export function offerNames(field, place, markup) {
  return new Names(field, place, markup);
}
