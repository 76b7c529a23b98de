// What pages that show a picture large share.

// However far somebody turned from picture to picture, Back closes it: the next one takes the place of this one in the
// history. Heard after the line at the top (pages.js) has heard the click.
addEventListener("click", (event) => {
  const turn = event.target.closest?.("a[rel=next], a[rel=prev], .filmstrip a");
  if (!turn || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  location.replace(turn.href);
});

// class="preview": a small size, which the browser has or gets soon, under the large one that follows it, until that
// can be drawn. One that cannot be had leaves it there.
export function endPreviews(within) {
  for (const large of within.querySelectorAll(".preview + :is(img, image)")) {
    const preview = large.previousElementSibling;
    // An <image> does not tell whether it has come: one with its file does.
    const isDrawing = large.localName === "image";
    const image = isDrawing ? Object.assign(new Image(), { src: large.href.baseVal }) : large;
    const end = () => image.decode().then(() => preview.remove(), () => {});
    image.addEventListener("load", end);
    if (image.complete) end();
  }
}

endPreviews(document);
