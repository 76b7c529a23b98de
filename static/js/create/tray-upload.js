// How a file or a picture of the tray gets to the server: its tile asks by htmx, and the answer takes the tile's place.
// The page fetches this when somebody is about to add one.
import { NO_ANSWER, placeOf, pointOut, say, tagTile } from "./dock-parts.js";
import { whyUnreadable } from "../drop.js";
import { isForeign, noticeOf } from "../shell.js";

const LONGEST_BUSY = 10 * 60_000; // ms that a file waits while the server is busy with others
const BUSY = "Studio was busy with other pictures for ten minutes. Try again.";
const FOREIGN = [
  "The answer didn't come from Studio.",
  "A sign-in page or proxy may be in between: check your connection, then try again.",
].join(" ");
const NOT_NOW = [401, 403, 408, 429]; // as every 5xx: nothing is said against the file
const ENDED = "Your session has ended. Sign in again, then try again.";

// Sends it, however long the server is busy. `why`: what is wrong with the file itself; `unsent`: why it did not get
// through, which says nothing against it. Both are empty when the server has judged it.
export async function upload({ tile, role, file, code, name }, address) {
  const request = { source: tile, target: tile, swap: "outerHTML" };
  const until = Date.now() + LONGEST_BUSY;
  const trying = new AbortController();
  let unsent = "";
  let why = file ? await whyUnreadable(file) : "";
  tile.addEventListener("htmx:xhr:loadend", () => tagTile(tile, "Checking…"), trying);
  const answered = ({ detail: { xhr } }) => {
    if (isForeign(xhr)) unsent = FOREIGN;
    else if (xhr.status === 401) unsent = ENDED;
  };
  tile.addEventListener("htmx:afterRequest", answered, trying);
  try {
    while (!why && tile.isConnected && Date.now() < until) {
      if (tile.dataset.retry) {
        tagTile(tile, "Waiting: Studio is busy");
        say(`${name} waits: Studio is busy with other pictures`);
        await new Promise((after) => setTimeout(after, Number(tile.dataset.retry) * 1000 * (1 + Math.random())));
        delete tile.dataset.retry;
        if (!tile.isConnected) break; // it was removed meanwhile
        tagTile(tile, "Uploading…");
      }
      if (file) await window.htmx.ajax("POST", address, { ...request, values: { files: file, as: role } });
      else await window.htmx.ajax("GET", `${address}?${new URLSearchParams({ picture: code, as: role })}`, request);
      if (!tile.dataset.retry) break;
    }
    if (tile.dataset.retry) unsent = BUSY;
  } catch {
    why = file ? await whyUnreadable(file) : ""; // it may have changed while it was sent
    unsent = NO_ANSWER;
  } finally {
    trying.abort();
  }
  showAgain();
  return { why, unsent: unsent || (tile.dataset.unsent ?? "") };
}

// The server refused a file that is in the tray already.
function showAgain() {
  for (const note of document.querySelectorAll("#tray-notes [data-again]")) {
    const tile = document.querySelector(`picture-tray [data-picture="${note.dataset.again}"]`);
    delete note.dataset.again;
    if (tile) pointOut(tile);
  }
}

// An answer that is neither tiles nor refusals (an error page, say) must not land in the tray. Returns what it says
// against the picture.
export function judge({ target, detail }) {
  const tile = target.closest(".slot--busy");
  const { xhr } = detail;
  const isRefusal = xhr.status === 422 && xhr.responseText.includes('"beforeend:#tray-notes"');
  if (!tile || xhr.status === 200 || xhr.status === 401 || isRefusal) return "";
  detail.shouldSwap = false;
  if (xhr.status === 503 && xhr.getResponseHeader("Retry-After")) {
    tile.dataset.retry = Math.min(30, Number(xhr.getResponseHeader("Retry-After")) || 2);
    return "";
  }
  if (xhr.status === 404) return "It is not there any more.";
  const words = noticeOf(xhr.responseText) || `Studio could not take it (${xhr.status}). Try again.`;
  if (!NOT_NOW.includes(xhr.status) && xhr.status < 500) return words;
  tile.dataset.unsent = words;
  return "";
}

// What is new in the tray since `told` was there, and what was not taken; "" when all is as it was.
export function news(lists, told, notes) {
  const added = Object.entries(lists).flatMap(([role, list]) => {
    const arrived = [...list.children].filter((tile) => tile.dataset.picture && !told.has(placeOf(tile)));
    return arrived.length ? `${arrived.map((tile) => tile.dataset.title).join(", ")}: added as ${role}` : [];
  });
  const refused = [...notes.querySelectorAll(".tone--danger")].map((note) => note.textContent.trim());
  return [...added, ...refused].join(". ");
}
