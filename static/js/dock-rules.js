// How the dock shows prices, says what is wrong and closes what cannot be chosen.

// In words of the page, exact: whole units of 0.0001 dollars, half a cent goes up. Null when nobody knows the price.
export function priceOf(rules, { type, model, count, inputs }) {
  const tariff = rules.prices[model];
  if (!rules.types[type].is_priced || !tariff) return null;
  const unit = tariff.base + tariff.each_input * inputs;
  return { unit, total: unit * count, tariff };
}

export const dollars = (units) => `$${(Math.floor((units + 50) / 100) / 100).toFixed(2)}`;
export const exact = (units) => `$${(units / 10_000).toFixed(4)}`;

// How the price comes about, for the tooltip.
export function breakdown(price, count, inputs) {
  if (!price) return "Luma charges for each layer.";
  const each = `$${(price.tariff.each_input / 10_000).toFixed(3)}`;
  const added = inputs ? `, ${inputs} input picture${inputs === 1 ? "" : "s"} +${each} each` : "";
  return `${count} × ${exact(price.unit)}: ${exact(price.tariff.base)} each${added}`;
}

// ---- What it says

export const say = (words) => document.getElementById("dock-says").replaceChildren(words);

export const showProblems = (...parts) => document.getElementById("dock-problems").replaceChildren(...parts);

export const listed = (found) => found.map(({ words }) => {
  return Object.assign(document.createElement("li"), { textContent: words });
});

export function showNote(note, words) {
  note.hidden = !words;
  note.querySelector("[data-words]").textContent = words;
}

// ---- How the dock closes what cannot be chosen: the control is disabled, and its tooltip says why

export function choose(select, wanted, fits) {
  for (const option of select.options) option.disabled = !fits(option.value);
  const first = [...select.options].find((option) => !option.disabled);
  select.value = fits(wanted) ? wanted : first?.value ?? wanted;
}

export function explain(element, why) {
  if (why) element.title = why;
  else element.removeAttribute("title");
}

export function close(chip, control, why) {
  explain(chip, why);
  if (control) control.disabled = Boolean(why);
  else if (why) chip.setAttribute("aria-disabled", "true");
  else chip.removeAttribute("aria-disabled");
}

// A group that a mode does not have is out of sight and is not sent.
export function show(fieldset, isThere) {
  fieldset.hidden = fieldset.disabled = !isThere;
}
