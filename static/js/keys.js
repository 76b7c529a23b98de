// Which control a key press means: its aria-keyshortcuts, such as "e", "Shift+E" or "ArrowLeft".
const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";

export const isTyping = (event) => event.target.closest?.(TYPING) != null;

export function pressed(event, control) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event)) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return control.getAttribute("aria-keyshortcuts").split(" ").some((shortcut) => {
    const parts = shortcut.split("+");
    const wanted = parts.pop();
    return parts.includes("Shift") === event.shiftKey && (wanted.length === 1 ? wanted.toLowerCase() : wanted) === key;
  });
}
