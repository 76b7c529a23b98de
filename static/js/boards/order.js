// <board-order data-moved data-tiles data-gone data-number data-who data-rev data-upto>: what the pulse says of
// pictures that came, were moved or were taken off, here or elsewhere (studio/views/boards/order.py). They go to their
// places; focus, selection and what is in view stay, and a pill says what came out of view.
import { drop, openAnew, standing } from "../gallery/grid-place.js";
import { account } from "../shell.js";

// ---- The order

const keyOf = (code) => `picture-${code}`;
// The newest comes first in its order: its places count backwards.
const sign = () => (document.getElementById("grid").dataset.order === "newest" ? -1 : 1);
const placeOf = (text) => text?.split("_").map((one) => sign() * Number(one)) ?? null;
const isBehind = (one, other) => one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]);
const after = (search) => placeOf(new URLSearchParams(search).get("after") ?? undefined);

// "code:place:code of what follows:new" for each; the last one first, so that what a picture goes before has its place.
const read = (moved) => moved.split(" ").filter(Boolean).map((one) => {
  const [code, place, next, isNew] = one.split(":");
  return { key: keyOf(code), place: placeOf(place), next: next && keyOf(next), isNew };
}).reverse();

// Puts what was moved where it belongs, as far as the page has read; returns the keys of what is elsewhere now.
function reorder(window, moves, tiles) {
  const { items } = window;
  const link = document.querySelector("#more a");
  const [first, last] = [after(items[0]?.page), link && after(link.search)];
  const changed = new Set();
  const at = (key) => items.findIndex((item) => item.key === key);
  for (const { key, place, next } of moves) {
    const was = at(key);
    const isHere = !(first && !isBehind(place, first)) && !(last && isBehind(place, last));
    if (was < 0 && !(isHere && tiles.has(key))) continue;
    if (was >= 0 && isHere && items[was + 1] === items[at(next)]) continue;
    changed.add(key);
    const [item] = was < 0 ? [] : items.splice(was, 1);
    item?.node?.remove();
    const to = at(next) < 0 ? items.length : at(next);
    if (isHere && item) items.splice(to, 0, item);
    else if (isHere) window.take([tiles.get(key)], (items[to] ?? items[to - 1])?.page, to);
  }
  return changed;
}

// What stays where it is in the window: the tile with the focus, else the first one in view. What comes to the front is
// seen by who only looks at the front.
function heldBy(window, moved) {
  if (window.start >= window.covered && !window.grid.contains(document.activeElement)) return null;
  const anchor = window.anchor();
  return anchor && !moved.has(anchor.key) ? anchor : standing(window, moved);
}

function apply(window, { moved, tiles, gone, number, upto }, pill) {
  if (moved === "much") {
    pill.tellMuch();
    return;
  }
  const bar = document.getElementById("selection");
  for (const one of [window.grid, bar])
    if (one) Object.assign(one.dataset, { total: number, upto });
  const codes = gone.split(" ").filter(Boolean);
  pill.forget(codes.map(keyOf));
  drop(window, codes); // which counts the bar's down
  if (bar) bar.dataset.total = number;
  const { content } = Object.assign(document.createElement("template"), { innerHTML: tiles });
  const focused = document.activeElement;
  const tile = focused?.closest?.("#grid > .tile");
  const { keys } = window;
  const moves = read(moved);
  const anchor = heldBy(window, new Set(moves.map(({ key }) => key)));
  const fresh = moves.filter(({ key, isNew }) => isNew && !keys.includes(key)).map(({ key }) => key);
  const changed = reorder(window, moves, new Map([...content.children].map((one) => [one.id, one])));
  if (!changed.size) {
    pill.tell(window, fresh);
    return;
  }
  if (!window.items.length) {
    openAnew(); // nothing is left of what was loaded
    return;
  }
  window.refresh(anchor);
  pill.tell(window, fresh);
  if (!changed.has(tile?.id)) return;
  if (focused.isConnected) {
    focused.focus({ preventScroll: true });
    return;
  }
  // It went far away: the focus stays where it was.
  const near = keys.slice(keys.indexOf(tile.id)).find((key) => !changed.has(key)) ?? window.keys.at(-1);
  document.getElementById(near)?.querySelector(".tile__link").focus({ preventScroll: true });
}

// ---- The pill

// The pill of a board: how many pictures came that one has not seen, and that it was changed very much. It leads there.
const isChosen = () => document.querySelector("#results.is-selecting");

class BoardPill {
  #unseen = new Set(); // keys of pictures that came

