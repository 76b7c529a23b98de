// <family-tree>: arrows go along the lines of the tree, and up and down within a generation.
import { isTyping, ListeningElement, pressed } from "../shell.js";

class FamilyTree extends ListeningElement {
  connected() {
    this.stage = this.querySelector(".family-page__stage");
    this.hear(document, "keydown", (event) => this.#onKey(event));
    this.hear(this, "click", (event) => this.#clicked(event));
    this.querySelector(".leaf[aria-current]").scrollIntoView({ block: "center", inline: "center" });
  }

  #onKey(event) {
    if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const here = event.target.closest?.(".leaf") ?? this.querySelector(".leaf[aria-current]");
    const next = event.shiftKey ? null : this.#next(here, event.key);
    const control = [...this.querySelectorAll("[aria-keyshortcuts]")].find((one) => pressed(event, one));
    if (next) next.focus();
    else control?.click();
    if (next || control) event.preventDefault();
  }

  #next(leaf, key) {
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const keys = leaf.dataset[key === "ArrowLeft" ? "from" : "to"].split(" ").filter(Boolean);
      return this.#nearest(leaf, keys.map((one) => this.querySelector(`.leaf[data-key="${one}"]`)));
    }
    if (key !== "ArrowUp" && key !== "ArrowDown") return null;
    const down = key === "ArrowDown" ? 1 : -1;
    const beside = [...this.querySelectorAll(`.leaf[data-level="${leaf.dataset.level}"]`)];
    return this.#nearest(leaf, beside.filter((one) => (this.#place(one) - this.#place(leaf)) * down > 1));
  }

  #place = (leaf) => leaf.getBoundingClientRect().top;

  #nearest(leaf, leaves) {
    const far = (one) => Math.abs(this.#place(one) - this.#place(leaf));
    return leaves.sort((one, other) => far(one) - far(other))[0] ?? null;
  }

  #clicked(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const fit = event.target.closest("[data-fit]");
    if (fit) fit.ariaPressed = String(this.stage.classList.toggle("is-fit"));
    const back = event.target.closest("[data-back]");
    if (!back || document.referrer.split("?")[0] !== back.href) return;
    event.preventDefault();
    history.back();
  }
}

customElements.define("family-tree", FamilyTree);
