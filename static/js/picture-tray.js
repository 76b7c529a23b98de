// <picture-tray data-upload data-most-bytes>: the source and the references of the dock. Files and pictures come in by
// the event "tray-add" { files, codes, role, first }, by its own file inputs, or by a link of the page (?source=,
// ?reference=); each shows at once as a waiting tile, which the server's tile replaces. Every change is announced as
// "tray-change".
import { isForeign, ownLink } from "./shell.js";
import { hold, label, make, refusal, release, shownName, waitingTile } from "./tray-tile.js";

const AT_ONCE = 2; // uploads on their way: the server decodes no more at a time, the rest would only block its threads
const MOST = 9; // inputs of one request; a source takes one of these places
const LONGEST_BUSY = 10 * 60_000; // ms that a file waits while the server is busy with others
const MEGABYTE = 2 ** 20;
const NO_ANSWER = "No answer from Studio. Check your connection, then try again.";
const BUSY = "Studio was busy with other pictures for ten minutes. Try again.";
const FOREIGN = [
  "The answer didn't come from Studio.",
  "A sign-in page or proxy may be in between: check your connection, then try again.",
].join(" ");
const ENDED = "Your session has ended. Sign in again, then try again.";
const LINKED = ["reference"]; // "Use as source" begins anew: <compose-dock> follows it

