// <picture-stage>: the picture, fitted or zoomed. Wheel and pinch zoom, a drag and the arrows move what is zoomed, the
// bar's [data-zoom] link (to the original) turns between the whole picture and 100 %. On a touch screen a swipe turns
// to the next picture, and one downwards closes it. The neighbours' pictures are fetched ahead.
import { PictureView, sharpen, zoomedByKey } from "./picture-view.js";
import { ListeningElement } from "./shell.js";
import { Pointers } from "./work-pointers.js";

const SWIPE = 56; // pixels that are meant
const CLOSE = 96; // pixels downwards
const WIDE = matchMedia("(min-width: 48rem)");

// Fitted, the picture lies where the style sheet puts it.
class Fitted extends PictureView {
  get margins() {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    return WIDE.matches ? { across: 4.25 * rem, down: 0.25 * rem } : { across: 0, down: 0 };
  }
}

class PictureStage extends ListeningElement {
  connected() {
    this.box = this.querySelector(".view__picture");
    this.picture = this.box.querySelector(":scope > img, :scope > .stack");
    if (!this.picture) return;
    const { width, height } = this.picture.viewBox?.baseVal ?? {
      width: Number(this.picture.getAttribute("width")),
      height: Number(this.picture.getAttribute("height")),
    };
    this.stage = new Fitted(this.box, { width, height });
    this.stage.resize();
    this.stage.onview = () => this.#placed();
    new ResizeObserver(() => this.stage.resize()).observe(this.box);
    new Pointers(this.picture, this, this.box);
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this.picture, "dblclick", (event) => this.#turnAt(event));
    this.hear(document, "keydown", (event) => this.#onKey(event), { capture: true });
    this.hear(this.box, "touchstart", (event) => this.#touched(event), { passive: true });
    this.hear(this.box, "touchend", (event) => this.#swiped(event), { passive: true });
    if (document.readyState === "complete") this.#ready();
    else this.hear(window, "load", () => this.#ready());
  }

  // ---- What the pointers do (work-pointers.js)

  canPaint = false;

  get pans() {
    return !this.stage.isFitted;
  }

  get wheelZooms() {
    return WIDE.matches || !this.stage.isFitted;
  }

  // On a narrow window the wheel moves the page until the picture is zoomed.
  get leavesWheel() {
    return !this.wheelZooms;
  }

  point() {}

  // ---- Zoom

  get #zoom() {
    return this.querySelector("[data-zoom]");
  }

  #clicked(event) {
    if (!event.target.closest("[data-zoom]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.stage.turn();
  }

  #turnAt({ clientX, clientY }) {
    const { left, top } = this.box.getBoundingClientRect();
    if (this.stage.isFitted) this.stage.zoom(1, clientX - left, clientY - top);
    else this.stage.fit();
  }

  #placed() {
    const { stage, picture, box } = this;
    const isZoomed = !stage.isFitted;
    if (isZoomed && !box.classList.contains("is-zoomed")) box.style.blockSize = `${box.clientHeight}px`;
    box.classList.toggle("is-zoomed", isZoomed);
    if (isZoomed) {
      stage.lay(picture);
      if (picture.localName === "img") sharpen(picture, stage);
    } else {
      for (const name of ["inline-size", "block-size", "translate"]) picture.style.removeProperty(name);
      box.style.removeProperty("block-size");
    }
    const zoom = this.#zoom;
    if (zoom) zoom.querySelector("[data-word]").textContent = stage.word;
    this.dispatchEvent(new Event("picture-placed"));
  }

  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.target.closest?.('[role="tablist"]')) return;
    if (event.key === "Escape" && !this.stage.isFitted) {
      event.preventDefault();
      this.stage.fit();
    } else {
      zoomedByKey(event, this.stage);
    }
  }

  // ---- Fingers

  #touched({ touches }) {
    const isOne = touches.length === 1 && (visualViewport?.scale ?? 1) < 1.05 && this.stage.isFitted;
    this.from = isOne ? { x: touches[0].clientX, y: touches[0].clientY, isTop: scrollY < 1 } : null;
  }

  #swiped({ changedTouches: [finger] }) {
    if (!this.from || !this.stage.isFitted) return;
    const [x, y] = [finger.clientX - this.from.x, finger.clientY - this.from.y];
    if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) {
      this.querySelector(x < 0 ? "[rel=next]" : "[rel=prev]")?.click();
    } else if (this.from.isTop && y > CLOSE && y > 2 * Math.abs(x)) {
      this.querySelector("[data-way-back]")?.click();
    }
  }

  // ---- Once the picture itself is there

  #ready() {
    const said = document.querySelector("[data-announce]");
    if (said?.dataset.announce) said.textContent = `Picture ${said.dataset.announce}`;
    const { saveData, effectiveType = "4g" } = navigator.connection ?? {};
    if (saveData || effectiveType.includes("2g")) return;
    for (const link of this.querySelectorAll("[data-srcset]")) {
      const ahead = new Image();
      Object.assign(ahead, { fetchPriority: "low", sizes: this.picture.sizes ?? "75vw", srcset: link.dataset.srcset });
    }
  }
}

customElements.define("picture-stage", PictureStage);
