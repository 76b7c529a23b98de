// The gallery: its grid keeps only what is near the view, its months can be jumped to, pictures can be chosen, and what
// is new comes in.
import "../tiles.js";
import { leave } from "./grid-place.js";
import { GridWindow } from "./grid-window.js";
import { begin } from "./select.js";
import { account, ListeningElement } from "../shell.js";

// ---- Months

// <month-scrubber>: a list of links to months. Here: the month in view is marked and named in a bubble, dragging along
// the list or the bubble chooses a month, and a month that is loaded already is only scrolled to.
const MEANT = 4; // pixels that a drag has to go
const REST = 1200; // milliseconds that the bubble stays after scrolling, where there is no list beside it

class MonthScrubber extends ListeningElement {
  #drag = null;
  #timer = 0;

  connected() {
    this.links = [...this.querySelectorAll("a[data-month]")];
    this.bubble = this.querySelector(".scrubber__bubble");
    this.grid = document.querySelector("tile-grid");
    this.hear(this.grid, "grid-moved", () => this.#drag || this.show());
    this.hear(this, "pointerdown", (event) => this.#begin(event));
    this.hear(this, "pointermove", (event) => this.#move(event));
    this.hear(this, "pointerup pointercancel", (event) => this.#end(event));
    this.hear(this, "dragstart", (event) => event.preventDefault());
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this, "keydown", (event) => this.#onKey(event));
    this.hear(this.grid, "keydown", (event) => this.#call(event));
    this.hear(document, "scroll", () => this.#wake(), { passive: true });
    this.bubble.hidden = this.links.length === 0;
  }

  get #isList() {
    return this.links[0]?.offsetParent !== null;
  }

  #link(month) {
    return this.links.find((link) => link.dataset.month === month) ?? null;
  }

  show(link = this.#link(this.grid.window?.month)) {
    for (const one of this.links) {
      if (one === link) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    if (!link) return;
    const [year, month] = link.dataset.month.split("-");
    const name = new Date(Number(year), Number(month) - 1, 1).toLocaleDateString("en", { month: "short" });
    this.bubble.textContent = `${name} ${year}`;
    this.bubble.style.insetBlockStart = `${this.#y(link)}px`;
  }

  // Where the month is, from the top of this element.
  #y(link) {
    if (this.#isList) return link.getBoundingClientRect().top - this.getBoundingClientRect().top + 8;
    return (this.links.indexOf(link) / Math.max(1, this.links.length - 1)) * this.clientHeight;
  }

  #at(y) {
    if (this.#isList) return this.links.findLast((link) => link.getBoundingClientRect().top <= y) ?? this.links[0];
    const { top, height } = this.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (y - top) / height));
    return this.links[Math.round(share * (this.links.length - 1))];
  }

  #wake() {
    this.classList.add("is-awake");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drag || this.classList.remove("is-awake"), REST);
  }

  // ---- Dragging

  #begin(event) {
    if (event.button) return;
    this.#drag = { y: event.clientY, id: event.pointerId, isMeant: false };
  }

  #move(event) {
    if (!this.#drag || (!this.#drag.isMeant && Math.abs(event.clientY - this.#drag.y) < MEANT)) return;
    if (!this.#drag.isMeant) this.setPointerCapture(this.#drag.id);
    this.#drag.isMeant = true;
    this.show(this.#at(event.clientY));
  }

  #end(event) {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag?.isMeant) return;
    this.justDragged = true;
    setTimeout(() => (this.justDragged = false));
    if (event.type === "pointerup") this.#go(this.#at(event.clientY));
    else this.show();
  }

  #clicked(event) {
    const link = event.target.closest("a[data-month]");
    const hasKey = event.ctrlKey || event.metaKey || event.shiftKey;
    if (this.justDragged || (link && !hasKey && this.#scrollTo(link))) event.preventDefault();
  }

  #go(link) {
    if (!this.#scrollTo(link)) location.assign(link.href);
  }

  // A month that is loaded is scrolled to.
  #scrollTo(link) {
    const { window } = this.grid;
    const heading = window?.items.find((item) => item.span?.startsWith(link.dataset.month));
    return Boolean(heading && window.reveal(heading.key, window.covered));
  }

  // ---- Keys

  #onKey(event) {
    const at = this.links.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 } [event.key];
    if (step) this.links[at + step]?.focus();
    else if (event.key === "Home") this.links[0].focus();
    else if (event.key === "End") this.links.at(-1).focus();
    else if (event.key === "Escape" && this.from) this.from.focus();
    else return;
    event.preventDefault();
  }

  // "g" on a tile: go to a date.
  #call(event) {
    if (event.key !== "g" || event.ctrlKey || event.metaKey || event.altKey || !this.#isList) return;
    this.from = event.target;
    (this.querySelector("[aria-current]") ?? this.links[0])?.focus();
    event.preventDefault();
  }
}

customElements.define("month-scrubber", MonthScrubber);

// ---- New pictures

// What is new: at rest at the very top it comes in by itself; while one looks at something, or has chosen something,
// the pill says how many there are (studio/views/gallery/page.py: update).
const NEWEST = "Studio-Newest"; // the place of the first picture of an answer
const AT_TOP = 8; // pixels from the top

// `grid()` gives the grid's window, and `isBusy()` says whether something is chosen.
function watchNew(grid, isBusy) {
  const pill = document.getElementById("new-pictures");
  const pulse = () => document.getElementById("pulse");
  let isAsking = false;

  // What else is asked for may leave them out.
  const isAtRest = () => scrollY < AT_TOP && !document.getElementById("newer") && !isBusy()
    && ["", "by=day"].includes(grid()?.grid.dataset.address ?? "")
    && !document.querySelector("[popover]:popover-open, dialog[open]");

  async function enter() {
    if (isAsking || pill.hidden || !grid() || !isAtRest()) return;
    isAsking = true;
    try {
      const top = new URL(pulse().getAttribute("hx-get"), location.href).searchParams.get("top");
      const asked = new URLSearchParams(`before=${top}&${grid().grid.dataset.address}`);
      const answer = await account(`${location.pathname}?${asked}`);
      if (answer.ok && isAtRest()) insert(await answer.text(), answer.headers.get(NEWEST));
    } catch {
      // The pill stays, and the next pulse tries again.
    } finally {
      isAsking = false;
    }
  }

  function insert(html, newest) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    // Very many are looked at from a page of their own.
    if (!newest || holder.content.querySelector("#newer")) return;
    const nodes = [...holder.content.children].filter((node) => node.matches(".tile, [data-span]"));
    for (const image of holder.content.querySelectorAll(".tile__link > img")) image.classList.add("is-arriving");
    const bar = document.getElementById("selection");
    bar.dataset.total = Number(bar.dataset.total) + nodes.filter((node) => node.matches(".tile")).length;
    bar.dataset.upto = Math.max(Number(bar.dataset.upto), Number(newest.split("-")[0]));
    grid().arrive(nodes);
    pill.hidden = true;
    const element = pulse();
    element.setAttribute("hx-get", element.getAttribute("hx-get").replace(/([?&]top=)[^&]*/, `$1${newest}`));
    htmx.process(element);
  }

  new MutationObserver(enter).observe(pill, { attributes: true, childList: true, subtree: true, characterData: true });
  addEventListener("scrollend", enter, { passive: true });
}

// ---- The page

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
