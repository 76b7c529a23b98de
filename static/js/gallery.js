// The gallery: its grid keeps only what is near the view, its months can be jumped to, pictures can be chosen, and what
// is new comes in.
import "./tiles.js";
import { leave } from "./grid-place.js";
import { GridWindow } from "./grid-window.js";
import "./month-scrubber.js";
import { watchNew } from "./new-pictures.js";
import { begin } from "./select.js";
import "./tile-changes.js";

const finder = document.querySelector(".finder");
const selecting = begin();
let window = null;

// What is fixed beside the grid begins below the finder, however tall it is.
new ResizeObserver(([{ borderBoxSize: [box] }]) => {
  document.querySelector(".gallery").style.setProperty("--finder-h", `${box.blockSize}px`);
}).observe(finder, { box: "border-box" });

// Another search brings another grid.
function take() {
  const grid = document.getElementById("grid");
  if (!grid || grid === window?.grid) return;
  // Another search begins at its top, and what was new belongs to the one before.
  if (window) {
    scrollTo({ top: 0, behavior: "instant" });
    const pill = document.getElementById("new-pictures");
    pill.hidden = true;
    pill.href = location.pathname + (grid.dataset.address && `?${grid.dataset.address}`);
  }
  window?.stop();
  window = new GridWindow(grid, selecting?.dress);
  selecting?.turnTo(grid.dataset);
}

// How many there are is known a moment after the page: "Select all" means as many.
function takeCount({ detail: { target } }) {
  const grid = document.getElementById("grid");
  if (target?.id !== "find-count" || !grid) return;
  const { total, more = "" } = document.getElementById("find-count").dataset;
  Object.assign(grid.dataset, { total, more });
  selecting?.recount(grid.dataset);
}

take();
// What is done with the chosen, and its Undo, lead back to where one was.
document.addEventListener("submit", ({ defaultPrevented }) => !defaultPrevented && window && leave(window));
document.addEventListener("htmx:afterSwap", take);
document.addEventListener("htmx:afterSettle", takeCount);
watchNew(() => window, () => selecting?.isOn);
