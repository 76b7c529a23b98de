// <fold-on-scroll>: on a phone the dock folds to one line when the page is scrolled down; a tap or the focus unfolds it.
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
    this.dock.addEventListener("focusin", (event) => event.target.type !== "submit" && this.#fold(false), { signal });
    this.dock.addEventListener("click", (event) => event.target.closest("[type=submit]") ?? this.#fold(false), { signal });
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
