// <tile-changes data-tiles data-gone data-rev>: what the pulse says of tiles that are here
// (studio/views/tile_changes.py). Those that changed are drawn anew, and those that are gone leave; nothing moves under
// who looks.
const BY_SCRIPT = ".tile__pick, .tile__grip";
const keepOurs = { beforeNodeRemoved: (node) => !node.matches?.(BY_SCRIPT) };
const keyOf = (code) => `picture-${code}`;

function renew(window, fresh) {
  const item = window.items.find(({ key }) => key === fresh.id);
  if (!item) return;
  item.stack = fresh.dataset.stack;
  if (!item.node?.isConnected) {
    Object.assign(item, { node: null, html: fresh.outerHTML });
    return;
  }
  Idiomorph.morph(item.node, fresh, { morphStyle: "outerHTML", callbacks: keepOurs });
  htmx.process(item.node);
  window.dress(item.node);
}

// The first tile in view that stays.
export function standing(window, going) {
  const { covered } = window;
  const tile = [...window.grid.querySelectorAll(":scope > .tile")].find(
    (one) => !going.has(one.id) && one.getBoundingClientRect().bottom > covered,
  );
  return tile ? { key: tile.id, tile, top: tile.getBoundingClientRect().top } : null;
}

// Not while somebody fills in a sheet over the page: what is typed there would be lost.
export function openAnew() {
  if (!document.querySelector("dialog[open]")) location.reload();
}

// Lets tiles leave the grid.
export function drop(window, codes) {
  const { keys } = window;
  const here = codes.filter((code) => keys.includes(keyOf(code)));
  const going = new Set(here.map(keyOf));
  if (!going.size) return;
  if (going.size === keys.length) {
    openAnew(); // nothing is left of what was loaded
    return;
  }
  const focused = document.activeElement?.closest?.("#grid > .tile");
  const after = keys.slice(keys.indexOf(focused?.id)).find((key) => !going.has(key));
  const anchor = standing(window, going);
  const left = window.items.filter(({ key }) => !going.has(key));
  // A month without pictures has no heading.
  const items = left.filter((item, at) => !item.month || (left[at + 1] && !left[at + 1].month));
  for (const item of window.items) {
    if (!items.includes(item)) item.node?.remove();
  }
  window.items = items;
  window.refresh(anchor);
  if (going.has(focused?.id)) window.reveal(after ?? window.keys.at(-1))?.querySelector(".tile__link").focus();
  window.grid.dispatchEvent(new CustomEvent("tiles-gone", { bubbles: true, detail: here }));
}

class TileChanges extends HTMLElement {
  static observedAttributes = ["data-rev"];

  // Its other attributes come in the same turn.
  attributeChangedCallback() {
    queueMicrotask(() => this.#take());
  }

  #take() {
    const { window } = document.getElementById("grid") ?? {};
    const { tiles, gone } = this.dataset;
    if (!window || tiles === undefined) return;
    const { content } = Object.assign(document.createElement("template"), { innerHTML: tiles });
    for (const tile of [...content.children]) renew(window, tile);
    drop(window, gone.split(" ").filter(Boolean));
  }
}

customElements.define("tile-changes", TileChanges);
