// What of an edit is kept: strokes and whole regions, in the order in which they were made, and the mask they give.
const MOST_SIDE = 2560; // pixels of the mask
const SPACING = 0.12; // of the radius, from one dab of a stroke to the next
const OVERLAP = 0.8 / SPACING; // how many dabs a point in a stroke gets
const STOPS = 16;
const GRID = 256; // cells of the long side by which areas are counted, as the server does

const EDGE = 2; // pixels of the map around a region's sheet
const AROUND = [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => [x, y]));

export const sheet = (width, height, options) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return [canvas, canvas.getContext("2d", options)];
};

export class Mask {
  strokes = []; // what was done, oldest first: { region, take } or { keep, size, softness, points }
  #undone = [];
  #taken; // the numbers of the regions that are taken at first
  #brush = new Map();

  constructor(width, height, regions, taken) {
    this.scale = Math.min(1, MOST_SIDE / Math.max(width, height));
    this.regions = regions;
    this.#taken = taken;
    [this.canvas, this.pen] = sheet(Math.round(width * this.scale), Math.round(height * this.scale));
    this.#replay();
  }

  get canUndo() {
    return this.strokes.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  // Whether a region is taken, by the last word about it.
  isTaken(number) {
    const last = this.strokes.findLast((one) => one.region === number || one.region === 0);
    return last ? last.take : this.#taken.has(number);
  }

  do(stroke) {
    this.#undone = [];
    this.strokes.push(stroke);
    this.#apply(stroke);
  }

  restore(strokes) {
    this.strokes = strokes;
    this.#replay();
  }

  undo() {
    if (this.canUndo) this.#undone.push(this.strokes.pop());
    this.#replay();
  }

  redo() {
    if (this.canRedo) this.strokes.push(this.#undone.pop());
    this.#replay();
  }

  // Begin a stroke at a point, in pixels of the picture; `extend` draws it on. Both return the box that has changed.
  begin(brush, x, y) {
    this.#undone = [];
    this.current = { ...brush, points: [Math.round(x), Math.round(y)] };
    this.strokes.push(this.current);
    this.at = { x, y, rest: 0 };
    this.#dab(this.current, x, y, true);
    return this.#box(x, y, x, y);
  }

  extend(x, y) {
    const { x: fromX, y: fromY } = this.at;
    if (Math.hypot(x - fromX, y - fromY) < 1) return null;
    this.current.points.push(Math.round(x), Math.round(y));
    this.#line(this.current, x, y);
    return this.#box(fromX, fromY, x, y);
  }

  // Take the stroke under way back: a second finger came.
  abandon() {
    if (this.current && this.strokes.at(-1) === this.current) this.strokes.pop();
    this.current = null;
    this.#replay();
  }

  end() {
    this.current = null;
  }

  // How much of the picture is kept, 0 to 1, and in how many areas.
  measure() {
    const scale = GRID / Math.max(this.canvas.width, this.canvas.height);
    const [width, height] = [this.canvas.width, this.canvas.height].map((side) => Math.max(1, Math.ceil(side * scale)));
    const [, pen] = sheet(width, height, { willReadFrequently: true });
    pen.drawImage(this.canvas, 0, 0, width, height);
    const values = pen.getImageData(0, 0, width, height).data;
    let sum = 0;
    const open = new Uint8Array(width * height);
    for (let place = 0; place < open.length; place++) {
      const alpha = values[4 * place + 3];
      sum += alpha;
      open[place] = alpha > 0 ? 1 : 0;
    }
    return { share: sum / 255 / open.length, areas: countAreas(open, width, height) };
  }

  blob() {
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
  }

  #replay() {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const number of this.#taken) this.#apply({ region: number, take: true });
    for (const stroke of this.strokes) this.#apply(stroke);
  }

  #apply(stroke) {
    if (stroke.region !== undefined) {
      const numbers = stroke.region ? [stroke.region] : [...this.regions.keys()];
      // Regions that touch share the pixels of their border: added up, both parts make a whole one, without a seam.
      this.pen.globalCompositeOperation = stroke.take ? "lighter" : "destination-out";
      for (const number of numbers) {
        const { canvas, eraser, x, y, share } = this.regions.get(number);
        const [across, down] = [this.canvas.width * share.x, this.canvas.height * share.y];
        const image = stroke.take ? canvas : eraser;
        this.pen.drawImage(image, x * across, y * down, image.width * across, image.height * down);
      }
      return;
    }
    const [x, y, ...more] = stroke.points;
    this.at = { x, y, rest: 0 };
    this.#dab(stroke, x, y, true);
    for (let next = 0; next < more.length; next += 2) this.#line(stroke, more[next], more[next + 1]);
  }

