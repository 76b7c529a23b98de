// Choosing tiles of the gallery: by their ticks, Ctrl and Shift, dragging over them, keys, and a long press.
import { drawSelection, Selection } from "./selection.js";
import { isTyping } from "../shell.js";

const HOLD = 450; // milliseconds of a long press
const STILL = 10; // pixels that a finger may move meanwhile
const EDGE = 56; // pixels from the window's edge where dragging scrolls
const ALONE = ["Delete", "b", "t"]; // keys of the bar that a tile has too
const ADDED = '#toasts form[action*="/removals/?added="]'; // Undo of what was put on a board just now

const codeOf = (tile) => tile?.id?.replace(/^picture-/, "");
const tileOf = (target) => target.closest?.("#grid > .tile");

class Selecting {
  #last = null; // the code from which Shift goes on
  #drag = null;
  #hold = 0;
  #isSilent = false; // the click after a drag or a long press means nothing

  constructor() {
    this.bar = document.getElementById("selection");
    this.turnTo(document.getElementById("grid")?.dataset ?? {});
    this.selection = new Selection(this.bar.dataset.address);
    if (document.querySelector(ADDED)) this.selection.clear();
    if (!this.bar.dataset.more) this.selection.limit(Number(this.bar.dataset.total));
    this.isOn = this.selection.count > 0; // circles show on every tile, and a click chooses
    this.selection.addEventListener("change", () => this.draw());
    drawSelection(this);
    this.#listen();
    this.draw();
  }

  #listen() {
    document.addEventListener("click", (event) => this.#onClick(event), true);
    document.addEventListener("keydown", (event) => this.#onKey(event), true);
    document.addEventListener("pointerdown", (event) => this.#onDown(event));
    document.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const name of ["pointerup", "pointercancel"]) {
      document.addEventListener(name, (event) => this.#onUp(event));
    }
    document.addEventListener("contextmenu", (event) => this.#isSilent && event.preventDefault());
    // What a colleague deleted is not chosen any more.
    document.addEventListener("tiles-gone", ({ detail }) => {
      // What lies behind a cover now is in the list all the same.
      const stacked = this.window.items.map(({ stack }) => stack ?? "").join(" ");
      const left = detail.filter((code) => !stacked.includes(code));
      this.bar.dataset.total = Math.max(0, Number(this.bar.dataset.total) - left.length);
      this.selection.drop(this.selection.all ? left : detail);
    });
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.selection.readAgain(this.bar.dataset.address);
      this.turn(this.selection.count > 0);
    });
    const isChosen = (event) => this.isOn && tileOf(event.target);
    document.addEventListener("dragstart", (event) => isChosen(event) && event.preventDefault(), true);
    document.querySelector('.finder [href*="select=on"]')?.addEventListener("click", (event) => {
      event.preventDefault();
      this.turn(!this.isOn || this.selection.count > 0);
    });
  }

  // Another search has another list: what was chosen by hand stays, all of the list before does not.
  turnTo({ address = "", total = "0", more = "", upto = "" }) {
    Object.assign(this.bar.dataset, { address, total, more, upto });
    if (this.selection?.all && this.selection.all.address !== address) this.selection.clear();
    else if (this.selection) this.draw();
  }

  // How many the list has is known a moment after the page.
  recount({ total, more = "" }) {
    Object.assign(this.bar.dataset, { more, total });
    const { all, except } = this.selection;
    if (all) this.selection.takeAll(all.address, Number(total), all.upto, except);
  }

  get window() {
    return document.getElementById("grid")?.window;
  }

  get codes() {
    return this.window?.keys.map((key) => key.replace(/^picture-/, "")) ?? [];
  }

  turn(isOn) {
    this.isOn = isOn;
    this.draw();
  }

  // Called for every tile that comes into the document.
  dress = (tile) => {
    if (!tile.querySelector(":scope > .tile__pick")) {
      const tick = this.bar.querySelector("template").content.querySelector(".tile__pick").cloneNode(true);
      tile.querySelector(".tile__link").after(tick);
    }
    this.#mark(tile);
  };

  #mark(tile) {
    const isOn = this.selection.has(codeOf(tile));
    const tick = tile.querySelector(":scope > .tile__pick");
    if (tick && tick.getAttribute("aria-pressed") !== String(isOn)) tick.setAttribute("aria-pressed", String(isOn));
  }

  draw() {
    if (this.selection.count) this.isOn = true;
    document.getElementById("results").classList.toggle("is-selecting", this.isOn);
    document.querySelector('.finder [href*="select=on"]')?.classList.toggle("btn--inverse", this.isOn);
    for (const tile of document.querySelectorAll("#grid > .tile")) this.#mark(tile);
  }

