// Files come in by drop and by paste on every page, and wait for Create where they come in on a page without a dock.
// Nothing that is dropped leads the browser away from Studio.
import { ListeningElement } from "./shell.js";

const PICTURE = /\/pictures\/([0-9a-f-]{36})\//;
const FOLDER = "That's a folder: open it and drop the pictures that are in it.";
const LINK = "That's a link: save the picture first or copy and paste it.";
const NOTHING = "No file came with it: save the picture first or copy and paste it.";
const NOT_CARRIED = "This browser can't take it along: open Create and drop it there.";
const EDITABLE = "input, textarea, [contenteditable]";

const isEditable = (target) => target.closest?.(EDITABLE) != null;
const carriesFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;
const carriesLink = ({ dataTransfer }) => dataTransfer?.types.includes("text/uri-list") ?? false;

// The pictures of this studio that links lead to, when there is nothing else; of any other host they are words.
function linked(data) {
  const text = data?.getData("text/uri-list") || data?.getData("text/plain") || "";
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const codes = lines.map((line) => {
    const url = /^https?:\S+$/.test(line) && URL.canParse(line) ? new URL(line) : null;
    return url?.origin === location.origin ? PICTURE.exec(url.pathname)?.[1] : null;
  });
  return codes.every(Boolean) ? codes : [];
}

// The last to hear of a drag: what nobody took is not opened instead of the page.
for (const name of ["dragover", "drop"]) {
  addEventListener(name, (event) => {
    if (event.defaultPrevented) return;
    if (!carriesFiles(event) && (!carriesLink(event) || isEditable(event.target))) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
}

// The files of a drop or a paste; folders are among the files of a browser, and only now they can be told apart.
function brought(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.());
  const folders = new Set(entries.filter((entry) => entry?.isDirectory).map((entry) => entry.name));
  const files = [...transfer.files].filter((file) => !folders.has(file.name));
  return { files, refused: [...folders].map((name) => ({ name, words: FOLDER })) };
}

// <drop-zone hidden data-create data-person data-most-bytes>: shows its two halves while files, links or pictures of
// the page are dragged, and hands what is dropped (or pasted) to the tray, or on a page without one takes it to Create.
// The margin and Esc cancel.
class DropZone extends ListeningElement {
  #picture = "";
  #ours = false; // whether the drag began on this page

  connected() {
    const on = (name, act) => this.hear(document, name, act);
    on("dragstart", (event) => this.#began(event));
    on("dragenter", (event) => this.#entered(event));
    on("dragover", (event) => this.#over(event));
    on("dragleave", (event) => event.relatedTarget === null && this.#hide());
    on("drop", (event) => this.#dropped(event));
    on("dragend", () => this.#ended());
    on("keydown", (event) => event.key === "Escape" && this.#hide());
    on("pointermove", () => this.#ended()); // no pointer events come while something is dragged
    on("paste", (event) => this.#pasted(event));
  }

  get #tray() {
    return document.querySelector("picture-tray");
  }

  // A picture of the page is known by its link; a tile of the tray is being put in order and is none of our business.
  #began({ target }) {
    const inTray = Boolean(target.closest?.("picture-tray"));
    const link = target.closest?.("a[href]") ?? target.closest?.(".tile")?.querySelector("a[href]");
    this.#ours = true;
    this.#picture = (!inTray && link && PICTURE.exec(link.pathname)?.[1]) || "";
  }

  #ended() {
    this.#hide();
    this.#picture = "";
    this.#ours = false;
  }

  #carries(event) {
    return this.#picture !== "" || (!this.#ours && (carriesFiles(event) || carriesLink(event)));
  }

  #entered(event) {
    if (!this.#carries(event)) return;
    event.preventDefault();
    if (!this.hidden) return;
    const tray = this.#tray;
    const next = 1 + (tray?.querySelectorAll('ol[data-role="reference"] > li').length ?? 0);
    this.querySelector("[data-next]").textContent = `@${next}`;
    this.querySelector("[data-place]").hidden = !tray;
    this.hidden = false;
  }

  #over(event) {
    if (this.hidden) return;
    event.preventDefault();
    const zone = event.target.closest?.(".drop__zone");
    event.dataTransfer.dropEffect = zone ? "copy" : "none";
    for (const one of this.querySelectorAll(".drop__zone")) one.classList.toggle("drop__zone--over", one === zone);
  }

  #dropped(event) {
    if (this.hidden) return;
    event.preventDefault();
    const role = event.target.closest?.(".drop__zone")?.dataset.role;
    const codes = this.#picture ? [this.#picture] : linked(event.dataTransfer);
    const detail = codes.length ? { codes } : brought(event.dataTransfer);
    if (!detail.codes && !detail.files.length && !detail.refused.length) {
      detail.refused = [{ name: "", words: carriesLink(event) ? LINK : NOTHING }];
    }
    this.#ended();
    if (role) this.#bring({ ...detail, role });
  }

  #hide() {
    if (this.hidden) return;
    this.hidden = true;
    for (const one of this.querySelectorAll(".drop__zone--over")) one.classList.remove("drop__zone--over");
  }

  // A picture from the clipboard is a reference, unless the dock still waits for its source.
  #pasted(event) {
    const data = event.clipboardData;
    // A link to a picture has no business in a prompt; in another field it is what somebody writes.
    const isOurs = this.#tray && (!isEditable(event.target) || event.target.closest("#compose"));
    const codes = isOurs ? linked(data) : [];
    const detail = codes.length ? { codes } : brought(data ?? new DataTransfer());
    if (!codes.length && !detail.files.length && !detail.refused.length) return;
    if (!codes.length && isEditable(event.target) && isWords(data)) return;
    event.preventDefault();
    const type = document.querySelector('#compose [name="type"]:checked')?.value ?? "image";
    const source = this.#tray?.querySelector('ol[data-role="source"] > li');
    this.#bring({ ...detail, role: type !== "image" && !source ? "source" : "reference" });
  }

  #bring(detail) {
    const tray = this.#tray;
    if (tray) tray.dispatchEvent(new CustomEvent("tray-add", { detail }));
    else this.#take(detail);
  }

  // ---- A page without a dock

  async #take({ codes = [], files = [], refused = [], role }) {
    const whys = await Promise.all(files.map((file) => this.#why(file)));
    const wrong = [...refused, ...files.map(({ name }, i) => ({ name, words: whys[i] })).filter(({ words }) => words)];
    for (const { name, words } of wrong) this.#tell("error", name ? `${name}: ${words}` : words);
    const good = files.filter((_, i) => !whys[i]);
    const { create, person } = this.dataset;
    try {
      if (good.length) await carry(person, { files: good, role });
    } catch {
      this.#tell("error", NOT_CARRIED);
      return;
    }
    const address = codes.length ? `${create}?${new URLSearchParams(codes.map((code) => [role, code]))}` : create;
    if (!good.length && !codes.length) return;
    if (!isFilledIn() && !wrong.length) location.assign(address);
    else this.#tell("success", "It's ready for the tray.", address);
  }

  async #why(file) {
    const most = Number(this.dataset.mostBytes);
    return (await whyUnreadable(file)) || tooLarge(file, most);
  }

  #tell(tone, words, address = "") {
    const toast = this.querySelector(`template[data-tone="${tone}"]`).content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-words]").textContent = words;
    if (address) toast.querySelector("a").href = address;
    document.getElementById("toasts").append(toast);
  }
}

