// <keep-work>: an edit over its source. The parts of the edit to keep are regions of the difference, taken or dropped
// one by one, and what is painted; the mask goes to Studio, which lays those parts into the source's own pixels.
import { Mask, cutRegions } from "./keep-mask.js";
import { Pointers } from "./keep-pointers.js";
import { isTyping } from "./shell.js";
import { Stage } from "./keep-stage.js";

const STEP = 4; // pixels of the picture that an arrow moves the brush; ten times that with Shift
const REST = 250; // milliseconds after the last stroke until it is counted and remembered
const MOST_REMEMBERED = 2_000_000; // characters
const NO_ANSWER = "Studio could not be reached. Your mask is kept: check your connection and save again.";
const SIGNED_OUT = "You are signed out. Sign in in another tab, then save again: your mask is kept.";
const WAYS = {
  result: "Result · the darker part comes from the source",
  edit: "Edit",
  source: "Source",
  difference: "Difference · the lighter, the more",
};

const loaded = async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
};

class KeepWork extends HTMLElement {
  #listening = new AbortController();
  #timer = 0;
  #isSaving = false;

  async connectedCallback() {
    const { signal } = this.#listening;
    this.stageBox = this.querySelector(".keep__stage");
    this.canvas = this.querySelector("canvas");
    this.form = this.querySelector("form");
    this.stageBox.hidden = false;
    const { source, edit, difference, numbers } = this.dataset;
    try {
      const [before, after, apart, map] = await Promise.all([source, edit, difference, numbers].map(loaded));
      this.#begin(before, after, apart, cutRegions(map));
    } catch {
      this.querySelector(".keep__wait").textContent = "The pictures could not be loaded. Reload the page.";
      return;
    }
    this.querySelector(".keep__wait").hidden = true;
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.addEventListener("input", (event) => this.#changed(event.target), { signal });
    this.form.addEventListener("submit", (event) => this.#save(event), { signal });
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("keyup", (event) => this.#offKey(event), { signal });
    addEventListener("blur", () => this.#show(), { signal });
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
    this.#show();
  }

  // ---- The brush: what the pointers and the keys do with it

  get brush() {
    return { keep: this.keeps, size: Number(this.#range("size").value), softness: Number(this.#range("softness").value) };
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

  #range(name) {
    return this.querySelector(`[name="${name}"][type="range"]`);
  }

  #worded(range) {
    range.nextElementSibling.value = `${range.value} ${range.name === "size" ? "px" : "%"}`;
    if (!this.querySelector(".keep__ring").hidden) this.point(this.cursor);
  }

  // ---- Regions

  #radio(number, value) {
    return this.querySelector(`[name="region-${number}"][value="${value}"]`);
  }

  #spot(number) {
    const spot = document.createElement("button");
    Object.assign(spot, { type: "button", className: "spot" });
    spot.append(Object.assign(document.createElement("b"), { textContent: number }), document.createElement("span"));
    spot.addEventListener("click", () => this.#take(number, !this.mask.isTaken(number)));
    this.querySelector(".keep__spots").append(spot);
    return spot;
  }

  #row(number) {
    return this.querySelector(`.region[data-number="${number}"]`);
  }

  #choose(number) {
    const row = this.#row(number);
    if (!row) return;
    this.chosen = number;
    for (const one of this.querySelectorAll(".region")) one.classList.toggle("is-chosen", one === row);
    row.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#say(`Region ${number}, ${row.dataset.place}: ${this.mask.isTaken(number) ? "taken" : "dropped"}`);
  }

  // Take or drop a region, or all of them (0).
  #take(number, take) {
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
    this.querySelector("[data-word]").textContent = this.stage.isFitted ? "Fit" : `${Math.round(this.stage.scale * 100)} %`;
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
    const strokes = JSON.stringify(this.mask.strokes);
    try {
      if (strokes.length < MOST_REMEMBERED) sessionStorage.setItem(this.#key, strokes);
    } catch { /* the tab's store is full: the mask lives in the page alone */ }
  }

  // What was painted before the page was reloaded or left.
  #recall() {
    try {
      const strokes = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      const isKnown = (one) => one.points || one.region === 0 || this.mask.regions.has(one.region);
      if (strokes.length && strokes.every(isKnown)) this.mask.restore(strokes);
    } catch {
      sessionStorage.removeItem(this.#key);
    }
  }

  get #key() {
    return `keep:${this.dataset.code}`;
  }

  // Show a way of seeing for a moment, or the chosen one.
  #show(way) {
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
    else if (field.name === "way") this.#show();
    else if (field.name.startsWith("region-")) this.#take(Number(field.name.slice(7)), field.value === "take");
  }

