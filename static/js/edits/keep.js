// <keep-work>: an edit over its source. The parts of the edit to keep are regions of the difference, taken or dropped
// one by one, and what is painted; the mask goes to Studio, which lays those parts into the source's own pixels.
import { Keys } from "./keep-keys.js";
import { Mask, cutRegions } from "./keep-mask.js";
import { Stage } from "./keep-stage.js";
import { Memory, Sending } from "./work-sending.js";
import { Pointers } from "./work-view.js";

const REST = 250; // milliseconds after the last stroke until it is counted
const WAYS = {
  result: "Result · the darker part comes from the source",
  edit: "Edit",
  source: "Source",
  difference: "Difference · the lighter, the more",
};

const SAVING = { send: "Save as new version", sending: "Saving…", kept: "Your mask is kept", again: "save again" };

const loaded = async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
};

class KeepWork extends HTMLElement {
  #listening = new AbortController();
  #timer = 0;

  async connectedCallback() {
    const { signal } = this.#listening;
    this.memory = new Memory(`keep:${this.dataset.code}`, { signal });
    this.stageBox = this.querySelector(".work__stage");
    this.canvas = this.querySelector("canvas");
    this.form = this.querySelector("form");
    const { source, edit, difference, numbers } = this.dataset;
    try {
      const [before, after, apart, map] = await Promise.all([source, edit, difference, numbers].map(loaded));
      this.#begin(before, after, apart, cutRegions(map));
    } catch {
      this.querySelector(".work__wait").textContent = "The pictures could not be loaded. Reload the page.";
      return;
    }
    for (const one of this.querySelectorAll(".work__wait, .preview")) one.remove();
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.addEventListener("input", (event) => this.#changed(event.target), { signal });
    new Sending(this, this.form, { signal, words: SAVING });
    new Keys(this, { signal });
    addEventListener("blur", () => this.show(), { signal });
    new ResizeObserver(() => this.stage.resize()).observe(this.stageBox);
    this.toggleAttribute("data-ready", true);
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #begin(source, edit, difference, regions) {
    const [width, height, dx, dy] = ["width", "height", "dx", "dy"].map((name) => Number(this.dataset[name]));
    const taken = new Set([...regions.keys()].filter((number) => this.#radio(number, "take")?.checked));
    this.mask = new Mask(width, height, regions, taken);
    this.#recall();
    this.stage = new Stage(this.canvas, { width, height, dx, dy, source, edit, difference, mask: this.mask });
    this.cursor = { x: width / 2, y: height / 2 };
    this.keeps = true;
    this.spots = new Map([...regions.keys()].map((number) => [number, this.#spot(number)]));
    this.stage.onview = () => this.#placed();
    this.stage.resize();
    this.pointers = new Pointers(this.canvas, this);
    this.#size(Math.round(Math.min(200, Math.max(24, width / 32))));
    this.#settled();
    this.show();
  }

  #recall() {
    const strokes = this.memory.recall();
    const isKnown = (one) => one?.points || one?.region === 0 || this.mask.regions.has(one?.region);
    if (Array.isArray(strokes) && strokes.length && strokes.every(isKnown)) this.mask.restore(strokes);
  }

  get canPaint() {
    return this.stage.way === "result";
  }

  // ---- The brush: what the pointers and the keys do with it

  get brush() {
    const [size, softness] = ["size", "softness"].map((name) => Number(this.#range(name).value));
    return { keep: this.keeps, size, softness };
  }

  paintFrom(x, y) {
    this.stage.paint(this.mask.begin(this.brush, x, y));
  }

  paintTo(x, y) {
    const box = this.mask.extend(x, y);
    if (box) this.stage.paint(box);
  }

  painted() {
    this.mask.end();
    this.#settled();
  }
  unpaint() {
    this.mask.abandon();
    this.stage.paint();
  }

  // Show the ring where the brush is, in pixels of the picture; no ring without a place.
  point(place) {
    const ring = this.querySelector(".keep__ring");
    ring.hidden = !place || this.stage.way !== "result";
    if (!place) return;
    this.cursor = place;
    const { x, y } = this.stage.toBench(place.x, place.y);
    const side = Math.max(3, this.brush.size * this.stage.zoomed);
    ring.style.inlineSize = ring.style.blockSize = `${side}px`;
    ring.style.translate = `${x - side / 2}px ${y - side / 2}px`;
    ring.style.setProperty("--full", `${(side * this.brush.softness) / 200}px`);
  }

  #size(size) {
    const range = this.#range("size");
    range.value = size;
    this.#worded(range);
  }

  // Turn the brush's size or softness by a step.
  turn(name, by) {
    const range = this.#range(name);
    const step = name === "size" ? Math.max(2, Math.round(range.value * 0.12)) : 5;
    range.value = Number(range.value) + by * step;
    this.#worded(range);
    this.#say(`${name === "size" ? "Size" : "Softness"} ${range.nextElementSibling.value}`);
  }

  #worded(range) {
    range.nextElementSibling.value = `${range.value} ${range.name === "size" ? "px" : "%"}`;
    if (!this.querySelector(".keep__ring").hidden) this.point(this.cursor);
  }

  #range = (name) => this.querySelector(`[name="${name}"][type="range"]`);

  // ---- Regions

  #radio(number, value) {
    return this.querySelector(`[name="region-${number}"][value="${value}"]`);
  }

  #spot(number) {
    const spot = document.createElement("button");
    Object.assign(spot, { type: "button", className: "spot" });
    spot.append(Object.assign(document.createElement("b"), { textContent: number }), document.createElement("span"));
    spot.addEventListener("click", () => this.take(number, !this.mask.isTaken(number)));
    this.querySelector(".keep__spots").append(spot);
    return spot;
  }

  #row(number) {
    return this.querySelector(`.region[data-number="${number}"]`);
  }

  choose(number) {
    const row = this.#row(number);
    if (!row) return;
    this.chosen = number;
    for (const one of this.querySelectorAll(".region")) one.classList.toggle("is-chosen", one === row);
    row.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#say(`Region ${number}, ${row.dataset.place}: ${this.mask.isTaken(number) ? "taken" : "dropped"}`);
  }

  // Take or drop a region, or all of them (0).
  take(number, take) {
    if (number) this.chosen = number;
    this.mask.do({ region: number, take });
    this.stage.paint();
    this.#settled();
    const which = number ? `Region ${number}, ${this.#row(number).dataset.place}` : "All regions";
    this.#say(`${which}: ${take ? "taken" : "dropped"}`);
  }

  #placed() {
    const box = this.stageBox;
    for (const [number, spot] of this.spots) {
      const { x, y, width } = this.#row(number).dataset;
      const at = this.stage.toBench(Number(x) + Number(width) / 2, Number(y));
      spot.hidden = at.x < 0 || at.x > box.clientWidth || at.y < -10 || at.y > box.clientHeight;
      const [half, tall] = [spot.offsetWidth / 2 || 40, spot.offsetHeight || 26];
      const left = Math.min(Math.max(at.x - half, 4), box.clientWidth - 2 * half - 4);
      spot.style.translate = `${left}px ${Math.max(4, at.y - tall - 6)}px`;
    }
    const corner = this.stage.toBench(0, this.stage.height);
    const name = this.querySelector(".keep__name");
    name.style.translate = `${Math.max(0, corner.x)}px ${Math.min(corner.y, box.clientHeight) - name.offsetHeight}px`;
    this.querySelector("[data-word]").textContent = this.stage.word;
    this.querySelector(".keep__ring").hidden = true;
  }

  // ---- After each change

  #settled() {
    for (const [number, spot] of this.spots) {
      const taken = this.mask.isTaken(number);
      const row = this.#row(number);
      spot.classList.toggle("is-taken", taken);
      spot.ariaPressed = String(taken);
      spot.ariaLabel = `Region ${number}, ${row.dataset.place}: ${taken ? "taken" : "dropped"}`;
      spot.lastChild.textContent = taken ? "Taken" : "Dropped";
      row.classList.toggle("is-taken", taken);
      this.#radio(number, taken ? "take" : "drop").checked = true;
    }
    this.querySelector('[data-do="undo"]').disabled = !this.mask.canUndo;
    this.querySelector('[data-do="redo"]').disabled = !this.mask.canRedo;
    this.memory.remember(() => this.mask.strokes);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#counted(), REST);
  }

