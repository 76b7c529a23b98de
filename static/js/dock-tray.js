// What the dock knows of its tray, and what it says about it.
import { say, showNote } from "./dock-rules.js";
import { mentionNote, mentions } from "./rules.js";

export const tilesOf = (tray, role) => [...tray.querySelectorAll(`ol[data-role="${role}"] > li`)];

export const codesOf = (tray, role) => tilesOf(tray, role).map((tile) => tile.dataset.picture).filter(Boolean);

// Whether a tile only took the place of the one that waited for it.
export const changed = (before, now) => Boolean(before?.matches(".slot--busy") && !now.matches(".slot--busy"));

// Puts these pictures in place of those that are there.
export function bring(tray, role, codes) {
  const tiles = tilesOf(tray, role);
  if (tiles.length === codes.length && tiles.every((tile, i) => tile.dataset.picture === codes[i])) return;
  for (const tile of tiles) tile.remove();
  if (codes.length) tray.dispatchEvent(new CustomEvent("tray-add", { detail: { codes, role } }));
}

// What the mode does not take stays in the tray, out of use; the words for it.
export function waits({ words }, kind, tray) {
  if (tilesOf(tray, "source").length && !kind.needs_source) return words.source_waits;
  return tilesOf(tray, "reference").length && !kind.max_references ? words.references_wait : "";
}

function park(tile, isWaiting) {
  tile.classList.toggle("slot--waits", isWaiting);
  for (const input of tile.querySelectorAll("input[type=hidden]")) input.disabled = isWaiting;
}

export function showTray(dock, { kind, prompt, moved, look }) {
  const { rules, tray } = dock;
  const most = kind.max_references;
  for (const tile of tilesOf(tray, "source")) park(tile, !kind.needs_source);
  for (const tile of tilesOf(tray, "reference")) park(tile, !most);
  showNote(dock.querySelector("#dock-note"), waits(rules, kind, tray) || moved);
  const references = most ? tilesOf(tray, "reference") : [];
  const named = mentions(rules, prompt);
  references.forEach((tile, i) => tile.classList.toggle("is-named", named.has(i + 1)));
  const count = dock.querySelector("#dock-count");
  count.hidden = dock.querySelector('[data-pick="reference"]').hidden = !most;
  const sent = references.length + (look?.brings ?? 0);
  count.firstChild.textContent = `${sent} of ${most}`;
  for (const tone of ["tone", "tone--danger"]) count.classList.toggle(tone, sent > most);
  showNote(dock.querySelector("#dock-mentions"), mentionNote(rules, prompt, sent));
}

export function sayWaits(dock, kind) {
  const words = waits(dock.rules, kind, dock.tray);
  if (words) say(words);
}

// The script of looks comes when one is in use, is asked for (`chosen`), or is perhaps being typed.
export async function syncLook(dock, chosen = "") {
  const { prompt } = dock.form.elements;
  const isNeeded = chosen || dock.wanted.look || dock.querySelector(".look-chip") || prompt.value.includes("#");
  if (!isNeeded) return;
  dock.looks ??= import(dock.dataset.looks)
    .then(({ DockLook }) => new DockLook(dock, say))
    .catch(() => (dock.looks = null));
  const looks = await dock.looks;
  if (!looks) return;
  await (chosen ? looks.choose(chosen) : looks.sync());
}
