// The htmx extension "live" (hx-ext="live" hx-swap="live"): the parts of an answer find their places by their ids and are
// morphed into them, so that focus, open menus, scroll positions and loaded pictures stay. A part with a place of its own
// on the page is updated, one without is left out, and the entries of <div data-top="id"> that are new go to the top of it.
// What carries a revision (data-rev) never goes back to an older one.
const REVISION = "Studio-Revision"; // up to where the answer of a pulse leads
const BY_SCRIPT = new Set(["style", "aria-expanded"]); // the server never sets them on what it updates

htmx.defineExtension("live", {
  // An answer to a page that is gone, or one that a newer answer has overtaken, has nothing to say.
  transformResponse(text, xhr, elt) {
    const leadsTo = xhr.getResponseHeader(REVISION);
    if (leadsTo === null) return text;
    return elt.isConnected && Number(leadsTo) >= Number(elt.dataset.rev) ? text : "";
  },

  isInlineSwap: (style) => style === "live",

  handleSwap(style, target, fragment) {
    if (style !== "live") return false;
    return [...fragment.children].flatMap((part) => ("top" in part.dataset ? putOnTop(part) : update(part)));
  },
});

function update(part) {
  const standing = document.getElementById(part.id);
  return standing && !isOlder(part, standing) ? morph(standing, part) : [];
}

function putOnTop(part) {
  const place = document.getElementById(part.dataset.top);
  if (!place) return [];
  const [known, fresh] = [[], []];
  for (const entry of part.children) (document.getElementById(entry.id) ? known : fresh).push(entry);
  const changed = known.flatMap((entry) => ("rev" in entry.dataset ? update(entry) : updateGroup(entry)));
  for (const entry of fresh) takeOver(entry);
  place.prepend(...fresh);
  return [...changed, ...fresh];
}

// A group that is here already: its cards are updated, and those that it lacks come before its count.
function updateGroup(entry) {
  const group = document.getElementById(entry.id);
  return [...entry.querySelectorAll(":scope > [data-rev]")].flatMap((card) => {
    if (document.getElementById(card.id)) return update(card);
    group.querySelector(":scope > group-spread").before(card);
    return [card];
  });
}

// Cards that were here by themselves, before they became cells of this group.
function takeOver(entry) {
  for (const card of entry.querySelectorAll(":scope > [data-rev]")) {
    const standing = document.getElementById(card.id);
    if (standing && isOlder(card, standing)) card.replaceWith(standing);
    else standing?.remove();
  }
}

function isOlder(coming, standing) {
  return Number(coming.dataset?.rev) < Number(standing.dataset?.rev);
}

function morph(standing, coming) {
  const { activeElement } = document;
  const hadFocus = standing.contains(activeElement);
  const { id } = standing;
  const changed = Idiomorph.morph(standing, coming, { morphStyle: "outerHTML", callbacks });
  if (hadFocus && document.activeElement !== activeElement) focusAgain(document.getElementById(id), activeElement.dataset.act);
  return changed;
}

// What had the focus is gone: the same action has it, or else the picture's link or the card itself.
function focusAgain(card, act) {
  const same = act && card?.querySelector(`[data-act="${act}"]`);
  (same || card?.querySelector(".tile__link") || card)?.focus({ preventScroll: true });
}

const callbacks = {
  beforeNodeMorphed: (standing, coming) => !isOlder(coming, standing),
  beforeAttributeUpdated(name, element) {
    if (BY_SCRIPT.has(name)) return false;
    if (name === "hidden" && element.localName.includes("-")) return false; // an element of ours shows itself
    return !(["class", "disabled"].includes(name) && element.closest(".htmx-request")); // htmx takes these back itself
  },
  // Its animation begins with what the server says now, not with when the drawing came to the page.
  afterNodeMorphed(standing) {
    if (standing instanceof SVGSVGElement) standing.setCurrentTime(0);
  },
};
