// The Create page. The order matters: the tray is ready before the dock, the dock hears a submit before the button
// does, and a draft is put back into a dock that works.
import "./jobs.js";
import "./tiles.js";
import "./picture-tray.js";
import "./compose-dock.js";
import "./prompt.js";
import "./form-draft.js";

// Says how tall the dock is, as --dock-h, where that is used: toasts stand above it, and the last row can be scrolled
// free of it. As a variable of the whole page it would restyle every element whenever the prompt grows.
const dock = document.querySelector(".dock");

// What is used now and then brings its script along when it is: panels and menus when they open, the list of references
// with the first "@", the editor with the first crop.
const bring = ({ dataset }) => dataset?.script && import(dataset.script);
document.addEventListener("toggle", ({ target, newState }) => newState === "open" && bring(target)?.catch(() => {
  target.hidePopover();
  dock.parentElement.note(dock.parentElement.rules.words.not_loaded);
}), { capture: true });
document.addEventListener("click", async (event) => {
  const part = event.target.closest("[data-take]");
  if (part)(await bring(part.closest("[data-script]"))).take(part);
  const link = event.target.closest("[data-crop]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.getElementById("crop-dialog");
  try {
    (await bring(dialog)).open(dialog, link);
  } catch {
    location.assign(link.href); // its page does the same
  }
});

if (dock) {
  const field = dock.querySelector("prompt-field");
  const mention = () => field.querySelector("textarea").value.includes("@") && bring(field);
  dock.addEventListener("input", mention);
  mention();
  const users = [document.body, document.getElementById("toasts")];
  new ResizeObserver(([{ borderBoxSize: [box] }]) => {
    for (const { style } of users) style.setProperty("--dock-h", `${box.blockSize}px`);
    document.documentElement.style.scrollPaddingBlockEnd = `calc(${box.blockSize}px + 2.5rem)`;
  }).observe(dock, { box: "border-box" });

  // In a low window it is one line until it is used.
  dock.classList.toggle("is-folded", matchMedia("(width < 48rem) and (height < 22rem)").matches);
  dock.addEventListener("focusin", () => dock.classList.remove("is-folded"), { once: true });

  // What opens menus and folds the dock comes when somebody is about to handle it.
  const coming = new AbortController();
  const come = () => {
    coming.abort();
    import("./dock-handling.js").catch(() => {}); // without it menus are plain details
  };
  for (const name of ["pointerover", "focusin"]) dock.addEventListener(name, come, coming);
  addEventListener("scroll", come, coming);
}
