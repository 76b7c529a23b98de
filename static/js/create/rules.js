// The rules of a request, as studio/forms/create/rules.py has them: both read one table and pass one list of cases;
// and what follows from that table besides: a mode's first choices, and the price.
// `rules` is that table with the sentences; nothing here knows a type, a model or a limit of its own.

// The table that the dock carries, read once.
export function rulesOf(dock) {
  dock.rules ??= JSON.parse(dock.querySelector("#dock-rules").textContent);
  return dock.rules;
}

export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Not by toLocaleString: loading a locale takes longer than everything else that the dock does at its start.
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

// Characters as the server counts them, not as UTF-16 does.
export const length = (text) => [...text.trim()].length;

// Blanks, marks without a letter, and characters that are drawn as nothing.
const UNSEEN = /^[\p{Z}\p{Cc}\p{Cf}\p{M}\u115f\u1160\u2800\u3164\uffa0]*$/u;

export function mentions(rules, prompt) {
  return new Set([...prompt.matchAll(new RegExp(rules.mention, "g"))].map(([, number]) => Number(number)));
}

export function mentionNote(rules, prompt, references) {
  const lost = [...mentions(rules, prompt)].filter((number) => number < 1 || number > references).sort((a, b) => a - b);
  if (!lost.length) return "";
  return fill(lost.length === 1 ? rules.words.mention_missing : rules.words.mentions_missing, { which: tags(lost) });
}

// Every complaint as { field, words }; what is only missing comes as `missing`, for a button that leads to it.
export function complaints(rules, request) {
  const kind = rules.types[request.type];
  return [...promptOf(rules, kind, request), ...inputsOf(rules, kind, request), ...settingsOf(rules, kind, request)];
}

function promptOf({ words }, kind, { prompt, look }) {
  const found = [];
  const size = look ? look.size : length(prompt);
  if (look?.empty.length) {
    found.push({ field: "blank", words: fill(words.blank_empty, { blanks: joined(look.empty) }), missing: true });
  }
  const isMissing = kind.min_prompt && !look?.isRecipe && UNSEEN.test(look ? look.text : prompt);
  if (isMissing) found.push({ field: "prompt", words: words.prompt_missing, missing: true });
  if (size > kind.max_prompt) {
    const over = size - kind.max_prompt;
    const characters = over === 1 ? "character" : "characters";
    const values = { over: grouped(over), characters, most: grouped(kind.max_prompt) };
    if (look) Object.assign(values, { look: look.name, added: grouped(look.added) });
    found.push({ field: "prompt", words: fill(look ? words.prompt_long_with_look : words.prompt_long, values) });
  }
  return found;
}

function inputsOf({ words }, kind, { references, hasSource, look }) {
  const found = [];
  if (kind.needs_source && !hasSource) {
    found.push({ field: "source", words: kind.max_references ? words.edit_needs_source : words.layers_need_source });
  }
  if (references && !kind.max_references) found.push({ field: "reference", words: words.references_in_layers });
  else if (references > kind.max_references && look?.brings) {
    const values = { count: references, most: kind.max_references, brings: look.brings, look: look.name };
    const sentence = look.brings < references ? words.references_with_look : words.look_brings_too_many;
    found.push({ field: "look", words: fill(sentence, values) });
  } else if (references > kind.max_references) {
    const beyond = Array.from({ length: references - kind.max_references }, (_, i) => kind.max_references + 1 + i);
    const sentence = kind.needs_source ? words.references_beside_source : words.references_many;
    const values = { count: references, most: kind.max_references, which: tags(beyond) };
    found.push({ field: "reference", words: fill(sentence, values) });
  }
  return found;
}

// What a model makes in a style; why not a ratio.
export const madeBy = ({ ratios_of }, model, style) => ratios_of[model]?.[style] ?? [];

export function whyNot(rules, model, style, ratio) {
  const ratios = madeBy(rules, model, style);
  if (!ratio || ratios.includes(ratio)) return "";
  const by = rules.style_ratios[style].includes(ratio) ? "auto" : style;
  return fill(rules.words[`ratio_${by}`], { model, ratio, ratios: ratios.join(", ") });
}

function settingsOf(rules, kind, { model, aspectRatio, style, count }) {
  const { words, most_at_once } = rules;
  const found = [];
  if (!kind.models.includes(model)) {
    found.push({ field: "model", words: fill(words.layers_model, { models: kind.models.join(" or ") }) });
  }
  const why = whyNot(rules, model, style, aspectRatio);
  if (why) found.push({ field: "aspect_ratio", words: why });
  if (!kind.has_count && count !== 1) found.push({ field: "count", words: words.count_layers });
  else if (count < 1 || count > most_at_once) {
    found.push({ field: "count", words: fill(words.count_range, { most: most_at_once }) });
  }
  return found;
}

const tags = (numbers) => joined(numbers.map((number) => `@${number}`));

function joined(named) {
  return named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named.at(-1)}` : named[0];
}

// ---- A mode's choices

// The first ones: what the one before had, as both take it; the ratios are its own.
export function firstChoices(rules, first, type, from, left) {
  const choices = { ...first[type] };
  if (!left) return choices;
  choices.is_private = left.is_private;
  const [here, there] = [rules.types[type], rules.types[from]];
  if (here.models.includes(left.model) && there.models.length > 1) choices.model = left.model;
  if (here.styles.length && there.styles.length) choices.style = left.style;
  if (here.output_formats.length && there.output_formats.length) choices.output_format = left.output_format;
  if (here.has_web_search && there.has_web_search) choices.web_search = left.web_search;
  if (here.max_references && there.max_references) {
    choices.look = left.look ?? "";
    choices.blanks = [...(left.blanks ?? [])];
  }
  if (here.has_count && there.has_count) choices.count = left.count;
  return choices;
}

// ---- The price

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
