// A grid of tiles (Create, Gallery, a board): its keys, how it is shown, and the way back to a tile.
import { leaveList, pressed, takeSeen } from "./shell.js";

// <tile-grid>: arrow keys move between tiles, by rows as they stand on the screen; Home and End go to the ends.
// A tile's own keys (its tools' aria-keyshortcuts: e, Shift+E, r, d) work while the tile or a tool of it has the focus.
class TileGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #onKey(event) {
    const tile = event.target.closest(".tile");
    if (!tile || event.defaultPrevented) return;
    const tool = [...tile.querySelectorAll("[aria-keyshortcuts]")].find((one) => pressed(event, one));
    const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    const next = tool || !isPlain ? null : this.neighbour(event.key, tile);
    if (!tool && !next) return;
    event.preventDefault();
    if (tool) tool.click();
    else next.querySelector(".tile__link").focus();
  }

  // The tile that an arrow leads to.
  neighbour(key, tile) {
    const tiles = [...this.querySelectorAll(":scope .tile:has(> .tile__link)")];
    const at = tiles.indexOf(tile);
    switch (key) {
      case "ArrowRight":
        return tiles[at + 1];
      case "ArrowLeft":
        return tiles[at - 1];
      case "Home":
        return this.window?.end(false) ?? tiles[0];
      case "End":
        return this.window?.end(true) ?? tiles.at(-1);
      case "ArrowDown":
        return this.#inRow(tiles.slice(at + 1), tile, 1);
      case "ArrowUp":
        return this.#inRow(tiles.slice(0, at).reverse(), tile, -1);
      default:
        return null;
    }
  }

  // The nearest tile, by its middle, of the first row above or below.
  #inRow(others, tile, way) {
    const from = tile.getBoundingClientRect();
    const middle = from.left + from.width / 2;
    let row = null;
    let best = null;
    for (const other of others) {
      const box = other.getBoundingClientRect();
      if (way * (box.top - from.top) < from.height / 2) continue;
      row ??= box.top;
      if (Math.abs(box.top - row) > 2) break;
      const off = Math.abs(box.left + box.width / 2 - middle);
      if (!best || off < best.off) best = { off, tile: other };
    }
    return best?.tile;
  }
}

customElements.define("tile-grid", TileGrid);

// ---- How it is shown

// <grid-view for="grid" hidden>: how the grid is shown, kept for the next visit: the size of its rows, and squares.
const ROW = "studio:row:"; // and the id of the grid
const SQUARE = "studio:square";

class GridView extends HTMLElement {
  connectedCallback() {
    const slider = this.querySelector("input[type=range]");
    const square = this.querySelector("[aria-pressed]");
    const key = ROW + this.getAttribute("for");
    const kept = Number(localStorage.getItem(key));
    if (kept) slider.value = kept;
    slider.addEventListener("input", () => this.#show());
    slider.addEventListener("change", () => localStorage.setItem(key, slider.value));
    square?.setAttribute("aria-pressed", String(localStorage.getItem(SQUARE) === "on"));
    square?.addEventListener("click", () => {
      const isOn = square.getAttribute("aria-pressed") !== "true";
      square.setAttribute("aria-pressed", String(isOn));
      localStorage.setItem(SQUARE, isOn ? "on" : "off");
      this.#show();
    });
    if (kept || square?.ariaPressed === "true") this.#show();
    this.hidden = false;
  }

  #show() {
    const grid = document.getElementById(this.getAttribute("for"));
    if (!grid) return;
    grid.style.setProperty("--row", `${this.querySelector("input[type=range]").value}rem`);
    grid.classList.toggle("grid--square", this.querySelector("[aria-pressed]")?.ariaPressed === "true");
    grid.dispatchEvent(new Event("grid-view"));
  }
}

customElements.define("grid-view", GridView);

// By "q" from another page: the first of the jobs of now.
if (location.hash === "#now") document.querySelector("#now :is(a, button)")?.focus();

// What scrolling asked for while there was no connection is asked for once there is one.
document.addEventListener("studio:online", () => {
  const more = document.querySelector("#more a");
  if (more && more.getBoundingClientRect().top < innerHeight) more.click();
});

// ---- The way back

// Back on a list (Create, Gallery) from a picture: the tile of the picture seen last is in view and has the focus.
const MOST_PAGES = 20; // older pages that are loaded to find a tile again
// What an address asks the dock for; the page forgets it once that is there (create.js).
export const ASKED = ["source", "reference", "like", "edit", "reuse", "words", "prompt", "ratio", "draft", "look"];
const asked = new URLSearchParams(location.search);
const fills = ASKED.some((name) => asked.has(name));

document.addEventListener("click", (event) => {
  const link = event.target.closest(".tile__link");
  if (!link) return;
  link.closest("tile-grid")?.window?.keepPlace(link.closest(".tile"));
  leaveList();
}, true);

addEventListener("pageshow", (event) => {
  const path = takeSeen();
  if (path && (event.persisted || isReturn())) find(path, MOST_PAGES);
});

// By the browser's Back, or by the picture's own way back; not by "Use as source" and the like, which fill the dock.
function isReturn() {
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") return true;
  if (["#find", "#prompt", "#now"].includes(location.hash)) return false; // by a key (shell.js)
  return !fills && document.referrer.includes("/pictures/");
}

function find(path, pages) {
  const link = document.querySelector(`.tile__link[href="${CSS.escape(path)}"]`) ?? far(path);
  if (link) {
    const { top, bottom } = link.getBoundingClientRect();
    const dock = document.querySelector(".dock")?.getBoundingClientRect().top ?? innerHeight;
    if (bottom < 0 || top > dock) link.scrollIntoView({ block: "center", behavior: "instant" });
    link.focus({ preventScroll: true });
    return;
  }
  const more = document.querySelector("#more a");
  if (!more || !pages) return;
  const came = new AbortController();
  for (const name of ["htmx:afterSettle", "grid-grown"]) {
    document.addEventListener(name, () => {
      came.abort();
      find(path, pages - 1);
    }, { signal: came.signal });
  }
  more.click();
}

// A tile of the list that is not in the document now (grid-window.js).
function far(path) {
  const code = path.match(/\/pictures\/([^/]+)\/$/)?.[1];
  return document.querySelector("tile-grid")?.window?.reveal(`picture-${code}`)?.querySelector(".tile__link");
}