customElements.define("drop-zone", DropZone);

// ---- Why a file is not taken

// Why a file's bytes cannot be had, although it was dropped or chosen; "" when they can.
export async function whyUnreadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return "";
  } catch (problem) {
    return problem.name === "NotFoundError"
      ? "It was moved, renamed or deleted after you chose it. Choose it again."
      : "It changed after you chose it, or can't be read. Choose it again.";
  }
}

const MEGABYTE = 2 ** 20;

export function tooLarge(file, most) {
  if (file.size <= most) return "";
  const size = Math.ceil(file.size / MEGABYTE);
  return `${size} MB is more than the limit of ${most / MEGABYTE}. Make the picture smaller, or save it as JPEG.`;
}

// Whether something was typed or chosen on this page that leaving it would lose.
function isFilledIn() {
  const fields = document.querySelectorAll("main :is(input:not([type=hidden]), textarea)");
  return [...fields].some((one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked);
}

// Whether what is pasted into a text is meant as words. A file manager adds the names or addresses of its files, a
// browser the picture's address or its <img>; an office program adds a picture of the words.
function isWords(data) {
  const words = data.getData("text/plain").trim();
  if (!words) return false;
  const names = new Set([...data.files].map((file) => file.name));
  const isName = (line) => names.has(lastPart(line.trim()));
  if (words.split(/\r?\n/).every((line) => !line.trim() || isName(line))) return false;
  if (/^(https?|data|blob|file):\S+$/.test(words)) return false;
  const page = new DOMParser().parseFromString(data.getData("text/html"), "text/html");
  return !(page.querySelector("img") && !page.body.textContent.trim());
}

function lastPart(path) {
  const name = path.split(/[/\\]/).at(-1);
  try {
    return /^file:/.test(path) ? decodeURIComponent(name) : name;
  } catch {
    return name; // a name with a % of its own
  }
}

// ---- Files on their way to Create

// Files that come in on a page without a dock wait for Create, which this tab opens next: pages share no memory, but
// the browser's database holds files. `person` keeps those of one who signed out from the next.
const DATABASE = "studio";
const STORE = "carried";
const KEY = "studio:carried"; // of this tab
const LONGEST = 3_600_000; // milliseconds after which nobody comes for them

function settled(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function inStore(act) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await act(database.transaction(STORE, "readwrite").objectStore(STORE));
  } finally {
    database.close();
  }
}

async function carry(person, detail) {
  const key = Date.now();
  await inStore(async (store) => {
    const old = IDBKeyRange.upperBound(key - LONGEST);
    await Promise.all([settled(store.delete(old)), settled(store.put({ person, detail }, key))]);
  });
  sessionStorage.setItem(KEY, String(key));
}

// What this tab brought along, once; null when there is nothing for this person.
export async function takeCarried(person) {
  const key = Number(sessionStorage.getItem(KEY));
  if (!key) return null;
  sessionStorage.removeItem(KEY);
  const found = await inStore(async (store) => {
    const [one] = await Promise.all([settled(store.get(key)), settled(store.delete(key))]);
    return one;
  });
  return found?.person === person ? found.detail : null;
}
