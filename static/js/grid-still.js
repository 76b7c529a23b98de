// Which rows are in view, and keeps it still while the rows around it change: a tile in it is where it was before.
import { GridItems } from "./grid-items.js";
import { rowAt } from "./grid-layout.js";

const MOST = 420; // tiles in the document, as long as the view itself needs no more

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
