// The marks on a source and the words of each, in their order, and what was done to them.
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

// Whether something is a list of marks as the server takes it (studio/forms/marks.py), for a picture of this size.
export function areMarks(found, width, height) {
  const fits = ({ kind, points, words }) => {
    const isPlace = (at, index) => Number.isInteger(at) && at >= 0 && at <= (index % 2 ? height : width);
    const isKnown = NAMES[kind] && typeof words === "string" && Array.isArray(points);
    return isKnown && points.length > 1 && points.every(isPlace);
  };
  return Array.isArray(found) && found.every((one) => one && fits(one));
}

const ended = (words) => (/[.!?…。！？]$/.test(words) ? words : `${words}.`);
export const sentence = (words) => words.split(/\s+/).filter(Boolean).join(" ");

// What Luma reads: the same text as Marked.prompt of studio/forms/marks.py.
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
