// <crop-editor data-width data-height>: turns a picture and cuts it, with the pointer, with keys or by numbers; the
// server makes the cut. `open` shows it in the dialog of the dock; without the dock it stands on a page of its own.
import { isForeign, ListeningElement, noticeOf, pressed } from "../shell.js";

const LEAST = 16; // pixels of a side (studio/forms/edits/crop.py)
const STEP = 10; // pixels that an arrow key moves
const GRIP = 11; // pixels on the screen
const SIDES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NAMES = ["x", "y", "width", "height"];
const SVG = "http://www.w3.org/2000/svg";
const clamp = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

class CropEditor extends ListeningElement {
  #turn = 0;
  #drag = null;

  connected() {
    import("../large-picture.js").then(({ endPreviews }) => endPreviews(this), () => {});
    this.form = this.querySelector("form");
    this.svg = this.querySelector("svg");
    this.cut = this.querySelector("[data-cut]");
    const { width, height } = this.dataset;
    this.size = [Number(width), Number(height)];
    this.box = { x: 0, y: 0, width: this.size[0], height: this.size[1] };
    this.#draw();
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this, "keydown", (event) => this.#keyed(event));
    this.hear(this.form, "input change", (event) => this.#typed(event));
    this.hear(this.svg, "pointerdown", (event) => this.#grab(event));
    this.hear(this.svg, "pointermove", (event) => this.#move(event));
    this.hear(this.svg, "pointerup pointercancel", () => (this.#drag = null));
    new ResizeObserver(() => this.#show()).observe(this.svg);
    const known = NAMES.map((name) => this.form.elements[name].value);
    const turned = Number(this.form.elements.turn.value);
    for (let i = 0; i < turned; i += 1) this.#rotate(1);
    if (known.some(Boolean)) this.#read();
    this.#show();
  }

  get #whole() {
    const [width, height] = this.size;
    return this.#turn % 2 ? [height, width] : [width, height];
  }

  // Width by height that the frame has to keep; 0 when it is free.
  get #ratio() {
    const { value } = this.form.elements.ratio;
    const [width, height] = value === "as-is" ? this.#whole : value.split(":").map(Number);
    return height ? width / height : 0;
  }

  // ---- What changes it

  #clicked(event) {
    const turn = event.target.closest("[data-turn]");
    if (turn) this.#rotate(Number(turn.dataset.turn));
    if (turn) this.#show();
    const dialog = this.closest("dialog");
    if (dialog && event.target.closest("[data-cancel]")) {
      event.preventDefault();
      dialog.close();
    }
  }

  // The frame turns along with what it frames.
  #rotate(quarters) {
    for (let i = 0; i < quarters; i += 1) {
      const [, down] = this.#whole;
      const { x, y, width, height } = this.box;
      this.box = { x: down - y - height, y: x, width: height, height: width };
      this.#turn = (this.#turn + 1) % 4;
    }
    if (this.#ratio) this.#fit();
  }

  // The largest frame of the ratio about the middle of the one there is.
  #fit() {
    const ratio = this.#ratio;
    const [across, down] = this.#whole;
    const { x, y, width, height } = this.box;
    const wide = Math.min(across, down * ratio, Math.max(width, height * ratio));
    const [w, h] = [Math.round(wide), Math.round(wide / ratio)];
    this.box = { x: Math.round(x + (width - w) / 2), y: Math.round(y + (height - h) / 2), width: w, height: h };
    this.#keepInside();
  }

  #keepInside() {
    const [across, down] = this.#whole;
    const { box } = this;
    box.width = clamp(box.width, Math.min(LEAST, across), across);
    box.height = clamp(box.height, Math.min(LEAST, down), down);
    box.x = clamp(box.x, 0, across - box.width);
    box.y = clamp(box.y, 0, down - box.height);
  }

  #read() {
    for (const name of NAMES) {
      const { value } = this.form.elements[name];
      if (value !== "") this.box[name] = Math.round(Number(value));
    }
    this.#keepInside();
  }

  #typed({ target, type }) {
    if (target.name === "ratio" && type === "change" && this.#ratio) this.#fit();
    else if (NAMES.includes(target.name) && type === "change") {
      this.#read();
      if (this.#ratio && target.name === "height") this.box.width = Math.round(this.box.height * this.#ratio);
      else if (this.#ratio) this.box.height = Math.round(this.box.width / this.#ratio);
      if (this.#ratio) this.#fit();
    } else return;
    this.#show();
  }

  #keyed(event) {
    const turn = [...this.querySelectorAll("[data-turn]")].find((button) => pressed(event, button));
    if (turn) turn.click();
    const way = event.target === this.cut && KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [dx, dy] = way.map((one) => one * (event.altKey ? 1 : STEP));
    if (event.shiftKey) this.#resize("se", { ...this.box }, dx, dy);
    else Object.assign(this.box, { x: this.box.x + dx, y: this.box.y + dy });
    this.#keepInside();
    this.#show();
  }

  // Pulls at a side or a corner of the frame `from`; with a ratio the other side follows.
  #resize(side, from, dx, dy) {
    const [across, down] = this.#whole;
    const ratio = this.#ratio;
    let { x, y, width, height } = from;
    const [right, bottom] = [x + width, y + height];
    if (side.includes("w")) width = clamp(width - dx, LEAST, right);
    if (side.includes("e")) width = clamp(width + dx, LEAST, across - x);
    if (side.includes("n")) height = clamp(height - dy, LEAST, bottom);
    if (side.includes("s")) height = clamp(height + dy, LEAST, down - y);
    if (ratio) {
      const byHeight = !/[we]/.test(side) || (/[ns]/.test(side) && dx === 0);
      if (byHeight) width = height * ratio;
      const room = [side.includes("w") ? right : across - x, side.includes("n") ? bottom : down - y];
      width = Math.min(width, room[0], room[1] * ratio);
      height = width / ratio;
    }
    if (side.includes("w")) x = right - width;
    if (side.includes("n")) y = bottom - height;
    this.box = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
  }

  // ---- The pointer

  #at({ clientX, clientY }) {
    const point = new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return [point.x, point.y];
  }

