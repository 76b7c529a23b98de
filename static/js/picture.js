// A picture's own page: its keys, and the way back to the list.
import "./picture-panel.js";
import "./picture-stage.js";
import { lastList, pressed, see } from "./shell.js";

// <shortcut-keys>: a key pressed anywhere on the page clicks the control inside that names it in aria-keyshortcuts.
// Never while somebody types or a menu is open.
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
    const menu = this.querySelector("details.downloads[open]");
    if (event.key === "Escape" && menu) {
      event.preventDefault();
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const control = [...this.querySelectorAll("[aria-keyshortcuts]")].find((one) => pressed(event, one));
    if (!control) return;
    event.preventDefault();
    if (control.matches("summary, input")) control.focus();
    control.click();
  }
}

customElements.define("shortcut-keys", ShortcutKeys);

// The way back from a picture ([data-way-back]): to the list it was opened from, which then finds its tile again.
const link = document.querySelector("[data-way-back]");
const list = lastList();

if (link) see(location.pathname);
if (link && list) {
  link.href = list.href;
  link.querySelector("[data-word]").textContent = list.word;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || document.referrer !== link.href) return;
    event.preventDefault();
    history.back(); // the list stands as it was left
  });
}
addEventListener("pageshow", () => link && see(location.pathname));
