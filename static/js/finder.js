// <finder-search>: the gallery's search follows what links of the filters ask for, and keeps the place of the keyboard.
import { ListeningElement } from "./shell.js";

class FinderSearch extends ListeningElement {
  #input = null;
  #at = -1; // which control of the filters had the focus when it asked for another result
  #wasCleared = false;

  connected() {
    this.#input = this.querySelector("#find");
    this.hear(document, "htmx:beforeRequest", (event) => this.#asks(event.detail));
    this.hear(document, "htmx:afterSettle", (event) => this.#shows(event.detail));
  }

  #asks({ elt, target }) {
    if (target?.id !== "results") return;
    this.#at = this.#controls().indexOf(elt);
    this.#wasCleared = elt.id === "find-clear";
    document.getElementById("results").setAttribute("aria-busy", "true");
  }

  #shows({ target, elt }) {
    if (target?.id !== "results" && elt?.id !== "results") return;
    // Somebody who types is ahead of the answer.
    if (document.activeElement !== this.#input) {
      this.#input.value = document.getElementById("find-count").dataset.query;
    }
    if (document.activeElement !== document.body) return;
    const controls = this.#controls();
    if (this.#wasCleared) this.#input.focus();
    else if (this.#at >= 0) controls[Math.min(this.#at, controls.length - 1)]?.focus();
    this.#at = -1;
    this.#wasCleared = false;
  }

  #controls() {
    return [...document.querySelectorAll("#filters > :is(a, button)")];
  }
}

customElements.define("finder-search", FinderSearch);
