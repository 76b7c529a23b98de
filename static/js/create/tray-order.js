// The tiles of the tray's references are put in order by dragging one over another, or with Alt and an arrow key, and
// each mention in the prompt follows its picture.
import { rulesOf } from "./rules.js";

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

// ---- Mentions follow their pictures

// The new place of each tile of a list that has changed, from 0 on: -1 when it is gone. One that took the place of
// another, as the server's of one that waited, is the same. Null when nothing moved, or all of it is new.
function movesOf(before, after) {
  const isSame = before.length === after.length;
  const moved = before.map((tile, i) => {
    const place = after.indexOf(tile);
    return place < 0 && isSame && !before.includes(after[i]) ? i : place;
  });
  const stay = before.some((tile) => after.includes(tile));
  return stay && moved.some((place, i) => place !== i) ? moved : null;
}

// The prompt with its mentions as the pictures are numbered now. Of a picture that left, the mention is numbered behind
// the last, where it shows as one without a picture. `moved`: the new place of each, from 0 on, or -1.
function renumbered(rules, prompt, moved, references) {
  let lost = references;
  const numbers = moved.map((place) => (place < 0 ? (lost += 1) : place + 1));
  return prompt.replace(new RegExp(rules.mention, "g"), (whole, number) => {
    return numbers[number - 1] ? `@${numbers[number - 1]}` : whole;
  });
}

// Lets the mentions in the prompt follow the references, which were in the order `before` and now are in `after`.
export function renumber(tray, before, after) {
  const moved = movesOf(before, after);
  const { prompt } = tray.form.elements;
  const words = moved && renumbered(rulesOf(tray.closest("compose-dock")), prompt.value, moved, after.length);
  if (!words || words === prompt.value) return;
  prompt.value = words;
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
}