  #clicked({ target }) {
    const button = target.closest("[data-do]");
    if (button) this.#do(button.dataset.do);
  }

  #do(what) {
    switch (what) {
      case "brush-keep":
      case "brush-source":
        this.keeps = what === "brush-keep";
        for (const one of this.querySelectorAll('[data-do^="brush-"]')) one.ariaPressed = String(one.dataset.do === what);
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
        this.#show();
        break;
      case "zoom":
        if (this.stage.isFitted) this.stage.zoom(1, this.stageBox.clientWidth / 2, this.stageBox.clientHeight / 2);
        else this.stage.fit();
        break;
      case "take-all":
      case "drop-all":
        this.#take(0, what === "take-all");
        break;
    }
  }

  #onKey(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && key === "Enter") return this.#handled(event, () => this.form.requestSubmit());
    if (isTyping(event)) return;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") this.#handled(event, () => this.#do(event.shiftKey ? "redo" : "undo"));
      else if (key === "y") this.#handled(event, () => this.#do("redo"));
      return;
    }
    if (event.altKey) return;
    if (event.target === this.canvas && this.#moved(event, key)) return;
    const keys = { k: "brush-keep", x: "brush-source", m: "veil", z: "zoom" };
    const turned = { "[": ["size", -1], "]": ["size", 1], "{": ["softness", -1], "}": ["softness", 1] } [key];
    if (key === "a" || key === "b") this.#handled(event, () => event.repeat || this.#show(key === "a" ? "source" : "edit"));
    else if (keys[key]) this.#handled(event, () => event.repeat || this.#do(keys[key]));
    else if (turned) this.#handled(event, () => this.#turn(...turned));
    else if (/^[1-9]$/.test(key)) this.#handled(event, () => this.#choose(Number(key)));
    else if ((key === "t" || key === "u") && this.chosen) this.#handled(event, () => this.#take(this.chosen, key === "t"));
    else if (key === "Escape") this.querySelector("[data-back]").click();
  }

  #handled(event, act) {
    event.preventDefault();
    act();
  }

  #turn(name, by) {
    const range = this.#range(name);
    const step = name === "size" ? Math.max(2, Math.round(range.value * 0.12)) : 5;
    range.value = Number(range.value) + by * step;
    this.#worded(range);
    this.#say(`${name === "size" ? "Size" : "Softness"} ${range.nextElementSibling.value}`);
  }

  // The brush by keyboard: arrows move it, Space paints a dab, or a line as long as it is held.
  #moved(event, key) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } [key];
    if (key === " ") {
      event.preventDefault();
      if (!event.repeat && this.stage.way === "result") this.paintFrom(this.cursor.x, this.cursor.y);
      this.point(this.cursor);
      return true;
    }
    if (!by) return false;
    event.preventDefault();
    const step = STEP * (event.shiftKey ? 10 : 1);
    const within = (place, most) => Math.min(most, Math.max(0, place));
    const x = within(this.cursor.x + by[0] * step, this.stage.width);
    const y = within(this.cursor.y + by[1] * step, this.stage.height);
    if (this.mask.current) this.paintTo(x, y);
    this.point({ x, y });
    return true;
  }

  #offKey(event) {
    const key = event.key.toLowerCase();
    if (key === "a" || key === "b") this.#show();
    if (key === " " && this.mask.current && event.target === this.canvas) this.painted();
  }

  // ---- Saving: the mask stays until Studio has said where the new version is.

  async #save(event) {
    event.preventDefault();
    if (this.#isSaving) return;
    this.#isSaving = true;
    const button = this.querySelector("[data-save]");
    const words = button.firstChild.textContent;
    button.firstChild.textContent = "Saving…";
    button.ariaDisabled = "true";
    this.#refuse("");
    const body = new FormData(this.form);
    body.set("mask", await this.mask.blob(), "mask.png");
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      const where = answer.headers.get("HX-Redirect");
      if (answer.status === 204 && where && !where.startsWith("/sign-in")) {
        sessionStorage.removeItem(this.#key);
        location.assign(where);
        return;
      }
      const isWords = answer.headers.get("Content-Type")?.startsWith("text/plain");
      this.#refuse(isWords ? await answer.text() : answer.headers.has("Studio") ? SIGNED_OUT : NO_ANSWER);
    } catch {
      this.#refuse(NO_ANSWER);
    }
    button.firstChild.textContent = words;
    button.removeAttribute("aria-disabled");
    this.#isSaving = false;
  }

  #refuse(words) {
    const notice = this.querySelector("[data-trouble]");
    notice.textContent = words;
    notice.hidden = !words;
  }
}

customElements.define("keep-work", KeepWork);
