// <compare-work>: two pictures under a divider, beside each other, in turns or as their difference, three and four
// beside each other; all zoomed and moved together. Without this the panes stand beside each other.
import { PictureView, sharpen, turnAt, zoomedByKey } from "./view.js";
import { isTyping, ListeningElement, pressed } from "../shell.js";
import { Pointers } from "../edits/work-view.js";

const WIDE = matchMedia("(min-width: 48rem)");
const WAYS = ["slider", "side", "flip", "difference"];
const KEYED = "[aria-keyshortcuts]";
const STEP = 2; // hundredths that an arrow moves the divider; with Shift five times as far
const A_PRESS = 350; // milliseconds: what is held longer is let go again

class CompareWork extends ListeningElement {
  #at = 50; // hundredths of what is seen, left of the divider

  connected() {
    this.panes = [...this.querySelectorAll(".pane[data-letter]")];
    this.divider = this.querySelector(".versus__divider");
    const [width, height] = [this.dataset.width, this.dataset.height].map(Number);
    this.toggleAttribute("data-ready", true);
    this.#order();
    this.stage = new PictureView(this.panes[0], { width, height });
    this.stage.onview = () => this.#placed();
    new ResizeObserver(() => this.stage.resize()).observe(this.panes[0]);
    // Two fingers may lie on both sides of the divider.
    const down = new Map();
    for (const pane of this.querySelectorAll(".pane")) {
      new Pointers(pane.querySelector(".pane__clip"), this, pane, down);
    }
    this.hear(this, "change", ({ target }) => target.name === "way" && this.#show(target.value));
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this.querySelector(".panes"), "dblclick", (event) => {
      const pane = event.target.closest(".pane") ?? this.panes[0]; // the divider
      if (!event.target.closest("a, button")) turnAt(this.stage, pane, event);
    });
    this.hear(document, "keydown", (event) => this.#onKey(event));
    this.hear(document, "keyup", (event) => this.#onKeyUp(event));
    this.hear(window, "blur", () => delete this.dataset.shows);
    if (this.divider) this.#handle();
    this.#show(this.dataset.way, { keep: true });
  }

  // ---- What the pointers do (work-view.js)

  get canPaint() {
    return (this.dataset.way === "slider" && this.stage.isFitted) || this.dataset.way === "flip";
  }

  get pans() {
    return !this.canPaint && !this.stage.isFitted;
  }

  get wheelZooms() {
    return WIDE.matches || !this.stage.isFitted;
  }

  // On a narrow window the wheel moves the page until the pictures are zoomed.
  get leavesWheel() {
    return !this.wheelZooms;
  }

  paintFrom(x, y) {
    this.from = this.stage.toBench(x, y);
    if (this.dataset.way === "flip") this.#hold();
    else this.#divideAt(this.from.x);
  }

  paintTo(x, y) {
    const to = this.stage.toBench(x, y);
    if (this.dataset.way === "slider") this.#divideAt(to.x);
    else if (!this.stage.isFitted) this.stage.move(to.x - this.from.x, to.y - this.from.y);
    this.from = to;
  }

  painted() {
    if (this.dataset.way === "flip") this.#letGo();
  }

  // A gesture of the browser, or a second finger: nothing was pressed.
  unpaint() {
    if (this.dataset.way === "flip" && this.heldAt) this.#flip();
    this.heldAt = 0;
  }

  cancelled() {
    this.unpaint();
  }

  point() {}

  // ---- The divider

  #handle() {
    const { divider } = this;
    this.hear(divider, "pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      divider.focus();
      divider.setPointerCapture(event.pointerId);
    });
    this.hear(divider, "pointermove", (event) => {
      if (divider.hasPointerCapture(event.pointerId)) {
        this.#divideAt(event.clientX - this.panes[0].getBoundingClientRect().left);
      }
    });
    this.hear(divider, "keydown", (event) => this.#moved(event));
    this.hear(this.querySelector(".versus__flip"), "pointerdown", (event) => {
      if (event.button) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      this.#hold();
    });
    this.hear(this.querySelector(".versus__flip"), "pointerup pointercancel", () => this.#letGo());
  }

  #moved(event) {
    const step = event.shiftKey ? 5 * STEP : STEP;
    const to = {
      ArrowLeft: this.#at - step,
      ArrowDown: this.#at - step,
      ArrowRight: this.#at + step,
      ArrowUp: this.#at + step,
      PageDown: this.#at - 10,
      PageUp: this.#at + 10,
      Home: 0,
      End: 100,
    } [event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#divide(to);
  }

  #divideAt(x) {
    const { left, right } = this.stage.seen;
    this.#divide((100 * (x - left)) / Math.max(1, right - left));
  }

  #divide(at) {
    this.#at = Math.min(100, Math.max(0, at));
    const { left, right } = this.stage.seen;
    this.style.setProperty("--divider", `${left + ((right - left) * this.#at) / 100}px`);
    const [first, second] = this.panes.map((pane) => pane.dataset.letter);
    const whole = Math.round(this.#at);
    this.divider?.setAttribute("aria-valuenow", whole);
    this.divider?.setAttribute("aria-valuetext", `${whole} % ${first}, ${100 - whole} % ${second}`);
  }

  // ---- Ways

  #show(way, { keep = false } = {}) {
    this.dataset.way = way;
    this.classList.remove("is-flipped");
    const field = this.querySelector(`[name="way"][value="${way}"]`);
    if (field) field.checked = true;
    if (way === "difference") this.#difference();
    if (!keep) this.#remember("way", way);
    this.#worded();
    this.stage.resize();
  }