class PictureTray extends HTMLElement {
  #listening = new AbortController();
  #watching = new MutationObserver(() => this.#changed());
  #line = [];
  #running = 0;
  #dragged = null;

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.form = this.closest("form");
    const lists = [...this.querySelectorAll("ol[data-role]")];
    this.lists = Object.fromEntries(lists.map((list) => [list.dataset.role, list]));
    for (const list of Object.values(this.lists)) this.#watching.observe(list, { childList: true });
    const on = (name, act) => this.addEventListener(name, act, { signal });
    on("tray-add", (event) => this.#add(event.detail));
    on("change", (event) => this.#picked(event));
    on("click", (event) => event.target.closest("[data-remove]") && this.#remove(event.target.closest("li")));
    on("keydown", (event) => this.#keyed(event));
    on("dragstart", (event) => this.#lift(event));
    on("dragover", (event) => this.#slide(event));
    on("drop", (event) => this.#dragged && event.preventDefault());
    on("dragend", () => this.#drop());
    on("htmx:beforeSwap", (event) => this.#judge(event));
    document.addEventListener("click", (event) => this.#followed(event), { signal });
    this.#changed();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#watching.disconnect();
  }

  // ---- What comes in

  #add({ files = [], codes = [], role, first = false }) {
    if (!this.querySelector(".slot--busy")) this.#notes.replaceChildren();
    const wanted = [
      ...codes.map((code) => ({ code, name: "This picture" })),
      ...[...files].map((file) => ({ file, name: shownName(file.name) })),
    ];
    const places = role === "source" ? 1 : this.#most - this.lists.reference.childElementCount;
    const taken = [];
    for (const one of wanted) {
      const why = this.#known(one, role) || this.#tooLarge(one) || (taken.length < places ? "" : this.#full(role));
      if (why) this.#refuse(one.name, why);
      else taken.push({ ...one, role, tile: waitingTile(one) });
    }
    if (!taken.length) return;
    const tiles = taken.map((one) => one.tile);
    if (role === "source") this.lists.source.replaceChildren(...tiles);
    else this.lists.reference[first ? "prepend" : "append"](...tiles);
    this.#say(`${taken.map((one) => one.name).join(", ")}: added as ${role}`);
    this.#line.push(...taken);
    this.#next();
  }

  #known({ code }, role) {
    const at = code ? [...this.lists[role].children].findIndex((tile) => tile.dataset.picture === code) : -1;
    if (at < 0) return "";
    return role === "source" ? "It's already the source." : `Already added as @${at + 1}.`;
  }

  #tooLarge({ file }) {
    const most = Number(this.dataset.mostBytes);
    if (!file || file.size <= most) return "";
    const size = Math.ceil(file.size / MEGABYTE);
    return `${size} MB is more than the limit of ${most / MEGABYTE}. Make the picture smaller, or save it as JPEG.`;
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
        this.#next();
      });
    }
  }

  async #send(one) {
    const { tile, role, file, code } = one;
    const { upload } = this.dataset;
    const request = { source: tile, target: tile, swap: "outerHTML" };
    const tag = (words) => tile.querySelector(".slot__tag").replaceChildren(words);
    const until = Date.now() + LONGEST_BUSY;
    const trying = new AbortController();
    let unsent = "";
    tile.addEventListener("htmx:xhr:loadend", () => tag("Checking…"), trying);
    const answered = ({ detail: { xhr } }) => {
      if (isForeign(xhr)) unsent = FOREIGN;
      else if (xhr.status === 401) unsent = ENDED;
    };
    tile.addEventListener("htmx:afterRequest", answered, trying);
    try {
      do {
        if (tile.dataset.retry) {
          tag("Waiting: Studio is busy");
          this.#say(`${one.name} waits: Studio is busy with other pictures`);
          await new Promise((after) => setTimeout(after, Number(tile.dataset.retry) * 1000 * (1 + Math.random())));
          if (!tile.isConnected) return; // it was removed meanwhile
          delete tile.dataset.retry;
          tag("Uploading…");
        }
        if (file) await window.htmx.ajax("POST", upload, { ...request, values: { files: file, as: role } });
        else await window.htmx.ajax("GET", `${upload}?${new URLSearchParams({ picture: code, as: role })}`, request);
      } while (tile.isConnected && tile.dataset.retry && Date.now() < until);
      if (tile.isConnected && tile.dataset.retry) unsent = BUSY;
    } catch {
      unsent = NO_ANSWER;
    } finally {
      trying.abort();
    }
    if (unsent && tile.isConnected) this.#keep(one, unsent);
    else tile.remove();
  }

  // It did not reach Studio, so nothing is known against it: it stays, and a press sends it again.
  #keep(one, sentence) {
    const note = this.#refuse(one.name, sentence);
    const again = make("button", "btn btn--s", "Try again");
    again.type = "button";
    again.addEventListener("click", () => {
      note.remove();
      release(one);
      this.#line.push(one);
      this.#changed();
      this.#next();
    });
    note.append(" ", again);
    hold(one, note);
    this.#changed();
  }

  // An answer that is neither tiles nor refusals (an error page, say) must not land in the tray.
  #judge(event) {
    const tile = event.target.closest(".slot--busy");
    const { xhr } = event.detail;
    const isRefusal = xhr.status === 422 && xhr.responseText.includes('"beforeend:#tray-notes"');
    if (!tile || xhr.status === 200 || xhr.status === 401 || isRefusal) return;
    if (xhr.status === 503 && xhr.getResponseHeader("Retry-After")) {
      event.detail.shouldSwap = false;
      tile.dataset.retry = Math.min(30, Number(xhr.getResponseHeader("Retry-After")) || 2);
      return;
    }
    if (!xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = false;
    const refused = `Studio could not take it (${xhr.status}). Try again.`;
    this.#refuse(tile.title, xhr.status === 404 ? "It is not there any more." : refused);
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

  // ---- Order

  #keyed(event) {
    const tile = event.target.closest("li.slot");
    const ways = { ArrowLeft: "before", ArrowRight: "after" };
    const way = ways[event.key];
    if (tile === event.target && ["Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      this.#remove(tile);
    } else if (tile?.parentElement === this.lists.reference && event.altKey && way) {
      event.preventDefault();
      const beside = way === "before" ? tile.previousElementSibling : tile.nextElementSibling;
      if (!beside) return;
      beside[way](tile);
      event.target.focus();
      this.#say(`Moved, now @${[...this.lists.reference.children].indexOf(tile) + 1}`);
    }
  }

  #lift(event) {
    this.#dragged = event.target.closest("li.slot");
    if (!this.#dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    this.#dragged.classList.add("is-dragged");
  }

  #slide(event) {
    const list = this.lists.reference;
    if (this.#dragged?.parentElement !== list) return;
    event.preventDefault();
    const over = event.target.closest("li.slot");
    if (!over || over === this.#dragged || over.parentElement !== list) return;
    const box = over.getBoundingClientRect();
    over[event.clientX < box.x + box.width / 2 ? "before" : "after"](this.#dragged);
  }

  #drop() {
    this.#dragged?.classList.remove("is-dragged");
    this.#dragged = null;
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
    (next ?? label).focus();
  }

  // ---- What it says

  #changed() {
    const source = this.lists.source.firstElementChild;
    const references = [...this.lists.reference.children];
    references.forEach((tile, i) => label(tile, `@${i + 1}`, `Reference ${i + 1}`, `reference @${i + 1}`));
    if (source) label(source, "Source", "Source", "source");
    this.querySelector('[data-pick="source"]').hidden = Boolean(source);
    this.querySelector("[data-word]").hidden = Boolean(source) || references.length > 0;
    this.dispatchEvent(new CustomEvent("tray-change", { bubbles: true }));
  }

  #refuse(name, sentence) {
    const note = refusal(name, sentence);
    this.#notes.append(note);
    this.#say(note.textContent);
    return note;
  }

  #say(words) {
    this.form.querySelector("#dock-says").textContent = words;
  }

  get #most() {
    return MOST - this.lists.source.querySelectorAll(":scope > :not(.slot--waits)").length;
  }

  get #notes() {
    return this.form.querySelector("#tray-notes");
  }
}

customElements.define("picture-tray", PictureTray);
