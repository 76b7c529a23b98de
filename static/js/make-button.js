// <make-button>: sends the dock once. While a request is on its way nothing else is sent; a request that found no answer keeps
// its token, so pressing again can never ask twice; after an answer the dock gets a fresh token for the next one.
import { isForeign } from "./answers.js";

const SHORTEST = 600; // milliseconds: the second click of a double click still finds the button busy

class MakeButton extends HTMLElement {
  #listening = new AbortController();
  #sentAt = 0;
  #token = "";

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.form = this.closest("form");
    this.button = this.querySelector("button");
    this.words = JSON.parse(this.closest("compose-dock").dataset.rules).words;
    this.form.parentElement.addEventListener("submit", (event) => this.#submitted(event), { signal, capture: true });
    this.form.addEventListener("htmx:beforeRequest", (event) => event.target === this.form && this.#sent(), { signal });
    this.form.addEventListener("htmx:afterRequest", (event) => event.target === this.form && this.#answered(event.detail), { signal });
    this.form.addEventListener("htmx:onLoadError", (event) => event.target === this.form && this.#answered(event.detail), { signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #submitted(event) {
    if (!this.hasAttribute("data-sending")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #sent() {
    this.#sentAt = performance.now();
    this.#token = this.form.elements.token.value;
    this.dataset.sending = "";
    this.#tell("");
    this.button.style.minInlineSize = `${this.button.offsetWidth}px`;
    this.button.setAttribute("aria-disabled", "true");
    this.button.querySelector("[data-verb]").textContent = this.words.sending;
    this.button.querySelector(".btn__price").textContent = "";
  }

  #answered({ xhr, successful }) {
    if (successful) this.#placed();
    else if (isForeign(xhr)) this.#tell(this.words.foreign);
    else if (!xhr.status) this.#tell(this.words.no_connection);
    else if (xhr.status >= 500) this.#tell(this.words.stumbled);
    else if (xhr.status !== 422 && xhr.status !== 401) this.#tell(this.words.refused);
    const rest = successful ? SHORTEST - (performance.now() - this.#sentAt) : 0;
    setTimeout(() => this.#settle(), Math.max(0, rest));
  }

  #placed() {
    const { token, prompt } = this.form.elements;
    if (token.value === this.#token) token.value = freshToken();
    this.form.querySelector("#tray-notes").replaceChildren();
    this.dispatchEvent(new CustomEvent("make-placed", { bubbles: true, detail: { prompt: prompt.value } }));
  }

  #settle() {
    delete this.dataset.sending;
    this.button.style.minInlineSize = "";
    this.dispatchEvent(new CustomEvent("make-settled", { bubbles: true }));
  }

  #tell(words) {
    const item = Object.assign(document.createElement("li"), { textContent: words });
    this.form.querySelector("#dock-problems").replaceChildren(...(words ? [item] : []));
    this.form.querySelector("#dock-says").textContent = words;
  }
}

// A UUID without crypto.randomUUID, which plain http does not have.
function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

customElements.define("make-button", MakeButton);