  constructor() {
    document.addEventListener("grid-moved", () => this.#look());
    document.addEventListener("click", (event) => event.target.closest("#new-pictures") && this.#go(event));
  }

  get #pill() {
    return document.getElementById("new-pictures");
  }

  tell(window, keys) {
    this.window = window;
    for (const key of keys) this.#unseen.add(key);
    this.#look();
  }

  forget(keys) {
    for (const key of keys) this.#unseen.delete(key);
  }

  // More than is told one by one: the page comes back to this place, unless something is chosen.
  tellMuch() {
    if (isChosen() || document.querySelector("dialog[open]")) this.#show("Changed: show it", location.href);
    else location.reload();
  }

  // A page without a grid: one without pictures shows the first ones, as long as nobody fills in its settings.
  tellChanged(who) {
    const changed = document.getElementById("board-changed");
    if (changed) {
      const name = changed.querySelector("[data-who]");
      // Each answer says who has since the one before.
      name.textContent = who && (changed.hidden || name.textContent === who) ? who : "Others";
      changed.hidden = false;
    } else openAnew();
  }

  // What is in view has been seen.
  #look() {
    if (!this.#unseen.size) {
      if (this.#pill && !this.#pill.dataset.stays) this.#pill.hidden = true;
      return;
    }
    for (const key of this.#unseen) {
      const box = document.getElementById(key)?.getBoundingClientRect();
      if (box && box.bottom > this.window.covered && box.top < innerHeight) this.#unseen.delete(key);
    }
    if (this.#unseen.size) this.#show(`${this.#unseen.size} new`);
    else this.#pill.hidden = true;
  }

  #show(text, href = null) {
    const element = this.#pill;
    element.querySelector("[data-words]").textContent = text;
    if (href) Object.assign(element, { href }).dataset.stays = "yes";
    element.hidden = false;
  }

  // To the first of them, where the page has it; else the link leads to the newest.
  #go(event) {
    const key = this.window?.keys.find((one) => this.#unseen.has(one));
    if (!key || event.ctrlKey || event.metaKey || this.#pill.dataset.stays) return;
    event.preventDefault();
    this.window.reveal(key)?.querySelector(".tile__link").focus({ preventScroll: true });
    this.#look();
  }
}

// ---- The element

class BoardOrder extends HTMLElement {
  static observedAttributes = ["data-rev"];
  #since = null; // the revision whose later moves were not taken yet
  #isAsking = false;
  #pill = null;

  connectedCallback() {
    this.#pill ??= new BoardPill();
    document.addEventListener("moves-rest", () => this.#catchUp());
  }

  // Its other attributes come in the same turn.
  attributeChangedCallback() {
    queueMicrotask(() => this.#take());
  }

  // Where nobody moves pictures, nothing is ever under way.
  get #moves() {
    return document.getElementById("grid")?.moves ?? { isUnderWay: false, known: 0 };
  }

  #take() {
    const { window } = document.getElementById("grid") ?? {};
    const { moved, gone } = this.dataset;
    if (moved === undefined) return;
    if (!window) {
      // The list with buttons stays as it is under who presses them; a page without pictures shows the first ones.
      if (moved || gone) this.#pill.tellChanged(this.dataset.who);
      return;
    }
    if (this.#since === null && !this.#isAsking && !this.#moves.isUnderWay) {
      apply(window, this.dataset, this.#pill);
      return;
    }
    this.#since ??= this.dataset.rev;
    this.#catchUp();
  }

  // While somebody moves pictures here, nothing moves under the hand, and an answer that was asked for before would
  // take the move back; then all since is asked for.
  async #catchUp() {
    if (this.#since === null || this.#isAsking || this.#moves.isUnderWay) return;
    const since = this.#since;
    const { known } = this.#moves;
    this.#since = null;
    this.#isAsking = true;
    const fresh = await this.#ask(since).catch(() => undefined);
    this.#isAsking = false;
    if (fresh !== undefined && this.#since === null && known === this.#moves.known) {
      if (fresh) apply(document.getElementById("grid").window, fresh, this.#pill);
      return;
    }
    const isOvertaken = this.#since !== null || (fresh !== undefined && !this.#moves.isUnderWay);
    this.#since = since;
    if (isOvertaken) this.#catchUp();
  }

  // What it would say to a page that has heard nothing since; null where that is nothing.
  async #ask(since) {
    const address = new URL(document.getElementById("pulse").getAttribute("hx-get"), location.href);
    address.searchParams.set("since", since);
    const answer = await account(address);
    if (!answer.ok) throw new Error("No answer.");
    const { content } = Object.assign(document.createElement("template"), { innerHTML: await answer.text() });
    return content.getElementById(this.id)?.dataset ?? null;
  }
}

customElements.define("board-order", BoardOrder);
