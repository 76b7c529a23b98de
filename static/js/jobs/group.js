// <group-keys>: the pictures of a group by keyboard: arrows move between them, k keeps, r asks for one more.
import { isTyping } from "../shell.js";

const KEYS = { k: "keep", r: "redo" };

class GroupKeys extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#keyed(event));
  }

  #keyed(event) {
    const pair = event.target.closest(".pair");
    if (!pair || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (KEYS[event.key] && event.repeat) return;
    const act = KEYS[event.key] && `[data-act="${KEYS[event.key]}"]`;
    // Candidates of one request share their Redo.
    const button = act && (pair.querySelector(act) ?? pair.closest(".candidates")?.querySelector(act));
    const next = this.#next(event.key, pair);
    if (!button && !next) return;
    event.preventDefault();
    if (button) button.click();
    else focus(next);
  }

  #next(key, pair) {
    const pairs = [...this.querySelectorAll(".pair")].filter((one) => one.checkVisibility());
    const at = pairs.indexOf(pair);
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (key === "Home") return pairs[0];
    if (key === "End") return pairs.at(-1);
    return steps[key] && pairs[at + steps[key]];
  }
}

function focus(pair) {
  const target = pair.querySelector(".pair__after .tile__link, .pair__after .job, [data-act]");
  target?.focus();
  pair.scrollIntoView({ block: "nearest", behavior: "instant" });
}

customElements.define("group-keys", GroupKeys);
