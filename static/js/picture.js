// A picture's own page: its keys, the stage, and the way back to the list.
import { lastList, pressed, see } from "./shell.js";

// <shortcut-keys>: a key pressed anywhere on the page clicks the control inside that names it in aria-keyshortcuts.
// Never while somebody types or a menu is open.
class ShortcutKeys extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    this.#listening = new AbortController();
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal: this.#listening.signal });
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const control = [...this.querySelectorAll("[aria-keyshortcuts]")].find((one) => pressed(event, one));
    if (!control) return;
    event.preventDefault();
    control.click();
  }
}

customElements.define("shortcut-keys", ShortcutKeys);

// <picture-stage>: the bar's [data-zoom] link (to the original) becomes a switch between the whole picture and 100 %,
// where the original is shown pixel by pixel and its middle is in view. On a touch screen a swipe turns to the next
// picture.
const SWIPE = 56; // pixels sideways that are meant

class PictureStage extends HTMLElement {
  connectedCallback() {
    this.#zoom?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#turn();
    });
    const stage = this.querySelector(".view__picture");
    stage.addEventListener("touchstart", (event) => this.#touched(event), { passive: true });
    stage.addEventListener("touchend", (event) => this.#swiped(event), { passive: true });
  }

  #touched({ touches }) {
    const isOne = touches.length === 1 && (visualViewport?.scale ?? 1) < 1.05;
    this.from = isOne ? { x: touches[0].clientX, y: touches[0].clientY } : null;
  }

  #swiped({ changedTouches: [finger], target }) {
    if (!this.from || target.closest(".is-whole")) return;
    const [x, y] = [finger.clientX - this.from.x, finger.clientY - this.from.y];
    if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
    this.querySelector(x < 0 ? "[rel=next]" : "[rel=prev]")?.click();
  }

  get #zoom() {
    return this.querySelector("[data-zoom]");
  }

  #turn() {
    const stage = this.querySelector(".view__picture");
    const image = stage.querySelector(":scope > img");
    const whole = stage.classList.toggle("is-whole");
    if (whole) {
      this.fitted ??= { src: image.src, srcset: image.srcset };
      image.removeAttribute("srcset");
      image.src = this.#zoom.href;
    } else {
      image.src = this.fitted.src;
      image.srcset = this.fitted.srcset;
    }
    this.#zoom.querySelector("[data-word]").textContent = whole ? "100 %" : "Fit";
    stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2);
  }
}

customElements.define("picture-stage", PictureStage);

// The way back from a picture ([data-way-back]): to the list it was opened from, which then finds its tile again.
const link = document.querySelector("[data-way-back]");
const list = lastList();

if (link) see(location.pathname);
if (link && list) {
  link.href = list.href;
  link.querySelector("[data-word]").textContent = list.word;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || document.referrer !== link.href) return;
    event.preventDefault();
    history.back(); // the list stands as it was left
  });
}
addEventListener("pageshow", () => link && see(location.pathname));
