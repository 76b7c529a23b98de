// However far somebody turned from picture to picture, Back closes it: the next one takes the place of this one in the
// history. Heard after the line at the top (pages.js) has heard the click.
addEventListener("click", (event) => {
  const turn = event.target.closest?.("a[rel=next], a[rel=prev], .filmstrip a");
  if (!turn || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  location.replace(turn.href);
});
