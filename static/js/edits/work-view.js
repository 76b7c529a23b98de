// The picture on the bench of a work page: where it lies there, and what pointers do on it.

// ---- The view: fitted, zoomed and moved, in pixels of the screen

const MARGIN = 20; // pixels
const MOST_ZOOM = 8;

export class View {
  isFitted = true;
  ratio = 1;
  scale = 1;
  x = 0;
  y = 0;

  constructor(box, { width, height }) {
    Object.assign(this, { box, width, height });
  }

  // Take the size of the bench.
  resize() {
    this.ratio = devicePixelRatio || 1;
    const pixels = (side) => Math.max(1, Math.round(side * this.ratio));
    this.bench = { width: pixels(this.box.clientWidth), height: pixels(this.box.clientHeight) };
    this.sized?.();
    if (this.isFitted) this.fit();
    else this.changed();
  }

  // CSS pixels around a picture that fits.
  get margins() {
    const margin = this.box.clientWidth < 600 ? 0 : MARGIN;
    return { across: margin, down: margin };
  }

  fit() {
    const { width, height } = this.bench;
    const { across, down } = this.margins;
    const room = { width: width - 2 * across * this.ratio, height: height - 2 * down * this.ratio };
    const scale = Math.max(0.001, Math.min(room.width / this.width, room.height / this.height));
    const [x, y] = [(width - this.width * scale) / 2, (height - this.height * scale) / 2];
    Object.assign(this, { scale, x, y, isFitted: true });
    this.changed();
  }

  // Zoom so that the point of the bench (x, y), in CSS pixels, stays where it is.
  zoom(scale, x, y) {
    const least = Math.min(this.bench.width / this.width, this.bench.height / this.height) / 2;
    const wanted = Math.min(MOST_ZOOM * this.ratio, Math.max(least, scale));
    const [atX, atY] = [x * this.ratio, y * this.ratio];
    this.x = atX - ((atX - this.x) * wanted) / this.scale;
    this.y = atY - ((atY - this.y) * wanted) / this.scale;
    this.scale = wanted;
    this.isFitted = false;
    this.changed();
  }

  // Turn between the whole picture and its own pixels, around a point of the bench in CSS pixels.
  turn(x = this.box.clientWidth / 2, y = this.box.clientHeight / 2) {
    if (this.isFitted) this.zoom(1, x, y);
    else this.fit();
  }

  // Move by CSS pixels; a part of the picture always stays in sight.
  move(x, y) {
    const within = (place, side, whole) => Math.min(whole - 40, Math.max(40 - side, place));
    this.x = within(this.x + x * this.ratio, this.width * this.scale, this.bench.width);
    this.y = within(this.y + y * this.ratio, this.height * this.scale, this.bench.height);
    this.isFitted = false;
    this.changed();
  }

  // CSS pixels for one of the picture's.
  get zoomed() {
    return this.scale / this.ratio;
  }

  get word() {
    return this.isFitted ? "Fit" : `${Math.round(this.scale * 100)} %`;
  }

  toPicture(x, y) {
    return { x: (x * this.ratio - this.x) / this.scale, y: (y * this.ratio - this.y) / this.scale };
  }

  toBench(x, y) {
    return { x: (x * this.scale + this.x) / this.ratio, y: (y * this.scale + this.y) / this.ratio };
  }

  changed() {
    this.onview?.();
  }
}

// ---- Pointers

// Mouse, pen and fingers on the picture of a work page: one paints or draws, two move and zoom, the wheel moves and
// with Ctrl zooms, and the middle button drags the picture. `work` has a `stage` (a view) and says whether it
// `canPaint`; where it `pans` one finger drags the picture too, and where it `wheelZooms` the wheel zooms by itself,
// and it may leave the wheel to the page. Places are counted from `box`, which stays where it is when the picture
// moves.
const WHEEL = 0.0018; // of the zoom, for one pixel of the wheel

export class Pointers {
  #down;
  #painting = null;
  #dragged = null;

  // `down`: the pointers that are down, shared where one picture lies on another. `ground`: what is around the picture
  // too, where a picture that was moved away leaves it; its links and buttons keep their own presses.
  constructor(canvas, work, box = canvas, down = new Map(), ground = canvas) {
    Object.assign(this, { canvas, work, box });
    this.#down = down;
    ground.addEventListener("pointerdown", (event) => event.target.closest("a, button") || this.#pressed(event));
    ground.addEventListener("pointermove", (event) => this.#moved(event));
    for (const name of ["pointerup", "pointercancel"]) ground.addEventListener(name, (event) => this.#released(event));
    ground.addEventListener("pointerleave", () => this.#painting === null && work.point(null));
    ground.addEventListener("wheel", (event) => this.#wheeled(event), { passive: false });
  }

  #place({ clientX, clientY }) {
    const box = this.box.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  #picture(event) {
    const { x, y } = this.#place(event);
    return this.work.stage.toPicture(x, y);
  }

  #pressed(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, this.#place(event));
    const pans = this.work.pans && event.button === 0 && this.#down.size === 1;
    if (event.button === 1 || pans) {
      event.preventDefault();
      this.#dragged = event.pointerId;
    } else if (this.#down.size === 2) {
      this.#dragged = null;
      if (this.#painting !== null) this.work.unpaint();
      this.#painting = null;
      this.work.point(null);
    } else if (event.button === 0 && this.#down.size === 1 && this.work.canPaint) {
      const { x, y } = this.#picture(event);
      this.#painting = event.pointerId;
      this.work.paintFrom(x, y);
      this.work.point({ x, y });
    }
  }

  #moved(event) {
    if (this.#down.size === 2 && this.#down.has(event.pointerId)) return this.#pinched(event);
    if (this.#dragged === event.pointerId) return this.#drag(event);
    if (this.#painting === event.pointerId) {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length ? all : [event]) {
        const { x, y } = this.#picture(one);
        this.work.paintTo(x, y);
      }
    }
    this.work.point(this.#picture(event));
  }

  #drag(event) {
    const [from, to] = [this.#down.get(event.pointerId), this.#place(event)];
    this.#down.set(event.pointerId, to);
    this.work.stage.move(to.x - from.x, to.y - from.y);
  }

  #pinched(event) {
    const middle = ([one, other]) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
    const apart = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);
    const before = [...this.#down.values()];
    this.#down.set(event.pointerId, this.#place(event));
    const after = [...this.#down.values()];
    const [from, to] = [middle(before), middle(after)];
    const { stage } = this.work;
    stage.move(to.x - from.x, to.y - from.y);
    stage.zoom((stage.scale * apart(after)) / Math.max(1, apart(before)), to.x, to.y);
  }

  #released(event) {
    this.#down.delete(event.pointerId);
    if (this.#dragged === event.pointerId) this.#dragged = null;
    if (this.#down.size === 1 && this.work.pans) this.#dragged = this.#down.keys().next().value; // one finger is left
    if (this.#painting !== event.pointerId) return;
    this.#painting = null;
    if (event.type === "pointercancel" && this.work.cancelled) this.work.cancelled();
    else this.work.painted();
    if (event.pointerType === "touch") this.work.point(null);
  }

  #wheeled(event) {
    if (this.work.leavesWheel) return;
    event.preventDefault();
    const { stage } = this.work;
    const { x, y } = this.#place(event);
    const turn = event.deltaY * WHEEL * (event.deltaMode ? 16 : 1);
    if (event.ctrlKey || this.work.wheelZooms) stage.zoom(stage.scale * Math.exp(-turn), x, y);
    else stage.move(-event.deltaX, -event.deltaY);
  }
}
