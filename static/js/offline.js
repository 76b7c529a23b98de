// <offline-strip hidden>: shows itself while the server cannot be reached, and goes when an answer arrives.
class OfflineStrip extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    const show = () => { this.hidden = false; };
    const hide = () => { this.hidden = true; };
    addEventListener("offline", show, { signal });
    addEventListener("online", hide, { signal });
    document.addEventListener("htmx:sendError", show, { signal });
    document.addEventListener("htmx:timeout", show, { signal });
    document.addEventListener("htmx:beforeOnLoad", hide, { signal });
    this.hidden = navigator.onLine;
  }

  disconnectedCallback() {
    this.#listening.abort();
  }
}

customElements.define("offline-strip", OfflineStrip);
