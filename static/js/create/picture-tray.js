// <picture-tray data-upload data-most-bytes>: the source and the references of the dock. They come in by the event
// "tray-add" { files, codes, refused, role, first }, by file inputs, from another page or by a link of this one; each
// shows as a waiting tile, which the server's replaces. A picture is in it once. Changes are told by "tray-change".
import { NO_ANSWER, hold, labelTile, make, placeOf, pointOut, refusal } from "./dock-parts.js";
import { release, say, shownName, waitingTile, withName } from "./dock-parts.js";
import { takeCarried, tooLarge } from "../drop.js";
import { ListeningElement, ownLink } from "../shell.js";

const AT_ONCE = 2; // uploads on their way: the server decodes no more at a time, the rest would only block its threads
const MOST = 9; // inputs of one request; a source takes one of these places
const BY_ITSELF = 3; // times a file is sent again when the connection is back; a proxy may refuse it every time
const LINKED = ["reference"]; // "Use as source" begins anew: <compose-dock> follows it

class PictureTray extends ListeningElement {
  #watching = new MutationObserver(() => this.#changed());
  #judge = null;
  #news = null;
  #line = [];
  #over = []; // without a place so far: one before them may be refused or be in the tray already
  #told = new Set(); // the tiles that were there before what is on its way
  #running = 0;
  #order = null; // tray-order.js
  #references = []; // when they were last looked at
  #source = ""; // the code of the source when it was last looked at

  connected(signal) {
    this.signal = signal;
    signal.addEventListener("abort", () => this.#watching.disconnect());
    this.form = this.closest("form");
    const lists = [...this.querySelectorAll("ol[data-role]")];
    this.lists = Object.fromEntries(lists.map((list) => [list.dataset.role, list]));
    for (const list of Object.values(this.lists)) this.#watching.observe(list, { childList: true });
    const on = (name, act) => this.hear(this, name, act);
    on("tray-add", (event) => this.#add(event.detail));
    on("change", (event) => this.#picked(event));
    on("click", (event) => event.target.closest("[data-remove]") && this.#remove(event.target.closest("li")));
    on("keydown", (event) => this.#keyed(event));
    on("htmx:beforeSwap", (event) => this.#judged(event));
    this.hear(document, "click", (event) => this.#followed(event));
    this.hear(document, "studio:online", () => this.#retry());
    const soon = { signal, once: true };
    for (const name of ["pointerover", "focusin"]) this.form.addEventListener(name, () => this.#ready(), soon);
    document.addEventListener("dragenter", () => this.#ready(), soon);
    this.#changed();
    // Files from a page without a dock.
    takeCarried(this.form.querySelector("form-draft").dataset.person)
      .then((detail) => detail && this.#add(detail))
      .catch(() => this.#refuse("", "The files from the last page are lost. Drop them here."));
  }

  // ---- What comes in

  #add({ files = [], codes = [], refused = [], role, first = false }) {
    if (!this.querySelector(".slot--busy")) {
      this.#notes.replaceChildren();
      this.#told = new Set(this.#places);
    }
    for (const tile of this.querySelectorAll(".is-again")) tile.classList.remove("is-again");
    for (const { name, words } of refused) this.#refuse(name && shownName(name), words);
    const wanted = [
      ...codes.map((code) => ({ code, name: "This picture" })),
      ...[...files].map((file) => ({ file: withName(file), name: shownName(file.name) })),
    ];
    const fit = [];
    for (const one of wanted) {
      const why = this.#known(one, role) || (one.file && tooLarge(one.file, Number(this.dataset.mostBytes)));
      if (why) this.#refuse(one.name, why);
      else fit.push({ ...one, role, first, tries: 0 });
    }
    if (fit.length) say(`Adding ${fit.map((one) => one.name).join(", ")}`);
    if (role === "source") {
      this.#place(fit.splice(0, 1));
      for (const { name } of fit) this.#refuse(name, this.#full(role));
    } else {
      this.#over.push(...fit);
      this.#admit();
    }
    this.#next();
  }

  // As many references as there are places; when nothing is on its way any more, the others have none.
  #admit() {
    this.#place(this.#over.splice(0, Math.max(0, this.#most - this.lists.reference.childElementCount)));
    if (this.lists.reference.querySelector(".slot--busy:not(.slot--held)")) return;
    for (const { name } of this.#over.splice(0)) this.#refuse(name, this.#full("reference"));
  }

  #place(taken) {
    if (!taken.length) return;
    const [{ role, first }] = taken;
    const tiles = taken.map((one) => (one.tile = waitingTile(one)));
    if (role === "source") this.lists.source.replaceChildren(...tiles);
    else this.lists.reference[first ? "prepend" : "append"](...tiles);
    this.#line.push(...taken);
  }

  // A reference that is chosen as the source moves there.
  #known({ code }, role) {
    const lists = role === "source" ? [this.lists.source] : [this.lists.source, this.lists.reference];
    const tiles = lists.flatMap((list) => [...list.children]);
    const tile = code && tiles.find((one) => one.dataset.picture === code);
    return tile ? this.#again(tile) : "";
  }

  // Shows which tile it is that somebody adds again, and returns the words for it.
  #again(tile) {
    pointOut(tile);
    if (tile.parentElement === this.lists.source) return "It's already the source.";
    return `Already added as @${[...this.lists.reference.children].indexOf(tile) + 1}.`;
  }

  #full(role) {
    const why = role === "source" ? "Only one source can be used" : `The tray holds ${this.#most} references`;
    return `${why}, so it was left out.`;
  }

  #next() {
    while (this.#running < AT_ONCE && this.#line.length) {
      const one = this.#line.shift();
      if (!one.tile.isConnected) continue;
      this.#running += 1;
      this.#send(one).finally(() => {
        this.#running -= 1;
        this.#admit();
        this.#next();
        if (!this.#running) this.#tell();
      });
    }
  }

  // All were judged.
  #tell() {
    if (this.#news) say(this.#news(this.lists, this.#told, this.#notes));
    this.#told = new Set(this.#places);
  }

  async #send(one) {
    const upload = await this.#ready();
    const { why, unsent } = upload ? await upload(one, this.dataset.upload) : { unsent: NO_ANSWER };
    const { tile, name } = one;
    if (!tile.isConnected) return;
    if (why) this.#refuse(name, why);
    if (unsent && !why) this.#keep(one, unsent);
    else tile.remove();
  }

  // What sends a file, and what puts tiles in order, fetched once; null without a connection.
  async #ready() {
    try {
      const [sending, order] = await Promise.all([import("./tray-upload.js"), import("./tray-order.js")]);
      this.#judge = sending.judge;
      this.#news = sending.news;
      if (!this.#order) order.orderByDragging(this, this.lists.reference, this.signal);
      this.#order = order;
      return sending.upload;
    } catch {
      return null;
    }
  }

  // It did not reach Studio, so nothing is known against it: it stays, and a press sends it again.
  #keep(one, sentence) {
    const note = this.#refuse(one.name, sentence);
    const again = make("button", "btn btn--s", "Try again");
    again.type = "button";
    const send = () => {
      note.remove();
      release(one);
      this.#line.push(one);
      this.#changed();
      this.#next();
    };
    again.addEventListener("click", send);
    note.append(" ", again);
    hold(one, note, send);
    this.#changed();
  }

  // The connection is back: what found no answer goes by itself, nothing is paid for it.
  #retry() {
    for (const tile of this.querySelectorAll(".slot--held")) tile.heldRetry?.(BY_ITSELF);
  }

  #judged(event) {
    const words = this.#judge?.(event);
    if (words) this.#refuse(event.target.closest(".slot--busy").title, words);
  }

  #picked(event) {
    const input = event.target.closest("input[type=file]");
    if (!input?.files.length) return;
    const files = [...input.files];
    input.value = ""; // it is on its way by itself and must not be sent with the form again
    this.#add({ files, role: input.closest("[data-pick]").dataset.pick });
  }

