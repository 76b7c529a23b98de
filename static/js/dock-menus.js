// What the chips show: each setting as the mode and the style allow it.
import { choose, close, explain, show } from "./dock-rules.js";
import { fill, madeBy, whyNot } from "./rules.js";

// `wanted` is what the mode has chosen, also where a style stands against it for now.
export function showSettings(dock, { type, wanted, source }) {
  const { rules } = dock;
  const { words } = rules;
  const kind = rules.types[type];
  const { model, style, count, output_format, web_search, layering_resolution, is_private } = dock.form.elements;
  const setting = (name) => dock.querySelector(`[data-setting="${name}"]`);
  output_format.value = wanted.output_format;
  web_search.checked = wanted.web_search;
  is_private.checked = wanted.is_private;
  layering_resolution.value = wanted.layering_resolution;
  choose(model, wanted.model, (name) => kind.models.includes(name));
  const isLimited = kind.models.length < rules.models.length;
  explain(setting("model"), isLimited && fill(words.layers_model, { models: kind.models.join(" or ") }));
  choose(style, wanted.style, (name) => kind.styles.includes(name));
  close(setting("style"), style, !kind.styles.length && words.layers_style);
  showRatio(rules, setting("ratio"), { type, model: model.value, style: style.value, wanted, source });
  showMore(setting("more"), kind);
  const stepper = setting("count");
  for (const part of stepper.children) part.disabled = !kind.has_count;
  const isTyped = document.activeElement === count && !count.disabled;
  if (!isTyped) count.value = kind.has_count ? wanted.count : 1; // not under the fingers
  explain(stepper, !kind.has_count && words.count_layers);
}

// The ratio that is wanted, or what the style allows in its place.
function showRatio(rules, setting, { type, model, style, wanted, source }) {
  const kind = rules.types[type];
  const why = (name) => whyNot(rules, model, style, name);
  const other = (style !== "auto" && madeBy(rules, model, style)[0]) || "";
  const ratio = why(wanted.aspect_ratio) ? other : wanted.aspect_ratio;
  for (const radio of setting.querySelectorAll("input")) {
    radio.checked = radio.type === "radio" ? radio.value === ratio : wanted.ratios?.includes(radio.value);
    const words = why(radio.value);
    radio.disabled = !kind.has_ratio || words !== "";
    explain(radio.closest("label"), words);
  }
  const label = kind.has_ratio ? ratio || "Auto" : "As source";
  const chip = setting.querySelector("summary");
  const more = setting.querySelectorAll(":checked:enabled").length - 1;
  const words = more > 0 ? `${label} +${more}` : label;
  chip.setAttribute("aria-label", `Aspect ratio: ${words}`);
  chip.querySelector("[data-value]").textContent = words;
  const made = rules.ratios.find((one) => one.slug === label);
  chip.querySelector(".shape").className = `shape ${made?.shape || source?.dataset.ratio || "r-1x1 shape--any"}`;
  const foot = made?.foot ?? rules.words[`ratio_of_${type}`];
  close(chip, null, !kind.has_ratio && foot);
  if (!kind.has_ratio) setting.open = false;
  setting.querySelector("[data-foot]").textContent = foot;
}

// Format, web search and the size of layers: those that the mode has, and what differs from the usual on the chip.
function showMore(setting, kind) {
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
