// The parts of the dock, as <compose-dock> and <picture-tray> show them: its sentences, its settings, its tray and the
// tray's tiles.
import { fill, madeBy, mentionNote, mentions, whyNot } from "./rules.js";

// ---- What it says

export const say = (words) => document.getElementById("dock-says").replaceChildren(words);

export const showProblems = (...parts) => document.getElementById("dock-problems").replaceChildren(...parts);

export const listed = (found) => found.map(({ words }) => {
  return Object.assign(document.createElement("li"), { textContent: words });
});

function showNote(note, words) {
  note.hidden = !words;
  note.querySelector("[data-words]").textContent = words;
}

// ---- Its settings, each as the mode and the style allow it

// What cannot be chosen is closed: the control is disabled, and its tooltip says why.
function choose(select, wanted, fits) {
  for (const option of select.options) option.disabled = !fits(option.value);
  const first = [...select.options].find((option) => !option.disabled);
  select.value = fits(wanted) ? wanted : first?.value ?? wanted;
}

function explain(element, why) {
  if (why) element.title = why;
  else element.removeAttribute("title");
}

function close(chip, control, why) {
  explain(chip, why);
  if (control) control.disabled = Boolean(why);
  else if (why) chip.setAttribute("aria-disabled", "true");
  else chip.removeAttribute("aria-disabled");
}

// A group that a mode does not have is out of sight and is not sent.
function show(fieldset, isThere) {
  fieldset.hidden = fieldset.disabled = !isThere;
}

// `wanted` is what the mode has chosen, also where a style stands against it for now.
export function showSettings(dock, { type, wanted, source }) {
  const { rules } = dock;
  const { words } = rules;
  const kind = rules.types[type];
  const { model, style, count, output_format, web_search, layering_resolution, is_private } = dock.form.elements;
  const setting = (name) => dock.querySelector(`[data-setting="${name}"]`);
  output_format.value = wanted.output_format;
  web_search.checked = wanted.web_search;
  is_private.checked = wanted.is_private;
  layering_resolution.value = wanted.layering_resolution;
  choose(model, wanted.model, (name) => kind.models.includes(name));
  const isLimited = kind.models.length < rules.models.length;
  explain(setting("model"), isLimited && fill(words.layers_model, { models: kind.models.join(" or ") }));
  choose(style, wanted.style, (name) => kind.styles.includes(name));
  close(setting("style"), style, !kind.styles.length && words.layers_style);
  showRatio(rules, setting("ratio"), { type, model: model.value, style: style.value, wanted, source });
  showMore(setting("more"), kind);
  const stepper = setting("count");
  for (const part of stepper.children) part.disabled = !kind.has_count;
  const isTyped = document.activeElement === count && !count.disabled;
  if (!isTyped) count.value = kind.has_count ? wanted.count : 1; // not under the fingers
  explain(stepper, !kind.has_count && words.count_layers);
}

// The ratio that is wanted, or what the style allows in its place.
function showRatio(rules, setting, { type, model, style, wanted, source }) {
  const kind = rules.types[type];
  const why = (name) => whyNot(rules, model, style, name);
  const other = (style !== "auto" && madeBy(rules, model, style)[0]) || "";
  const ratio = why(wanted.aspect_ratio) ? other : wanted.aspect_ratio;
  for (const radio of setting.querySelectorAll("input")) {
    radio.checked = radio.type === "radio" ? radio.value === ratio : wanted.ratios?.includes(radio.value);
    const words = why(radio.value);
    radio.disabled = !kind.has_ratio || words !== "";
    explain(radio.closest("label"), words);
  }
  const label = kind.has_ratio ? ratio || "Auto" : "As source";
  const chip = setting.querySelector("summary");
  const more = setting.querySelectorAll(":checked:enabled").length - 1;
  const words = more > 0 ? `${label} +${more}` : label;
  chip.setAttribute("aria-label", `Aspect ratio: ${words}`);
  chip.querySelector("[data-value]").textContent = words;
  const made = rules.ratios.find((one) => one.slug === label);
  chip.querySelector(".shape").className = `shape ${made?.shape || source?.dataset.ratio || "r-1x1 shape--any"}`;
  const foot = made?.foot ?? rules.words[`ratio_of_${type}`];
  close(chip, null, !kind.has_ratio && foot);
  if (!kind.has_ratio) setting.open = false;
  setting.querySelector("[data-foot]").textContent = foot;
}