  // "Add as reference" on this page is a link to it; here it needs no new page.
  #followed(event) {
    const [asked, more] = [...(ownLink(event)?.searchParams ?? [])];
    if (!asked || more || !LINKED.includes(asked[0])) return;
    event.preventDefault();
    this.#add({ codes: [asked[1]], role: asked[0] });
  }

  #keyed(event) {
    const tile = event.target.closest("li.slot");
    if (tile === event.target && ["Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      this.#remove(tile);
    } else if (tile) {
      if (event.altKey && event.key.startsWith("Arrow")) event.preventDefault();
      const place = this.#order?.moveByKey(event, tile, this.lists.reference);
      if (place) say(`Moved, now @${place}`);
    }
  }

  #remove(tile) {
    const label = this.querySelector(`[data-pick="${tile.parentElement.dataset.role}"] input`);
    const next = tile.nextElementSibling ?? tile.previousElementSibling;
    if (tile.matches(".slot--busy")) window.htmx.trigger(tile, "htmx:abort");
    tile.heldNote?.remove();
    for (const note of this.#notes.querySelectorAll("[data-for]")) {
      if (note.dataset.for === tile.dataset.picture) note.remove();
    }
    tile.remove();
    this.#changed();
    this.#admit();
    this.#next();
    (next ?? label).focus();
  }

  // ---- What it says

  #changed() {
    this.#once();
    const source = this.lists.source.firstElementChild;
    const references = [...this.lists.reference.children];
    references.forEach((tile, i) => labelTile(tile, `@${i + 1}`, `Reference ${i + 1}`, `reference @${i + 1}`));
    if (source) labelTile(source, "Source", "Source", "source");
    const before = this.#references;
    this.#references = references;
    // Mentions follow.
    if (before.length) this.#ready().then(() => this.#order?.renumber(this, before, references));
    this.querySelector('[data-pick="source"]').hidden = Boolean(source);
    this.querySelector("[data-word]").hidden = Boolean(source) || references.length > 0;
    this.dispatchEvent(new CustomEvent("tray-change", { bubbles: true }));
  }

  // Two files may turn out to be one picture only when they are here. Of a source and a reference the source stays.
  #once() {
    const source = this.lists.source.firstElementChild;
    const code = source?.dataset.picture ?? "";
    const seen = new Map();
    if (code) seen.set(code, source);
    for (const tile of [...this.lists.reference.children]) {
      const { picture, title } = tile.dataset;
      const first = seen.get(picture);
      if (first) tile.remove();
      const isMoved = first && first === source && code !== this.#source;
      if (isMoved) say(`${title}: moved from the references to the source`);
      else if (first) this.#refuse(title, this.#again(first));
      else if (picture) seen.set(picture, tile);
    }
    this.#source = code;
  }

  #refuse(name, sentence) {
    const note = refusal(name, sentence);
    this.#notes.append(note);
    say(note.textContent);
    return note;
  }

  get #places() {
    return Object.values(this.lists).flatMap((list) => [...list.children].map(placeOf));
  }

  get #most() {
    return MOST - this.lists.source.querySelectorAll(":scope > :not(.slot--waits)").length;
  }

  get #notes() {
    return this.form.querySelector("#tray-notes");
  }
}

customElements.define("picture-tray", PictureTray);
