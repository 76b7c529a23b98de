// The Create page. The order matters: the tray is ready before the dock, the dock hears a submit before the button
// does, and a draft is put back into a dock that works.
import "./jobs.js";
import "./tiles.js";
import "./picture-tray.js";
import "./compose-dock.js";
import "./prompt.js";
import "./form-draft.js";
import { ListeningElement } from "./shell.js";

// Says how tall the dock is, as --dock-h, where that is used: toasts stand above it, and the last row can be scrolled
// free of it. As a variable of the whole page it would restyle every element whenever the prompt grows.
const dock = document.querySelector(".dock");

// What is used now and then brings its script along when it is: panels and menus when they open, the list of references
// with the first "@", the editor with the first crop.
const bring = ({ dataset }) => dataset?.script && import(dataset.script);
document.addEventListener("toggle", ({ target }) => bring(target), { capture: true });
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-crop]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.getElementById("crop-dialog");
  (await bring(dialog)).open(dialog, link);
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
}

// <pick-menu>: a <details> that behaves as a menu. Esc and Enter close it and the focus goes back to its chip; a click
// elsewhere closes it and keeps the focus there. Opening leads to what is chosen; the arrow keys of the radios do the
// rest.
class PickMenu extends ListeningElement {
  connected() {
    this.details = this.querySelector("details");
    this.hear(this.details, "toggle", () => this.#toggled());
    this.hear(this, "keydown", (event) => this.#keyed(event));
    this.hear(document, "pointerdown focusin", (event) => this.#left(event.target));
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

// <fold-on-scroll>: on a phone the dock folds to one line when the page is scrolled down; a tap or the focus unfolds
// it.
const FAR = 32; // pixels downwards that are meant, not a shaky thumb
const PHONE = matchMedia("(max-width: 47.99rem)");

class FoldOnScroll extends ListeningElement {
  #top = 0; // not asked for at the start, when the page would have to be laid out for it

  connected() {
    this.dock = this.closest(".dock");
    this.hear(window, "scroll", () => this.#scrolled(), { passive: true });
    this.hear(PHONE, "change", () => this.#fold(false));
    this.hear(this.dock, "focusin", (event) => event.target.type !== "submit" && this.#fold(false));
    this.hear(this.dock, "click", (event) => event.target.closest("[type=submit]") ?? this.#fold(false));
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
