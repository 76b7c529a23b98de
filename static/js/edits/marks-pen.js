// The hand that marks a picture: the pen, and the keys.
import { pairs } from "./marks-drawing.js";
import { NAMES, simplified } from "./marks-list.js";
import { isTyping } from "../shell.js";
import { commanded } from "./work-sending.js";

// ---- The pen

// What a pointer does on the picture: it draws a mark with the chosen tool, moves one, or pulls at one of its handles.
const LEAST = 8; // CSS pixels of a mark that is meant
const STEP = 3; // CSS pixels between the points of a line
const MEANT = 4; // CSS pixels until a press is a move
const DISC = 18; // CSS pixels around the middle of a number
const NEAR = 8; // CSS pixels, while a tool draws

export class Pen {
  #begun = null;

  constructor(work) {
    this.work = work;
  }

  get draft() {
    return this.#begun?.draft;
  }

  // A place in whole pixels of the picture.
  within(x, y) {
    const { width, height } = this.work.stage;
    const inside = (at, most) => Math.round(Math.min(most, Math.max(0, at)));
    return [inside(x, width), inside(y, height)];
  }

  begin(x, y) {
    const { work } = this;
    const isSelecting = work.tool === "select";
    const hit = work.drawing.hit(work.marks, work.chosenMark, { x, y }, isSelecting ? undefined : NEAR);
    if (hit && (isSelecting || hit.handle || this.#isDisc(hit.mark, x, y))) {
      this.#begun = { ...hit, from: [x, y], points: [...hit.mark.points] };
      work.choose(hit.mark);
    } else if (isSelecting) {
      work.choose(null);
    } else if (work.marks.items.length >= work.page.most) {
      work.say(`${work.page.most} marks are the most.`);
    } else {
      const at = this.within(x, y);
      this.#begun = { draft: { kind: work.tool, points: work.tool === "number" ? at : [...at, ...at] } };
      work.draw();
    }
  }

  #isDisc({ kind, points }, x, y) {
    const [left, top] = kind === "box" ? [Math.min(points[0], points[2]), Math.min(points[1], points[3])] : points;
    return Math.hypot(left - x, top - y) * this.work.stage.zoomed <= DISC;
  }

  go(x, y) {
    const begun = this.#begun;
    if (!begun) return;
    if (begun.draft) this.#drawn(begun.draft, this.within(x, y));
    else this.#dragged(begun, x - begun.from[0], y - begun.from[1]);
    this.work.draw();
  }

  #drawn(draft, at) {
    const { kind, points } = draft;
    if (kind === "number") draft.points = at;
    else if (kind !== "free") draft.points = [points[0], points[1], ...at];
    else if (this.#isFar(at, points.slice(-2))) points.push(...at);
  }

  #isFar([x, y], [lastX, lastY]) {
    return Math.hypot(x - lastX, y - lastY) * this.work.stage.zoomed >= STEP;
  }

  #dragged(begun, dx, dy) {
    if (!begun.isMoved) {
      if (Math.hypot(dx, dy) * this.work.stage.zoomed < MEANT) return;
      this.work.marks.note("");
      begun.isMoved = true;
    }
    const { points, handle } = begun;
    begun.mark.points = handle ? this.pulled(points, handle, dx, dy) : this.moved(points, dx, dy);
  }

  // Move one place, of which `x` and `y` are the indexes among the points.
  pulled(points, [x, y], dx, dy) {
    const pulled = [...points];
    [pulled[x], pulled[y]] = this.within(points[x] + dx, points[y] + dy);
    return pulled;
  }

  // Move all points alike, as far as the picture goes.
  moved(points, dx, dy) {
    const { width, height } = this.work.stage;
    const [across, down] = this.#sides(points);
    const within = (by, places, most) => Math.min(most - Math.max(...places), Math.max(-Math.min(...places), by));
    const by = [within(Math.round(dx), across, width), within(Math.round(dy), down, height)];
    return points.map((at, index) => at + by[index % 2]);
  }

  #sides(points) {
    return [0, 1].map((odd) => points.filter((_, index) => index % 2 === odd));
  }

  end() {
    const begun = this.#begun;
    this.#begun = null;
    if (!begun) return;
    if (begun.draft) this.#finish(begun.draft);
    else if (begun.isMoved) this.work.changed();
    else this.work.focusMark(begun.mark);
  }

  abandon() {
    if (this.#begun?.isMoved) this.#begun.mark.points = this.#begun.points;
    this.#begun = null;
    this.work.draw();
  }

  #finish({ kind, points }) {
    const { work } = this;
    const [across, down] = this.#sides(points).map((places) => Math.max(...places) - Math.min(...places));
    if (kind !== "number" && Math.hypot(across, down) * work.stage.zoomed < LEAST) {
      work.draw();
      work.say(`Drag to draw ${kind === "arrow" ? "an" : "a"} ${NAMES[kind]}.`);
      return;
    }
    const line = () => simplified(pairs(points), 1.2 / work.stage.zoomed, work.page.most_points).flat();
    work.added(work.marks.add(kind, kind === "free" ? line() : points));
  }
}

// ---- The keys

// The keys of Mark up: tools from anywhere; on a mark the arrows move it, Enter goes to its sentence, Delete removes
// it.
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
    if (event.ctrlKey || event.metaKey) return commanded(this.work, event, key);
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
