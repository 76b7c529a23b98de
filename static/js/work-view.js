// Where a picture lies on the bench of a work page: fitted, zoomed and moved, in pixels of the screen.
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

  // Turn between the whole picture and its own pixels.
  turn() {
    if (this.isFitted) this.zoom(1, this.box.clientWidth / 2, this.box.clientHeight / 2);
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
