// The marks as SVG over the picture: each can be focused and found under a pointer; the chosen one has handles.
import { NAMES } from "./marks-list.js";

const SPACE = "http://www.w3.org/2000/svg";
const [RADIUS, GRAB, REACH] = [15, 6, 14]; // CSS pixels
const [HEAD, HEAD_SHARE, HEAD_TURN] = [24, 0.45, Math.PI / 6.5]; // as studio/imaging/child/marks.py draws it

const make = (name, attributes, parent) => {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
};

const placeOf = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
const pathOf = (lines) => lines.map((line) => `M${line.map(placeOf).join("L")}`).join("");

export const pairs = (points) => Array.from({ length: points.length / 2 }, (_, at) => points.slice(2 * at, 2 * at + 2));

// The lines of a mark and the middle of its number.
function shapeOf(kind, points) {
  const [
    [x, y]
  ] = points;
  if (kind === "number") return { lines: [], disc: [x, y] };
  if (kind === "free") return { lines: [points], disc: [x, y] };
  const [toX, toY] = points[1];
  if (kind === "box") {
    const [left, right] = [Math.min(x, toX), Math.max(x, toX)];
    const [top, bottom] = [Math.min(y, toY), Math.max(y, toY)];
    return {
      lines: [
        [
          [left, top],
          [right, top],
          [right, bottom],
          [left, bottom],
          [left, top]
        ]
      ],
      disc: [left, top]
    };
  }
  const head = Math.min(HEAD, HEAD_SHARE * Math.hypot(toX - x, toY - y));
  const turn = Math.atan2(toY - y, toX - x);
  const [one, other] = [HEAD_TURN, -HEAD_TURN].map((by) => [
    toX - head * Math.cos(turn + by),
    toY - head * Math.sin(turn + by),
  ]);
  return { lines: [points, [one, [toX, toY], other]], disc: [x, y] };
}

// Where a mark can be taken to change its shape: the index of its x and of its y among the points.
function handlesOf({ kind, points }) {
  if (kind === "arrow") return [
    [0, 1],
    [2, 3]
  ];
  if (kind === "box") return [
    [0, 1],
    [2, 1],
    [2, 3],
    [0, 3]
  ];
  return kind === "number" ? [
    [0, 1]
  ] : [
    [0, 1],
    [points.length - 2, points.length - 1]
  ];
}

function distance([x, y], [aX, aY], [bX, bY]) {
  const length = (bX - aX) ** 2 + (bY - aY) ** 2;
  const share = length ? Math.max(0, Math.min(1, ((x - aX) * (bX - aX) + (y - aY) * (bY - aY)) / length)) : 0;
  return Math.hypot(x - aX - share * (bX - aX), y - aY - share * (bY - aY));
}

export class Drawing {
  #groups = new Map();

  constructor(svg, stage) {
    Object.assign(this, { svg, stage, layer: svg.querySelector("[data-marks]") });
    this.pending = make("g", { class: "mark mark--pending", "aria-hidden": "true" }, svg);
  }

  #onBench(points) {
    return pairs(points).map(([x, y]) => Object.values(this.stage.toBench(x, y)));
  }

  place() {
    const { x, y } = this.stage.toBench(0, 0);
    const { width, height, zoomed } = this.stage;
    const box = { x, y, width: width * zoomed, height: height * zoomed, preserveAspectRatio: "none" };
    for (const image of this.svg.querySelectorAll(":scope > image")) {
      for (const [name, value] of Object.entries(box)) image.setAttribute(name, value);
    }
  }

  // Draw the marks as they stand, each in the element that it has; `draft` is the one that is being drawn.
  show(marks, chosen, draft = null) {
    this.place();
    const gone = new Map(this.#groups);
    marks.items.forEach((mark, index) => {
      gone.delete(mark.id);
      const group = this.#groups.get(mark.id) ?? this.#begin(mark);
      if (this.layer.children[index] !== group) this.layer.insertBefore(group, this.layer.children[index] ?? null);
      const words = mark.words.trim();
      const said = words ? `: ${words}` : ", no sentence yet";
      group.setAttribute("aria-label", `Mark ${index + 1}, ${NAMES[mark.kind]}${said}`);
      group.classList.toggle("is-on", mark === chosen);
      this.#draw(group, mark, index + 1, mark === chosen);
    });
    for (const [id, group] of gone) {
      group.remove();
      this.#groups.delete(id);
    }
    this.pending.replaceChildren();
    if (draft) this.#draw(this.pending, draft, marks.items.length + 1, false);
  }

  #begin({ id }) {
    const group = make("g", { class: "mark", tabindex: "0", role: "img", "data-id": id }, this.layer);
    this.#groups.set(id, group);
    return group;
  }

  #draw(group, mark, number, isChosen) {
    const { lines, disc: [x, y] } = shapeOf(mark.kind, this.#onBench(mark.points));
    const d = pathOf(lines);
    const parts = d ? [make("path", { class: "mark__edge", d }), make("path", { class: "mark__line", d })] : [];
    const label = make("text", { class: "mark__number", x, y });
    label.textContent = number;
    const grabs = isChosen && mark.kind !== "number" ? this.handles(mark).slice(1).map(([left, top]) => make("rect", {
      class: "mark__grab",
      x: left - GRAB,
      y: top - GRAB,
      width: 2 * GRAB,
      height: 2 * GRAB,
      rx: 3,
    })) : [];
    group.replaceChildren(...parts, ...grabs, make("circle", { class: "mark__disc", cx: x, cy: y, r: RADIUS }), label);
  }

  handles(mark) {
    return handlesOf(mark).map(([x, y]) => this.#onBench([mark.points[x], mark.points[y]])[0]);
  }

  focus({ id }) {
    this.#groups.get(id)?.focus();
  }

  // Which mark, and which handle of the chosen one, lies under a place of the picture.
  hit(marks, chosen, { x, y }, reach = REACH) {
    const at = Object.values(this.stage.toBench(x, y));
    if (chosen) {
      const handle = this.handles(chosen).findIndex(([left, top]) => Math.hypot(left - at[0], top - at[1]) <= reach);
      if (handle >= 0) return { mark: chosen, handle: chosen.kind === "free" ? null : handlesOf(chosen)[handle] };
    }
    const found = marks.items.toReversed().find((mark) => {
      const { lines, disc } = shapeOf(mark.kind, this.#onBench(mark.points));
      const isNear = (line) => line.some((end, index) => index > 0 && distance(at, line[index - 1], end) <= reach);
      return Math.hypot(disc[0] - at[0], disc[1] - at[1]) <= RADIUS + 4 || lines.some(isNear);
    });
    return found ? { mark: found, handle: null } : null;
  }
}
