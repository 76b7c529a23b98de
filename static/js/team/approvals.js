// <approval-list>: requests by keyboard. Arrows move between them, y approves, u opens the reason for declining.
import { isTyping } from "../shell.js";

class ApprovalList extends HTMLElement {
  connectedCallback() {
    this.keyed = (event) => this.#keyed(event);
    document.addEventListener("keydown", this.keyed);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keyed);
  }

  get #current() {
    return this.querySelector('[aria-current="true"]');
  }

  #keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event)) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (steps[event.key]) this.#move(steps[event.key], event);
    else if (event.key === "y") this.#act("approve", event);
    else if (event.key === "u") this.#act("decline", event);
  }

  #move(step, event) {
    const requests = [...this.querySelectorAll(".req")];
    const next = requests[requests.indexOf(this.#current) + step];
    if (!next) return;
    event.preventDefault();
    this.#current?.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  #act(name, event) {
    const control = this.#current?.querySelector(`[data-act="${name}"]`);
    if (!control) return;
    event.preventDefault();
    if (name === "approve") return control.click();
    control.open = true;
    control.querySelector("input:not([type=hidden])").focus();
  }
}

customElements.define("approval-list", ApprovalList);
