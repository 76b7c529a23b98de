// <pick-menu>: a <details> that behaves as a menu. Esc and Enter close it and the focus goes back to its chip; so does a
// click elsewhere, without the focus. Opening leads to what is chosen; the arrow keys of the radios do the rest.
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
    const closes = event.key === "Escape" || (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches("input"));
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
