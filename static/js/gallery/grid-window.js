// The gallery's <tile-grid>: only the rows near the view are in the document. The others are kept as text and stand
// there as the height of a spacer; what comes back is as it was. Nothing moves under who looks: rows above the view
// change only together with the scroll position.
import { quiet } from "./grid-items.js";
import { goOn, isAwaited, keep, StillItems, takeKept } from "./grid-place.js";

const NEAR = 0.2; // screens above and below the view that are filled at once
const AHEAD = 1.2; // screens that are filled in the end, so many more with each frame
const STEP = 0.25;
const ENOUGH = 0.6; // screens that have to be there before more are

const spacer = () => {
  const element = document.createElement("div");
  element.className = "grid__spacer";
  element.hidden = true;
  return element;
};

export class GridWindow extends StillItems {
  #above = spacer();
  #below = spacer();
  #shown = { first: 0, last: -1 }; // rows in the document
  #lost = null; // the key of the tile that had the focus when it left
  #frame = 0;
  #ahead = AHEAD;
  #isReady = false;
  #listening = new AbortController();

  // `dress(node)` is called for every tile that comes into the document.
  constructor(grid, dress = () => {}) {
    super(grid);
    this.dress = dress;
    grid.window = this;
    this.take([...grid.children], location.search);
    const newer = document.getElementById("newer");
    if (newer) newer.after(this.#above);
    else grid.prepend(this.#above);
    const more = document.getElementById("more");
    if (more) more.before(this.#below);
    else grid.append(this.#below);
    for (const { node } of this.items) this.#dressed(node);
    this.layOut();
    this.#show(this.within(AHEAD));
    this.#listen();
    takeKept(this);
    // Before that, htmx does not know the links to more.
    const [navigation] = performance.getEntriesByType("navigation");
    const isLoading = document.readyState !== "complete" && !navigation?.domContentLoadedEventStart;
    if (isLoading) document.addEventListener("DOMContentLoaded", () => this.#ready());
    else setTimeout(() => this.#ready());
  }

  #ready() {
    this.#isReady = true;
    this.update();
  }

  keepPlace(tile) {
    keep(this, { key: tile.id, tile, top: tile.getBoundingClientRect().top }, true);
  }

  // The grid is no longer there.
  stop() {
    this.#listening.abort();
  }

  #listen() {
    const { signal } = this.#listening;
    addEventListener("scroll", () => this.#soon(), { passive: true, signal });
    addEventListener("scrollend", () => keep(this), { passive: true, signal });
    // On paper there is all that has been read.
    addEventListener("beforeprint", () => this.#show({ first: 0, last: this.rows.length - 1 }), { signal });
    new ResizeObserver(() => this.#resized()).observe(this.grid);
    this.grid.addEventListener("grid-view", () => this.refresh());
    this.grid.addEventListener("focusin", () => (this.#lost = null));
    document.addEventListener("keydown", (event) => this.#onKey(event), { capture: true, signal });
    // A tile that has come back is htmx's when it is first used: on its way through the view it costs nothing.
    this.grid.addEventListener("click", ({ target }) => {
      const tile = target.closest(".tile");
      if (tile) htmx.process(tile);
    }, { capture: true });
    // Something else was searched for.
    this.grid.addEventListener("htmx:beforeCleanupElement", ({ target }) => target === this.grid && quiet(target));
    // What htmx brings, a page after the last one or before the first, is taken as it comes: most of it is not in view.
    this.grid.addEventListener("htmx:beforeSwap", (event) => {
      const { target, shouldSwap, serverResponse, pathInfo } = event.detail;
      if (!shouldSwap || !["more", "newer"].includes(target.id)) return;
      event.preventDefault();
      this.#absorb(serverResponse, target, new URL(pathInfo.requestPath, location.href).search);
    });
  }

  // ---- Reading

  // The next page is asked for a screen before its place is in view; once, so that a failure waits for a click.
  #readAhead(y) {
    const end = this.rows.at(-1);
    for (const [id, isNear] of [
        ["newer", y < innerHeight],
        ["more", isAwaited() || y + 2.5 * innerHeight > end.top]
      ]) {
      const row = isNear && document.getElementById(id);
      if (!row || row.dataset.asked) continue;
      row.dataset.asked = "yes";
      // A task of its own, after this frame; the row may have been answered meanwhile.
      setTimeout(() => row.isConnected && row.querySelector("a").click());
    }
  }

  // ---- Showing

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.update();
    });
  }

  update() {
    if (!this.rows.length) return;
    // After a jump first what is in view, then frame by frame what is beside it: no frame has much to do.
    if (!this.#has(this.within(NEAR))) {
      this.#ahead = NEAR;
      this.#show(this.within(NEAR));
    } else if (this.#ahead < AHEAD || !this.#has(this.within(ENOUGH))) {
      this.#ahead = Math.min(AHEAD, this.#ahead + STEP);
      this.#show(this.within(this.#ahead));
    }
    if (this.#ahead < AHEAD) this.#soon();
    if (this.#isReady) this.#readAhead(-this.start);
    this.grid.dispatchEvent(new CustomEvent("grid-moved", { bubbles: true }));
  }

  #has({ first, last }) {
    return this.#shown.first <= first && last <= this.#shown.last;
  }

  // The item that ends what is in the document.
  get #lastShown() {
    return this.items[this.rows[this.#shown.last]?.last];
  }

  #show({ first, last }, anchor = this.anchor()) {
    if (last < 0) return;
    const from = this.rows[first].first;
    const to = this.rows[last].last;
    const focused = document.activeElement?.closest?.(".tile");
    this.items.forEach((item, at) => {
      if (item.node?.isConnected && (at < from || at > to)) this.#put(item, focused);
    });
    let before = this.#above;
    const parts = document.createDocumentFragment();
    for (let at = from; at <= to; at += 1) {
      const item = this.items[at];
      if (item.node?.isConnected) {
        if (parts.hasChildNodes()) item.node.before(parts);
        before = item.node;
      } else {
        parts.append(this.#bring(item));
      }
    }
    if (parts.hasChildNodes()) before.after(parts);
    this.#shown = { first, last };
    this.#space();
    this.hold(anchor);
    this.#focusAgain();
  }

  #space() {
    const { first, last } = this.#shown;
    const end = this.rows.at(-1);
    const above = this.rows[first].top - this.gap;
    const below = end.top + end.height - (this.rows[last].top + this.rows[last].height + this.gap);
    for (const [element, height] of [
        [this.#above, above],
        [this.#below, end.waits ? below - end.height - this.gap : below]
      ]) {
      element.hidden = height <= 0;
      element.style.blockSize = `${Math.max(0, height)}px`;
    }
  }

  #put(item, focused) {
    if (item.node === focused) this.#lost = item.key;
    this.put(item);
    this.packSoon();
  }

  #bring(item) {
    this.unpack(item);
    this.#dressed(item.node);
    return item.node;
  }

  #dressed(node) {
    if (node.matches(".tile")) this.dress(node);
  }

  // ---- Another size

  #resized() {
    const { width } = this.grid.getBoundingClientRect();
    if (this.grid.isConnected && this.width !== width) this.refresh();
  }

  // Everything has another size, or another place.
  refresh(anchor = this.anchor()) {
    this.layOut();
    const at = anchor ? this.items.findIndex((item) => item.key === anchor.key) : -1;
    if (at < 0) return this.#show(this.#around(0), null);
    return this.#show(this.#around(this.rowOf(at)), anchor);
  }

  #around(row) {
    return this.within(AHEAD, this.rows[row].top);
  }

  // ---- What comes

  #absorb(html, row, page) {
    const isBefore = row.id === "newer";
    const anchor = isBefore ? this.anchor() : null;
    const until = this.#lastShown;
    const { content } = Object.assign(document.createElement("template"), { innerHTML: html });
    const next = content.getElementById(row.id);
    const fresh = this.take([...content.children], page, isBefore ? 0 : this.items.length);
    if (next) row.replaceWith(next);
    else row.remove();
    if (next) htmx.process(next);
    if (isBefore) this.#join(fresh);
    this.layOut();
    // What follows what is shown comes into the document with the next frames.
    if (this.#lastShown === until) {
      this.#space();
      this.#soon();
    } else {
      this.refresh(anchor ?? this.anchor());
    }
    if (!isBefore) goOn(this);
    setTimeout(() => keep(this));
    this.grid.dispatchEvent(new Event("grid-grown", { bubbles: true }));
  }

  // What went on above its heading needs none there; a break keeps the rows below as they are.
  #join(fresh) {
    const span = fresh.findLast((item) => item.span)?.span;
    const following = this.items[fresh.length];
    if (!span || following?.span !== span) return;
    const line = document.createElement("div");
    line.className = "grid__break";
    following.node?.remove();
    this.items.splice(fresh.length, 1, { key: `break-${following.page}`, height: 0, node: line, page: following.page });
  }

  // Pictures that are new, newest first, at the very top: their last heading takes the place of the first one.
  arrive(nodes) {
    const [first] = this.items;
    if (nodes.some((node) => node.dataset.span && node.dataset.span === first?.span)) {
      first.node?.remove();
      this.items.shift();
    }
    this.take(nodes, location.search, 0);
    this.refresh(null);
  }

  // ---- Finding

  // Brings a tile into the document and the view, `top` pixels below the window's edge or in its middle.
  reveal(key, top) {
    const at = this.items.findIndex((item) => item.key === key);
    if (at < 0 || this.isWaiting(key)) return null;
    const item = this.items[at];
    if (!item.node?.isConnected) this.#show(this.#around(this.rowOf(at)), null);
    const box = item.node.getBoundingClientRect();
    const isIn = box.top >= this.covered && box.bottom <= innerHeight;
    const to = top ?? (isIn ? box.top : (innerHeight - box.height) / 2);
    scrollBy({ top: box.top - to, behavior: "instant" });
    this.update();
    return item.node;
  }

  // The tile at one end of what is loaded.
  end(isLast) {
    const { keys } = this;
    return this.reveal(isLast ? keys.findLast((key) => !this.isWaiting(key)) : keys[0]);
  }

  #focusAgain() {
    if (!this.#lost || document.activeElement !== document.body) return;
    const link = document.getElementById(this.#lost)?.querySelector(".tile__link");
    if (link) link.focus({ preventScroll: true });
  }

  // The tile that had the focus is far away: the next arrow goes on from there.
  #onKey(event) {
    if (!this.#lost || !event.key.startsWith("Arrow") || document.activeElement !== document.body) return;
    this.reveal(this.#lost)?.querySelector(".tile__link").focus({ preventScroll: true });
    event.preventDefault();
  }
}
