// The pages of a proof link: keys, turning by a swipe, marking a spot. Without it every answer is a form of its own.
const AGAIN = [1, 2, 3, 5, 8, 13, 20]; // seconds between tries at a picture that is not ready
const SWIPE = 60; // pixels
const DRAFT = "studio:said:"; // and where it is sent: what is typed, for the tab

// Nothing is kept that was not answered, and the page says so until the next answer.
const toasts = document.getElementById("toasts");
const sayUnsaved = (why) => toasts.replaceChildren(document.getElementById(why).content.cloneNode(true));
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => sayUnsaved("unsaved"));
// What a gateway or a captive portal answers in place of Studio, whose answers are marked, takes no button's place.
const isForeign = (xhr) => xhr.status !== 0 && xhr.getResponseHeader("Studio") === null;
for (const name of ["htmx:beforeOnLoad", "htmx:beforeSwap"])
  document.addEventListener(name, (event) => isForeign(event.detail.xhr) && event.preventDefault());
document.addEventListener("htmx:afterRequest", ({ detail }) => isForeign(detail.xhr) && sayUnsaved("unanswered"));
document.addEventListener("htmx:beforeRequest", () => toasts.replaceChildren());
document.addEventListener("submit", (event) => {
  if (navigator.onLine || event.target.matches("[hx-post]")) return;
  event.preventDefault(); // the browser's own page would take its place, and what is typed with it
  sayUnsaved("unsaved");
});
addEventListener("online", () => {
  toasts.replaceChildren();
  for (const image of document.querySelectorAll("img[data-again]")) {
    image.dataset.tried = 0;
    if (image.complete && !image.naturalWidth) retry(image);
  }
});

// What was typed for a picture or a link that is gone now is shown in its place, to be copied.
const place = document.querySelector("[data-kept]");
const words = (text) => text.replace(/\s+/g, " ").trim();
const shown = words(document.querySelector("blockquote.round__words")?.textContent ?? "");
for (const [key, kept] of place ? Object.entries(sessionStorage) : []) {
  const text = key.startsWith(DRAFT + place.dataset.kept) ? JSON.parse(kept).text : "";
  if (!text.trim() || words(text) === shown) continue;
  const quote = document.createElement("blockquote");
  quote.className = "round__words";
  quote.dir = "auto";
  quote.textContent = text;
  place.append(quote);
  place.hidden = false;
}

// The link may have ended while its page was open: the page that says so comes in its place.
const lookWhy = (image) => fetch(image.currentSrc || image.src, { method: "HEAD" }).then(
  ({ status }) => status === 410 && location.reload(),
  () => {}, // no connection: the picture is asked for again
);

// A watermark that is being drawn: the picture is asked for again.
function retry(image) {
  if (!image.dataset.tried) lookWhy(image);
  const tried = Number(image.dataset.tried ?? 0);
  image.classList.toggle("is-coming", tried < AGAIN.length);
  if (tried >= AGAIN.length) return;
  image.dataset.tried = tried + 1;
  setTimeout(() => {
    const { srcset } = image;
    image.srcset = "";
    image.srcset = srcset;
  }, AGAIN[tried] * 1000);
}
document.addEventListener("error", ({ target }) => target.matches?.("img[data-again]") && retry(target), true);
document.addEventListener("load", ({ target }) => target.classList?.remove("is-coming"), true);
for (const image of document.querySelectorAll("img[data-again]"))
  if (image.complete && !image.naturalWidth) retry(image);

const isTyping = (target) => target.matches?.("input:not([type=hidden]), textarea, select");
const follow = (rel) => document.querySelector(`[rel=${rel}]`)?.click();

document.addEventListener("keydown", (event) => {
  const isSending = (event.ctrlKey || event.metaKey) && event.key === "Enter";
  if (isSending) return event.target.closest(".compose")?.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return undefined;
  if (event.key === "Escape") return document.querySelector("[data-back]")?.click();
  if (event.key === "ArrowLeft") return follow("prev");
  if (event.key === "ArrowRight") return follow("next");
  // On the list, of the picture that has the focus.
  const place = document.querySelector("proof-stage") ? document : event.target.closest?.(".round__item");
  // Whichever script is typed, and with Caps Lock as on the pages of the team (shell.js).
  const key = (/^[a-z]$/i.test(event.key) ? event.key : `${event.code}`.replace("Key", "")).toLowerCase();
  const answer = /^[yu]$/.test(key) ? place?.querySelector(`[data-answer=${key}]`) : null;
  answer?.click();
  return undefined;
});

