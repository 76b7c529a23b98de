// Alt+↑ ↓ in the prompt: a step through what was asked for before, and back to what was being typed.
export function walk(prompt, step) {
  const { field, past } = prompt;
  const last = past.length - 1;
  let at = Math.max(-1, Math.min(last, prompt.at + step));
  if (step > 0 && at < last && past[at] === field.value) at += 1; // what stands there already is no step
  if (at === prompt.at) return;
  if (field.value !== past[prompt.at]) prompt.typed = field.value;
  prompt.at = at;
  field.value = at < 0 ? prompt.typed : past[at];
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
