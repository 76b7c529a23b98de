// What people who use the keyboard need on every page, loaded at the first key or menu (shell.js): arrows in menus, and
// the focus back where a part of the page, or after a form the whole page, was replaced.

const KEPT = "studio:keyboard";
const HOME = new URL("../..", import.meta.url).pathname; // of the studio, which may share its site
const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
const MOVES = { ArrowDown: 1, ArrowUp: -1 };
const OWN_ARROWS = "input:not([type=checkbox]), textarea, select";
const PRESSES = ["Enter", " "];

const isLost = ({ activeElement } = document) =>
  activeElement === document.body || activeElement.matches(":disabled") || !activeElement.checkVisibility();
const isStop = (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility();
const stopsIn = (within) => [...within.querySelectorAll(STOPS)].filter(isStop);
const page = () => document.querySelector("main") ?? document.body;
const words = (one) => one.getAttribute("aria-label") ?? one.textContent.trim();
const called = (one) => `${one.localName} ${one.name ?? ""} ${words(one)}`;

// ---- What is open keeps the keys from the page below: a menu or a dialog wherever the focus is; a question, a small
// form or a list that unfolds while the focus is in it

const ASKS = ".ask, .req__ask, .account__change, .bulk__note, .case__noting, .flagging, .formats__save";
const UNFOLDED = `details[open]:is(${ASKS}, .downloads__more, .pick)`;
const OVER = "dialog[open], [popover]:popover-open";
const TYPED = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const BELOW = ["Delete", "Backspace", "ArrowLeft", "ArrowRight", "Home", "End"]; // a menu may use them itself

addEventListener("keydown", (event) => {
  const { key, target } = event;
  const [isOver, unfolded] = [document.querySelector(OVER), target.closest?.(UNFOLDED)];
  const folds = unfolded?.querySelector("summary").getAttribute("aria-keyshortcuts")?.endsWith(`+${key}`);
  if (!isOver && (!unfolded || folds)) return;
  if (target.closest?.(`${TYPED}, dialog[open]`)) return; // a dialog has keys of its own, such as the crop's
  const isHeld = event.ctrlKey || event.metaKey || event.altKey;
  if (isHeld && key.toLowerCase() === "a") event.preventDefault(); // nor is all text of the page chosen
  const isKey = key.length === 1 && key !== " " && key !== "?"; // "?" closes a menu and shows all keys
  const isWithHeld = isHeld && (key.startsWith("Arrow") || (key === "Enter" && isOver));
  if (isKey || isWithHeld || (BELOW.includes(key) && !target.closest?.(OVER))) event.stopImmediatePropagation();
}, true);

// ---- Menus: up and down, from the button that opened one and from the search of a long one too

const hasOwnArrows = (one) => one.matches(OWN_ARROWS) && !one.matches(".menu [type=search]");

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu[popover]:popover-open");
  const step = MOVES[event.key];
  if (!menu || !step || event.defaultPrevented || event.altKey || hasOwnArrows(event.target)) return;
  const isInside = menu.contains(event.target);
  if (!isInside && event.target.getAttribute("popovertarget") !== menu.id) return;
  const items = stopsIn(menu);
  const at = isInside ? items.indexOf(event.target) + step : step < 0 ? -1 : 0;
  event.preventDefault();
  items.at(at % items.length)?.focus();
});

// ---- In a row that moves sideways the focus brings in what it is on: a browser leaves what it sees an edge of

document.addEventListener("focusin", ({ target }) => {
  if (!target.matches(":focus-visible")) return;
  for (let row = target.parentElement; row; row = row.parentElement) {
    if (row.scrollWidth <= row.clientWidth || !/auto|scroll/.test(getComputedStyle(row).overflowX)) continue;
    const [one, seen] = [target, row].map((box) => box.getBoundingClientRect());
    const [before, after] = [one.left - seen.left, one.right - seen.right];
    if (before < 0) row.scrollLeft += before;
    else if (after > 0) row.scrollLeft += Math.min(after, before);
    return;
  }
});

// ---- Esc closes a question or a small form before it closes what is around it

document.addEventListener("keydown", (event) => {
  const asked = event.key === "Escape" && event.target.closest("details[open]");
  const isOffering = document.querySelector("[popover]:popover-open, .mentions:not([hidden])");
  if (!asked || !asked.matches(ASKS) || isOffering) return;
  event.preventDefault();
  event.stopPropagation();
  asked.open = false;
  asked.querySelector("summary").focus();
}, true);

