// The pill of a board: how many pictures came that one has not seen, and that it was changed very much. It leads there.
import { openAnew } from "./tile-changes.js";

const pill = () => document.getElementById("new-pictures");
const isChosen = () => document.querySelector("#results.is-selecting");

export class BoardPill {
  #unseen = new Set(); // keys of pictures that came

  constructor() {
    document.addEventListener("grid-moved", () => this.#look());
    document.addEventListener("click", (event) => event.target.closest("#new-pictures") && this.#go(event));
  }

  tell(window, keys) {
    this.window = window;
    for (const key of keys) this.#unseen.add(key);
    this.#look();
  }

  forget(keys) {
    for (const key of keys) this.#unseen.delete(key);
  }

  // More than is told one by one: the page comes back to this place, unless something is chosen.
  tellMuch() {
    if (isChosen() || document.querySelector("dialog[open]")) this.#show("Changed: show it", location.href);
    else location.reload();
  }

  // A page without a grid: one without pictures shows the first ones, as long as nobody fills in its settings.
  tellChanged(who) {
    const changed = document.getElementById("board-changed");
    if (changed) {
      const name = changed.querySelector("[data-who]");
      // Each answer says who has since the one before.
      name.textContent = who && (changed.hidden || name.textContent === who) ? who : "Others";
      changed.hidden = false;
    } else openAnew();
  }

  // What is in view has been seen.
  #look() {
    if (!this.#unseen.size) {
      if (pill() && !pill().dataset.stays) pill().hidden = true;
      return;
    }
    for (const key of this.#unseen) {
      const box = document.getElementById(key)?.getBoundingClientRect();
      if (box && box.bottom > this.window.covered && box.top < innerHeight) this.#unseen.delete(key);
    }
    if (this.#unseen.size) this.#show(`${this.#unseen.size} new`);
    else pill().hidden = true;
  }

  #show(text, href = null) {
    const element = pill();
    element.querySelector("[data-words]").textContent = text;
    if (href) Object.assign(element, { href }).dataset.stays = "yes";
    element.hidden = false;
  }

  // To the first of them, where the page has it; else the link leads to the newest.
  #go(event) {
    const key = this.window?.keys.find((one) => this.#unseen.has(one));
    if (!key || event.ctrlKey || event.metaKey || pill().dataset.stays) return;
    event.preventDefault();
    this.window.reveal(key)?.querySelector(".tile__link").focus({ preventScroll: true });
    this.#look();
  }
}