  #line(stroke, x, y) {
    const { x: fromX, y: fromY, rest } = this.at;
    const length = Math.hypot(x - fromX, y - fromY);
    const step = Math.max(1, (stroke.size / 2) * SPACING);
    let gone = step - rest;
    for (; gone <= length; gone += step) {
      this.#dab(stroke, fromX + ((x - fromX) * gone) / length, fromY + ((y - fromY) * gone) / length, false);
    }
    this.at = { x, y, rest: length - (gone - step) };
  }

  #dab(stroke, x, y, isFirst) {
    const tip = this.#tip(stroke, isFirst);
    this.pen.globalCompositeOperation = stroke.keep ? "source-over" : "destination-out";
    this.pen.drawImage(tip, x * this.scale - tip.width / 2, y * this.scale - tip.height / 2);
  }

  // A round tip, full up to where its softness begins. The dabs of a stroke overlap, so each is so much weaker at the
  // edge that together they come to what a single one shows.
  #tip({ size, softness }, isFirst) {
    const key = `${size} ${softness} ${isFirst}`;
    if (this.#brush.has(key)) return this.#brush.get(key);
    if (this.#brush.size > 40) this.#brush.clear();
    const radius = Math.max(0.5, (size / 2) * this.scale);
    const side = Math.ceil(2 * radius) + 2;
    const [tip, pen] = sheet(side, side);
    const inner = Math.min(radius * (1 - softness / 100), radius - 0.5);
    const fade = pen.createRadialGradient(side / 2, side / 2, Math.max(0, inner), side / 2, side / 2, radius);
    for (let stop = 0; stop <= STOPS; stop++) {
      const far = stop / STOPS;
      const wanted = (1 - far) * (1 - far) * (1 + 2 * far);
      fade.addColorStop(far, `rgb(255 255 255 / ${isFirst ? wanted : 1 - (1 - wanted) ** (1 / OVERLAP)})`);
    }
    pen.fillStyle = fade;
    pen.fillRect(0, 0, side, side);
    this.#brush.set(key, tip);
    return tip;
  }

  #box(fromX, fromY, x, y) {
    const reach = this.current.size / 2 + 2 / this.scale;
    const [left, top] = [Math.min(fromX, x) - reach, Math.min(fromY, y) - reach];
    return { left, top, right: Math.max(fromX, x) + reach, bottom: Math.max(fromY, y) + reach };
  }
}

function countAreas(open, width, height) {
  let areas = 0;
  const waiting = [];
  for (let start = 0; start < open.length; start++) {
    if (!open[start]) continue;
    areas++;
    open[start] = 0;
    waiting.push(start);
    while (waiting.length) {
      const place = waiting.pop();
      const [x, y] = [place % width, Math.floor(place / width)];
      for (let down = Math.max(0, y - 1); down <= Math.min(height - 1, y + 1); down++) {
        for (let across = Math.max(0, x - 1); across <= Math.min(width - 1, x + 1); across++) {
          const next = down * width + across;
          if (!open[next]) continue;
          open[next] = 0;
          waiting.push(next);
        }
      }
    }
  }
  return areas;
}

// Cut the map of numbers into sheets for each region: what it takes, what dropping it clears, and its dashed outline.
export function cutRegions(image) {
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  const [, pen] = sheet(width, height, { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  const boxes = new Map();
  for (let place = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, place++) {
      const number = data[4 * place];
      if (!number || !data[4 * place + 1]) continue;
      const box = boxes.get(number);
      if (!box) boxes.set(number, { left: x, top: y, right: x, bottom: y });
      else Object.assign(box, { left: Math.min(box.left, x), right: Math.max(box.right, x), bottom: y });
    }
  }
  const at = (x, y) => 4 * (y * width + x);
  const isIn = (x, y) => x >= 0 && y >= 0 && x < width && y < height;
  const is = (number, x, y) => isIn(x, y) && data[at(x, y)] === number && data[at(x, y) + 1] > 127;
  const regions = new Map();
  for (const [number, { left, top, right, bottom }] of [...boxes].sort(([one], [other]) => one - other)) {
    const [canvas, fill] = sheet(right - left + 1 + 2 * EDGE, bottom - top + 1 + 2 * EDGE);
    const [outline, trace] = sheet(canvas.width, canvas.height);
    const [eraser, clear] = sheet(canvas.width, canvas.height);
    const whole = fill.createImageData(canvas.width, canvas.height);
    const edge = fill.createImageData(canvas.width, canvas.height);
    const hard = fill.createImageData(canvas.width, canvas.height);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        if (data[at(x, y)] !== number) continue;
        const place = 4 * ((y - top + EDGE) * canvas.width + x - left + EDGE);
        whole.data.fill(255, place, place + 3);
        whole.data[place + 3] = data[at(x, y) + 1];
        if (data[at(x, y) + 1]) hard.data.fill(255, place, place + 4);
        if (!is(number, x, y)) continue;
        const isInner = is(number, x - 1, y) && is(number, x + 1, y) && is(number, x, y - 1) && is(number, x, y + 1);
        if (!isInner && (x + y) % 8 < 5) edge.data.fill(255, place, place + 4);
      }
    }
    fill.putImageData(whole, 0, 0);
    // A soft edge cannot be taken away softly, or a trace of it would stay: the whole reach of the region is cleared.
    trace.putImageData(hard, 0, 0);
    for (const [x, y] of AROUND) clear.drawImage(outline, x, y);
    trace.putImageData(edge, 0, 0);
    const share = { x: 1 / width, y: 1 / height };
    regions.set(number, { canvas, outline, eraser, x: left - EDGE, y: top - EDGE, share });
  }
  return regions;
}
