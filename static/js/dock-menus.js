// What the chips of the dock that open a menu show: the ratio, and what is behind the last one.
import { close, explain, show } from "./dock-rules.js";
import { fill } from "./rules.js";

const PORTRAIT = "2:3"; // what Manga falls back to

// The ratio that is wanted, or what the style allows in its place; without one, the shape of the source or any.
export function showRatio(rules, setting, { type, style, wanted, source }) {
  const kind = rules.types[type];
  const allowed = rules.style_ratios[style] ?? [];
  const fits = (name) => !name || allowed.includes(name);
  const ratio = fits(wanted.aspect_ratio) ? wanted.aspect_ratio : fits(PORTRAIT) ? PORTRAIT : allowed[0];
  const why = fill(rules.words.manga_portrait, { ratios: allowed.join(", ") });
  for (const radio of setting.querySelectorAll("input")) {
    radio.checked = radio.value === ratio;
    radio.disabled = !kind.has_ratio || !fits(radio.value);
    explain(radio.closest("label"), fits(radio.value) ? "" : why);
  }
  const auto = type === "image" ? "Auto" : "As source";
  const label = ratio && kind.has_ratio ? ratio : auto;
  const chip = setting.querySelector("summary");
  setting.querySelector('input[value=""]').nextSibling.textContent = auto;
  chip.setAttribute("aria-label", `Aspect ratio: ${label}`);
  chip.querySelector("[data-value]").textContent = label;
  const autoShape = source?.dataset.ratio || "r-1x1 shape--any";
  const shape = label === auto ? autoShape : `r-${ratio.replace(":", "x")}`;
  chip.querySelector(".shape").className = `shape ${shape}`;
  close(chip, null, !kind.has_ratio && rules.words.layers_ratio);
  if (!kind.has_ratio) setting.open = false;
  const made = rules.ratios.find((one) => one.slug === label);
  setting.querySelector("[data-foot]").textContent = made
    ? `${made.slug} makes ${made.width} × ${made.height} pixels`
    : type === "image" ? "Luma chooses a shape that suits the prompt" : "Keeps the shape of the source";
}

// Format, web search and the size of layers: those that the mode has, and what differs from the usual on the chip.
export function showMore(setting, kind) {
  const group = (name) => setting.querySelector(`[data-setting="${name}"]`);
  show(group("format"), kind.output_formats.length > 0);
  show(group("web"), kind.has_web_search);
  show(group("resolution"), kind.resolutions.length > 0);
  const on = [...setting.querySelectorAll("fieldset:not([hidden]) input:checked")];
  const called = (input) => (input.name === "web_search" ? "Web" : input.parentElement.dataset.label);
  const chosen = on.filter((input) => input.value).map(called);
  const value = setting.querySelector("[data-value]");
  value.textContent = chosen.join(" · ");
  value.hidden = !chosen.length;
}
