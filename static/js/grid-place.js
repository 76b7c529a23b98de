// The place in a long list, kept in the address and in the tab: after Back or a reload the list begins there, however
// deep.
const PLACE = "studio:place";
const FOCUS = "studio:focus";
const LEADS_BACK = 30_000; // milliseconds: a form whose answer is this page again has come back by then

let awaited = null; // the place, where its tile comes only with the next page
let formSentAt = 0; // what was kept then stands: a scroll that ends while the answer comes must not replace it

// Writes down what is in view, or the tile that is opened: rows may break elsewhere in a list that begins elsewhere,
// and this tile comes back to where it was. The address names the page of the list that it belongs to.
export function keep(window, anchor = window.anchor(), isOpened = false, leftAt = 0) {
  const at = anchor ? window.items.findIndex((item) => item.key === anchor.key) : -1;
  const isWaiting = awaited || Date.now() - formSentAt < LEADS_BACK;
  if (at < 0 || (!isOpened && !leftAt && isWaiting)) return;
  const { page } = window.items[Math.max(0, at - 24)]; // some rows above belong to it too
  if (page !== location.search) history.replaceState(history.state, "", location.pathname + page);
  const { key, top } = anchor;
  const place = { href: location.href, key, top, isTop: scrollY < 1, isOpened, leftAt };
  sessionStorage.setItem(PLACE, JSON.stringify(place));
}

// A form is sent that may lead back here. Kept is the first tile in view that is not chosen: those may be gone. And
// where the focus was: on that tile, else on the next one, else on the one before.
export function leave(window) {
  const stays = (tile) =>
    tile.querySelector(":scope > .tile__pick")?.ariaPressed !== "true" && tile.getBoundingClientRect().bottom > 0;
  const tiles = [...window.grid.querySelectorAll(":scope > .tile")];
  const at = tiles.indexOf(document.activeElement?.closest(".tile"));
  const focus = at < 0 ? [] : [at, at + 1, at - 1].map((near) => tiles[near]?.id);
  const tile = tiles.find(stays);
  formSentAt = Date.now();
  if (tile) keep(window, { key: tile.id, tile, top: tile.getBoundingClientRect().top }, false, formSentAt);
  sessionStorage.setItem(FOCUS, JSON.stringify({ href: location.href, focus, leftAt: formSentAt }));
}

// The focus is on its tile again, if the form led back here.
function focusAgain(window) {
  const { href, focus, leftAt } = JSON.parse(sessionStorage.getItem(FOCUS) ?? "{}");
  sessionStorage.removeItem(FOCUS);
  if (href !== location.href || Date.now() - leftAt > LEADS_BACK) return;
  const tile = focus.map((key) => key && document.getElementById(key)).find((one) => one && window.grid.contains(one));
  tile?.querySelector(".tile__link")?.focus({ preventScroll: true });
}

// Goes back to the place, if the page was come back to.
export function takeKept(window) {
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  queueMicrotask(() => focusAgain(window));
  const how = performance.getEntriesByType("navigation")[0]?.type;
  const isLedBack = Date.now() - (kept?.leftAt ?? 0) < LEADS_BACK;
  if (!kept || kept.href !== location.href || !(isLedBack || ["back_forward", "reload"].includes(how))) return;
  history.scrollRestoration = "manual";
  if (kept.isTop) return;
  const isLoaded = window.keys.includes(kept.key);
  awaited = isLoaded || document.getElementById("more") ? kept : null;
  if (isLoaded) goOn(window);
}

// Whether the next page is needed although its place is far away.
export const isAwaited = () => awaited !== null;

// The next page has come. A row that is not full yet is shown with the page after.
export function goOn(window) {
  if (awaited && window.isWaiting(awaited.key)) return;
  const { style } = window.grid;
  style.paddingBlockEnd = "";
  const tile = awaited && window.reveal(awaited.key, awaited.top);
  const short = tile && document.getElementById("more") ? tile.getBoundingClientRect().top - awaited.top : 0;
  // So near the end the page is too short to scroll that far, until the next one is here.
  if (short > 1) {
    style.paddingBlockEnd = `${short}px`;
    scrollBy({ top: short, behavior: "instant" });
  }
  // With the focus it stays where it is while rows come above it, before the page has loaded.
  if (tile && awaited.isOpened) tile.querySelector(".tile__link")?.focus({ preventScroll: true });
  awaited = null;
}
