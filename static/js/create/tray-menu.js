// The menu of a tile: what its reference is there for stands as a sentence in the prompt, where it can be read and
// changed before anything is sent. This module comes when the first menu is opened (create.js).
import { say } from "./dock-parts.js";

const field = () => document.getElementById("prompt");
const sentenceOf = (button) => {
  const tile = button.closest("li.slot");
  return button.dataset.take.replace("{n}", [...tile.parentElement.children].indexOf(tile) + 1);
};

// Shows which of its sentences stand in the prompt.
function show(menu) {
  const { value } = field();
  for (const button of menu.querySelectorAll("[data-take]")) {
    button.setAttribute("aria-pressed", String(value.includes(sentenceOf(button))));
  }
}

const without = (text, sentence) => text.replace(` ${sentence}`, "").replace(sentence, "").trimStart();

// One sentence for each picture: another takes its place, the same once more goes.
export function take(button) {
  const prompt = field();
  const sentence = sentenceOf(button);
  const isThere = prompt.value.includes(sentence);
  const others = [...button.closest(".menu").querySelectorAll("[data-take]")].map(sentenceOf);
  const rest = others.reduce(without, prompt.value).trimEnd();
  const gap = !rest || isThere ? "" : /[.!?,;:…。！？]$/.test(rest) ? " " : ". ";
  prompt.value = rest + gap + (isThere ? "" : sentence);
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  show(button.closest(".menu"));
  say(isThere ? `Removed from the prompt: ${sentence}` : `Added to the prompt: ${sentence}`);
}

document.addEventListener("toggle", ({ target, newState }) => {
  if (newState === "open" && target.matches(".slot__menu")) show(target);
}, { capture: true });

document.addEventListener("click", ({ target }) => {
  if (target.closest(".slot__menu [data-crop]")) target.closest(".slot__menu").hidePopover();
});

for (const open of document.querySelectorAll(".slot__menu:popover-open")) show(open);
