// The Create page. The order matters: the tray is ready before the dock, the dock hears a submit before the button does,
// and a draft is put back into a dock that works.
import "./jobs.js";
import "./tiles.js";
import "./picture-tray.js";
import "./compose-dock.js";
import "./prompt.js";
import "./form-draft.js";

// Tells the page how tall the dock is, as --dock-h: toasts stand above it, and the last row can be scrolled free of it.
const dock = document.querySelector(".dock");

if (dock) {
  const tell = () => document.documentElement.style.setProperty("--dock-h", `${dock.offsetHeight}px`);
  new ResizeObserver(tell).observe(dock, { box: "border-box" });
}

// <pick-menu>: a <details> that behaves as a menu. Esc and Enter close it and the focus goes back to its chip; a click
// elsewhere closes it and keeps the focus there. Opening leads to what is chosen; the arrow keys of the radios do the
// rest.
class PickMenu extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.details = this.querySelector("details");
    this.details.addEventListener("toggle", () => this.#toggled(), { signal });
    this.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    document.addEventListener("pointerdown", (event) => this.#left(event.target), { signal });
    document.addEventListener("focusin", (event) => this.#left(event.target), { signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #toggled() {
    if (this.details.open) this.querySelector(".menu input:checked:not(:disabled)")?.focus();
  }

  #keyed(event) {
    const chooses = event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input");
    const closes = event.key === "Escape" || chooses;
    if (!closes || !this.details.open) return;
    event.preventDefault();
    event.stopPropagation();
    this.details.open = false;
    this.querySelector("summary").focus();
  }

  #left(target) {
    if (this.details.open && !this.contains(target)) this.details.open = false;
  }
}

customElements.define("pick-menu", PickMenu);

// <drop-zone hidden>: shows its two halves while files or pictures of the page are dragged, and hands what is dropped
// (or pasted) to the tray. The margin and Esc cancel.
const PICTURE = /\/pictures\/([0-9a-f-]{36})\//;

class DropZone extends HTMLElement {
  #listening = new AbortController();
  #picture = "";
  #ours = false;

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    const on = (name, act) => document.addEventListener(name, act, { signal });
    on("dragstart", (event) => this.#began(event));
    on("dragenter", (event) => this.#entered(event));
    on("dragover", (event) => this.#over(event));
    on("dragleave", (event) => event.relatedTarget === null && this.#hide());
    on("drop", (event) => this.#dropped(event));
    on("dragend", () => this.#ended());
    on("keydown", (event) => event.key === "Escape" && this.#hide());
    on("pointermove", () => this.#hide()); // no pointer events come while something is dragged
    on("paste", (event) => this.#pasted(event));
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  get #tray() {
    return document.querySelector("picture-tray");
  }

  // A picture of the page is known by its link; a tile of the tray is being put in order and is none of our business.
  #began(event) {
    this.#ours = Boolean(event.target.closest?.("picture-tray"));
    const link = event.target.closest?.("a[href]") ?? event.target.closest?.(".tile")?.querySelector("a[href]");
    this.#picture = (!this.#ours && link && PICTURE.exec(link.pathname)?.[1]) || "";
  }

  #ended() {
    this.#hide();
    this.#picture = "";
    this.#ours = false;
  }

  #carries(event) {
    return !this.#ours && (this.#picture !== "" || event.dataTransfer?.types.includes("Files"));
  }

  #entered(event) {
    if (!this.#carries(event) || !this.#tray) return;
    event.preventDefault();
    if (!this.hidden) return;
    const next = this.#tray.querySelectorAll('ol[data-role="reference"] > li').length + 1;
    this.querySelector("[data-next]").textContent = `@${next}`;
    this.hidden = false;
  }

  #over(event) {
    if (this.hidden) return;
    event.preventDefault();
    const zone = event.target.closest?.(".drop__zone");
    event.dataTransfer.dropEffect = zone ? "copy" : "none";
    for (const one of this.children) one.classList.toggle("drop__zone--over", one === zone);
  }

  #dropped(event) {
    if (this.hidden) return;
    event.preventDefault();
    const role = event.target.closest?.(".drop__zone")?.dataset.role;
    const { files } = event.dataTransfer;
    const detail = this.#picture ? { codes: [this.#picture], role } : { files: [...files], role };
    this.#hide();
    if (role) this.#tray.dispatchEvent(new CustomEvent("tray-add", { detail }));
  }

  #hide() {
    if (this.hidden) return;
    this.hidden = true;
    for (const one of this.children) one.classList.remove("drop__zone--over");
  }

  // A picture from the clipboard is a reference, unless the dock still waits for its source.
  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    const typing = event.target.closest?.("input, textarea, [contenteditable]");
    if (!files.length || !this.#tray || (typing && event.clipboardData.types.includes("text/plain"))) return;
    event.preventDefault();
    const type = document.querySelector('#compose [name="type"]:checked')?.value;
    const source = this.#tray.querySelector('ol[data-role="source"] > li');
    const role = type !== "image" && !source ? "source" : "reference";
    this.#tray.dispatchEvent(new CustomEvent("tray-add", { detail: { files, role } }));
  }
}

customElements.define("drop-zone", DropZone);

// <fold-on-scroll>: on a phone the dock folds to one line when the page is scrolled down; a tap or the focus unfolds
// it.
const FAR = 32; // pixels downwards that are meant, not a shaky thumb
const PHONE = matchMedia("(max-width: 47.99rem)");

class FoldOnScroll extends HTMLElement {
  #listening = new AbortController();
  #top = 0;

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.dock = this.closest(".dock");
    this.#top = scrollY;
    addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    PHONE.addEventListener("change", () => this.#fold(false), { signal });
    const on = (name, act) => this.dock.addEventListener(name, act, { signal });
    on("focusin", (event) => event.target.type !== "submit" && this.#fold(false));
    on("click", (event) => event.target.closest("[type=submit]") ?? this.#fold(false));
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #scrolled() {
    if (scrollY < this.#top) this.#top = scrollY;
    if (scrollY - this.#top < FAR) return;
    this.#top = scrollY;
    const busy = this.dock.querySelector(".slot--busy, details[open]") || this.dock.contains(document.activeElement);
    if (PHONE.matches && !busy) this.#fold(true);
  }

  #fold(folded) {
    this.dock.classList.toggle("is-folded", folded);
  }
}

customElements.define("fold-on-scroll", FoldOnScroll);
