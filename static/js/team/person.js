// <person-panel data-away="address">: says how many fields differ, Ctrl+Enter saves, Esc closes.
import { isTyping } from "../shell.js";
import { differs, mayLeave } from "../unsaved.js";

class PersonPanel extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.#count());
    this.keyed = (event) => this.#keyed(event);
    document.addEventListener("keydown", this.keyed);
    this.#count();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keyed);
  }

  #count() {
    const says = this.querySelector("[data-changes]");
    if (!says) return;
    const fields = [...this.querySelector("#rights").elements].filter((field) => field.name);
    const isOff = (field) => field.type === "radio" && !field.checked; // one role is one change
    const changed = fields.filter((field) => !isOff(field) && differs(field)).length;
    says.textContent = changed ? `${changed} ${changed === 1 ? "change" : "changes"}` : "";
  }

  #keyed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.querySelector("#rights")?.requestSubmit();
    } else if (event.key === "Escape" && !isTyping(event) && !event.defaultPrevented) {
      const says = this.querySelector("[data-changes]");
      if (!says || mayLeave(this.querySelector("#rights"), says)) location.assign(this.dataset.away);
    }
  }
}

customElements.define("person-panel", PersonPanel);
