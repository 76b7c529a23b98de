// The place in a long list that one looks at. It stays where it is while rows around it change, while tiles are drawn
// anew or leave, and after Back or a reload.
import { GridItems, letGo, rowAt } from "./grid-items.js";

// ---- While rows change

const MOST = 420; // tiles in the document, as long as the view itself needs no more

// Which rows are in view; a tile in it is where it was before.
export class StillItems extends GridItems {
  // A tile in the view and where it is there: the one with the focus, else the first.
  anchor() {
    const { covered } = this;
    const focused = document.activeElement?.closest?.(".tile");
    if (focused?.parentElement === this.grid) {
      const { top, bottom } = focused.getBoundingClientRect();
      if (bottom > covered && top < innerHeight) return { key: focused.id, tile: focused, top };
    }
    for (const tile of this.grid.querySelectorAll(":scope > .tile")) {
      const { top, bottom } = tile.getBoundingClientRect();
      if (bottom > covered) return { key: tile.id, tile, top };
    }
    return null;
  }

  // How far down bars cover the window.
  get covered() {
    return document.querySelector(".finder")?.getBoundingClientRect().bottom ?? 0;
  }

  hold(anchor) {
    const tile = anchor && (anchor.tile.isConnected ? anchor.tile : document.getElementById(anchor.key));
    const moved = tile ? tile.getBoundingClientRect().top - anchor.top : 0;
    if (Math.abs(moved) >= 1) scrollBy({ top: moved, behavior: "instant" });
  }

  // The top of the first row, in the window.
  get start() {
    const newer = document.getElementById("newer");
    const { top } = this.grid.getBoundingClientRect();
    return newer ? newer.getBoundingClientRect().bottom + this.gap : top;
  }

  get lastRow() {
    const last = this.rows.length - 1;
    return this.rows[last]?.waits ? last - 1 : last;
  }

  // The rows in view and so many screens on both sides of it; fewer where there would be too many tiles.
  within(screens, y = -this.start) {
    const last = Math.min(this.lastRow, rowAt(this.rows, y + (1 + screens) * innerHeight));
    const found = { first: Math.min(last, rowAt(this.rows, y - screens * innerHeight)), last };
    return this.#count(found) > MOST && screens > 0 ? this.within(Math.max(0, screens - 0.2), y) : found;
  }

  #count({ first, last }) {
    return last < first ? 0 : this.rows[last].last - this.rows[first].first + 1;
  }
}

// ---- After Back or a reload

// The place is kept in the address and in the tab: the list begins there, however deep.
const PLACE = "studio:place";
const FOCUS = "studio:focus";
const LEADS_BACK = 30_000; // milliseconds: a form whose answer is this page again has come back by then

let awaited = null; // the place, where its tile comes only with the next page
let formSentAt = 0; // what was kept then stands: a scroll that ends while the answer comes must not replace it

// Writes down what is in view, or the tile that is opened: rows may break elsewhere in a list that begins elsewhere,
// and this tile comes back to where it was. The address names the page of the list that it belongs to.
export function keep(window, anchor = window.anchor(), isOpened = false, leftAt = 0) {
  tidy(window);
  const at = anchor ? window.items.findIndex((item) => item.key === anchor.key) : -1;
  const isWaiting = awaited || Date.now() - formSentAt < LEADS_BACK;
  if (at < 0 || (!isOpened && !leftAt && isWaiting)) return;
  const { page } = window.items[Math.max(0, at - 24)]; // some rows above belong to it too
  if (page !== location.search) history.replaceState(history.state, "", location.pathname + page);
  const { key, top } = anchor;
  const place = { href: location.href, key, top, isTop: scrollY < 1, isOpened, leftAt };
  sessionStorage.setItem(PLACE, JSON.stringify(place));
}

// A form is sent that may lead back here. Kept is the first tile in view that is not chosen: those may be gone. And
// where the focus was: on that tile, else on the next one, else on the one before.
export function leave(window) {
  const stays = (tile) =>
    tile.querySelector(":scope > .tile__pick")?.ariaPressed !== "true" && tile.getBoundingClientRect().bottom > 0;
  const tiles = [...window.grid.querySelectorAll(":scope > .tile")];
  const at = tiles.indexOf(document.activeElement?.closest(".tile"));
  const focus = at < 0 ? [] : [at, at + 1, at - 1].map((near) => tiles[near]?.id);
  const tile = tiles.find(stays);
  formSentAt = Date.now();
  if (tile) keep(window, { key: tile.id, tile, top: tile.getBoundingClientRect().top }, false, formSentAt);
  sessionStorage.setItem(FOCUS, JSON.stringify({ href: location.href, focus, leftAt: formSentAt }));
}

// The focus is on its tile again, if the form led back here.
function focusAgain(window) {
  const { href, focus, leftAt } = JSON.parse(sessionStorage.getItem(FOCUS) ?? "{}");
  sessionStorage.removeItem(FOCUS);
  if (href !== location.href || Date.now() - leftAt > LEADS_BACK) return;
  const tile = focus.map((key) => key && document.getElementById(key)).find((one) => one && window.grid.contains(one));
  tile?.querySelector(".tile__link")?.focus({ preventScroll: true });
}

