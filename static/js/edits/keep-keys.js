// The keys of Keep the rest: regions, brush and views from anywhere; on the picture the arrows move the brush
// and Space paints with it.
import { isTyping } from "../shell.js";
import { commanded } from "./work-sending.js";

const STEP = 4; // pixels of the picture that an arrow moves the brush; ten times that with Shift
const DONE = { k: "brush-keep", x: "brush-source", m: "veil", z: "zoom" };
const TURNED = { "[": ["size", -1], "]": ["size", 1], "{": ["softness", -1], "}": ["softness", 1] };
const SHOWN = { a: "source", b: "edit" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Keys {
  constructor(work, { signal }) {
    this.work = work;
    document.addEventListener("keydown", (event) => this.#pressed(event) && event.preventDefault(), { signal });
    document.addEventListener("keyup", (event) => this.#released(event), { signal });
  }

  // Do what a key asks for, and say whether it asks for something.
  #pressed(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const { work } = this;
    if (event.defaultPrevented || event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return commanded(this.work, event, key);
    if (isTyping(event)) return false;
    if (event.target === work.canvas && (key === " " || ARROWS[key])) return this.#painted(event, key);
    if (SHOWN[key]) event.repeat || work.show(SHOWN[key]);
    else if (DONE[key]) event.repeat || work.do(DONE[key]);
    else if (TURNED[key]) work.turn(...TURNED[key]);
    else if (/^[1-9]$/.test(key)) work.choose(Number(key));
    else if ((key === "t" || key === "u") && work.chosen) work.take(work.chosen, key === "t");
    else if (key === "Escape") work.querySelector("[data-back]").click();
    else return false;
    return true;
  }

  // Space paints a dab, or with the arrows a line for as long as it is held.
  #painted(event, key) {
    const { work } = this;
    const { stage, cursor } = work;
    if (key === " ") {
      if (!event.repeat && stage.way === "result") work.paintFrom(cursor.x, cursor.y);
      work.point(cursor);
      return true;
    }
    const step = STEP * (event.shiftKey ? 10 : 1);
    const within = (place, most) => Math.min(most, Math.max(0, place));
    const x = within(cursor.x + ARROWS[key][0] * step, stage.width);
    const y = within(cursor.y + ARROWS[key][1] * step, stage.height);
    if (work.mask.current) work.paintTo(x, y);
    work.point({ x, y });
    return true;
  }

  #released(event) {
    if (SHOWN[event.key.toLowerCase()] && !isTyping(event)) this.work.show();
    if (event.key === " " && this.work.mask.current && event.target === this.work.canvas) this.work.painted();
  }
}
