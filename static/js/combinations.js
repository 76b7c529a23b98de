// Several pictures from one prompt: how many the dock asks for, live, and the list of them that the server shows.
// Loaded once somebody writes a brace or checks a second ratio.
import { count, read } from "./braces.js";
import { dollars, priceOf, say } from "./dock-rules.js";

// What the dock asks for: how many combinations, and whether they stand in the list, checked.
export function combinationsOf(dock) {
  const { form } = dock;
  const list = form.querySelector("#dock-many:not([hidden])");
  if (list) return { count: list.querySelectorAll("[name=combination]:checked").length, isListed: true };
  const kind = dock.rules.types[form.elements.type.value];
  const parts = kind.has_count ? read(form.elements.prompt.value) : [];
  const more = [...form.querySelectorAll("[name=ratios]:checked:enabled")].map((one) => one.value);
  const chosen = [form.elements.aspect_ratio.value, ...more];
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
    else if (!list.hidden && (target.name || target === form)) hide(); // the form itself: count, look
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
  const look = () => !list.hidden && list.firstElementChild && arrived(list);
  new MutationObserver(look).observe(list, { childList: true });
  refresh();
}

let heard = "";

function arrived(list) {
  const { value } = list.querySelector("[name=listed]");
  if (value !== heard) say(list.querySelector("[data-total]").textContent);
  heard = value;
}

function recount(dock, list) {
  const { rules, form } = dock;
  const pictures = list.querySelectorAll("[name=combination]:checked").length * Number(list.dataset.each);
  const type = form.elements.type.value;
  const own = form.querySelectorAll('[name="reference"]').length;
  const inputs = own + (dock.lookOf?.(dock)?.brings ?? 0) + (rules.types[type].needs_source ? 1 : 0);
  const price = priceOf(rules, { type, model: form.elements.model.value, count: pictures, inputs });
  const named = `${pictures} picture${pictures === 1 ? "" : "s"}`;
  list.querySelector("[data-total]").textContent = price ? `${named} · ${dollars(price.total)}` : named;
  if (price) list.querySelector("[data-sum]").textContent = `${pictures} × ${dollars(price.unit)}`;
  say(`${named}${price ? `, ${dollars(price.total)}` : ""}`);
}
