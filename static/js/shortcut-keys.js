// <shortcut-keys>: a key pressed anywhere on the page clicks the control inside that names it in aria-keyshortcuts.
// Never while somebody types or a menu is open. What takes the focus and is out of sight asks for that by "key-reveal".
import { pressed } from "./shell.js";

class ShortcutKeys extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    this.#listening = new AbortController();
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal: this.#listening.signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const menu = this.querySelector("details.downloads__more[open]");
    if (event.key === "Escape" && menu) {
      event.preventDefault();
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const control = [...this.querySelectorAll("[aria-keyshortcuts]")].find((one) => pressed(event, one));
    if (!control) return;
    event.preventDefault();
    if (control.matches("summary, input")) {
      if (!control.checkVisibility()) control.dispatchEvent(new Event("key-reveal", { bubbles: true }));
      control.focus();
    }
    control.click();
  }
}

customElements.define("shortcut-keys", ShortcutKeys);
