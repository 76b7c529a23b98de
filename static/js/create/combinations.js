// Several pictures from one prompt: how many the dock asks for, live, and the list of them that the server shows.
// Loaded once somebody writes a brace or checks a second ratio.
import { count, read } from "./braces.js";
import { say } from "./dock-parts.js";
import { dollars, exact, fill, grouped } from "./rules.js";

const RUN = /(?<![\p{L}\p{M}\p{N}_#&/])#\p{L}/u; // a look, perhaps

// What the dock asks for: how many combinations, and whether they stand in the list, checked. `priced`: what they cost,
// in words, unless each costs what the dock says. `why`: what keeps them from being listed.
export function combinationsOf(dock) {
  const { form, rules } = dock;
  const list = form.querySelector("#dock-many:not([hidden])");
  if (list) {
    const checked = [...list.querySelectorAll("[name=combination]:checked")];
    const total = unitsOf(checked).reduce((sum, units) => sum + units, 0) * Number(list.dataset.each);
    return { count: checked.length, isListed: true, priced: dollars(total) };
  }
  const kind = rules.types[form.elements.type.value];
  const parts = kind.has_count ? read(form.elements.prompt.value) : [];
  const more = [...form.querySelectorAll("[name=ratios]:checked:enabled")].map((one) => one.value);
  const ratios = new Set([form.elements.aspect_ratio.value, ...more]).size;
  const hasLooks = (parts ?? []).some((part) => Array.isArray(part) && part.some((piece) => RUN.test(piece)));
  const found = { count: (parts ? count(parts) : 1) * (kind.has_ratio ? ratios : 1), isListed: false };
  const why = parts ? tooMany(rules, found.count, Number(form.elements.count.value)) : rules.words.braces;
  found.why = why ? [{ words: why }] : [];
  return hasLooks ? { ...found, priced: "prices in the list" } : found;
}

function tooMany({ words, most_combinations: most }, count, each) {
  const values = { count: grouped(count), each, all: grouped(count * each), most };
  if (count > most) return fill(words.combinations, values);
  return count > 1 && count * each > most ? fill(words.combinations_of_each, values) : "";
}

const unitsOf = (boxes) => boxes.map((box) => Number(box.dataset.units));

// The list belongs to what the dock said when it was made: it goes when anything of that changes.
export function follow(dock) {
  const { form } = dock;
  const list = form.querySelector("#dock-many");
  const hide = () => {
    list.replaceChildren();
    list.hidden = true;
  };
  const refresh = () => dock.dispatchEvent(new CustomEvent("make-settled"));
  const changed = ({ target }) => {
    if (target.name === "combination") recount(list);
    else if (!list.hidden && (target.name || target === form)) hide(); // the form itself: count, look
    refresh();
  };
  form.addEventListener("input", changed);
  // Of a field it comes again when the field is left, long after what was typed; of the form itself, from our scripts.
  form.addEventListener("change", (event) => event.target === form && changed(event));
  dock.addEventListener("tray-change", () => {
    hide();
    refresh();
  });
  list.addEventListener("click", ({ target }) => target.closest("[data-close]") && leave());
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  });
  const leave = () => {
    hide();
    refresh();
    form.elements.prompt.focus();
  };
  // A list that has arrived is said, and the button that makes it keeps the focus.
  const look = () => !list.hidden && list.firstElementChild && arrived(list);
  new MutationObserver(look).observe(list, { childList: true });
  refresh();
}

let heard = "";

function arrived(list) {
  const { value } = list.querySelector("[name=listed]");
  if (value !== heard) say(list.querySelector("[data-total]").textContent);
  heard = value;
}

// A look brings references, so what is made with it may cost more.
function recount(list) {
  const each = Number(list.dataset.each);
  const units = unitsOf([...list.querySelectorAll("[name=combination]:checked")]);
  const pictures = units.length * each;
  const counts = new Map();
  for (const unit of units) counts.set(unit, (counts.get(unit) ?? 0) + each);
  const total = dollars(units.reduce((sum, unit) => sum + unit, 0) * each);
  const named = `${pictures} picture${pictures === 1 ? "" : "s"}`;
  list.querySelector("[data-total]").textContent = `${named} · ${total}`;
  const sums = [...counts].map(([unit, count]) => `${count} × ${exact(unit)}`);
  list.querySelector("[data-sum]").textContent = sums.join(" + ") || "0 pictures";
  say(`${named}, ${total}`);
}
