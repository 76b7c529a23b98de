// How the dock closes what cannot be chosen: the control rests, and its tooltip says why.
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
