// <panel-tabs>: the sections of the panel become tabs, and the panel folds away; a cookie keeps that, so that the next
// picture comes as this one was left.
import { ListeningElement } from "./shell.js";

const KEPT = 365 * 24 * 3600; // seconds
const MOVES = { ArrowLeft: -1, ArrowRight: 1 };

const HOME = new URL("../..", import.meta.url).pathname; // of the studio, which may share its site

const keep = (name, value) => {
  document.cookie = `${name}=${value || ""}; max-age=${value ? KEPT : 0}; path=${HOME}; samesite=lax`;
};

class PanelTabs extends ListeningElement {
  connected() {
    this.tabs = [...this.querySelectorAll("[role=tab]")];
    this.view = this.closest(".view");
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this, "keydown", (event) => this.#onKey(event));
    this.hear(this.view, "click", (event) => event.target.closest("[data-fold]") && this.#fold());
    this.strip = this.view.querySelector("#filmstrip");
    if (this.strip) {
      this.hear(this.view, "click", (event) => event.target.closest("[data-strip]") && this.#turnStrip());
      if (!this.strip.hidden) this.#fill();
    }
    const asked = this.tabs.find((tab) => tab.hash === location.hash);
    if (asked) this.#show(asked);
    this.#worded();
  }

  #clicked(event) {
    const tab = event.target.closest("[role=tab]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#show(tab);
  }

  #onKey(event) {
    const place = this.tabs.indexOf(event.target);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.tabs.length;
    const to = { Home: 0, End: count - 1, " ": place } [event.key] ?? (place + MOVES[event.key] + count) % count;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#show(this.tabs[to]);
    this.tabs[to].focus();
  }

  #show(chosen) {
    for (const tab of this.tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).classList.toggle("is-shown", tab === chosen);
    }
    if (this.view.classList.contains("is-folded")) this.#fold();
  }

  #fold() {
    const from = document.activeElement?.closest("[data-fold], .panel");
    const isTab = document.activeElement?.matches("[role=tab]");
    const isFolded = this.view.classList.toggle("is-folded");
    keep("panel", isFolded && "folded");
    this.#worded();
    const control = this.view.querySelector(isFolded ? ".view__unfold" : ".panel__tabs [data-fold]");
    // On a phone the tabs stay, and nothing else unfolds the panel.
    const to = control.checkVisibility() ? control : this.tabs.find((tab) => tab.ariaSelected === "true");
    if (from && !(isTab && !isFolded)) to?.focus();
  }

  // ---- What lies beside the picture

  #turnStrip() {
    this.strip.hidden = !this.strip.hidden;
    keep("filmstrip", !this.strip.hidden && "shown");
    this.view.querySelector("[data-strip]").ariaExpanded = String(!this.strip.hidden);
    if (!this.strip.hidden) this.#fill();
  }

  async #fill() {
    const { fill } = await import("./filmstrip.js");
    await fill(this.strip);
  }

  #worded() {
    const isOpen = String(!this.view.classList.contains("is-folded"));
    for (const button of this.view.querySelectorAll("[data-fold]")) button.ariaExpanded = isOpen;
  }
}

customElements.define("panel-tabs", PanelTabs);
