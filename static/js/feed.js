// Swaps that nobody notices: what the page already has is not inserted twice, a picture that stands is not loaded again,
// and focus and an open menu survive the replacement of their card.

// Before an answer is taken apart: leave out what has no place here, and cards that are here already.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = document.createElement("template");
  answer.innerHTML = event.detail.serverResponse ?? "";
  const parts = [...answer.content.children].filter((part) => part.hasAttribute("hx-swap-oob"));
  if (!parts.length) return;
  for (const part of parts) {
    const where = part.getAttribute("hx-swap-oob");
    if (where === "afterbegin:#now") {
      for (const entry of [...part.children]) if (entry.id && document.getElementById(entry.id)) entry.replaceWith(...newer(entry));
      if (!part.children.length) part.remove();
      else for (const card of part.querySelectorAll(":scope > [hx-swap-oob]")) part.before(card);
    } else if (part.id && !where.includes(":") && (!document.getElementById(part.id) || isOlder(part))) {
      part.remove();
    }
  }
  event.detail.serverResponse = answer.innerHTML;
});

// Two answers may cross: a card never goes back to what an older one says of it.
function isOlder(card) {
  const standing = document.getElementById(card.id);
  return Boolean(standing && Number(card.dataset.rev) < Number(standing.dataset.rev));
}

// The cards of an entry that is here already, as far as they are news: they replace their namesakes.
function newer(entry) {
  const cards = entry.dataset.rev === undefined ? [...entry.querySelectorAll("[data-rev]")] : [entry];
  const news = cards.filter((card) => Number(card.dataset.rev) > Number(document.getElementById(card.id)?.dataset.rev));
  for (const card of news) card.setAttribute("hx-swap-oob", "true");
  return news;
}

const kept = new Map();

document.addEventListener("htmx:oobBeforeSwap", (event) => keep(event.detail.target, event.detail.fragment));
document.addEventListener("htmx:oobAfterSwap", (event) => restore(event.detail.target));
document.addEventListener("htmx:beforeSwap", (event) => keep(event.detail.target, null));
document.addEventListener("htmx:afterSwap", (event) => restore(event.detail.target));

function keep(old, fragment) {
  if (!old?.matches?.("[id^='job-']")) return;
  const standing = old.querySelector(".tile__link > img");
  const coming = fragment?.querySelector(".tile__link > img");
  if (standing && coming && standing.getAttribute("src") === coming.getAttribute("src")) {
    standing.classList.remove("is-arriving");
    coming.replaceWith(standing);
  }
  kept.set(old.id, {
    hadFocus: old.contains(document.activeElement),
    act: document.activeElement.dataset.act,
    menu: old.querySelector("[popover]:popover-open")?.id,
  });
}

function restore(target) {
  const before = kept.get(target?.id);
  const card = document.getElementById(target?.id);
  kept.delete(target?.id);
  if (!before || !card) return;
  if (before.menu) document.getElementById(before.menu)?.showPopover();
  if (!before.hadFocus || card.contains(document.activeElement)) return;
  const same = before.act && card.querySelector(`[data-act="${before.act}"]`);
  (same || card.querySelector(".tile__link") || card).focus({ preventScroll: true });
}

// Undo was pressed and answered: its toast has nothing more to say.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) event.detail.requestConfig.elt.closest("toast-note")?.remove();
});