  // A difference that Studio has worked out takes the place of the browser's, where its file is still there.
  #difference() {
    const map = this.querySelector(".pane--map");
    const image = map?.querySelector("img");
    if (!image || image.src) return;
    image.addEventListener("load", () => {
      map.hidden = false;
      this.classList.add("has-map");
    });
    image.src = image.dataset.src;
  }

  #flip() {
    this.classList.toggle("is-flipped");
    this.#worded();
  }

  #hold() {
    this.heldAt = performance.now();
    this.#flip();
  }

  // What was held goes back; what was only pressed stays.
  #letGo() {
    if (this.heldAt && performance.now() - this.heldAt > A_PRESS) this.#flip();
    this.heldAt = 0;
  }

  #worded() {
    const button = this.querySelector(".versus__flip");
    if (!button) return;
    const isFlipped = this.classList.contains("is-flipped");
    const [first, second] = this.panes.map((pane) => pane.dataset.letter);
    button.ariaPressed = String(isFlipped);
    button.firstChild.textContent = isFlipped ? `This is ${second}` : `Hold to see ${second}`;
    if (this.dataset.way === "flip") this.#say(`${isFlipped ? second : first} is shown`);
  }

  // ---- Sides

  #order() {
    this.panes.forEach((pane, place) => {
      pane.classList.toggle("pane--first", place === 0);
      pane.classList.toggle("pane--second", place === 1);
    });
  }

  #swap() {
    this.panes.reverse();
    const after = this.panes.at(-1).parentElement.querySelector(".pane--map, .versus__divider");
    for (const pane of this.panes) {
      if (after) after.before(pane);
      else pane.parentElement.append(pane);
    }
    this.#order();
    const isSwapped = this.panes[0].dataset.letter > this.panes[1].dataset.letter;
    this.#remember("swap", isSwapped ? "on" : "");
    this.#say(`From the left: ${this.panes.map((pane) => pane.dataset.letter).join(", ")}`);
    this.stage.box = this.panes[0];
    this.stage.resize();
    this.#worded();
  }

  #remember(name, value) {
    const address = new URL(location.href);
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
  }

  // ---- After each change of the view

  #placed() {
    const { stage } = this;
    for (const sheet of this.querySelectorAll(".pane__sheet")) stage.lay(sheet);
    for (const pane of this.panes) {
      const image = pane.querySelector("img:not(.preview)");
      if (image) sharpen(image, stage);
    }
    const { left, top, right, bottom } = stage.seen;
    const [width, height] = [stage.box.clientWidth, stage.box.clientHeight];
    const around = { before: left, above: top, after: width - right, below: height - bottom };
    for (const [name, pixels] of Object.entries(around)) this.style.setProperty(`--${name}`, `${pixels}px`);
    this.classList.toggle("is-zoomed", !stage.isFitted);
    this.querySelector("[data-word]").textContent = stage.word;
    this.#divide(this.#at);
  }

  #say(words) {
    this.querySelector("[data-says]").textContent = words;
  }

  // ---- What people do

  #clicked(event) {
    const control = event.target.closest("[data-do], [data-back], .versus__flip");
    if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (control.matches(".versus__flip")) {
      if (!event.detail) this.#flip(); // by keyboard: a pointer has held it
    } else if (control.matches("[data-back]")) {
      if (document.referrer !== control.href) return;
      event.preventDefault();
      history.back();
    } else {
      event.preventDefault();
      if (control.dataset.do === "swap") this.#swap();
      else this.stage.turn();
    }
  }

  #onKey(event) {
    if (event.defaultPrevented || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const key = event.key.toLowerCase();
    if (this.panes.length === 2 && ["a", "b"].includes(key) && !event.shiftKey) {
      const place = this.panes.findIndex((pane) => pane.dataset.letter.toLowerCase() === key);
      if (this.dataset.way !== "side") this.dataset.shows = place ? "second" : "first";
    } else if (key === "m" && !event.repeat && this.panes.length === 2) {
      this.#show(WAYS[(WAYS.indexOf(this.dataset.way) + 1) % WAYS.length]);
    } else if (key === " " && this.dataset.way === "flip" && !event.target.closest("a, button, input")) {
      event.preventDefault();
      if (!event.repeat) this.#hold();
    } else if (event.target.matches?.('[type="radio"]') && key.startsWith("arrow")) {
      return; // they choose a way
    } else if (!zoomedByKey(event, this.stage, "0")) {
      const near = this.querySelector(".pane:focus-within, .pane:hover")?.querySelectorAll(KEYED) ?? [];
      const control = [...near, ...this.querySelectorAll(KEYED)].find((one) => pressed(event, one));
      if (control) event.preventDefault();
      control?.click();
    }
  }

  #onKeyUp(event) {
    if (["a", "b"].includes(event.key.toLowerCase())) delete this.dataset.shows;
    if (event.key === " " && this.dataset.way === "flip" && this.heldAt) this.#letGo();
  }
}

customElements.define("compare-work", CompareWork);
