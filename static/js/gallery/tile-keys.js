// What one thinks of the tile that has the focus, by the keys of its picture's page: y and u decide, 1 to 5 rate and 0
// takes that back. Loaded at the first of them (select.js).
const VERDICTS = { y: ["approved", "circle-check", "Approved"], u: ["rejected", "ban", "Rejected"] };
const OWN_PAGE = /^.*\/pictures\/[\da-f-]{36}\//;

export async function think(tile, key, bar) {
  const [page] = tile.querySelector(".tile__link").pathname.match(OWN_PAGE) ?? [];
  if (!page) return;
  const [verdict, icon, word] = VERDICTS[key] ?? [];
  // What is pressed again is taken back, as on the picture's page.
  const isBack = verdict ? tile.querySelector(`.tile__mark > .icon--${icon}`) : key === "0";
  const values = verdict ? { verdict: isBack ? "" : verdict } : { value: key };
  const taken = verdict ? "Decision taken back." : "No rating.";
  const said = isBack ? taken : `${word ?? `${key} of 5`}.`;
  const asked = { source: tile, swap: "none", values };
  tile.addEventListener("htmx:afterRequest", ({ detail }) => detail.successful && say(said, bar), { once: true });
  await window.htmx.ajax("POST", `${page}${verdict ? "decision" : "rating"}/`, asked);
}

// In place of what was said of the tile before.
function say(words, bar) {
  const note = bar.querySelector("template").content.querySelector("toast-note").cloneNode(true);
  note.querySelector("[data-words]").textContent = words;
  note.querySelector("[data-undo]").remove();
  note.dataset.thought = "";
  for (const old of document.querySelectorAll("#toasts > [data-thought]")) old.remove();
  document.getElementById("toasts").append(note);
}
