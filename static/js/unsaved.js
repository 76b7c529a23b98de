// Esc leaves a form in which something is changed only when it is pressed again: `says` ([role=status]) says so first.
const SAYS = "Not saved. Press Esc again to leave.";

export function mayLeave(form, says, isTouched = false) {
  if (says.textContent === SAYS) return true;
  const isRefused = form.querySelector(".errors"); // what it shows was never saved
  const isChanged = [...form.elements].some((one) => one.name && one.type !== "submit" && differs(one));
  if (!isTouched && !isRefused && !isChanged) return true;
  says.textContent = SAYS;
  form.addEventListener("input", () => says.textContent === SAYS && (says.textContent = ""), { once: true });
  return false;
}

export function differs(field) {
  if (["radio", "checkbox"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const standard = [...field.options].findIndex((one) => one.defaultSelected);
  return field.selectedIndex !== Math.max(0, standard);
}
