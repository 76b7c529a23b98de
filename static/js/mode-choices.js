// A mode's first choices: what the one before had, as both take it; the ratios are its own.
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

export function chosen({ type, name, form, checked, value }) {
  if (name === "ratios") return [...form.querySelectorAll("[name=ratios]:checked")].map((one) => one.value);
  return type === "checkbox" ? checked : value;
}
