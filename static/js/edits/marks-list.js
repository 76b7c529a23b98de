// The marks on a source and the words of each: their list, what Luma reads of it, and its rows on the page.
import { breakdown, complaints, dollars, priceOf } from "../create/rules.js";

// ---- The list, in order, and what was done to it

const HISTORY = 100;
const SAME = 1_000; // milliseconds within which steps of the same kind on one mark are one to take back

export const NAMES = { arrow: "arrow", box: "box", free: "line", number: "number" };

export class Marks {
  items = [];
  whole = "";
  #before = [];
  #after = [];
  #last = { what: "", at: 0 };
  #ids = 0;

  get state() {
    return { marks: this.items.map(({ kind, points, words }) => ({ kind, points, words })), whole: this.whole };
  }

  // Show other marks. Those that stand in the same place keep their row and their focus.
  take({ marks, whole }) {
    const idAt = (index) => this.items[index]?.id ?? ++this.#ids;
    this.items = marks.map((one, index) => ({ ...one, points: [...one.points], id: idAt(index) }));
    this.whole = whole;
  }

  get canUndo() {
    return this.#before.length > 0;
  }

  get canRedo() {
    return this.#after.length > 0;
  }

  // Note how things stand before a change; steps that follow each other closely are one.
  note(what) {
    const at = Date.now();
    const goesOn = what !== "" && what === this.#last.what && at - this.#last.at < SAME;
    this.#last = { what, at };
    if (goesOn) return;
    this.#before = [...this.#before, this.state].slice(-HISTORY);
    this.#after = [];
  }

  undo() {
    this.#turn(this.#before, this.#after);
  }

  redo() {
    this.#turn(this.#after, this.#before);
  }

  #turn(from, to) {
    if (!from.length) return;
    to.push(this.state);
    this.take(from.pop());
    this.#last = { what: "", at: 0 };
  }

  add(kind, points) {
    this.note("");
    const mark = { id: ++this.#ids, kind, points, words: "" };
    this.items.push(mark);
    return mark;
  }

  remove(mark) {
    this.note("");
    this.items = this.items.filter((one) => one !== mark);
  }

  removeAll() {
    this.note("");
    this.items = [];
  }

  byId(id) {
    return this.items.find((one) => one.id === id);
  }

  numberOf(mark) {
    return this.items.indexOf(mark) + 1;
  }
}

// Whether something is a list of marks, for a picture of this size, as studio/forms/edits/marks.py takes it.
export function areMarks(found, width, height) {
  const fits = ({ kind, points, words }) => {
    const isPlace = (at, index) => Number.isInteger(at) && at >= 0 && at <= (index % 2 ? height : width);
    const isKnown = NAMES[kind] && typeof words === "string" && Array.isArray(points);
    return isKnown && points.length > 1 && points.every(isPlace);
  };
  return Array.isArray(found) && found.every((one) => one && fits(one));
}

// ---- What Luma reads

const ended = (words) => (/[.!?…。！？]$/.test(words) ? words : `${words}.`);
export const sentence = (words) => words.split(/\s+/).filter(Boolean).join(" ");

// What Luma reads: the same text as Marked.prompt of studio/forms/edits/marks.py.
export function promptOf({ marks, whole }, words) {
  if (!marks.length) return "";
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const said = (one) => ended(sentence(one.words) || "…");
  const lines = marks.map((one, index) => fill(words.at, { number: index + 1, words: said(one) }));
  return [words.intro, ...lines, ...(sentence(whole) ? [ended(sentence(whole))] : []), words.end].join(" ");
}

// Leave out the points of a line that lie closer than `reach` to the line without them.
export function simplified(points, reach, most) {
  const kept = [...points];
  const far = (index, from, to) => {
    const [x, y, aX, aY, bX, bY] = [...kept[index], ...kept[from], ...kept[to]];
    const length = Math.hypot(bX - aX, bY - aY);
    if (!length) return Math.hypot(x - aX, y - aY);
    return Math.abs((bX - aX) * (aY - y) - (aX - x) * (bY - aY)) / length;
  };
  const stays = new Set([0, kept.length - 1]);
  const waiting = [
    [0, kept.length - 1]
  ];
  while (waiting.length) {
    const [from, to] = waiting.pop();
    let [index, apart] = [0, reach];
    for (let between = from + 1; between < to; between++) {
      const distance = far(between, from, to);
      if (distance > apart)[index, apart] = [between, distance];
    }
    if (!index) continue;
    stays.add(index);
    waiting.push([from, index], [index, to]);
  }
  const left = kept.filter((_, index) => stays.has(index));
  return left.length > most ? simplified(points, reach * 2, most) : left;
}

