// What a grid has loaded, in order, and the rows that it makes: the part of grid-window.js that knows nothing of the
// view.
import { layOut, rowAt } from "./grid-layout.js";

const EDGE = 64; // pixels below the bars that are no longer what one looks at
const UNKNOWN = -1; // the height of a heading that was not in the document yet

// Not every browser tells when it has time.
const SLICE = { timeRemaining: () => 8 };
const whenIdle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 60, SLICE));

export class GridItems {
  items = []; // in order: { key, node or html, ratio or height, month, page, stack: the codes behind a tile }
  rows = [];
  gap = 0;
  width = 0;
  #ratios = new Map(); // by class
  #idle = 0;

  constructor(grid) {
    this.grid = grid;
  }

  take(nodes, page, at = this.items.length) {
    const fresh = [];
    for (const node of nodes) {
      if (node.matches(".tile")) {
        const { stack } = node.dataset;
        fresh.push({ key: node.id || this.#code(node), ratio: this.#ratio(node), node, page, stack });
      } else if (node.matches("[data-month]")) {
        fresh.push({ key: `month-${node.dataset.month}`, height: UNKNOWN, month: node.dataset.month, node, page });
      }
    }
    this.items.splice(at, 0, ...fresh);
    return fresh;
  }

  #code(node) {
    return `picture-${node.querySelector("[name=picture]").value}`;
  }

  #ratio(node) {
    const name = [...node.classList].find((one) => /^r-\d/.test(one));
    if (!this.#ratios.has(name)) {
      const probe = document.createElement("i");
      probe.className = name;
      probe.hidden = true;
      this.grid.append(probe);
      this.#ratios.set(name, Number(getComputedStyle(probe).getPropertyValue("--r")) || 1);
      probe.remove();
    }
    return this.#ratios.get(name);
  }

  layOut() {
    const style = getComputedStyle(this.grid);
    const row = style.getPropertyValue("--row").trim();
    const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.gap = parseFloat(style.rowGap) || 0;
    this.width = this.grid.getBoundingClientRect().width;
    for (const item of this.items) {
      if (item.height !== undefined && item.node?.isConnected) item.height = item.node.getBoundingClientRect().height;
    }
    const heading = this.items.find((item) => item.height > 0)?.height ?? 0;
    for (const item of this.items)
      if (item.height === UNKNOWN) item.height = heading;
    this.rows = layOut(this.items, {
      width: this.width,
      row: row.endsWith("rem") ? parseFloat(row) * root : parseFloat(row),
      gap: this.gap,
      square: this.grid.classList.contains("grid--square"),
      isOpen: Boolean(document.getElementById("more")),
    });
    // While more follow, a row that is not full yet waits for them.
    if (document.getElementById("more") && this.rows.length > 1) this.rows.at(-1).waits = this.rows.at(-1).count > 0;
  }

  rowOf(at) {
    return Math.max(0, this.rows.findIndex((row) => row.last >= at));
  }

  get keys() {
    return this.items.filter((item) => item.ratio).map((item) => item.key);
  }

  // Whether a tile stands in the last row, which is not shown before more tiles fill it.
  isWaiting(key) {
    const last = this.rows.at(-1);
    return Boolean(last?.waits) && this.items.slice(last.first).some((item) => item.key === key);
  }

  // The month in view, from the last heading above.
  get month() {
    const row = this.rows[rowAt(this.rows, this.covered - this.start + EDGE)];
    if (!row) return "";
    return this.items.slice(0, row.last + 1).findLast((item) => item.month)?.month ?? "";
  }

  // ---- Memory

  packSoon() {
    this.#idle ||= whenIdle((deadline) => this.#pack(deadline));
  }

  // What is not in the document is kept as text, which takes a tenth of the memory; written when there is time.
  #pack(deadline) {
    this.#idle = 0;
    for (const item of this.items) {
      if (!item.node || item.node.isConnected) continue;
      if (deadline.timeRemaining() < 2) {
        this.packSoon();
        return;
      }
      for (const image of item.node.querySelectorAll(".is-arriving")) image.classList.remove("is-arriving");
      item.html = item.node.outerHTML;
      item.node = null;
    }
  }

  unpack(item) {
    if (!item.node) {
      const { content } = Object.assign(document.createElement("template"), { innerHTML: item.html });
      item.node = content.firstElementChild;
      item.html = null;
    }
  }
}
