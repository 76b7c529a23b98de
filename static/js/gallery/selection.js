// What is chosen of a grid (select.js), and the bar that says how many and does something with them.

// ---- What is chosen

// Kept for the tab, whatever is in the document. A set of pictures, or all that a list has but some.
const KEPT = "studio:selection";
const NOTHING = { codes: [], all: null, except: [] };

export class Selection extends EventTarget {
  #codes = new Set();
  #except = new Set();
  all = null; // { address, total, upto } of a list: how many there are, and when that was

  constructor(address) {
    super();
    this.#read(address);
  }

  #read(address) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") ?? NOTHING;
    // All of another search is not what one sees here.
    this.#set(kept.all && kept.all.address !== address ? NOTHING : kept);
  }

  // Another page of this tab may have changed it.
  readAgain(address) {
    this.#read(address);
    this.#changed();
  }

  get state() {
    return { codes: [...this.#codes], all: this.all, except: [...this.#except] };
  }

  #set({ codes, all, except }) {
    this.#codes = new Set(codes);
    this.#except = new Set(except);
    this.all = all;
  }

  get count() {
    return this.all ? Math.max(0, this.all.total - this.#except.size) : this.#codes.size;
  }

  get codes() {
    return [...this.#codes];
  }

  get except() {
    return [...this.#except];
  }

  has(code) {
    return this.all ? !this.#except.has(code) : this.#codes.has(code);
  }

  put(codes, isOn) {
    for (const code of codes) {
      if (this.all) this.#except[isOn ? "delete" : "add"](code);
      else this.#codes[isOn ? "add" : "delete"](code);
    }
    this.#changed();
  }

  toggle(code) {
    this.put([code], !this.has(code));
  }

  takeAll(address, total, upto, except = []) {
    this.#set({ codes: [], all: { address, total, upto }, except });
    this.#changed();
  }

  // Pictures that left the list are not chosen any more.
  drop(codes) {
    if (!this.all) return this.put(codes, false);
    const { address, total, upto } = this.all;
    const gone = codes.filter((code) => this.has(code)).length;
    const except = this.except.filter((code) => !codes.includes(code));
    return this.takeAll(address, total - gone - (this.#except.size - except.length), upto, except);
  }

  // All of a list that has become shorter are fewer.
  limit(total) {
    const { all, except } = this;
    if (all && total < all.total) this.takeAll(all.address, total, all.upto, except);
  }

  // Returns what was chosen, to be put back.
  clear() {
    const { state } = this;
    this.restore(NOTHING);
    return state;
  }

  restore(state) {
    this.#set(state);
    this.#changed();
  }

  #changed() {
    if (this.all && !this.count) this.#set(NOTHING);
    sessionStorage.setItem(KEPT, JSON.stringify(this.state));
    this.dispatchEvent(new Event("change"));
  }
}

// ---- The bar

const words = (number) => number.toLocaleString("en");
const MOST_LEFT_OUT = 900; // a form has no more fields

// How many are chosen, what can be done with them, and why not.
export function drawSelection(selecting) {
  const { bar, selection } = selecting;
  const count = bar.querySelector("[data-count]");
  const all = bar.querySelector("[data-all]");
  let act = null; // what was pressed
  const acts = [...bar.querySelectorAll("button[data-least]")];

  function draw() {
    const number = selection.count;
    const total = Number(bar.dataset.total);
    bar.hidden = !selecting.isOn;
    const more = selection.all ? bar.dataset.more ?? "" : "";
    count.textContent = number ? `${words(number)}${more} selected` : "Choose pictures";
    all.hidden = !total || number >= total;
    all.textContent = `Select all ${words(total)}${bar.dataset.more ?? ""}`;
    for (const act of acts) {
      const why = reason(act, number);
      act.setAttribute("aria-disabled", String(Boolean(why)));
      act.title = why || act.dataset.title;
    }
  }

  // Why nothing can be done with so many; "" if it can.
  function reason({ dataset }, number) {
    const [least, most] = [Number(dataset.least), Number(dataset.most)];
    if (selection.except.length > MOST_LEFT_OUT) return "Too many are left out. Narrow the gallery down.";
    if (selection.all && "takesAll" in dataset) return "";
    if (number < least) return least === 1 ? "Choose a picture first." : `Choose at least ${least} pictures.`;
    if (number > most) return `${dataset.limit}. Clear some.`;
    return "";
  }

  selection.addEventListener("change", draw);
  new MutationObserver(draw).observe(bar, { attributeFilter: ["data-total"] }); // pictures came or went
  const turn = selecting.turn.bind(selecting);
  selecting.turn = (isOn) => {
    turn(isOn);
    draw();
  };
  all.addEventListener("click", () => selecting.all());
  bar.querySelector("[data-none]").addEventListener("click", (event) => {
    event.preventDefault();
    selecting.none();
  });

  // Enter in the field of a tag means its own button, not the first of the bar.
  bar.querySelector('[name="tag"]')?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.target.closest(".field").nextElementSibling.click();
  });

  bar.addEventListener("submit", (event) => {
    if (!event.submitter || event.submitter.getAttribute("aria-disabled") === "true") return event.preventDefault();
    act = event.submitter;
    return undefined;
  });
  bar.addEventListener("formdata", ({ formData }) => {
    const name = act?.dataset.name ?? "picture";
    // An address says nothing but the pictures.
    for (const one of act?.formMethod === "get" ? [...formData.keys()] : ["picture"]) formData.delete(one);
    if (!selection.all || act?.formMethod === "get") {
      // All of a list that is short enough to be compared is on the page.
      const codes = selection.all ? selecting.codes.filter((code) => selection.has(code)) : selection.codes;
      for (const code of codes) formData.append(name, code);
      return;
    }
    formData.append("all", "on");
    formData.append("address", selection.all.address);
    formData.append("upto", selection.all.upto ?? ""); // nobody has seen what came later
    if (!bar.dataset.more) formData.append("number", selection.count); // nor more than these
    for (const code of selection.except) formData.append("except", code);
  });
  // What is deleted is not selected any more.
  bar.addEventListener("formdata", () => "clears" in (act?.dataset ?? {}) && selection.clear());

  // Esc asks nothing, and can be taken back.
  selecting.offerUndo = (number, state) => {
    const note = bar.querySelector("template").content.querySelector("toast-note").cloneNode(true);
    note.querySelector("[data-words]").textContent = `${words(number)} unselected`;
    note.querySelector("[data-undo]").addEventListener("click", () => {
      selection.restore(state);
      note.remove();
    });
    document.getElementById("toasts").append(note);
  };
  draw();
}
