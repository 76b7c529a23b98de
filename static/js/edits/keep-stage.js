// The picture on the bench: source and edit through the mask, zoomed and moved. Source and edit are drawn once for each
// view; a stroke repaints only the box that it has changed.
import { sheet } from "./keep-mask.js";
import { View } from "./work-view.js";

const VEIL = "rgb(0 0 0 / 0.42)";

export class Stage extends View {
  way = "result";
  veil = true;

  constructor(canvas, { width, height, dx, dy, source, edit, difference, mask }) {
    super(canvas.parentElement, { width, height });
    Object.assign(this, { canvas, dx, dy, source, edit, difference, mask });
    this.pen = canvas.getContext("2d", { desynchronized: true });
    [this.under, this.underPen] = sheet(1, 1);
    [this.over, this.overPen] = sheet(1, 1);
    [this.kept, this.keptPen] = sheet(1, 1);
  }

  sized() {
    for (const one of [this.canvas, this.under, this.over, this.kept]) Object.assign(one, this.bench);
  }

  changed() {
    for (const pen of [this.underPen, this.overPen]) pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#lay(this.underPen, this.source, 0, 0);
    this.#lay(this.overPen, this.edit, this.dx, this.dy);
    this.paint();
    super.changed();
  }

  #lay(pen, image, dx, dy) {
    const { scale, x, y } = this;
    pen.imageSmoothingQuality = "high";
    pen.imageSmoothingEnabled = scale < 2;
    pen.save();
    pen.beginPath();
    pen.rect(x, y, this.width * scale, this.height * scale);
    pen.clip();
    pen.drawImage(image, x + dx * scale, y + dy * scale, this.width * scale, this.height * scale);
    pen.restore();
  }

  // Draw a box, in pixels of the picture, or everything.
  paint(box) {
    const { scale, x, y } = this;
    const bounds = { left: 0, top: 0, right: this.width, bottom: this.height };
    const { left, top, right, bottom } = box ?? bounds;
    const fromX = box ? Math.max(0, Math.floor(x + left * scale) - 1) : 0;
    const fromY = box ? Math.max(0, Math.floor(y + top * scale) - 1) : 0;
    const width = (box ? Math.min(this.canvas.width, Math.ceil(x + right * scale) + 1) : this.canvas.width) - fromX;
    const height = (box ? Math.min(this.canvas.height, Math.ceil(y + bottom * scale) + 1) : this.canvas.height) - fromY;
    if (width <= 0 || height <= 0) return;
    const { pen } = this;
    pen.save();
    pen.beginPath();
    pen.rect(fromX, fromY, width, height);
    pen.clip();
    pen.clearRect(fromX, fromY, width, height);
    const area = [fromX, fromY, width, height, fromX, fromY, width, height];
    if (this.way === "difference") this.#lay(pen, this.difference, 0, 0);
    else pen.drawImage(this.way === "edit" ? this.over : this.under, ...area);
    if (this.way === "result") this.#lift(pen, area);
    pen.restore();
  }

  #lift(pen, area) {
    const { scale, x, y } = this;
    if (this.veil) {
      pen.fillStyle = VEIL;
      pen.fillRect(x, y, this.width * scale, this.height * scale);
    }
    const kept = this.keptPen;
    kept.save();
    kept.beginPath();
    kept.rect(...area.slice(0, 4));
    kept.clip();
    kept.globalCompositeOperation = "copy";
    kept.drawImage(this.over, 0, 0);
    kept.globalCompositeOperation = "destination-in";
    kept.drawImage(this.mask.canvas, x, y, this.width * scale, this.height * scale);
    kept.restore();
    pen.drawImage(this.kept, ...area);
    if (!this.veil) return;
    for (const [number, { outline, x: left, y: top, share }] of this.mask.regions) {
      if (this.mask.isTaken(number)) continue;
      const [across, down] = [this.width * share.x * scale, this.height * share.y * scale];
      pen.globalAlpha = 0.8;
      pen.drawImage(outline, x + left * across, y + top * down, outline.width * across, outline.height * down);
      pen.globalAlpha = 1;
    }
  }
}
