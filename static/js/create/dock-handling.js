// How the dock is handled, fetched with the first touch of it: its menus, and how it folds on a phone.
import { ListeningElement } from "../shell.js";

// <pick-menu>: a <details> that behaves as a menu. Esc and Enter close it and the focus goes back to its chip; a click
// elsewhere closes it and keeps the focus there. Opening leads to what is chosen; the arrow keys of the radios do the
// rest.
class PickMenu extends ListeningElement {
  connected() {
    this.details = this.querySelector("details");
    this.hear(this.details, "toggle", () => this.#toggled());
    this.hear(this, "keydown", (event) => this.#keyed(event));
    this.hear(document, "pointerdown focusin", (event) => this.#left(event.target));
    this.#toggled();
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

// <fold-on-scroll>: on a phone and in a low window the dock folds to one line when the page is scrolled down; a tap or
// the focus unfolds it.
const FAR = 32; // pixels downwards that are meant, not a shaky thumb
const FOLDING = matchMedia("(max-width: 47.99rem), (max-height: 29.99rem)");

class FoldOnScroll extends ListeningElement {
  #top = 0; // not asked for at the start, when the page would have to be laid out for it

  connected() {
    this.dock = this.closest(".dock");
    this.hear(window, "scroll", () => this.#scrolled(), { passive: true });
    this.hear(FOLDING, "change", () => this.#fold(false));
    this.hear(this.dock, "focusin", (event) => event.target.type !== "submit" && this.#fold(false));
    this.hear(this.dock, "click", (event) => event.target.closest("[type=submit]") ?? this.#fold(false));
  }

  #scrolled() {
    if (scrollY < this.#top) this.#top = scrollY;
    if (scrollY - this.#top < FAR) return;
    this.#top = scrollY;
    const busy = this.dock.querySelector(".slot--busy, details[open]") || this.dock.contains(document.activeElement);
    if (FOLDING.matches && !busy) this.#fold(true);
  }

  #fold(folded) {
    this.dock.classList.toggle("is-folded", folded);
  }
}

customElements.define("fold-on-scroll", FoldOnScroll);
