// The Create page: the draft of its dock, and what comes along as it is used. The order matters: the tray before the
// dock, which hears a submit before the button, and a draft comes back to a dock that works.
import "../jobs/jobs.js";
import { ASKED } from "../tiles.js";
import "./picture-tray.js";
import "./compose-dock.js";
import "./prompt.js";
import { account, ListeningElement } from "../shell.js";

// ---- The draft

// <form-draft data-person data-address data-restore>: keeps what the dock holds (its `state`) on the server, for its
// person on every device, at most once a second; and a copy in this browser, which bridges what the network loses and
// tells other tabs. A tab in which nothing was edited writes nothing; of two edits the newest wins, and says so.
// data-restore "all": the page shows the draft; anything else: a link asked for more than that, which is kept now.
const REST = 300; // milliseconds of quiet before an edit is kept in this browser
const PACE = 1000; // milliseconds between two saves
const AGAIN = 5000; // milliseconds until a save that found no answer is tried once more

// What else went wrong is a fault of the script.
function onlyOf(error, ...kinds) {
  if (!kinds.some((kind) => error instanceof kind)) throw error;
  return null;
}

class FormDraft extends ListeningElement {
  #resting = 0;
  #saving = 0;
  #savedAt = -Infinity;
  #isSaving = false;
  #isDirty = false;
  #editedAt = 0;
  #seen = "";

