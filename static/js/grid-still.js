// Keeps the view still while the rows around it change: a tile in it is where it was before.
import { GridItems } from "./grid-items.js";

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
}