  #grab(event) {
    const side = event.target.dataset.side ?? (event.target === this.cut ? "move" : "");
    if (!side || event.button) return;
    event.preventDefault();
    this.cut.focus();
    this.svg.setPointerCapture(event.pointerId);
    this.#drag = { side, at: this.#at(event), box: { ...this.box } };
  }

  #move(event) {
    if (!this.#drag) return;
    const { side, at, box } = this.#drag;
    const [dx, dy] = this.#at(event).map((one, i) => Math.round(one - at[i]));
    if (side === "move") this.box = { ...box, x: box.x + dx, y: box.y + dy };
    else this.#resize(side, box, dx, dy);
    this.#keepInside();
    this.#show();
  }

  // ---- What it shows

  #draw() {
    const handles = SIDES.map((side) => {
      const handle = document.createElementNS(SVG, "rect");
      handle.setAttribute("class", `crop__grip crop__grip--${side}`);
      handle.dataset.side = side;
      return handle;
    });
    this.querySelector("[data-handles]").replaceChildren(...handles);
  }

  #show() {
    const [across, down] = this.#whole;
    const [width, height] = this.size;
    const { box } = this;
    const moves = ["", `translate(${height} 0)`, `translate(${width} ${height})`, `translate(0 ${width})`];
    this.svg.setAttribute("viewBox", `0 0 ${across} ${down}`);
    this.querySelector("[data-image]").setAttribute("transform", `${moves[this.#turn]} rotate(${this.#turn * 90})`);
    const inner = `M${box.x} ${box.y}v${box.height}h${box.width}v${-box.height}z`;
    this.querySelector("[data-veil]").setAttribute("d", `M0 0h${across}v${down}h${-across}z${inner}`);
    for (const name of NAMES) {
      this.cut.setAttribute(name, box[name]);
      this.form.elements[name].value = box[name];
    }
    this.form.elements.turn.value = this.#turn;
    this.querySelector("#crop-size").value = `${box.width} × ${box.height} of ${across} × ${down}`;
    const grip = GRIP / (this.svg.getScreenCTM()?.a || 1);
    for (const handle of this.querySelectorAll("[data-side]")) {
      const { side } = handle.dataset;
      const along = side.includes("w") ? 0 : side.includes("e") ? 1 : 0.5;
      const below = side.includes("n") ? 0 : side.includes("s") ? 1 : 0.5;
      handle.setAttribute("x", box.x + box.width * along - grip / 2);
      handle.setAttribute("y", box.y + box.height * below - grip / 2);
      handle.setAttribute("width", grip);
      handle.setAttribute("height", grip);
    }
  }
}

customElements.define("crop-editor", CropEditor);

// Shows the editor for the tile of the tray in which `link` stands. The cut takes the place of that tile.
export async function open(dialog, link) {
  const tile = link.closest("[data-picture]");
  const [list, place] = [tile.parentElement, [...tile.parentElement.children].indexOf(tile)];
  dialog.replaceChildren();
  dialog.showModal();
  (await import("../modal-notices.js")).bringNotices(dialog);
  await window.htmx.ajax("GET", link.href, { source: dialog, target: dialog, swap: "beforeend" }).catch(() => {});
  // A toast or the strip at the top says why nothing came.
  if (!dialog.querySelector("[data-cut]")) return dialog.close();
  dialog.querySelector("[data-cut]").focus();
  const closes = new AbortController();
  const done = ({ detail: { requestConfig: { elt }, successful, xhr } }) => {
    if (!elt.closest(".crop__form")) return;
    if (successful) dialog.close();
    else if (elt.isConnected) refuse(elt, xhr);
  };
  document.addEventListener("htmx:afterRequest", done, { signal: closes.signal });
  dialog.addEventListener("close", () => {
    closes.abort();
    list.children[place]?.focus();
  }, { once: true });
}

// Nothing was cut, and the editor still shows what was chosen: it says why beside its buttons.
async function refuse(form, xhr) {
  const { NO_ANSWER } = await import("../create/dock-parts.js");
  const item = document.createElement("li");
  item.textContent = (!isForeign(xhr) && noticeOf(xhr.responseText)) || NO_ANSWER;
  form.querySelector(".errors").replaceChildren(item);
}

// Undo has brought the picture back: its line has nothing more to say.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (elt.matches("[data-undo]") && detail.successful) elt.closest(".dock__note")?.remove();
});
