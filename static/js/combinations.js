// `{red|green|blue}` in the prompt and several ratios: how many pictures the dock asks for, as studio/combinations.py
// counts them, and the list of them that the server shows. Loaded once somebody writes a brace or checks a ratio.
import { dollars, priceOf, say } from "./dock-rules.js";

// The choices of each pair of braces between the texts; null where the server will say what is wrong.
export function read(prompt) {
  const frames = [[[]]]; // of each open pair its alternatives, of each of these its parts
  for (const [token] of prompt.matchAll(/\\[{}|]|[{}|]|[^\\{}|]+|\\/g)) {
    const frame = frames.at(-1);
    const isInside = frames.length > 1;
    if (token === "{") frames.push([[]]);
    else if (token === "|" && isInside) frame.push([]);
    else if (token === "}" && isInside) {
      const closed = close(frames.pop());
      if (!closed) return null;
      frames.at(-1).at(-1).push(...closed);
    } else frame.at(-1).push(/^\\[{}|]$/.test(token) && (isInside || token !== "\\|") ? token[1] : token);
  }
  const [[first], ...open] = frames;
  if (open.some((frame) => frame.length > 1)) return null;
  return [...first, ...open.flatMap(([parts]) => ["{", ...parts])];
}

function close(alternatives) {
  if (alternatives.length === 1) return ["{", ...alternatives[0], "}"];
  if (alternatives.flat().some(Array.isArray)) return null;
  return [[...new Set(alternatives.map((parts) => parts.join("").trim()))]];
}

const MOST = 60; // beyond it the server only says how many

// How many different prompts they make.
export function count(parts) {
  const product = parts.reduce((sum, part) => sum * (Array.isArray(part) ? part.length : 1), 1);
  if (product > MOST) return product;
  const texts = parts.reduce((made, part) => made.flatMap((text) => [part].flat().map((one) => join(text, one))), [["", false]]);
  return new Set(texts.map(([text]) => text.trim())).size;
}

function join([text, wasEmpty], piece) {
  const rest = wasEmpty && text.endsWith(" ") && piece.startsWith(" ") ? piece.slice(1) : piece;
  return [text + rest, !rest];
}

// What the dock asks for: how many combinations, and whether they stand in the list, checked.
export function combinationsOf(dock) {
  const { form } = dock;
  const list = form.querySelector("#dock-many:not([hidden])");
  if (list) return { count: list.querySelectorAll("[name=combination]:checked").length, isListed: true };
  const kind = dock.rules.types[form.elements.type.value];
  const parts = kind.has_count ? read(form.elements.prompt.value) : [];
  const chosen = [form.elements.aspect_ratio.value, ...[...form.querySelectorAll("[name=ratios]:checked")].map((one) => one.value)];
  const ratios = new Set(chosen.filter(Boolean)).size || 1;
  return { count: (parts ? count(parts) : 1) * (kind.has_ratio ? ratios : 1), isListed: false };
}

// The list belongs to what the dock said when it was made: it goes when anything of that changes.
export function follow(dock) {
  const { form } = dock;
  const list = form.querySelector("#dock-many");
  const hide = () => {
    list.replaceChildren();
    list.hidden = true;
  };
  const refresh = () => dock.dispatchEvent(new CustomEvent("make-settled"));
  const changed = ({ target }) => {
    if (target.name === "combination") recount(dock, list);
    else if (!list.hidden && target.name) hide();
    refresh();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  dock.addEventListener("tray-change", () => {
    hide();
    refresh();
  });
  list.addEventListener("click", ({ target }) => target.closest("[data-close]") && leave());
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  });
  const leave = () => {
    hide();
    refresh();
    form.elements.prompt.focus();
  };
  // A list that has arrived is said, and the button that makes it keeps the focus.
  new MutationObserver(() => !list.hidden && list.firstElementChild && arrived(list)).observe(list, { childList: true });
  refresh();
}

let heard = "";

function arrived(list) {
  const { value } = list.querySelector("[name=listed]");
  if (value !== heard) say(list.querySelector("[data-total]").textContent);
  heard = value;
}

function recount({ rules, form }, list) {
  const pictures = list.querySelectorAll("[name=combination]:checked").length * Number(list.dataset.each);
  const type = form.elements.type.value;
  const inputs = form.querySelectorAll('[name="reference"]').length + (rules.types[type].needs_source ? 1 : 0);
  const price = priceOf(rules, { type, model: form.elements.model.value, count: pictures, inputs });
  const named = `${pictures} picture${pictures === 1 ? "" : "s"}`;
  list.querySelector("[data-total]").textContent = price ? `${named} · ${dollars(price.total)}` : named;
  if (price) list.querySelector("[data-sum]").textContent = `${pictures} × ${dollars(price.unit)}`;
  say(`${named}${price ? `, ${dollars(price.total)}` : ""}`);
}
