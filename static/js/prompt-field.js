// <prompt-field>: the prompt grows to eight lines, counts its characters near the limit, and Alt+↑ ↓ walk through past prompts.
import { grouped, length } from "./dock-rules.js";

const GROWS = CSS.supports("field-sizing", "content");

class PromptField extends HTMLElement {
  #listening = new AbortController();
  #at = -1;
  #typed = "";

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.field = this.querySelector("textarea");
    this.dock = this.closest("compose-dock");
    this.rules = JSON.parse(this.dock.dataset.rules);
    this.past = [...this.querySelectorAll("[data-history] option")].map((option) => option.value);
    this.field.addEventListener("input", () => this.#show(), { signal });
    this.field.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    this.dock.addEventListener("change", () => this.#show(), { signal });
    this.dock.addEventListener("make-placed", (event) => this.#keep(event.detail.prompt), { signal });
    this.#show();
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #show() {
    const most = this.rules.types[this.field.form.elements.type.value].max_prompt;
    const size = length(this.field.value);
    const counter = this.querySelector("[data-counter]");
    counter.hidden = size < Math.min(this.rules.counted_from, most - most / 5);
    counter.textContent = `${grouped(size)} of ${grouped(most)}`;
    counter.classList.toggle("tone--danger", size > most);
    if (GROWS) return;
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${this.field.scrollHeight}px`;
  }

  #keyed(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!event.altKey || !step) return;
    event.preventDefault();
    const last = this.past.length - 1;
    let at = Math.max(-1, Math.min(last, this.#at + step));
    if (step > 0 && at < last && this.past[at] === this.field.value) at += 1; // what stands there already is no step
    if (at === this.#at) return;
    if (this.#at < 0) this.#typed = this.field.value;
    this.#at = at;
    this.field.value = at < 0 ? this.#typed : this.past[at];
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #keep(prompt) {
    this.past = [prompt, ...this.past.filter((one) => one !== prompt)];
    this.#at = -1;
  }
}

customElements.define("prompt-field", PromptField);