// ---- Ctrl+Z presses the newest Undo of a page, which is far from the focus and does not stay for long

document.addEventListener("keydown", (event) => {
  const isPlain = !event.defaultPrevented && !event.repeat && !event.shiftKey && !event.altKey;
  if (!isPlain || event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
  if (event.target.matches(OWN_ARROWS)) return; // what is typed has an undo of its own
  const offered = [...document.querySelectorAll("main [data-undo], #toasts [data-undo]")];
  const undo = offered.findLast((one) => one.checkVisibility());
  if (!undo) return;
  event.preventDefault();
  undo.click();
});

// ---- The focus

// Where it is: the same control has it again, the nearest that is called the same, or what stands in place of its row
// now. A menu closes, and its button stands for it.
function place({ activeElement }) {
  const menu = activeElement.closest("[popover]");
  const from = (menu && document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`)) ?? activeElement;
  const row = from.closest("li, tr") ?? from.closest("form") ?? from;
  const stops = stopsIn(page());
  return { id: from.id, name: called(from), at: stops.findIndex((one) => row.contains(one)) };
}

function goTo({ id, name, at }) {
  const stops = stopsIn(page());
  const same = stops.filter((one) => called(one) === name);
  const distance = (one) => Math.abs(stops.indexOf(one) - at);
  const nearest = same.sort((one, other) => distance(one) - distance(other))[0];
  const own = id && document.getElementById(id);
  const named = document.getElementById(location.hash.slice(1)); // a row that was moved, with other buttons there
  const there = at < 0 ? null : (named && stopsIn(named)[0]) ?? stops.at(Math.min(at, stops.length - 1));
  const found = (own && isStop(own) ? own : null) ?? nearest ?? there;
  found?.focus({ preventScroll: at < 0 });
}

let before = null; // what was replaced had it there

document.addEventListener("htmx:beforeSwap", ({ detail: { elt, target } }) => {
  const isTouched = target?.contains(document.activeElement) || elt.id === "pulse";
  if (isTouched && !isLost()) before = place(document);
});

for (const name of ["htmx:afterSettle", "htmx:afterRequest"]) {
  document.addEventListener(name, () => {
    if ((before ?? pressed) && isLost()) goTo(before ?? pressed);
    if (name === "htmx:afterRequest") before = pressed = null;
  });
}

// A control that its own press hides or disables, perhaps until an answer comes: a click by key has no detail.
let pressed = null;

document.addEventListener("click", ({ detail }) => {
  const from = detail || isLost() ? null : place(document);
  pressed = from && from.at >= 0 ? from : null;
  if (!pressed) return;
  // Only once the page is drawn does the browser take the focus away.
  requestAnimationFrame(() => setTimeout(() => {
    if (!pressed || document.querySelector(".htmx-request")) return;
    if (isLost()) goTo(pressed);
    pressed = null;
  }));
}, true);

// A form that brings the same page again, or a page below that leads back to this one.
const keep = (what) => sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, ...what }));
let last = null; // where the form was sent

addEventListener("submit", (event) => {
  if (!event.defaultPrevented && document.activeElement.matches(":focus-visible")) last = place(document);
});
addEventListener("pagehide", () => keep(last ?? {}));

function comeBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  sessionStorage.removeItem(KEPT);
  if (!kept || !isLost()) return;
  const { hash, pathname } = location;
  if (kept.path === pathname && kept.name) goTo(kept);
  else if (!hash && pathname !== HOME && kept.path !== pathname && kept.path.startsWith(pathname)) {
    [...page().querySelectorAll("a[href]")].find((one) => one.pathname === kept.path && isStop(one))?.focus();
  }
  // A key that is still held presses nothing here.
  const hold = (event) => event.repeat && PRESSES.includes(event.key) && event.preventDefault();
  addEventListener("keydown", hold, true);
  addEventListener("keyup", () => removeEventListener("keydown", hold, true), { once: true });
}

// An address that names a part of the page takes the focus away once the page is whole.
const isEarly = location.hash && document.readyState !== "complete";
if (isEarly) addEventListener("load", () => setTimeout(comeBack), { once: true });
else comeBack();