  #counted() {
    const { share, areas } = this.mask.measure();
    const percent = share * 100;
    const shown = percent >= 10 ? Math.round(percent) : percent.toFixed(1);
    const words = `${areas} area${areas === 1 ? "" : "s"}`;
    this.querySelector("[data-share]").textContent = areas ? `${words} · ${shown} % of the picture` : "nothing yet";
    this.form.elements.namedItem("name").placeholder = `Edit, kept ${words}`;
  }

  // The mask goes along with the form.
  async fill(body) {
    body.set("mask", await this.mask.blob(), "mask.png");
  }

  forget() {
    clearTimeout(this.#timer);
    this.memory.forget();
  }

  // Show a way of seeing for a moment, or the chosen one.
  show(way) {
    const chosen = this.querySelector('[name="way"]:checked')?.value ?? "result";
    this.stage.way = way ?? chosen;
    this.querySelector(".keep__name").textContent = WAYS[this.stage.way];
    this.querySelector(".keep__spots").hidden = this.stage.way !== "result" || !this.stage.veil;
    this.querySelector(".keep__ring").hidden = true;
    this.stage.paint();
  }

  #say(words) {
    this.querySelector("[data-says]").textContent = words;
  }

  // ---- What people do

  #changed(field) {
    if (field.type === "range") this.#worded(field);
    else if (field.name === "way") this.show();
    else if (field.name.startsWith("region-")) this.take(Number(field.name.slice(7)), field.value === "take");
  }

  #clicked({ target }) {
    const button = target.closest("[data-do]");
    if (button) this.do(button.dataset.do);
  }

  do(what) {
    switch (what) {
      case "brush-keep":
      case "brush-source":
        this.keeps = what === "brush-keep";
        for (const one of this.querySelectorAll('[data-do^="brush-"]')) {
          one.ariaPressed = String(one.dataset.do === what);
        }
        this.#say(this.keeps ? "Keep edit" : "Use source");
        break;
      case "undo":
      case "redo":
        this.mask[what]();
        this.stage.paint();
        this.#settled();
        break;
      case "veil":
        this.stage.veil = !this.stage.veil;
        this.querySelector('[data-do="veil"]').ariaPressed = String(this.stage.veil);
        this.show();
        break;
      case "zoom":
        this.stage.turn();
        break;
      case "take-all":
      case "drop-all":
        this.take(0, what === "take-all");
        break;
    }
  }
}

customElements.define("keep-work", KeepWork);
