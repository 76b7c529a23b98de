// <mark-up>: marks drawn on a source, each with a sentence. The source is sent as it is; the marks go to Studio as a
// list, which draws them on a copy.
import { Drawing } from "./marks-drawing.js";
import { areMarks, Marks, nameOf, Says, sentence } from "./marks-list.js";
import { Keys, Pen } from "./marks-pen.js";
import { Memory, Sending } from "./work-sending.js";
import { Pointers, View } from "./work-view.js";

const SENDING = { send: "Make 1", sending: "Sending…", kept: "Your marks are kept", again: "make it again" };

class MarkUp extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    const { signal } = this.#listening;
    const page = JSON.parse(this.querySelector("#marks-page").textContent);
    const [width, height] = [Number(this.dataset.width), Number(this.dataset.height)];
    this.page = page;
    this.form = this.querySelector("form");
    this.svg = this.querySelector("svg.marks");
    this.marks = new Marks();
    this.memory = new Memory(`marks:${this.dataset.code}`, { signal });
    const kept = this.memory.recall();
    const isKept = kept && areMarks(kept.marks, width, height);
    this.marks.take(isKept ? { marks: kept.marks, whole: String(kept.whole ?? "") } : page);
    const box = this.querySelector(".work__stage");
    this.stage = new View(box, { width, height });
    this.drawing = new Drawing(this.svg, this.stage);
    this.pen = new Pen(this);
    this.says = new Says(this, page);
    this.sending = new Sending(this, this.form, { signal, words: { ...SENDING } });
    this.tool = "arrow";
    this.stage.onview = () => {
      this.querySelector("[data-word]").textContent = this.stage.word;
      this.draw();
    };
    new ResizeObserver(() => this.stage.resize()).observe(box);
    new Keys(this, { signal });
    new Pointers(this.svg, this);
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.form.addEventListener("change", (event) => this.#chosen(event), { signal });
    this.svg.addEventListener("focusin", ({ target }) => {
      const mark = this.markOf(target);
      if (mark) this.choose(mark);
    }, { signal });
    addEventListener("blur", () => this.veil(false), { signal });
    this.stage.resize();
    this.changed();
    this.toggleAttribute("data-ready", true);
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  // ---- What stands

  markOf(element) {
    const id = element.closest?.("[data-id]")?.dataset.id;
    return id ? this.marks.byId(Number(id)) : null;
  }

  choose(mark) {
    if (this.chosenMark === mark) return;
    this.chosenMark = mark;
    this.draw();
    this.says.show(this.marks, mark);
  }

  draw() {
    if (this.chosenMark && !this.marks.items.includes(this.chosenMark)) this.chosenMark = null;
    this.drawing.show(this.marks, this.chosenMark, this.pen.draft);
  }

  changed() {
    this.draw();
    this.says.meant = null;
    for (const name of ["again", "ask"]) this.form.elements[name]?.remove();
    this.says.show(this.marks, this.chosenMark);
    this.says.showPrice();
    this.querySelector('[data-do="undo"]').disabled = !this.marks.canUndo;
    this.querySelector('[data-do="redo"]').disabled = !this.marks.canRedo;
    this.querySelector('[data-do="remove-all"]').disabled = !this.marks.items.length;
    this.sending.refuse("");
    this.memory.remember(() => this.marks.state);
  }

  say(words) {
    this.querySelector("[data-tells]").textContent = words;
  }

  // ---- Sending (work-sending.js)

  missing() {
    const why = this.says.reasons();
    if (why[0]?.mark) this.says.focus(why[0].mark);
    return why.map((one) => one.words).join(" ");
  }

  async fill(body) {
    const marks = this.marks.state.marks.map((one) => ({ ...one, words: sentence(one.words) }));
    body.set("marks", JSON.stringify(marks));
  }

  // The same was made a moment ago, or it passes a budget: pressed once more, it is meant, or an admin is asked.
  refused(answer) {
    const prices = answer.headers.get("Studio-Prices");
    if (prices) this.#renew(JSON.parse(prices));
    if (answer.headers.has("Asks-Again")) this.#mean("again", "Make again");
    else if (answer.headers.has("Over-Budget")) this.#mean("ask", "Ask for approval");
  }

  // What the next press means, and what the button then says.
  #mean(name, words) {
    this.says.meant = this.sending.words.send = words;
    this.form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: "on" }));
  }

  // What it costs has changed since the page was drawn: the button says it, and the next press means it.
  #renew({ stamp, prices }) {
    this.form.elements.prices.value = stamp;
    this.says.page.rules.prices = prices;
    this.says.showPrice();
  }

  forget() {
    this.memory.forget();
  }

  // ---- Pointers (work-view.js): what they do is the pen's (marks-pen.js)

  get canPaint() {
    return !this.svg.classList.contains("is-veiled");
  }

  point() { /* a mark needs no ring around the pointer */ }

  paintFrom(x, y) {
    this.pen.begin(x, y);
  }

  paintTo(x, y) {
    this.pen.go(x, y);
  }

  painted() {
    this.pen.end();
  }

  unpaint() {
    this.pen.abandon();
  }

  added(mark) {
    this.chosenMark = mark;
    this.changed();
    this.says.focus(mark);
    this.say(`${nameOf(this.marks, mark)}. Say what should change there.`);
  }

  // ---- Keys (marks-pen.js)

  placeInTheMiddle() {
    const { width, height } = this.stage;
    if (this.tool === "select" || this.marks.items.length >= this.page.most) return;
    if (this.tool === "free") {
      this.say("A line is drawn with a pointer. Use a box or an arrow here.");
      return;
    }
    const [x, y] = this.pen.within(width / 2, height / 2);
    const by = Math.round(Math.min(width, height) / 8);
    const points = { number: [x, y], box: [x - by, y - by, x + by, y + by], arrow: [x - by, y - by, x, y] } [this.tool];
    const mark = this.marks.add(this.tool, points);
    this.chosenMark = mark;
    this.changed();
    this.focusMark(mark);
    this.say(`${nameOf(this.marks, mark)}. Move it with the arrow keys.`);
  }

  focusMark(mark) {
    this.choose(mark);
    this.drawing.focus(mark);
  }

  nudge(mark, dx, dy, isEnd) {
    if (isEnd && mark.points.length < 4) return;
    this.marks.note(`move ${mark.id}`);
    const end = [mark.points.length - 2, mark.points.length - 1];
    mark.points = isEnd ? this.pen.pulled(mark.points, end, dx, dy) : this.pen.moved(mark.points, dx, dy);
    this.changed();
    this.say(`${nameOf(this.marks, mark)}: ${mark.points.slice(...(isEnd ? [-2] : [0, 2])).join(", ")}`);
  }

  remove(mark) {
    const number = this.marks.numberOf(mark);
    this.marks.remove(mark);
    const next = this.marks.items[number - 1] ?? this.marks.items.at(-1);
    const after = this.marks.items.length - number + 1;
    const moved = ["", ` Mark ${number + 1} is now ${number}.`][after] ?? " The marks after it are renumbered.";
    this.changed();
    if (next) this.focusMark(next);
    else this.svg.focus();
    this.say(`Mark ${number} removed.${moved}`);
  }

  // Show the picture without its marks, for as long as a key is held.
  veil(isVeiled) {
    this.svg.classList.toggle("is-veiled", isVeiled);
  }

  use(tool) {
    this.tool = tool;
    for (const one of this.querySelectorAll("button[data-tool]")) one.ariaPressed = String(one.dataset.tool === tool);
    this.svg.dataset.tool = tool;
    if (!this.svg.contains(document.activeElement)) this.svg.focus({ preventScroll: true });
    this.say(this.querySelector(`button[data-tool="${tool}"] > span:not(.icon)`).textContent);
  }

  // ---- Buttons

  #clicked({ target }) {
    const step = target.closest("[data-step]");
    if (step) {
      const field = this.form.elements.count;
      field.value = Math.max(1, Math.min(Number(field.max), this.says.count + Number(step.dataset.step)));
      this.says.showPrice();
    } else if (target.closest("button[data-tool]")) this.use(target.closest("button[data-tool]").dataset.tool);
    else if (target.closest("[data-do]")) this.do(target.closest("[data-do]").dataset.do);
    else if (target.closest("[data-remove]")) this.remove(this.markOf(target));
  }

  #chosen({ target }) {
    if (target.name === "count") target.value = this.says.count;
    if (target.name === "count" || target.name === "model") this.says.showPrice();
  }

  do(what) {
    if (what === "zoom") {
      this.stage.turn();
      return;
    }
    if (what === "remove-all") this.marks.removeAll();
    else this.marks[what]();
    this.chosenMark = null;
    this.changed();
    const { length } = this.marks.items;
    const done = { "remove-all": "All marks removed.", undo: "Undone: ", redo: "Done again: " } [what];
    this.say(what === "remove-all" ? done : `${done}${length} mark${length === 1 ? "" : "s"}`);
  }
}

customElements.define("mark-up", MarkUp);
