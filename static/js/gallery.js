// The gallery: its grid keeps only what is near the view, its months can be jumped to, and what is new comes in.
import "./tiles.js";
import { GridWindow } from "./grid-window.js";
import "./month-scrubber.js";
import { watchNew } from "./new-pictures.js";

const grid = document.querySelector("tile-grid");
const finder = document.querySelector(".finder");

// What is fixed beside the grid begins below the finder, however tall it is.
new ResizeObserver(([{ borderBoxSize: [box] }]) => {
  document.querySelector(".gallery").style.setProperty("--finder-h", `${box.blockSize}px`);
}).observe(finder, { box: "border-box" });

if (grid) {
  const window = new GridWindow(grid);
  watchNew(window);
}
