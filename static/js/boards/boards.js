// One board: its grid, in which pictures are chosen and moved by hand, and the sheet of its settings.
import "./order.js";
import "../tiles.js";
import { GridWindow } from "../gallery/grid-window.js";
import { begin } from "../gallery/select.js";
import { isForeign, noticeOf } from "../shell.js";

const AGAIN = 5000; // milliseconds until a move that found no answer is told again
const REFUSED = `studio:refused:${location.pathname}`; // why a move was not made, for the page that is asked for anew

const grid = document.getElementById("grid");
const words = (number) => number.toLocaleString("en");
const codeOf = (key) => key.replace(/^picture-/, "");

// A picture is moved by its handle, or by Alt and the arrow keys while it has the focus. The page shows it at once and
// tells the server one move after the other, again where no answer comes; where one is refused, the page is asked for
// anew and says why.
class Moves {
  #asked = Promise.resolve();
  #waiting = 0; // moves that the server has not answered yet
  #told = 0; // moves that were made here
  #isLost = false; // one of them found no answer
  #drag = null;
  #says = document.getElementById("board-says");

  constructor(view) {
    this.view = view;
    grid.addEventListener("keydown", (event) => this.#onKey(event), true);
    grid.addEventListener("pointerdown", (event) => this.#onDown(event));
    grid.addEventListener("pointermove", (event) => this.#onMove(event));
    grid.addEventListener("pointerup", (event) => this.#onUp(event));
    grid.addEventListener("pointercancel", (event) => this.#isHeldBy(event) && this.#letGo());
    addEventListener("beforeunload", (event) => this.#isLost && event.preventDefault());
    document.addEventListener("keydown", (event) => this.#drag && event.key === "Escape" && this.#letGo());
  }

  // What others moved waits until all is told and let go; then the document hears "moves-rest".
  get isUnderWay() {
    return this.#waiting > 0 || this.#drag !== null;
  }

  // What an answer that is asked for now will know of what was moved here; null while a move is under way. One that
  // comes when this has changed is of before.
  get known() {
    return this.isUnderWay ? null : this.#told;
  }

  #rest() {
    if (!this.isUnderWay) document.dispatchEvent(new Event("moves-rest"));
  }

  static dress(tile) {
    if (tile.querySelector(":scope > .tile__grip")) return;
    tile.append(document.getElementById("tile-grip").content.cloneNode(true));
  }

  // ---- Keys

  #onKey(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 } [event.key];
    const tile = event.target.closest(".tile");
    if (!way || !tile || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // it would turn the browser's pages
    event.stopPropagation();
    this.#step(tile.id, way);
  }

  #step(key, way) {
    const { keys } = this.view;
    const at = keys.indexOf(key);
    const to = at + way;
    if (way > 0 && !keys[at + 2] && document.getElementById("more")) this.#whenMore(() => this.#step(key, way));
    else if (keys[to]) this.#put(key, way < 0 ? to : to + 1);
    else if (way < 0 && !grid.dataset.first) this.#above(key);
    else this.#say(way < 0 ? "This is the first picture." : "This is the last picture.");
  }

  // The end of what is loaded is not the end of the board: the next page comes first.
  #whenMore(act) {
    grid.addEventListener("grid-grown", act, { once: true });
    const more = document.getElementById("more");
    if (more.dataset.asked) return;
    more.dataset.asked = "yes";
    more.querySelector("a").click();
  }

  // Nor is the beginning of a page that begins deep in it: the picture leaves the page.
  #above(key) {
    const values = { picture: codeOf(key), to: "earlier" };
    this.#tellNext(values);
    this.#asked = this.#asked.then(() => location.reload());
  }

  // ---- The handle

  #onDown(event) {
    const grip = event.target.closest(".tile__grip");
    if (!grip || event.button || this.#drag) return; // or another finger has one
    event.preventDefault();
    const tile = grip.closest(".tile");
    const image = tile.querySelector(".tile__link img");
    const { width, height } = tile.getBoundingClientRect();
    const lifted = document.createElement("div");
    lifted.className = "lifted";
    lifted.ariaHidden = "true";
    lifted.style.inlineSize = `${width * 0.82}px`;
    lifted.style.blockSize = `${height * 0.82}px`;
    if (image) lifted.append(Object.assign(document.createElement("img"), { src: image.currentSrc, alt: "" }));
    document.body.append(lifted);
    document.documentElement.classList.add("is-moving");
    tile.classList.add("is-lifted");
    grid.setPointerCapture(event.pointerId);
    this.#drag = { key: tile.id, lifted, to: null, pointer: event.pointerId };
    this.#follow(event);
  }

  #isHeldBy(event) {
    return this.#drag?.pointer === event.pointerId;
  }

  #onMove(event) {
    if (this.#isHeldBy(event)) this.#follow(event);
  }

  #follow({ clientX, clientY }) {
    const { lifted, key } = this.#drag;
    lifted.style.translate = `${clientX + 8}px ${clientY + 8}px`;
    if (clientY > innerHeight - 56) scrollBy(0, 14);
    if (clientY < this.view.covered + 56) scrollBy(0, -14);
    const tile = document.elementFromPoint(clientX, clientY)?.closest("#grid > .tile");
    if (!tile) return;
    const box = tile.getBoundingClientRect();
    const isBehind = clientX > box.left + box.width / 2;
    const to = this.view.keys.indexOf(tile.id) + (isBehind ? 1 : 0);
    if (to === this.#drag.to) return;
    this.#drag.to = to;
    this.#mark(tile, isBehind);
    const at = this.view.keys.indexOf(key);
    const next = this.view.keys[to] ? `before ${this.#name(to)}` : "at the end";
    this.#say(`Moving ${this.#name(at)}. Drops ${next}.`);
  }

  #mark(tile, isBehind) {
    for (const one of grid.querySelectorAll(".tile--goes-before")) {
      one.classList.remove("tile--goes-before", "tile--goes-behind");
    }
    tile?.classList.add("tile--goes-before");
    tile?.classList.toggle("tile--goes-behind", isBehind);
  }

  #onUp(event) {
    if (!this.#isHeldBy(event)) return;
    const { key, to } = this.#drag ?? {};
    this.#letGo();
    if (key && to !== null) this.#put(key, to);
  }

  #letGo() {
    if (!this.#drag) return;
    this.#mark(null, false);
    this.#drag.lifted.remove();
    document.documentElement.classList.remove("is-moving");
    document.getElementById(this.#drag.key)?.classList.remove("is-lifted");
    this.#drag = null;
    queueMicrotask(() => this.#rest()); // it may be dropped somewhere, which is told first
  }

  // ---- Moving

  // Puts a picture before the one that is at `to` now.
  #put(key, to) {
    const { items, keys } = this.view;
    const at = keys.indexOf(key);
    if (at < 0 || to === at || to === at + 1) return;
    const before = keys[to] ?? null;
    if (!before && document.getElementById("more")) return;
    const [item] = items.splice(items.findIndex((one) => one.key === key), 1);
    const place = before ? items.findIndex((one) => one.key === before) : items.length;
    items.splice(place, 0, item);
    item.node?.remove();
    this.view.refresh();
    this.view.reveal(key)?.querySelector(".tile__link").focus({ preventScroll: true });
    this.#say(`Moved. It is ${this.#name(this.view.keys.indexOf(key))} now.`);
    const values = { picture: codeOf(key), before: before ? codeOf(before) : "" };
    this.#tellNext(values);
  }

  #tellNext(values) {
    this.#waiting += 1;
    this.#told += 1;
    this.#asked = this.#asked.then(() => this.#tell(values)).then(() => {
      this.#waiting -= 1;
      this.#rest();
    });
  }

  async #tell(values, isAgain = false) {
    let answer = null;
    const heard = ({ detail }) => {
      if (detail.requestConfig.elt === grid) answer = detail;
    };
    grid.addEventListener("htmx:afterRequest", heard);
    await htmx.ajax("POST", grid.dataset.move, { source: grid, target: grid, swap: "none", values }).catch(() => null);
    grid.removeEventListener("htmx:afterRequest", heard);
    const { successful, xhr } = answer ?? {};
    // A step that was told twice would be two.
    this.#isLost = !successful && !values.to && (!xhr?.status || isForeign(xhr) || xhr.status === 503);
    if (this.#isLost) await this.#tellAgain(values);
    else if (!successful) this.#refused(xhr?.responseText ?? "");
    else if (isAgain) this.#say("Saved.");
  }

  // Told twice it is the same move.
  async #tellAgain(values) {
    this.#say("Not saved yet. It is sent again when Studio answers.");
    await new Promise((rested) => setTimeout(rested, AGAIN));
    await this.#tell(values, true);
  }

  #refused(html) {
    if (noticeOf(html)) sessionStorage.setItem(REFUSED, html);
    location.reload();
  }

  // How a sentence calls the picture at a place; without its number where the page does not begin with the first one.
  #name(at) {
    return grid.dataset.first ? `picture ${words(at + 1)} of ${words(Number(grid.dataset.total))}` : "a picture";
  }

  #say(sentence) {
    this.#says.textContent = sentence;
  }
}

const refused = sessionStorage.getItem(REFUSED);
if (refused) document.getElementById("toasts").insertAdjacentHTML("beforeend", refused);
sessionStorage.removeItem(REFUSED);

if (grid) {
  const selecting = begin();
  const canMove = Boolean(grid.dataset.move);
  const view = new GridWindow(grid, (tile) => {
    selecting?.dress(tile);
    if (canMove) Moves.dress(tile);
  });
  if (canMove) grid.moves = new Moves(view);
}
