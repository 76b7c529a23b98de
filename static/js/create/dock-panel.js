// <dock-panel popover data-address>: what somebody asked for or uploaded before, fetched each time it opens. This
// module comes when the first of them is opened (create.js). Arrow keys walk through its pictures.
import { ListeningElement } from "../shell.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

class DockPanel extends ListeningElement {
  #place = -1; // of the first item that comes behind those that are there

  connected() {
    this.hear(this, "toggle", ({ newState }) => {
      this.#liftNotices(newState === "open");
      if (newState === "open") this.#load();
    });
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this, "keydown", (event) => this.#keyed(event));
    this.hear(this, "htmx:afterSwap", () => this.#grown());
    if (!this.matches(":popover-open")) return;
    this.#liftNotices(true);
    this.#load();
  }

  // The notices of the page lie above the panel as long as it is open.
  #liftNotices(isOpen) {
    const toasts = document.getElementById("toasts");
    toasts.popover = isOpen ? "manual" : null;
    if (isOpen) toasts.showPopover();
  }

  async #load() {
    this.style.setProperty("--dock-h", document.body.style.getPropertyValue("--dock-h")); // it is not inherited
    await window.htmx.ajax("GET", this.dataset.address, { source: this, target: this, swap: "innerHTML" });
    if (matchMedia("(pointer: fine)").matches) this.querySelector("[type=search]")?.focus();
  }

  // The dock itself follows the links (compose-dock.js, picture-tray.js), but a source joins what stands in it.
  #clicked(event) {
    const { target } = event;
    if (target.closest("[data-begin]")) this.hidePopover();
    if (target.closest(".asked__more a")) this.#place = this.querySelectorAll(".asked > li").length - 1;
    const source = target.closest("[data-source]");
    if (!source || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const detail = { codes: [source.dataset.source], role: "source" };
    document.querySelector("picture-tray").dispatchEvent(new CustomEvent("tray-add", { detail }));
  }

  #keyed(event) {
    const links = [...this.querySelectorAll(".asked__add")];
    const at = links.indexOf(event.target.closest(".asked__add"));
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const top = (link) => link.getBoundingClientRect().top;
    const inRow = links.filter((link) => top(link) === top(links[0])).length;
    const step = STEPS[event.key] ?? { ArrowUp: -inRow, ArrowDown: inRow } [event.key];
    if (!step) return;
    event.preventDefault();
    links[at + step]?.focus();
  }

  // The link that was pressed is gone; the focus goes on where it was.
  #grown() {
    const next = this.#place < 0 ? null : this.querySelectorAll(".asked > li")[this.#place];
    this.#place = -1;
    next?.querySelector("a")?.focus();
  }
}

customElements.define("dock-panel", DockPanel);
