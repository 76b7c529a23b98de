// The sheet of all keys: fetched when it is first opened, searched by action and key.
import { bringNotices } from "./modal-notices.js";

let sheet = null;

// `account` asks Studio (shell.js, which brings this along).
export async function open(address, account) {
  sheet ??= await fetchSheet(address, account);
  if (!sheet.open) sheet.showModal();
  bringNotices(sheet);
  const field = sheet.querySelector("input");
  field.value = "";
  find("");
  field.focus();
}

async function fetchSheet(address, account) {
  const answer = await account(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const dialog = holder.content.querySelector("dialog");
  const style = dialog.querySelector("link");
  const styled = new Promise((done) => {
    style.addEventListener("load", done);
    style.addEventListener("error", done);
  });
  document.head.append(style);
  await styled;
  document.body.append(dialog);
  dialog.querySelector("input").addEventListener("input", (event) => find(event.target.value));
  // In a search field Esc would only empty it.
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    dialog.close();
    // Where nothing had the focus before, the hidden field would have it until the next frame, and take the next key.
    if (dialog.contains(document.activeElement)) document.activeElement.blur();
  });
  // Where a browser does not close it by itself.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}

// Shows the rows that have the words in their action or their keys, and marks them there.
function find(text) {
  const wanted = text.trim().toLowerCase();
  let found = 0;
  for (const row of sheet.querySelectorAll("dl > div")) {
    const action = row.querySelector("dt");
    const keys = [...row.querySelectorAll("kbd")].map((cap) => cap.textContent.toLowerCase());
    const at = wanted ? action.textContent.toLowerCase().indexOf(wanted) : -1;
    const isFound = !wanted || at >= 0 || keys.join(" ").includes(wanted);
    row.hidden = !isFound;
    found += isFound ? 1 : 0;
    mark(action, at, wanted.length);
  }
  for (const group of sheet.querySelectorAll(".keysheet__group")) {
    group.hidden = !group.querySelector("dl > div:not([hidden])");
  }
  const none = wanted && !found;
  if (none)
    for (const hidden of sheet.querySelectorAll("dl [hidden], .keysheet__group[hidden]")) hidden.hidden = false;
  const says = none ? "No key for that" : `${found} found`;
  sheet.querySelector(".keysheet__found").textContent = wanted ? says : "";
}

function mark(action, at, length) {
  const text = action.textContent;
  if (at < 0) {
    if (action.firstElementChild) action.textContent = text;
    return;
  }
  const hit = document.createElement("mark");
  hit.textContent = text.slice(at, at + length);
  action.replaceChildren(text.slice(0, at), hit, text.slice(at + length));
}
