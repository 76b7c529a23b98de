// <tile-grid>: arrow keys move between tiles, by rows as they stand on the screen; Home and End go to the ends.
// A tile's own keys (its tools' aria-keyshortcuts: e, Shift+E, r, d) work while the tile or a tool of it has the focus.
import { pressed } from "./keys.js";

class TileGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #onKey(event) {
    const tile = event.target.closest(".tile");
    if (!tile || event.defaultPrevented) return;
    const tool = [...tile.querySelectorAll("[aria-keyshortcuts]")].find((one) => pressed(event, one));
    const next = tool ? null : this.#next(event, tile);
    if (!tool && !next) return;
    event.preventDefault();
    if (tool) tool.click();
    else next.querySelector(".tile__link").focus();
  }

  #next(event, tile) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
    const tiles = [...this.querySelectorAll(":scope .tile:has(> .tile__link)")];
    const at = tiles.indexOf(tile);
    switch (event.key) {
      case "ArrowRight": return tiles[at + 1];
      case "ArrowLeft": return tiles[at - 1];
      case "Home": return tiles[0];
      case "End": return tiles.at(-1);
      case "ArrowDown": return this.#inRow(tiles.slice(at + 1), tile, 1);
      case "ArrowUp": return this.#inRow(tiles.slice(0, at).reverse(), tile, -1);
      default: return null;
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
