// What was done on a work page, kept in the tab until it is sent: a reload or a look elsewhere loses nothing.
const MOST_REMEMBERED = 2_000_000; // characters

export class Memory {
  #key;

  constructor(key) {
    this.#key = key;
  }

  remember(value) {
    const text = JSON.stringify(value);
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
    sessionStorage.removeItem(this.#key);
  }
}
