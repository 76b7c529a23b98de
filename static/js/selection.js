// What is chosen in the gallery: kept for the tab, whatever is in the document. A set of pictures, or all that a list
// has but some.
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
