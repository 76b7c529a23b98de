// The tiles of the tray's references are put in order by dragging one over another, or with Alt and an arrow key.
const WAYS = { ArrowLeft: "before", ArrowRight: "after" };

// The new place of the tile that a key moves, from 1 on; 0 when it moves none.
export function moveByKey(event, tile, list) {
  const way = WAYS[event.key];
  if (tile.parentElement !== list || !event.altKey || !way) return 0;
  event.preventDefault();
  const beside = way === "before" ? tile.previousElementSibling : tile.nextElementSibling;
  if (!beside) return 0;
  beside[way](tile);
  event.target.focus();
  return [...list.children].indexOf(tile) + 1;
}

export function orderByDragging(tray, list, signal) {
  let dragged = null;
  const on = (name, act) => tray.addEventListener(name, act, { signal });

  on("dragstart", (event) => {
    dragged = event.target.closest("li.slot");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("is-dragged");
  });

  on("dragover", (event) => {
    if (dragged?.parentElement !== list) return;
    event.preventDefault();
    const over = event.target.closest("li.slot");
    if (!over || over === dragged || over.parentElement !== list) return;
    const box = over.getBoundingClientRect();
    over[event.clientX < box.x + box.width / 2 ? "before" : "after"](dragged);
  });

  on("drop", (event) => dragged && event.preventDefault());

  on("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
  });
}
