// <comment-pins hidden>: the pins of comments over the picture, each with its corner on its spot, however it is zoomed;
// and the one that is being set: by a click on the picture while the comments are shown, or from the form's button by
// arrow keys. The document hears "comment-spot" with {x, y} in per cent, or null.
import { ListeningElement } from "../shell.js";

const KEPT = "studio:pins"; // "off" for the tab
const STILL = 4; // pixels: a press that moves farther is no click
const STEP = 1; // per cent, for one press of an arrow; with Shift five times that
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const inside = (share) => Math.round(Math.min(100, Math.max(0, share)) * 100) / 100;

class CommentPins extends ListeningElement {
  connected(signal) {
    this.box = this.closest(".view__picture");
    this.picture = this.box.querySelector(":scope > :is(img:not(.preview), .stack)");
    this.stage = this.closest("picture-stage");
    this.form = document.querySelector("comment-form");
    this.tab = document.getElementById("tab-comments");
    if (!this.picture || !this.form) return;
    const resized = new ResizeObserver(() => this.#place());
    resized.observe(this.picture);
    resized.observe(this.box);
    signal.addEventListener("abort", () => resized.disconnect());
    this.hear(this.stage, "picture-placed", () => this.#place());
    this.hear(document, "htmx:afterSettle", () => this.#again());
    this.hear(this.stage, "click", (event) => this.#clicked(event));
    this.hear(this.picture, "pointerdown", ({ clientX, clientY }) => (this.from = { clientX, clientY }));
    this.hear(document, "keydown", (event) => this.#onKey(event), { capture: true });
    this.#show(sessionStorage.getItem(KEPT) !== "off");
    this.#place();
  }

  // ---- Where they are

  // Where the picture itself is within the box: it keeps its ratio inside its element.
  get #area() {
    const box = this.box.getBoundingClientRect();
    const own = this.picture.getBoundingClientRect();
    const { width, height } = this.picture.viewBox?.baseVal ?? {
      width: Number(this.picture.getAttribute("width")),
      height: Number(this.picture.getAttribute("height")),
    };
    const scale = Math.min(own.width / width, own.height / height);
    return {
      left: own.left - box.left + (own.width - width * scale) / 2,
      top: own.top - box.top + (own.height - height * scale) / 2,
      width: width * scale,
      height: height * scale,
    };
  }

  #place() {
    const area = this.#area;
    for (const pin of [...this.children, ...(this.draft ? [this.draft] : [])]) {
      pin.style.left = `${area.left + (area.width * pin.dataset.x) / 100}px`;
      pin.style.top = `${area.top + (area.height * pin.dataset.y) / 100}px`;
    }
  }

  #again() {
    this.#place();
    if (this.chosen) this.#mark(this.chosen);
  }

  #show(isShown) {
    this.hidden = !isShown;
    const button = this.stage.querySelector("[data-pins]");
    if (button) button.ariaPressed = String(isShown);
    sessionStorage.setItem(KEPT, isShown ? "on" : "off");
  }

  // ---- A comment and its pin belong together

  choose(code) {
    if (this.chosen) this.#mark(this.chosen, false);
    this.chosen = code;
    this.#mark(code);
  }

  #mark(code, isOn = true) {
    for (const name of ["pin", "comment"]) document.getElementById(`${name}-${code}`)?.classList.toggle("is-on", isOn);
  }

  // ---- Setting one

  #clicked(event) {
    const pin = event.target.closest(".marker[href]");
    if (event.target.closest("[data-pins]")) this.#show(this.hidden);
    else if (event.target.closest("[data-spot]")) this.#begin(event);
    else if (pin) this.#follow(event, pin);
    else if (this.picture.contains(event.target) && this.#sets(event)) this.#setAt(event);
    else if (this.isSetting && !event.target.closest("a, button")) this.#sayWhere();
  }

  #follow(event, pin) {
    event.preventDefault();
    const code = pin.dataset.pin ?? pin.id.replace("pin-", "");
    if (!pin.dataset.pin) {
      this.tab?.click();
      document.getElementById(`comment-${code}`)?.scrollIntoView({ block: "nearest" });
    } else if (this.hidden) {
      this.#show(true);
    }
    this.choose(code);
  }

  #sets({ clientX, clientY, button }) {
    const isStill = this.from && Math.hypot(clientX - this.from.clientX, clientY - this.from.clientY) < STILL;
    return isStill && !button && (this.isSetting || this.tab?.ariaSelected === "true");
  }

  // A press of the mouse waits for the click on the picture; a key puts the pin into the middle, to be moved.
  #begin({ detail }) {
    if (this.isSetting || this.draft) {
      this.unset();
      return;
    }
    if (detail) this.#set(true);
    else this.#put(50, 50).focus();
  }

  #setAt({ clientX, clientY }) {
    const box = this.box.getBoundingClientRect();
    const area = this.#area;
    const x = ((clientX - box.left - area.left) / area.width) * 100;
    const y = ((clientY - box.top - area.top) / area.height) * 100;
    if (x < 0 || x > 100 || y < 0 || y > 100) {
      if (this.isSetting) this.#sayWhere();
      return;
    }
    this.#put(x, y);
    document.getElementById("say-text").focus({ preventScroll: true });
  }

  // A click beside the picture sets nothing: the page says where to click, and goes on waiting.
  #sayWhere() {
    this.note?.remove();
    this.note = this.form.querySelector("template[data-where]").content.firstElementChild.cloneNode(true);
    document.getElementById("toasts").append(this.note);
  }

  #put(x, y) {
    this.#set(false);
    this.#show(true);
    this.draft ??= document.createElement("button");
    Object.assign(this.draft, { type: "button", className: "marker is-on marker--new" });
    const spot = { x: inside(x), y: inside(y) };
    Object.assign(this.draft.dataset, spot);
    this.draft.ariaLabel = `New pin, ${Math.round(spot.x)} % from the left, ${Math.round(spot.y)} % from the top`;
    this.draft.title = "Arrow keys move it, Enter writes, Esc removes it";
    if (!this.draft.isConnected) this.box.append(this.draft);
    this.#place();
    document.dispatchEvent(new CustomEvent("comment-spot", { detail: spot }));
    return this.draft;
  }

  #set(isSetting) {
    this.isSetting = isSetting;
    if (!isSetting) this.note?.remove();
    this.form.querySelector("[data-spot]").ariaPressed = String(isSetting);
    this.box.classList.toggle("is-pinning", isSetting);
  }

  unset() {
    this.#set(false);
    if (!this.draft) return;
    this.draft.remove();
    this.draft = null;
    document.dispatchEvent(new CustomEvent("comment-spot", { detail: null }));
  }

  #onKey(event) {
    const isOnPin = this.draft !== undefined && event.target === this.draft;
    if (event.key === "Escape" && (this.isSetting || isOnPin)) this.unset();
    else if (isOnPin && event.key in ARROWS) this.#step(event);
    else if (isOnPin && event.key === "Enter") document.getElementById("say-text").focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step({ key, shiftKey }) {
    const [x, y] = ARROWS[key].map((by) => by * (shiftKey ? 5 : 1));
    this.#put(Number(this.draft.dataset.x) + x, Number(this.draft.dataset.y) + y);
  }
}

customElements.define("comment-pins", CommentPins);
