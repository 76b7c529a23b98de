// <toast-note>: closes by its [data-close] button, and by itself after a while unless it has data-stay (errors do),
// or somebody points at it or has the focus in it.
const REST = 6000; // milliseconds: long enough to read one sentence and reach Undo

class ToastNote extends HTMLElement {
  #timer = 0;
  #listening = new AbortController();

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.addEventListener("click", (event) => event.target.closest("[data-close]") && this.remove(), { signal });
    if (this.hasAttribute("data-stay")) return;
    for (const held of ["pointerenter", "focusin"]) this.addEventListener(held, () => this.#hold(), { signal });
    for (const freed of ["pointerleave", "focusout"]) this.addEventListener(freed, () => this.#rest(), { signal });
    this.#rest();
  }

  disconnectedCallback() {
    this.#hold();
    this.#listening.abort();
  }

  #hold() {
    clearTimeout(this.#timer);
  }

  #rest() {
    this.#hold();
    this.#timer = setTimeout(() => {
      if (this.matches(":hover, :focus-within")) this.#rest();
      else this.remove();
    }, REST);
  }
}

// Undo was pressed and answered: its toast has nothing more to say.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) event.detail.requestConfig.elt.closest("toast-note")?.remove();
});

customElements.define("toast-note", ToastNote);
