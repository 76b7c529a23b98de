// A picture's own page, and the way back to the list.
import "./picture-panel.js";
import "./picture-stage.js";
import { lastList, see } from "./shell.js";
import "./shortcut-keys.js";

// The way back from a picture ([data-way-back]): to the list it was opened from, which then finds its tile again.
const link = document.querySelector("[data-way-back]");
const list = lastList();

// The page that Back leads to. A browser that cannot say it knows at least the one that led here.
const before = () => {
  const { navigation } = window;
  const page = navigation ? navigation.entries()[navigation.currentEntry.index - 1]?.url : document.referrer;
  return page?.split("#")[0];
};

if (link) see(location.pathname);
if (link && list) {
  link.href = list.href;
  link.querySelector("[data-word]").textContent = list.word;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || before() !== link.href) return;
    event.preventDefault();
    history.back(); // the list stands as it was left
  });
}
addEventListener("pageshow", () => link && see(location.pathname));
