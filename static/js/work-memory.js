// What was done on a work page, kept in the tab until it is sent: a reload or a look elsewhere loses nothing.
const MOST_REMEMBERED = 2_000_000; // characters
const REST = 200; // milliseconds after the last change

export class Memory {
  #key;
  #timer = 0;
  #waiting = null; // gives what is still to be kept

  constructor(key, { signal }) {
    this.#key = key;
    addEventListener("pagehide", () => this.#remember(), { signal });
  }

  // Keep what `value` gives when nothing has changed for a moment, or when the page is left.
  remember(value) {
    this.#waiting = value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#remember(), REST);
  }

  #remember() {
    clearTimeout(this.#timer);
    if (!this.#waiting) return;
    const text = JSON.stringify(this.#waiting());
    this.#waiting = null;
    try {
      if (text.length < MOST_REMEMBERED) sessionStorage.setItem(this.#key, text);
    } catch { /* the tab's store is full: it lives in the page alone */ }
  }

  recall() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
    } catch {
      return null;
    }
  }

  forget() {
    clearTimeout(this.#timer);
    this.#waiting = null;
    sessionStorage.removeItem(this.#key);
  }
}