// ---- The rows

// The sentences of Mark up: a row for each mark, in its place, and what stands in the way of sending them.
const TYPE = "image_edit";

export class Says {
  #rows = new Map();

  constructor(work, page) {
    Object.assign(this, { work, page });
    this.list = work.querySelector(".says");
    this.whole = work.form.elements.whole;
    [this.row, this.kinds] = work.querySelectorAll("template");
    this.list.addEventListener("input", ({ target }) => this.#typed(target));
    this.list.addEventListener("focusin", ({ target }) => {
      const mark = work.markOf(target);
      if (mark) work.choose(mark);
    });
  }

  #typed(field) {
    const { marks } = this.work;
    const mark = this.work.markOf(field);
    marks.note(mark ? `words ${mark.id}` : "words");
    if (mark) mark.words = field.value;
    else marks.whole = field.value;
    this.work.changed();
  }

  focus(mark) {
    this.#rows.get(mark.id)?.querySelector("textarea").focus();
  }

  show(marks, chosen) {
    const gone = new Map(this.#rows);
    marks.items.forEach((mark, index) => {
      gone.delete(mark.id);
      const row = this.#rows.get(mark.id) ?? this.#begin(mark);
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index]);
      row.classList.toggle("is-on", mark === chosen);
      row.querySelector(".disc").textContent = index + 1;
      row.querySelector("[data-at]").textContent = `At mark ${index + 1}:`;
      row.querySelector("[data-remove]").ariaLabel = `Remove mark ${index + 1}`;
      if (row.dataset.kind !== mark.kind) {
        row.dataset.kind = mark.kind;
        const kind = this.kinds.content.querySelector(`[data-kind="${mark.kind}"]`);
        row.querySelector(".say__kind").replaceChildren(...kind.cloneNode(true).childNodes);
      }
      const field = row.querySelector("textarea");
      if (field.value !== mark.words) field.value = mark.words;
    });
    for (const [id, row] of gone) {
      row.remove();
      this.#rows.delete(id);
    }
    if (this.whole.value !== marks.whole) this.whole.value = marks.whole;
    this.work.querySelector("[data-none]").hidden = marks.items.length > 0;
    this.work.querySelector("[data-many]").textContent = marks.items.length;
    this.work.querySelector("[data-reads]").textContent = promptOf(marks.state, this.page.words);
    this.work.querySelector(".reads").hidden = !marks.items.length;
  }

  #begin({ id }) {
    const row = this.row.content.firstElementChild.cloneNode(true);
    row.dataset.id = id;
    this.#rows.set(id, row);
    return row;
  }

  // ---- What it costs and what stands in the way

  get count() {
    const asked = Math.round(Number(this.work.form.elements.count.value)) || 1;
    return Math.max(1, Math.min(this.page.rules.most_at_once, asked));
  }

  // Every reason why it cannot be sent, once, the first of them with the mark it is about.
  reasons() {
    const { marks, words, rules } = { ...this.page, marks: this.work.marks };
    if (!marks.items.length) return [{ words: words.none }];
    const silent = marks.items
      .filter((mark) => !sentence(mark.words))
      .map((mark) => ({ words: words.needs_words.replace("{number}", marks.numberOf(mark)), mark }));
    const chosen = { model: this.#model, aspectRatio: "", style: "auto", count: this.count };
    const request = { type: TYPE, prompt: promptOf(marks.state, words), references: 1, hasSource: true, ...chosen };
    return [...silent, ...complaints(rules, request)];
  }

  get #model() {
    return this.work.form.elements.model.value;
  }

  showPrice() {
    const { button, label } = this.work.sending;
    const { count } = this;
    const { rules, inputs } = this.page;
    const price = priceOf(rules, { type: TYPE, model: this.#model, count, inputs });
    const why = this.reasons();
    this.work.sending.words.send = this.meant ?? `Make ${count}`;
    if (!this.work.sending.isUnderWay) label.textContent = this.work.sending.words.send;
    button.querySelector(".btn__price").textContent = price ? `· ${dollars(price.total)}` : "";
    button.classList.toggle("is-blocked", why.length > 0);
    button.title = why.length ? why.map((one) => `• ${one.words}`).join("\n") : breakdown(price, count, inputs);
    button.ariaDisabled = why.length || this.work.sending.isUnderWay ? "true" : null;
    this.work.querySelector("#marks-reasons").replaceChildren(...why.map(({ words }) => {
      return Object.assign(document.createElement("li"), { textContent: words });
    }));
  }
}

export const nameOf = (marks, mark) => `Mark ${marks.numberOf(mark)}, ${NAMES[mark.kind]}`;
