// What the server will say, before it is asked: limits, reasons and prices from the table that the page carries.
const MENTION = /(?<![\w@])@(\d{1,2})(?!\w)/g;

export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Characters as the server counts them, not as UTF-16 does.
export const length = (text) => [...text.trim()].length;

export const mentions = (prompt) => new Set([...prompt.matchAll(MENTION)].map(([, number]) => Number(number)));

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
  if (!price) return "Luma publishes no price for layers.";
  const added = inputs ? `, ${inputs} input picture${inputs === 1 ? "" : "s"} +$0.003 each` : "";
  return `${count} × ${exact(price.unit)}: ${exact(price.tariff.base)} each${added}`;
}

// Why nothing can be sent. What is only missing comes as `missing`: the button stays alive and leads to it.
export function reasons(rules, { type, prompt, references, hasSource, isBusy, isHeld }) {
  const { words } = rules;
  const kind = rules.types[type];
  const found = [];
  const size = length(prompt);
  if (kind.min_prompt && !size) found.push({ words: words.prompt_missing, missing: true });
  if (size > kind.max_prompt) {
    const over = size - kind.max_prompt;
    const characters = over === 1 ? "character" : "characters";
    found.push({ words: fill(words.prompt_long, { over: grouped(over), characters, most: grouped(kind.max_prompt) }) });
  }
  if (kind.needs_source && !hasSource) {
    found.push({ words: kind.max_references ? words.edit_needs_source : words.layers_need_source });
  }
  if (references && !kind.max_references) found.push({ words: words.references_in_layers });
  else if (references > kind.max_references) {
    const beyond = Array.from({ length: references - kind.max_references }, (_, i) => kind.max_references + 1 + i);
    const sentence = kind.needs_source ? words.references_beside_source : words.references_many;
    found.push({ words: fill(sentence, { count: references, most: kind.max_references, which: tags(beyond) }) });
  }
  if (isBusy) found.push({ words: words.uploading });
  if (isHeld) found.push({ words: words.not_uploaded });
  return found;
}

export function mentionNote(rules, prompt, references) {
  const lost = [...mentions(prompt)].filter((number) => number < 1 || number > references).sort((a, b) => a - b);
  if (!lost.length) return "";
  return fill(lost.length === 1 ? rules.words.mention_missing : rules.words.mentions_missing, { which: tags(lost) });
}

export const grouped = (number) => number.toLocaleString("en-US");

function tags(numbers) {
  const named = numbers.map((number) => `@${number}`);
  return named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named.at(-1)}` : named[0];
}

// ---- How the dock closes what cannot be chosen: the control is disabled, and its tooltip says why

export function fillList(list, found) {
  list.replaceChildren(...found.map((one) => Object.assign(document.createElement("li"), { textContent: one.words })));
}

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
