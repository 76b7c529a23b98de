// <unsent-words hidden>: what was typed about a picture that is gone now and not sent (comments.js), to be copied.
const EDIT = /\/comments\/[0-9a-f-]{36}\/$/; // kept with the words that it began with

class UnsentWords extends HTMLElement {
  connectedCallback() {
    const place = `studio:say:${location.pathname}`;
    for (const [key, kept] of Object.entries(sessionStorage).filter(([key]) => key.startsWith(place))) {
      const text = EDIT.test(key) ? JSON.parse(kept).text : kept;
      if (!text.trim()) continue;
      const words = this.querySelector("template").content.cloneNode(true);
      words.firstElementChild.value = text;
      this.append(words);
      this.hidden = false;
    }
  }
}

customElements.define("unsent-words", UnsentWords);