  connected() {
    this.form = this.closest("form");
    this.dock = this.closest("compose-dock");
    this.key = `studio.draft.${this.dataset.person}`;
    this.number = this.dock.page.number;
    this.#seen = JSON.stringify(this.dock.state);
    this.#putBack(this.#read());
    this.#forgetAddress();
    this.hear(this.form, "input change tray-change", () => this.#soon());
    this.hear(window, "pagehide", () => this.#leave());
    this.hear(window, "pageshow", (event) => event.persisted && this.#ask());
    this.hear(window, "online", () => this.#due());
    this.hear(window, "storage", (event) => event.key === this.key && this.#heard(event.newValue));
    this.hear(document, "visibilitychange", () => document.hidden ? this.#leave() : this.#ask());
    this.hear(document, "session-renewed", () => this.#due());
  }

  disconnectedCallback() {
    this.#leave();
    super.disconnectedCallback();
  }

  // ---- An edit

  #soon() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#look(), REST);
  }

  #look() {
    clearTimeout(this.#resting);
    if (this.form.querySelector(".slot--busy")) return; // it has no code yet; its tile announces itself
    const state = JSON.stringify(this.dock.state);
    if (state === this.#seen) return;
    this.#seen = state;
    this.#editedAt = Date.now();
    this.#isDirty = true;
    this.#write();
    this.#due();
  }

  #due() {
    clearTimeout(this.#saving);
    if (!this.#isDirty || this.#isSaving) return;
    this.#saving = setTimeout(() => this.#save(), Math.max(0, this.#savedAt + PACE - performance.now()));
  }

  #leave() {
    this.#look();
    clearTimeout(this.#saving);
    if (this.#isDirty) this.#save();
  }

  // ---- The server's copy

  async #save() {
    this.#isSaving = true;
    this.#savedAt = performance.now();
    const sent = this.#seen;
    const age = Date.now() - this.#editedAt;
    const body = `{"number":${this.number},"age":${age},"content":${sent}}`;
    let wait = AGAIN;
    try {
      const answer = await account(this.dataset.address, { method: "POST", body, keepalive: true });
      wait = await this.#saved(answer, sent);
    } catch (error) {
      onlyOf(error, TypeError, SyntaxError); // no connection, or cut short
    } finally {
      this.#isSaving = false;
    }
    if (this.#isDirty && wait === 0) this.#due();
    else if (this.#isDirty && wait < Infinity) this.#saving = setTimeout(() => this.#save(), wait);
  }

  // How long to wait before what is not kept yet is sent again.
  async #saved(answer, sent) {
    if (answer.status === 409) {
      const newest = await answer.json();
      this.#look(); // what was edited meanwhile is newer still
      if (this.#seen === sent) this.#adopt(newest);
      return 0;
    }
    if (answer.status === 401) return Infinity; // until somebody signs in
    if (answer.status >= 500 || !answer.headers.has("Studio")) return AGAIN;
    if (!answer.ok) return Infinity; // until the next edit
    const { number, replaced } = await answer.json();
    this.number = number;
    if (this.#seen === sent) this.#isDirty = false;
    if (replaced) this.#setAside(replaced);
    this.#write();
    return 0;
  }

  // An edit here was newer than one that this page had not seen.
  #setAside({ before, ...replaced }) {
    const hasSomething = replaced.prompt.trim() || replaced.source || replaced.references.length;
    if (!hasSomething) return;
    this.dock.setAside(replaced, this.dock.rules.words.won);
    this.#soon();
  }

  async #ask() {
    this.#look();
    if (this.#isDirty || this.#isSaving) return;
    try {
      const answer = await account(`${this.dataset.address}?number=${this.number}`);
      const known = answer.ok ? await answer.json() : {};
      this.#look();
      if (known.content && known.number > this.number && !this.#isDirty) this.#adopt(known);
    } catch (error) {
      onlyOf(error, TypeError, SyntaxError);
    }
  }

  #adopt({ number, content }) {
    this.number = number;
    this.#isDirty = false;
    if (JSON.stringify(content) !== this.#seen) {
      const told = document.getElementById("dock-problems");
      const said = [...told.children];
      this.dock.take(content);
      told.append(...said);
      this.dock.note(this.dock.rules.words.from_elsewhere);
    }
    this.#seen = JSON.stringify(this.dock.state);
  }

  // ---- This browser's copy

  #write() {
    const copy = { state: JSON.parse(this.#seen), number: this.number, edited: this.#editedAt, isKept: !this.#isDirty };
    try {
      localStorage.setItem(this.key, JSON.stringify(copy));
    } catch (error) {
      onlyOf(error, DOMException); // a browser that keeps nothing is no fault
    }
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch (error) {
      return onlyOf(error, DOMException, SyntaxError);
    }
  }

  // Another tab of this browser was edited: a tab without edits of its own follows.
  #heard(text) {
    this.#look();
    const copy = text && JSON.parse(text);
    if (!copy?.state || (this.#isDirty && this.#editedAt > copy.edited)) return;
    this.#adopt({ number: Math.max(copy.number, this.number), content: copy.state });
  }

  // What the server has not got yet, from a page that lost its connection, its session or its life.
  #putBack(copy) {
    if (!copy?.state || copy.isKept || JSON.stringify(copy.state) === this.#seen) return;
    const { number, age } = this.dock.page;
    const isNewest = copy.number === number || copy.edited > Date.now() - age;
    if (this.dataset.restore !== "all" || !isNewest) return this.#setAside(copy.state);
    this.dock.take(copy.state);
    this.#seen = JSON.stringify(this.dock.state);
    this.#editedAt = copy.edited;
    this.#isDirty = true;
    this.#due();
  }

  // What the address asked for is now in the draft: a reload must not ask for it again.
  #forgetAddress() {
    const url = new URL(location.href);
    if (!ASKED.some((name) => url.searchParams.has(name))) return;
    for (const name of ASKED) url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
    if (this.dataset.restore === "all") return;
    this.#seen = "";
    this.#look();
  }
}

customElements.define("form-draft", FormDraft);

// ---- The page

// Says how tall the dock is, as --dock-h, where that is used: toasts stand above it, and the last row can be scrolled
// free of it. As a variable of the whole page it would restyle every element whenever the prompt grows.
const dock = document.querySelector(".dock");

// What is used now and then brings its script along when it is: panels and menus when they open, the list of references
// with the first "@", the editor with the first crop.
const bring = ({ dataset }) => dataset?.script && import(dataset.script);
document.addEventListener("toggle", ({ target, newState }) => newState === "open" && bring(target)?.catch(() => {
  target.hidePopover();
  dock.parentElement.note(dock.parentElement.rules.words.not_loaded);
}), { capture: true });
document.addEventListener("click", async (event) => {
  const part = event.target.closest("[data-take]");
  if (part)(await bring(part.closest("[data-script]"))).take(part);
  const link = event.target.closest("[data-crop]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.getElementById("crop-dialog");
  try {
    (await bring(dialog)).open(dialog, link);
  } catch {
    location.assign(link.href); // its page does the same
  }
});

if (dock) {
  const field = dock.querySelector("prompt-field");
  const mention = () => field.querySelector("textarea").value.includes("@") && bring(field);
  dock.addEventListener("input", mention);
  mention();
  const users = [document.body, document.getElementById("toasts")];
  new ResizeObserver(([{ borderBoxSize: [box] }]) => {
    for (const { style } of users) style.setProperty("--dock-h", `${box.blockSize}px`);
    document.documentElement.style.scrollPaddingBlockEnd = `calc(${box.blockSize}px + 2.5rem)`;
  }).observe(dock, { box: "border-box" });

  // In a low window it is one line until it is used.
  dock.classList.toggle("is-folded", matchMedia("(height < 30rem)").matches);
  dock.addEventListener("focusin", () => dock.classList.remove("is-folded"), { once: true });

  // What opens menus and folds the dock comes when somebody is about to handle it.
  const coming = new AbortController();
  const come = () => {
    coming.abort();
    import("./dock-handling.js").catch(() => {}); // without it menus are plain details
  };
  for (const name of ["pointerover", "focusin"]) dock.addEventListener(name, come, coming);
  addEventListener("scroll", come, coming);
}