// Format, web search and the size of layers: those that the mode has, and what differs from the usual on the chip.
function showMore(setting, kind) {
  const group = (name) => setting.querySelector(`[data-setting="${name}"]`);
  show(group("format"), kind.output_formats.length > 0);
  show(group("web"), kind.has_web_search);
  show(group("resolution"), kind.resolutions.length > 0);
  const on = [...setting.querySelectorAll("fieldset:not([hidden]) input:checked")];
  const called = (input) => (input.name === "web_search" ? "Web" : input.parentElement.dataset.label);
  const chosen = on.filter((input) => input.value).map(called);
  const value = setting.querySelector("[data-value]");
  value.textContent = chosen.join(" · ");
  value.hidden = !chosen.length;
}

// What somebody has chosen in this field.
export function chosenOf({ type, name, form, checked, value }) {
  if (name === "ratios") return [...form.querySelectorAll("[name=ratios]:checked")].map((one) => one.value);
  return type === "checkbox" ? checked : value;
}

// ---- Its tray

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
function waits({ words }, kind, tray) {
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

// ---- A tile of the tray that waits for the server's, and a line that refuses

const LONGEST = 30 * 60_000; // milliseconds: 200 MB on a line of 1 Mbit/s
export const NO_ANSWER = "No answer from Studio. Check your connection, then try again.";
const PREVIEWED = /^image\/(jpeg|png|webp|gif|avif)$/;

// A file's own name, without what could turn the line around.
export const shownName = (name) => name.replace(/[\p{C}\p{Z}]+/gu, " ").trim().slice(0, 80) || "Unnamed file";

// A file without a name arrives as no file at all.
export const withName = (file) => (file.name ? file : new File([file], "Unnamed file", { type: file.type }));

export const tagTile = (tile, words) => tile.querySelector(".slot__tag").replaceChildren(words);

export function make(tag, classes = "", text = "") {
  const element = document.createElement(tag);
  element.className = classes;
  element.textContent = text;
  if (classes.startsWith("icon")) element.setAttribute("aria-hidden", "true");
  return element;
}

export function waitingTile({ file, name }) {
  const tile = make("li", "slot slot--busy");
  tile.tabIndex = 0;
  tile.title = name;
  tile.setAttribute("hx-params", "files,as,picture,source,reference,csrfmiddlewaretoken"); // not what is being written
  tile.setAttribute("hx-encoding", "multipart/form-data");
  tile.setAttribute("hx-request", JSON.stringify({ timeout: LONGEST }));
  tile.append(...(file && PREVIEWED.test(file.type) ? [preview(file, name)] : neutral(file ? name : "")));
  const out = make("button", "slot__x");
  out.type = "button";
  out.dataset.remove = "";
  out.setAttribute("aria-label", `Remove ${name}`);
  out.append(make("span", "icon icon--x icon--s"));
  tile.append(make("span", "slot__tag", file ? "Uploading…" : "Fetching…"), out);
  return tile;
}

// The tile of what did not reach Studio, its line, and what sends it again; `release` makes it wait for its turn.
export function hold(one, note, send) {
  const { tile } = one;
  tile.classList.add("slot--held");
  tagTile(tile, "Not sent");
  tile.heldNote = note;
  tile.heldRetry = (most) => {
    one.tries += 1;
    if (one.tries <= most) send();
  };
}

export function release({ tile, file }) {
  tile.classList.remove("slot--held");
  tagTile(tile, file ? "Uploading…" : "Fetching…");
  tile.heldNote = tile.heldRetry = null;
  delete tile.dataset.unsent;
}

// Lead the eye to the tile that a sentence is about, as long as the sentence stands.
export function pointOut(tile) {
  tile.classList.add("is-again");
  tile.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function refusal(name, sentence) {
  const note = make("p", "dock__note tone--danger");
  note.append(make("span", "icon icon--circle-alert icon--s"), name ? `${name}: ${sentence}` : sentence);
  return note;
}

// The place of a tile in the tray, in its tag and in the names of its parts.
export function labelTile(tile, tag, called, named) {
  if (tile.matches(".slot--busy")) return;
  tagTile(tile, tag);
  tile.querySelector("[data-remove]").setAttribute("aria-label", `Remove ${named}`);
  tile.querySelector("img")?.setAttribute("alt", `${called}: ${tile.dataset.title}`);
  tile.setAttribute("aria-keyshortcuts", tag === "Source" ? "Delete" : "Delete Alt+ArrowLeft Alt+ArrowRight");
}

const neutral = (name) => [make("span", "icon icon--image icon--l"), make("span", "slot__name", name)];

function preview(file, name) {
  const image = make("img");
  image.src = URL.createObjectURL(file);
  image.alt = name;
  image.draggable = false;
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => {
    image.onload();
    image.replaceWith(...neutral(name));
  };
  return image;
}

// Where a tile stands, and which picture it is.
export const placeOf = (tile) => `${tile.parentElement.dataset.role} ${tile.dataset.picture}`;
