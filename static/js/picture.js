// A picture's own page, and the way back to the list.
import "./picture-panel.js";
import "./picture-stage.js";
import { lastList, see } from "./shell.js";
import "./shortcut-keys.js";

// The way back from a picture ([data-way-back]): to the list it was opened from, which then finds its tile again.
const link = document.querySelector("[data-way-back]");
const list = lastList();

if (link) see(location.pathname);
if (link && list) {
  link.href = list.href;
  link.querySelector("[data-word]").textContent = list.word;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || document.referrer !== link.href) return;
    event.preventDefault();
    history.back(); // the list stands as it was left
  });
}
addEventListener("pageshow", () => link && see(location.pathname));
