// A picture's own page: the picture, the panel beside it, and the way back to the list.
import { PictureView, sharpen, turnAt, zoomedByKey } from "./view.js";
import { lastList, ListeningElement, see } from "../shell.js";
import "../shortcut-keys.js";
import { Pointers } from "../edits/work-view.js";

// ---- The panel

// <panel-tabs>: the sections of the panel become tabs, and the panel folds away; a cookie keeps that, so that the next
// picture comes as this one was left.
const KEPT = 365 * 24 * 3600; // seconds
const MOVES = { ArrowLeft: -1, ArrowRight: 1 };

const HOME = new URL("../../..", import.meta.url).pathname; // of the studio, which may share its site

const keep = (name, value) => {
  document.cookie = `${name}=${value || ""}; max-age=${value ? KEPT : 0}; path=${HOME}; samesite=lax`;
};

class PanelTabs extends ListeningElement {
  connected() {
    this.tabs = [...this.querySelectorAll("[role=tab]")];
    this.view = this.closest(".view");
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this, "keydown", (event) => this.#onKey(event));
    this.hear(this.view, "click", (event) => event.target.closest("[data-fold]") && this.#fold());
    this.hear(this.view, "key-reveal", ({ target }) => this.#reveal(target));
    this.strip = this.view.querySelector("#filmstrip");
    if (this.strip) {
      this.hear(this.view, "click", (event) => event.target.closest("[data-strip]") && this.#turnStrip());
      if (!this.strip.hidden) this.#fill();
    }
    const asked = this.tabs.find((tab) => tab.hash === location.hash);
    if (asked) this.#show(asked);
    this.#worded();
  }

  #clicked(event) {
    const tab = event.target.closest("[role=tab]");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#show(tab);
  }

  #onKey(event) {
    const place = this.tabs.indexOf(event.target);
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const count = this.tabs.length;
    const to = { Home: 0, End: count - 1, " ": place } [event.key] ?? (place + MOVES[event.key] + count) % count;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    event.stopPropagation();
    this.#show(this.tabs[to]);
    this.tabs[to].focus();
  }

  #show(chosen) {
    for (const tab of this.tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).classList.toggle("is-shown", tab === chosen);
    }
    if (this.view.classList.contains("is-folded")) this.#fold();
  }

  // A key is meant for something of a section that is not shown.
  #reveal(control) {
    const has = (tab) => document.getElementById(tab.getAttribute("aria-controls")).contains(control);
    const tab = this.tabs.find(has);
    if (tab) this.#show(tab);
  }

  #fold() {
    const from = document.activeElement?.closest("[data-fold], .panel");
    const isTab = document.activeElement?.matches("[role=tab]");
    const isFolded = this.view.classList.toggle("is-folded");
    keep("panel", isFolded && "folded");
    this.#worded();
    const control = this.view.querySelector(isFolded ? ".view__unfold" : ".panel__tabs [data-fold]");
    // On a phone the tabs stay, and nothing else unfolds the panel.
    const to = control.checkVisibility() ? control : this.tabs.find((tab) => tab.ariaSelected === "true");
    if (from && !(isTab && !isFolded)) to?.focus();
  }

  // ---- What lies beside the picture

  #turnStrip() {
    this.strip.hidden = !this.strip.hidden;
    keep("filmstrip", !this.strip.hidden && "shown");
    this.view.querySelector("[data-strip]").ariaExpanded = String(!this.strip.hidden);
    if (!this.strip.hidden) this.#fill();
  }

  async #fill() {
    const { fill } = await import("./filmstrip.js");
    await fill(this.strip);
  }

  #worded() {
    const isOpen = String(!this.view.classList.contains("is-folded"));
    for (const button of this.view.querySelectorAll("[data-fold]")) button.ariaExpanded = isOpen;
  }
}

customElements.define("panel-tabs", PanelTabs);

// ---- The picture

// <picture-stage>: the picture, fitted or zoomed. Wheel and pinch zoom, a drag and the arrows move what is zoomed, the
// bar's [data-zoom] link (to the original) turns between the whole picture and 100 %. On a touch screen a swipe turns
// to the next picture, and one downwards closes it. The neighbours' pictures are fetched ahead.
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
    this.picture = this.box.querySelector(":scope > :is(img:not(.preview), .stack)");
    if (!this.picture) return;
    const { width, height } = this.picture.viewBox?.baseVal ?? {
      width: Number(this.picture.getAttribute("width")),
      height: Number(this.picture.getAttribute("height")),
    };
    this.stage = new Fitted(this.box, { width, height });
    this.stage.resize();
    this.stage.onview = () => this.#placed();
    new ResizeObserver(() => this.stage.resize()).observe(this.box);
    new Pointers(this.picture, this, this.box, new Map(), this.box);
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this.picture, "dblclick", (event) => turnAt(this.stage, this.box, event));
    this.hear(document, "keydown", (event) => this.#onKey(event), { capture: true });
    this.hear(this.box, "touchstart", (event) => this.#touched(event), { passive: true });
    this.hear(this.box, "touchend", (event) => this.#swiped(event), { passive: true });
    if (document.readyState === "complete") this.#ready();
    else this.hear(window, "load", () => this.#ready());
  }

  // ---- What the pointers do (work-view.js)

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

  #placed() {
    const { stage, picture, box } = this;
    const preview = box.querySelector(".preview"); // large-picture.js
    const isZoomed = !stage.isFitted;
    if (isZoomed && !box.classList.contains("is-zoomed")) this.height = box.clientHeight;
    // On a narrow window nothing but the picture that fits gives it a height.
    box.style.blockSize = isZoomed && !WIDE.matches ? `min(${this.height}px, 70dvh)` : "";
    box.classList.toggle("is-zoomed", isZoomed);
    if (isZoomed) {
      stage.lay(picture);
      if (preview) stage.lay(preview);
      if (picture.localName === "img") sharpen(picture, stage);
    } else {
      for (const name of ["inline-size", "block-size", "translate"]) {
        picture.style.removeProperty(name);
        preview?.style.removeProperty(name);
      }
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
    const near = [...this.querySelectorAll("[data-srcset]")].map(({ dataset }) => dataset);
    const fetchAhead = (srcset, sizes) => Object.assign(new Image(), { fetchPriority: "low", sizes, srcset });
    for (const { srcset, widths } of near) fetchAhead(srcset, widths); // on a slow line these are seen first
    for (const { srcset } of near) fetchAhead(srcset, this.picture.sizes ?? "75vw");
  }
}

customElements.define("picture-stage", PictureStage);

// ---- The way back

// The way back from a picture ([data-way-back]): to the list it was opened from, which then finds its tile again.
const link = document.querySelector("[data-way-back]");
const list = lastList();

// The page that Back leads to. A browser that cannot say it knows at least the one that led here.
const before = () => {
  const { navigation } = window;
  const page = navigation ? navigation.entries()[navigation.currentEntry.index - 1]?.url : document.referrer;
  return page?.split("#")[0];
};

if (link) see(location.pathname);
if (link && list) {
  link.href = list.href;
  link.querySelector("[data-word]").textContent = list.word;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || before() !== link.href) return;
    event.preventDefault();
    history.back(); // the list stands as it was left
  });
}
addEventListener("pageshow", () => link && see(location.pathname));
