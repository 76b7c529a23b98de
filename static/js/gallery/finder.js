// <finder-search>: the gallery's search follows what links of the filters ask for, and keeps the place of the keyboard.
import { ListeningElement } from "../shell.js";

class FinderSearch extends ListeningElement {
  #input = null;
  #at = -1; // which control of the filters had the focus when it asked for another result
  #cleared = ""; // the words that "Clear search" is to take away
  #opener = ""; // the chip of the menu that was chosen from

  connected() {
    this.#input = this.querySelector("#find");
    this.hear(document, "htmx:beforeRequest", (event) => this.#asks(event.detail));
    this.hear(document, "htmx:afterSettle", (event) => this.#shows(event.detail));
    this.hear(document, "htmx:afterRequest", () => document.getElementById("results").removeAttribute("aria-busy"));
    this.hear(document, "studio:online", () => this.#askAgain());
    this.hear(document, "htmx:configRequest", (event) => this.#keepWords(event.detail));
  }

  // What was typed without a connection.
  #askAgain() {
    const { query } = document.getElementById("find-count").dataset;
    if (this.#input.value.trim() !== query) this.#input.form.requestSubmit();
  }

  // What is typed and not yet asked for goes along with a filter.
  #keepWords(detail) {
    if (!detail.elt.closest?.("#filters") || detail.elt.id === "clear-all" || !detail.path) return;
    const [path, query = ""] = detail.path.split("?");
    const asked = new URLSearchParams(query);
    const words = this.#input.value.trim();
    if (words) asked.set("q", words);
    else asked.delete("q");
    detail.path = `${path}${asked.size ? `?${asked}` : ""}`;
  }

  #asks({ elt, target }) {
    if (target?.id !== "results") return;
    this.#at = this.#controls().indexOf(elt);
    this.#opener = elt.closest("#filters .menu")?.id.replace(/-menu$/, "") ?? "";
    if (elt.id === "find-clear") this.#cleared = this.#input.value;
    document.getElementById("results").setAttribute("aria-busy", "true");
  }

  #shows({ target, elt, requestConfig }) {
    if (target?.id === "find-count") {
      const count = document.querySelector("#find-count .num").textContent.trim();
      document.getElementById("find-says").textContent = `${count} found`;
    }
    if (target?.id !== "results" && elt?.id !== "results") return;
    // Somebody who types is ahead of the answer; keyboard.js may lead to the field before it is cleared.
    const wasCleared = requestConfig?.elt.id === "find-clear";
    if (document.activeElement !== this.#input || (wasCleared && this.#input.value === this.#cleared)) {
      this.#input.value = document.getElementById("find-count").dataset.query;
    }
    if (document.activeElement !== document.body) return;
    const controls = this.#controls();
    const opener = this.#opener && document.getElementById(this.#opener);
    if (wasCleared) this.#input.focus();
    else if (opener) opener.focus();
    else if (this.#at >= 0) controls[Math.min(this.#at, controls.length - 1)]?.focus();
    this.#at = -1;
  }

  #controls() {
    return [...document.querySelectorAll("#filters > :is(a, button)")];
  }
}

customElements.define("finder-search", FinderSearch);
