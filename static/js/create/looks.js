// The looks page: files dropped on a line, the keys of the editor, and the arrows among the cards. Every control is a
// link or a form that works by itself.
import { ListeningElement, pressed } from "../shell.js";

// <drop-files>: a file input that takes what is dropped anywhere on the page, before <drop-zone> would take it to the
// dock; [data-send] sends its form at once.
class DropFiles extends ListeningElement {
  connected() {
    this.input = this.querySelector("input[type=file]");
    this.label = this.querySelector("label");
    const first = { capture: true };
    this.hear(document, "dragenter dragover", (event) => this.#over(event), first);
    this.hear(document, "dragleave", (event) => event.relatedTarget === null && this.#light(false), first);
    this.hear(document, "drop", (event) => this.#dropped(event), first);
    this.hear(this.input, "change", () => this.input.matches("[data-send]") && this.input.form.requestSubmit());
  }

  #light(isOver) {
    this.label.classList.toggle("is-over", isOver);
  }

  #over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#light(true);
  }

  #dropped(event) {
    this.#light(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.input.files = event.dataTransfer.files;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("drop-files", DropFiles);

// <look-editor>: Ctrl+S saves, u uses, Esc closes; Alt+↑ ↓ move the reference that has the focus.
let isTouched = false; // what was done to it brings another editor, which shows it as its own

class LookEditor extends ListeningElement {
  connected() {
    this.hear(this, "htmx:beforeRequest", () => {
      isTouched = true;
    });
    this.hear(document, "keydown", (event) => this.#keyed(event));
  }

  #keyed(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const row = event.target.closest?.("[data-row]");
    const way = { ArrowUp: "up", ArrowDown: "down" } [event.key];
    if (row && way && event.altKey) {
      event.preventDefault();
      const button = row.querySelector(`[value^="${way}-"]`);
      button.focus();
      button.click();
      return;
    }
    const saves = event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey);
    const others = [...this.querySelectorAll("[aria-keyshortcuts]")];
    const control = saves ? this.querySelector("#look-save") : others.find((one) => pressed(event, one));
    if (!control) return;
    event.preventDefault();
    if (event.key === "Escape") this.#leave(control);
    else control.click();
  }

  async #leave(link) {
    const { mayLeave } = await import("../unsaved.js");
    if (mayLeave(this.querySelector("form"), this.querySelector("[data-unsaved]"), isTouched)) link.click();
  }
}

customElements.define("look-editor", LookEditor);

// The arrow keys go from card to card.
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".look");
  if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
  const cards = [...document.querySelectorAll(".look")];
  const { top } = card.getBoundingClientRect();
  const across = cards.filter((one) => Math.abs(one.getBoundingClientRect().top - top) < 4).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across } [event.key];
  const next = step && cards[cards.indexOf(card) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