  #between(from, to) {
    const { codes } = this;
    const [a, b] = [codes.indexOf(from), codes.indexOf(to)];
    return a < 0 || b < 0 ? [to] : codes.slice(Math.min(a, b), Math.max(a, b) + 1);
  }

  // A tile that stands for a stack means all pictures of it.
  #put(codes, isOn) {
    const stacks = new Map(this.window?.items.map(({ key, stack }) => [codeOf({ id: key }), stack]));
    this.selection.put(codes.flatMap((code) => [code, ...(stacks.get(code)?.split(" ") ?? [])]), isOn);
  }

  #toggle(code, isRange) {
    if (isRange && this.#last) this.#put(this.#between(this.#last, code), true);
    else this.#put([code], !this.selection.has(code));
    this.#last = code;
  }

  #onClick(event) {
    const tile = tileOf(event.target);
    if (!tile) return;
    const isTool = event.target.closest(".tools, .menu");
    const hasKey = event.ctrlKey || event.metaKey || event.shiftKey;
    const isMeant = event.target.closest(".tile__pick") || hasKey || this.isOn;
    if (isTool || (!isMeant && !this.#isSilent)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.#isSilent) this.#toggle(codeOf(tile), event.shiftKey);
    this.#isSilent = false;
  }

  // ---- Keys, while a tile or the bar has the focus

  // Where choosing began, or came to.
  get #begun() {
    const tile = document.getElementById(`picture-${this.#last}`) ?? document.querySelector("#grid > .tile");
    return tile?.querySelector(".tile__link");
  }

  #onKey(event) {
    if (isTyping(event) || event.defaultPrevented || event.target.closest?.("details[open], dialog, [popover]")) return;
    const tile = tileOf(event.target);
    const isBar = this.bar.contains(event.target);
    if (event.key === "Escape" && this.isOn && !document.querySelector("[popover]:popover-open, dialog[open]")) {
      this.none();
      if (isBar) this.#begun?.focus();
    } else if (!tile && !isBar) {
      return;
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      this.all();
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === "a" && this.isOn) {
      // The bar is far from the tiles: to it, and back.
      (isBar ? this.#begun : this.bar.querySelector(".selection__acts button"))?.focus();
    } else if (tile && event.key === "x") {
      this.#toggle(codeOf(tile), false);
    } else if (tile && event.shiftKey && event.key.startsWith("Arrow")) {
      this.#extend(tile, event);
    } else if (this.#thinks(tile, event.key)) {
      import("./tile-keys.js").then(({ think }) => think(tile, event.key, this.bar), () => {});
    } else if (this.#isMeant(tile, event.key) && this.#press(event.key)) {
      // The bar's key, and not the tile's own.
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // What one thinks of a tile, where nothing is selected; whoever may not decide or rate has no such button in the bar.
  #thinks(tile, key) {
    const isRating = /^[0-5]$/.test(key);
    if (!tile || this.selection.count || !(isRating || ["y", "u"].includes(key))) return false;
    return Boolean(this.#control(isRating ? "t" : key));
  }

  // A key of the bar is for what is selected; some also for the tile alone, which is selected then.
  #isMeant(tile, key) {
    if (tile && !this.selection.count && ALONE.includes(key) && this.#control(key)) this.#toggle(codeOf(tile), false);
    return this.selection.count > 0;
  }

  #control(key) {
    return this.bar.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  }

  #press(key) {
    const control = this.#control(key);
    const isField = control?.matches("input");
    if (isField) control.closest("[popover]").showPopover();
    if (isField) control.focus();
    else control?.click();
    return Boolean(control);
  }

  #extend(tile, event) {
    const next = tile.parentElement.neighbour(event.key, tile);
    if (!next) return;
    const [from, to] = [codeOf(tile), codeOf(next)];
    this.#last = to;
    // Back over what was chosen just now takes it away again.
    if (this.selection.has(from) && this.selection.has(to)) this.#put([from], false);
    else this.#put(this.#between(from, to), true);
    next.querySelector(".tile__link").focus();
  }

  all() {
    const { address, total, upto } = this.bar.dataset;
    this.selection.takeAll(address, Number(total), upto);
  }

  none() {
    const before = this.selection.count;
    const state = this.selection.clear();
    this.turn(false);
    if (before) this.offerUndo(before, state);
  }

  // ---- Dragging over tiles, and a long press

  #onDown(event) {
    const tile = tileOf(event.target);
    this.#isSilent = false;
    if (!tile || event.button) return;
    if (event.pointerType === "touch") {
      this.#hold = setTimeout(() => this.#held(codeOf(tile)), HOLD);
      this.#drag = { x: event.clientX, y: event.clientY, isTouch: true };
    } else if (event.target.closest(".tile__pick") || (this.isOn && !event.target.closest(".tools"))) {
      const code = codeOf(tile);
      this.#drag = { from: code, to: code, isOn: !this.selection.has(code), state: this.selection.state };
    }
  }

  #held(code) {
    this.#isSilent = true;
    navigator.vibrate?.(10);
    this.#toggle(code, false);
  }

  #onMove(event) {
    if (!this.#drag) return;
    if (this.#drag.isTouch) {
      if (Math.hypot(event.clientX - this.#drag.x, event.clientY - this.#drag.y) > STILL) this.#letGo();
      return;
    }
    const tile = tileOf(document.elementFromPoint(event.clientX, event.clientY) ?? this.bar);
    if (event.clientY > innerHeight - EDGE) scrollBy(0, EDGE / 4);
    if (event.clientY < (this.window?.covered ?? 0) + EDGE) scrollBy(0, -EDGE / 4);
    const code = codeOf(tile);
    if (!code || code === this.#drag.to) return;
    this.#drag.to = code;
    this.#isSilent = true;
    this.selection.restore(this.#drag.state);
    this.#put(this.#between(this.#drag.from, code), this.#drag.isOn);
  }

  #letGo() {
    clearTimeout(this.#hold);
    this.#drag = null;
  }

  #onUp(event) {
    const drag = this.#drag;
    this.#letGo();
    if (!drag || drag.isTouch || !this.#isSilent) return;
    this.#last = drag.to;
    // A drag that ends elsewhere than it began has no click.
    if (codeOf(tileOf(event.target)) !== drag.from) setTimeout(() => (this.#isSilent = false));
  }
}

export const begin = () => (document.getElementById("selection") ? new Selecting() : null);
