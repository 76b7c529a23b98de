// The keys of Mark up: tools from anywhere; on a mark the arrows move it, Enter goes to its sentence, Delete removes
// it.
import { isTyping } from "./shell.js";

const TOOLS = { v: "select", a: "arrow", b: "box", f: "free", n: "number" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Keys {
  constructor(work, { signal }) {
    this.work = work;
    document.addEventListener("keydown", (event) => this.#pressed(event) && event.preventDefault(), { signal });
    document.addEventListener("keyup", (event) => event.key.toLowerCase() === "h" && work.veil(false), { signal });
  }

  // Do what a key asks for, and say whether it asks for something.
  #pressed(event) {
    if (event.defaultPrevented || event.isComposing) return false;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) return this.#commanded(event, key);
    if (isTyping(event)) return this.#typed(event, key);
    const mark = this.work.markOf(event.target);
    if (mark && this.#onMark(event, key, mark)) return true;
    if (event.altKey) return false;
    return this.#anywhere(event, key);
  }

  #anywhere(event, key) {
    const { work } = this;
    if (TOOLS[key]) work.use(TOOLS[key]);
    else if (key === "h") event.repeat || work.veil(true);
    else if (key === "z") event.repeat || work.do("zoom");
    else if (key === "Enter" && !event.target.closest("button, a, summary, select")) work.placeInTheMiddle();
    else if (key === "Escape") work.querySelector("[data-back]").click();
    else return false;
    return true;
  }

  #commanded(event, key) {
    if (key === "Enter") this.work.form.requestSubmit();
    else if (isTyping(event)) return false;
    else if (key === "z") this.work.do(event.shiftKey ? "redo" : "undo");
    else if (key === "y") this.work.do("redo");
    else return false;
    return true;
  }

  // From a sentence Escape leads back to its mark, and Enter too: a sentence is one line.
  #typed(event, key) {
    const mark = event.target.matches(".say__text") ? this.work.markOf(event.target) : null;
    if (!mark || (key !== "Escape" && key !== "Enter") || event.shiftKey) return false;
    this.work.focusMark(mark);
    return true;
  }

  #onMark(event, key, mark) {
    const { work } = this;
    const step = ARROWS[key];
    if (step) {
      const far = event.shiftKey ? 10 : 1;
      work.nudge(mark, step[0] * far, step[1] * far, event.altKey);
    } else if (key === "Enter" || key === " ") work.says.focus(mark);
    else if (key === "Delete" || key === "Backspace") work.remove(mark);
    else if (key === "Escape") work.svg.focus();
    else return false;
    return true;
  }
}
