// What a grid has loaded, in order, and the rows that it makes: the part of grid-window.js that knows nothing of the
// view.
const EDGE = 64; // pixels below the bars that are no longer what one looks at
const UNKNOWN = -1; // the height of a heading that was not in the document yet

// Not every browser tells when it has time.
const SLICE = { timeRemaining: () => 8 };
const whenIdle = globalThis.requestIdleCallback ?? ((act) => setTimeout(act, 60, SLICE));

// An image that is not shown counts as wide as the window where its `sizes` are "auto": of each tile that leaves the
// document Chromium would fetch the largest size.
export function quiet(node) {
  for (const image of node.querySelectorAll("img")) {
    image.removeAttribute("srcset");
    image.removeAttribute("src");
  }
}

// Takes a tile out of the document for good.
export function letGo(node) {
  quiet(node);
  node.remove();
}

export class GridItems {
  items = []; // in order: { key, node or html, ratio or height, span, page, stack: the codes behind a tile }
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
      } else if (node.matches("[data-span]")) {
        fresh.push({ key: `span-${node.dataset.span}`, height: UNKNOWN, span: node.dataset.span, node, page });
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
    return this.items.slice(0, row.last + 1).findLast((item) => item.span)?.span.slice(0, 7) ?? "";
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
      this.#write(item);
    }
  }

  #write(item) {
    for (const image of item.node.querySelectorAll(".is-arriving")) image.classList.remove("is-arriving");
    item.html = item.node.outerHTML;
    item.node = null;
  }

  // What leaves the document is kept as text at once.
  put(item) {
    const { node } = item;
    this.#write(item);
    letGo(node);
  }

  unpack(item) {
    if (!item.node) {
      const { content } = Object.assign(document.createElement("template"), { innerHTML: item.html });
      item.node = content.firstElementChild;
      item.html = null;
    }
  }
}

// ---- Rows

// Where the rows of a grid of tiles are, worked out as the style sheet does (css/tiles.css): so a row that is not in
// the document has its height all the same.
const GROWTH = 2.4; // a row is at most this many times as high as asked for
const UNIT = 64; // browsers lay out in 64ths of a pixel

const inUnits = (pixels) => Math.floor(pixels * UNIT) / UNIT;

// `items` in order: { ratio } of a tile, or { height } of what takes a row of its own. `isOpen`: more follow, so the
// last row is not filled up yet. Returns rows of { first, last, top, height }.
function layOut(items, { width, row, gap, square, isOpen }) {
  const rows = [];
  let top = 0;
  let first = 0;
  let taken = 0; // pixels of the row, with the gaps between
  let ratios = 0;

  const close = (last, isFull) => {
    if (first > last) return;
    const count = last - first + 1;
    const free = width - taken;
    const scale = isFull ? Math.min(GROWTH, 1 + free / (ratios * row)) : Math.min(1, 1 + free / (ratios * row));
    const height = square ? squareSide(width, row, gap) : row * scale;
    rows.push({ first, last, top, height, count });
    top += height + gap;
    first = last + 1;
    taken = ratios = 0;
  };

  const across = square ? columns(width, row, gap) : Infinity;
  items.forEach((item, at) => {
    if (item.height !== undefined) {
      close(at - 1, true);
      rows.push({ first: at, last: at, top, height: item.height, count: 0 });
      top += item.height + gap;
      first = at + 1;
      return;
    }
    const basis = inUnits(item.ratio * row);
    const isFull = square ? at - first >= across : first < at && taken + gap + basis > width;
    if (isFull) close(at - 1, true);
    taken += (first < at ? gap : 0) + basis;
    ratios += item.ratio;
  });
  // The last row leaves room, unless not even the gap to the room fits (the grid's ::after).
  close(items.length - 1, isOpen || taken + gap > width);
  return rows;
}

const columns = (width, row, gap) => Math.max(1, Math.floor((width + gap) / (row + gap)));

function squareSide(width, row, gap) {
  const count = columns(width, row, gap);
  return (width - gap * (count - 1)) / count;
}

// The first of the rows that ends below `y`.
export function rowAt(rows, y) {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].top + rows[middle].height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