// Goes back to the place, if the page was come back to.
export function takeKept(window) {
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  queueMicrotask(() => focusAgain(window));
  const how = performance.getEntriesByType("navigation")[0]?.type;
  const isLedBack = Date.now() - (kept?.leftAt ?? 0) < LEADS_BACK;
  if (!kept || kept.href !== location.href || !(isLedBack || ["back_forward", "reload"].includes(how))) return;
  history.scrollRestoration = "manual";
  if (kept.isTop) return;
  const isLoaded = window.keys.includes(kept.key);
  awaited = isLoaded || document.getElementById("more") ? kept : null;
  if (isLoaded) goOn(window);
}

// Whether the next page is needed although its place is far away.
export const isAwaited = () => awaited !== null;

// The next page has come. A row that is not full yet is shown with the page after.
export function goOn(window) {
  if (awaited && window.isWaiting(awaited.key)) return;
  const { style } = window.grid;
  style.paddingBlockEnd = "";
  const tile = awaited && window.reveal(awaited.key, awaited.top);
  const short = tile ? tile.getBoundingClientRect().top - awaited.top : 0;
  // So near the end the page is too short to scroll that far: until the next one is here, or where rows that break
  // elsewhere make it a row shorter.
  if (short > 1) {
    style.paddingBlockEnd = `${short}px`;
    scrollBy({ top: short, behavior: "instant" });
  }
  // With the focus it stays where it is while rows come above it, before the page has loaded.
  if (tile && awaited.isOpened) tile.querySelector(".tile__link")?.focus({ preventScroll: true });
  awaited = null;
}

// The room below the end goes when it is out of view.
function tidy({ grid }) {
  const room = parseFloat(grid.style.paddingBlockEnd) || 0;
  if (room && grid.getBoundingClientRect().bottom - room > innerHeight) grid.style.paddingBlockEnd = "";
}

// ---- While tiles change

// <tile-changes data-tiles data-gone data-rev>: what the pulse says of tiles that are here
// (studio/views/gallery/tile_changes.py). Those that changed are drawn anew, and those that are gone leave; nothing
// moves under who looks.
const BY_SCRIPT = ".tile__pick, .tile__grip";
const keepOurs = { beforeNodeRemoved: (node) => !node.matches?.(BY_SCRIPT) };
const keyOf = (code) => `picture-${code}`;

function renew(window, fresh) {
  const item = window.items.find(({ key }) => key === fresh.id);
  if (!item) return;
  item.stack = fresh.dataset.stack;
  if (!item.node?.isConnected) {
    Object.assign(item, { node: null, html: fresh.outerHTML });
    return;
  }
  Idiomorph.morph(item.node, fresh, { morphStyle: "outerHTML", callbacks: keepOurs });
  htmx.process(item.node);
  window.dress(item.node);
}

// The first tile in view that stays.
export function standing(window, going) {
  const { covered } = window;
  const tile = [...window.grid.querySelectorAll(":scope > .tile")].find(
    (one) => !going.has(one.id) && one.getBoundingClientRect().bottom > covered,
  );
  return tile ? { key: tile.id, tile, top: tile.getBoundingClientRect().top } : null;
}

// Not while somebody fills in a sheet over the page: what is typed there would be lost.
export function openAnew() {
  if (!document.querySelector("dialog[open]")) location.reload();
}

// Lets tiles leave the grid.
export function drop(window, codes) {
  const { keys } = window;
  const here = codes.filter((code) => keys.includes(keyOf(code)));
  const going = new Set(here.map(keyOf));
  if (!going.size) return;
  if (going.size === keys.length) {
    openAnew(); // nothing is left of what was loaded
    return;
  }
  const focused = document.activeElement?.closest?.("#grid > .tile");
  const after = keys.slice(keys.indexOf(focused?.id)).find((key) => !going.has(key));
  const anchor = standing(window, going);
  const left = window.items.filter(({ key }) => !going.has(key));
  // A month or day without pictures has no heading.
  const items = left.filter((item, at) => !item.span || (left[at + 1] && !left[at + 1].span));
  for (const item of window.items) {
    if (item.node && !items.includes(item)) letGo(item.node);
  }
  window.items = items;
  window.refresh(anchor);
  if (going.has(focused?.id)) window.reveal(after ?? window.keys.at(-1))?.querySelector(".tile__link").focus();
  window.grid.dispatchEvent(new CustomEvent("tiles-gone", { bubbles: true, detail: here }));
}

class TileChanges extends HTMLElement {
  static observedAttributes = ["data-rev"];

  // Its other attributes come in the same turn.
  attributeChangedCallback() {
    queueMicrotask(() => this.#take());
  }

  #take() {
    const { window } = document.getElementById("grid") ?? {};
    const { tiles, gone } = this.dataset;
    if (!window || tiles === undefined) return;
    const { content } = Object.assign(document.createElement("template"), { innerHTML: tiles });
    for (const tile of [...content.children]) renew(window, tile);
    drop(window, gone.split(" ").filter(Boolean));
  }
}

customElements.define("tile-changes", TileChanges);
