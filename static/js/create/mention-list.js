// The list that "@" opens in the prompt: the references in the tray and behind them those that the look brings, found
// by words of their names. This module comes with the first "@" (create.js).
import { say, tilesOf } from "./dock-parts.js";

const BEGUN = /(?<![A-Za-z0-9_@])@([^\s@]{0,30})$/u;
const ID = "mention-list";
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const field = document.getElementById("prompt");
const tray = document.querySelector("picture-tray");
let closedAt = -1; // where the mention begins for which the list was closed

const list = Object.assign(document.createElement("ul"), { id: ID, className: "menu mentions", hidden: true });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "References");
field.closest(".dock").append(list);
field.setAttribute("aria-autocomplete", "list");

function begun() {
  const { value, selectionStart, selectionEnd } = field;
  const found = selectionStart === selectionEnd && BEGUN.exec(value.slice(0, selectionStart));
  return found ? { words: found[1].normalize().toLowerCase(), start: found.index, end: selectionStart } : null;
}

function option({ tile, number }, i) {
  const one = document.createElement("li");
  one.id = `${ID}-${number}`;
  one.className = "menu__item";
  one.dataset.number = number;
  one.setAttribute("role", "option");
  one.setAttribute("aria-selected", String(i === 0));
  const image = tile.querySelector("img")?.cloneNode();
  image?.setAttribute("alt", "");
  const name = Object.assign(document.createElement("span"), { textContent: tile.dataset.title });
  const tag = Object.assign(document.createElement("small"), { textContent: `@${number}` });
  one.append(...(image ? [image] : []), name, tag);
  return one;
}

function offer() {
  const now = begun();
  // A number is a whole mention already.
  const isWanted = now && now.start !== closedAt && !/^\d/.test(now.words) && document.activeElement === field;
  const brought = document.querySelectorAll("#look-said .dock__brought > li");
  const all = isWanted ? [...tilesOf(tray, "reference"), ...brought].map((tile, i) => ({ tile, number: i + 1 })) : [];
  const fits = all.filter(({ tile }) => tile.dataset.title?.toLowerCase().includes(now.words));
  if (!now) closedAt = -1;
  if (!fits.length) return close();
  const wasHidden = list.hidden;
  list.replaceChildren(...fits.map(option));
  list.style.insetBlockEnd = `${list.parentElement.clientHeight - field.offsetTop}px`;
  list.hidden = false;
  field.setAttribute("aria-controls", ID);
  choose(list.firstElementChild);
  const found = fits.length === 1 ? "1 reference" : `${fits.length} references`;
  if (wasHidden) say(`${found}: arrow keys choose, Enter takes`);
}

function close() {
  list.hidden = true;
  field.removeAttribute("aria-controls");
  field.removeAttribute("aria-activedescendant");
}

function choose(one) {
  for (const other of list.children) other.setAttribute("aria-selected", String(other === one));
  field.setAttribute("aria-activedescendant", one.id);
  one.scrollIntoView({ block: "nearest" });
}

function take(one) {
  const { start, end } = begun();
  field.setRangeText(`@${one.dataset.number}`, start, end, "end");
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function keyed(event) {
  if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = list.querySelector('[aria-selected="true"]');
  const all = [...list.children];
  if (event.key in STEPS) choose(all.at((all.indexOf(chosen) + STEPS[event.key]) % all.length));
  else if (event.key === "Enter" || event.key === "Tab") take(chosen);
  else if (event.key === "Escape") {
    closedAt = begun()?.start ?? -1;
    close();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

field.addEventListener("keydown", keyed);
field.addEventListener("input", offer);
field.addEventListener("click", offer);
field.addEventListener("blur", close);
list.addEventListener("pointerdown", (event) => {
  event.preventDefault(); // the focus stays in the prompt
  const one = event.target.closest("[role=option]");
  if (one) take(one);
});

offer();
