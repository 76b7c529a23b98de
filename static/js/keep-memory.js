// What was painted over an edit, kept in the tab until it is saved: a reload or a look elsewhere loses nothing.
const MOST_REMEMBERED = 2_000_000; // characters

export class Memory {
  #key;

  constructor(code) {
    this.#key = `keep:${code}`;
  }

  remember(mask) {
    const strokes = JSON.stringify(mask.strokes);
    try {
      if (strokes.length < MOST_REMEMBERED) sessionStorage.setItem(this.#key, strokes);
    } catch { /* the tab's store is full: the mask lives in the page alone */ }
  }

  recall(mask) {
    try {
      const strokes = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      const isKnown = (one) => one.points || one.region === 0 || mask.regions.has(one.region);
      if (strokes.length && strokes.every(isKnown)) mask.restore(strokes);
    } catch {
      this.forget();
    }
  }

  forget() {
    sessionStorage.removeItem(this.#key);
  }
}
