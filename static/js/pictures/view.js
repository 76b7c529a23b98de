// What the picture page and the compare page share: a picture zoomed and moved over its bench, its keys, and its
// original in place of a smaller size once that would be blurred.
import { isTyping } from "../shell.js";
import { View } from "../edits/work-view.js";

const STEP = 1.25; // of the zoom, for one press of a key
const PAN = 80; // CSS pixels, for one press of an arrow
const ARROWS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
const BLURRED = 1.15; // times larger than its own pixels

export class PictureView extends View {
  // Zoom by steps around the middle.
  step(by) {
    this.zoom(this.scale * STEP ** by, this.box.clientWidth / 2, this.box.clientHeight / 2);
  }

  // Zooming out as far as the whole picture is fitting it again.
  zoom(scale, x, y) {
    const { width, height } = this.bench;
    const { across, down } = this.margins;
    const room = { width: width - 2 * across * this.ratio, height: height - 2 * down * this.ratio };
    if (scale <= Math.min(room.width / this.width, room.height / this.height)) this.fit();
    else super.zoom(scale, x, y);
  }

  move(x, y) {
    if (!this.isFitted) super.move(x, y);
  }

  // Lay an element over the bench where the picture is.
  lay(element) {
    const { style } = element;
    style.inlineSize = `${this.width * this.zoomed}px`;
    style.blockSize = `${this.height * this.zoomed}px`;
    style.translate = `${this.x / this.ratio}px ${this.y / this.ratio}px`;
  }

  // What of the picture can be seen, in CSS pixels of the bench.
  get seen() {
    const from = this.toBench(0, 0);
    const to = this.toBench(this.width, this.height);
    const { clientWidth, clientHeight } = this.box;
    return {
      left: Math.max(0, from.x),
      top: Math.max(0, from.y),
      right: Math.min(clientWidth, to.x),
      bottom: Math.min(clientHeight, to.y),
    };
  }
}

// Turn between the whole picture and its own pixels where it was pressed. `box`: where the view lies.
export function turnAt(view, box, { clientX, clientY }) {
  const { left, top } = box.getBoundingClientRect();
  view.turn(clientX - left, clientY - top);
}

// Obey a key that zooms or moves the view; return whether it was one. Arrows move only what is zoomed. `fit`: the key
// that shows the whole picture.
export function zoomedByKey(event, view, fit = "") {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return false;
  if (event.key === "+" || event.key === "=") view.step(1);
  else if (event.key === "-") view.step(-1);
  else if (event.key === fit) view.fit();
  else if (event.key.toLowerCase() === "z" && !event.shiftKey) view.turn();
  else if (ARROWS[event.key] && !event.shiftKey && !view.isFitted) view.move(...ARROWS[event.key]);
  else return false;
  event.preventDefault();
  return true;
}

// Show the original of an <img data-original> whose largest size (its srcset's last) is too small for what is shown.
export function sharpen(image, view) {
  const { original } = image.dataset;
  if (!original || image.dataset.isOriginal) return;
  const largest = Math.max(0, ...[...image.srcset.matchAll(/ (\d+)w/g)].map(([, width]) => Number(width)));
  const own = image.width && Number(image.getAttribute("width"));
  if (!largest || largest >= own || view.width * view.scale <= largest * BLURRED) return;
  image.dataset.isOriginal = "";
  const whole = new Image();
  whole.src = original;
  // The smaller size stays until the original is there; if it cannot be had, it stays.
  whole.decode().then(() => {
    image.removeAttribute("srcset");
    image.src = original;
  }, () => delete image.dataset.isOriginal);
}
