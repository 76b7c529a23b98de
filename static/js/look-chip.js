// What the dock knows of the look in its tray: the chip, the blanks and what it adds, as the server last said.
import { say } from "./dock-rules.js";
import { codesOf } from "./dock-tray.js";
import { length } from "./rules.js";

// Null without a look. `brings`: its pictures that are not among the person's own references.
export function lookOf(dock) {
  const chip = dock.querySelector(".look-chip");
  if (!chip) return null;
  const prompt = dock.form.elements.prompt.value;
  const own = codesOf(dock.tray, "reference");
  const { version, tag, name, pictures } = chip.dataset;
  const blanks = [...dock.querySelectorAll("#look-blanks input")];
  const brings = pictures.trim().split(/\s+/).filter((code) => code && !own.includes(code)).length;
  const text = prompt.replace(new RegExp(`#${tag.replaceAll("-", "[-_]")}(?![\\p{L}\\p{N}_-])`, "giu"), "");
  return {
    version,
    tag,
    name,
    brings,
    text,
    isRecipe: blanks.length > 0,
    values: blanks.map((input) => input.value),
    empty: blanks.filter((input) => !input.value.trim()).map((input) => input.dataset.blank),
    added: Number(dock.querySelector("#look-said").dataset.added),
    size: length(text) + Number(dock.querySelector("#look-said").dataset.added),
  };
}

// The script of looks comes when one is in use, is asked for (`chosen`), or is perhaps being typed.
export async function syncLook(dock, chosen = "") {
  const { prompt } = dock.form.elements;
  const isNeeded = chosen || dock.wanted.look || dock.querySelector(".look-chip") || prompt.value.includes("#");
  if (!isNeeded) return;
  dock.looks ??= import(dock.dataset.looks).then(({ DockLook }) => new DockLook(dock, say));
  const looks = await dock.looks;
  await (chosen ? looks.choose(chosen) : looks.sync());
}
