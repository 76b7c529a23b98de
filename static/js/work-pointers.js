// Mouse, pen and fingers on the picture of a work page: one paints or draws, two move and zoom, the wheel moves and
// with Ctrl zooms, and the middle button drags the picture. `work` has a `stage` (work-view.js) and says whether it
// `canPaint`; where it `pans` one finger drags the picture too, and where it `wheelZooms` the wheel zooms by itself,
// and it may leave the wheel to the page. Places are counted from `box`, which stays where it is when the picture
// moves.
const WHEEL = 0.0018; // of the zoom, for one pixel of the wheel

export class Pointers {
  #down;
  #painting = null;
  #dragged = null;

  // `down`: the pointers that are down, shared where one picture lies on another.
  constructor(canvas, work, box = canvas, down = new Map()) {
    Object.assign(this, { canvas, work, box });
    this.#down = down;
    canvas.addEventListener("pointerdown", (event) => this.#pressed(event));
    canvas.addEventListener("pointermove", (event) => this.#moved(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.#released(event));
    canvas.addEventListener("pointerleave", () => this.#painting === null && work.point(null));
    canvas.addEventListener("wheel", (event) => this.#wheeled(event), { passive: false });
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
