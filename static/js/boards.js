// A board's settings in their sheet, and arranging its pictures by hand. Everything works by forms and links alone.
import { ListeningElement } from "./shell.js";

// <board-sheet data-away>: Esc leaves without saving, Ctrl+Enter saves.
class BoardSheet extends ListeningElement {
  connected() {
    this.hear(document, "keydown", (event) => this.#keyed(event));
  }

  #keyed(event) {
    if (event.defaultPrevented) return;
    const saves = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    if (saves) this.querySelector("#board-settings").requestSubmit();
    else if (event.key === "Escape") location.assign(this.dataset.away);
    else return;
    event.preventDefault();
  }
}

customElements.define("board-sheet", BoardSheet);

// <board-moves>: Alt+← → moves the picture that has the focus, and a picture is dragged before another one.
class BoardMoves extends ListeningElement {
  connected() {
    this.says = document.getElementById("board-says");
    for (const tile of this.#tiles) tile.draggable = true;
    this.hear(this, "keydown", (event) => this.#keyed(event));
    this.hear(this, "dragstart", (event) => this.#lift(event));
    this.hear(this, "dragover", (event) => this.#over(event));
    this.hear(this, "dragend", () => this.#drop(null));
    this.hear(this, "drop", (event) => this.#dropped(event));
  }

  get #tiles() {
    return [...this.querySelectorAll(".tile")];
  }

  #keyed(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 } [event.key];
    const tile = event.target.closest(".tile");
    if (!way || !event.altKey || !tile) return;
    event.preventDefault();
    const beside = way < 0 ? tile.previousElementSibling : tile.nextElementSibling;
    const focused = document.activeElement;
    if (beside) this.#move(tile, way < 0 ? beside : beside.nextElementSibling);
    // At an end of the page the button moves it to the next one.
    else tile.querySelector(`[value="${way < 0 ? "earlier" : "later"}"]`).click();
    focused.focus();
  }

  #lift(event) {
    this.lifted = event.target.closest?.(".tile");
    this.lifted?.classList.add("is-lifted");
    event.dataTransfer.effectAllowed = "move";
  }

  #over(event) {
    const over = event.target.closest?.(".tile");
    if (!this.lifted || !over) return;
    event.preventDefault();
    this.target?.classList.remove("goes-before");
    this.target = over;
    over.classList.toggle("goes-before", over !== this.lifted);
  }

  #dropped(event) {
    if (!this.lifted) return;
    event.preventDefault();
    this.#drop(this.target);
  }

  #drop(before) {
    const { lifted } = this;
    this.target?.classList.remove("goes-before");
    lifted?.classList.remove("is-lifted");
    this.lifted = this.target = null;
    if (lifted && before && before !== lifted) this.#move(lifted, before);
  }

  // Moves it at once, and back where the server refuses.
  async #move(tile, before) {
    const back = tile.nextElementSibling;
    const list = tile.parentElement;
    list.insertBefore(tile, before);
    const form = new FormData(tile.querySelector("form"));
    const ahead = before?.id.replace("move-", "") ?? "";
    // At the end of this page others may follow: then it goes behind the one ahead of it, a step at a time.
    const isKnown = before || !this.hasAttribute("data-more");
    form.set(isKnown ? "before" : "to", isKnown ? ahead : "later");
    const place = `${this.#tiles.indexOf(tile) + 1} of ${this.#tiles.length}`;
    this.says.textContent = `Moved to ${place}.`;
    const answer = await fetch(tile.querySelector("form").action, {
      method: "POST",
      body: form,
      headers: { "HX-Request": "true" }
    }).catch(() => null);
    if (answer?.ok) return;
    list.insertBefore(tile, back);
    this.says.textContent = "The picture could not be moved. Reload the page and try again.";
  }
}

customElements.define("board-moves", BoardMoves);
