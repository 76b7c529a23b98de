// While a modal dialog is open, the rest of the page lies under it and can't be pressed: its notices (#toasts) and its
// connection strip are in the dialog until it closes.
export function bringNotices(dialog) {
  if (!dialog.open) return;
  for (const id of ["connection", "toasts"]) {
    const one = document.getElementById(id);
    const place = document.createComment(id);
    one.before(place);
    dialog.prepend(one);
    dialog.addEventListener("close", () => place.replaceWith(one), { once: true });
  }
}
