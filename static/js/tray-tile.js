// What <picture-tray> puts on the page by itself: a tile that waits for the server's, and a line that refuses.
const LONGEST = 30 * 60_000; // milliseconds: 200 MB on a line of 1 Mbit/s
export const NO_ANSWER = "No answer from Studio. Check your connection, then try again.";
const PREVIEWED = /^image\/(jpeg|png|webp|gif|avif)$/;

// A file's own name, without what could turn the line around.
export const shownName = (name) => name.replace(/[\p{C}\p{Z}]+/gu, " ").trim().slice(0, 80) || "Unnamed file";

// A file without a name arrives as no file at all.
export const named = (file) => (file.name ? file : new File([file], "Unnamed file", { type: file.type }));

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
export function label(tile, tag, called, named) {
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