// The button that was pressed is another element afterwards: it keeps the focus (htmx finds it by its id).
class ProofStage extends HTMLElement {
  connectedCallback() {
    this.form = document.getElementById("compose");
    this.image = this.querySelector("[data-spot]");
    this.pin = this.querySelector("[data-new]");
    this.addEventListener("touchstart", this.#onTouch, { passive: true });
    this.addEventListener("touchend", this.#onRelease, { passive: true });
    window.addEventListener("hashchange", this.#light);
    this.#light();
    if (!this.image || !this.form) return;
    this.image.addEventListener("click", this.#onClick);
    this.form.querySelector("[data-unmark]").addEventListener("click", () => this.#mark(null));
    this.form.addEventListener("keydown", (event) => event.key === "Escape" && this.#mark(null));
    this.form.addEventListener("input", () => this.#keep());
    this.pin.addEventListener("pointerdown", this.#onGrab);
    this.pin.addEventListener("pointermove", this.#onDrag);
    for (const name of ["pointerup", "pointercancel"]) this.pin.addEventListener(name, () => (this.grabbed = null));
    this.#takeKept();
    if (this.spot) this.#mark(this.spot);
  }

  disconnectedCallback() {
    window.removeEventListener("hashchange", this.#light);
  }

  #onClick = (event) => {
    if (this.swiped) return;
    const { left, top, width, height } = this.image.getBoundingClientRect();
    const share = (at, size) => Math.min(100, Math.max(0, (100 * at) / size));
    this.#mark([share(event.clientX - left, width), share(event.clientY - top, height)]);
    this.form.elements.text.focus();
  };

  // The spot that the form has, in per cent.
  get spot() {
    const { x, y } = this.form.elements;
    return x.value && y.value ? [Number(x.value), Number(y.value)] : null;
  }

  // ---- What is typed stays when the picture is turned, until it is sent

  get #draft() {
    return DRAFT + this.form.getAttribute("action");
  }

  #keep() {
    const { name, text, x, y } = this.form.elements;
    const kept = { name: name?.value, text: text.value, x: x.value, y: y.value };
    sessionStorage.setItem(this.#draft, JSON.stringify(kept));
  }

  #takeKept() {
    const { name, text, x, y } = this.form.elements;
    if (location.hash.startsWith("#c-")) sessionStorage.removeItem(this.#draft); // the page shows what was sent
    const kept = JSON.parse(sessionStorage.getItem(this.#draft) ?? "null");
    if (!kept || text.value || x.value) return;
    [text.value, x.value, y.value] = [kept.text, kept.x, kept.y];
    if (name) name.value ||= kept.name ?? "";
  }

  // ---- Moving the pin that is being set

  #onGrab = (event) => {
    const { width, height } = this.image.getBoundingClientRect();
    this.grabbed = { at: [event.clientX, event.clientY], spot: this.spot, size: [width, height] };
    this.pin.setPointerCapture(event.pointerId);
    event.preventDefault();
  };

  #onDrag = ({ clientX, clientY }) => {
    if (!this.grabbed) return;
    const { at, spot, size } = this.grabbed;
    const moved = [clientX - at[0], clientY - at[1]];
    this.#mark(spot.map((value, n) => Math.min(100, Math.max(0, value + (100 * moved[n]) / size[n]))));
  };

  #mark(spot) {
    const { x, y } = this.form.elements;
    [x.value, y.value] = spot ? spot.map((value) => value.toFixed(2)) : ["", ""];
    this.pin.classList.toggle("is-set", Boolean(spot));
    if (spot) this.pin.setAttribute("x", `${x.value}%`);
    if (spot) this.pin.setAttribute("y", `${y.value}%`);
    this.form.querySelector("[data-marked]").hidden = !spot;
    this.#keep();
  }

  // The pin and its comment light up together.
  #light = () => {
    for (const pin of this.querySelectorAll("a.pin"))
      pin.classList.toggle("is-on", pin.getAttribute("href") === window.location.hash);
  };

  #onTouch = ({ touches, target }) => {
    this.swiped = false;
    this.from = touches.length === 1 && !this.pin?.contains(target) ? [touches[0].clientX, touches[0].clientY] : null;
  };

  #onRelease = ({ changedTouches }) => {
    if (!this.from) return;
    const [across, down] = [changedTouches[0].clientX - this.from[0], changedTouches[0].clientY - this.from[1]];
    if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(down)) return;
    this.swiped = true;
    follow(across < 0 ? "next" : "prev");
  };
}

customElements.define("proof-stage", ProofStage);
