// How pages follow each other and stay up to date: the page that is likely next is fetched ahead, a line at the top
// says that one is coming, the parts of an answer are swapped in, and the pulse asks for them.
import { isForeign } from "./shell.js";

// The page behind a tile or a tab is fetched while somebody points at it, has the focus on it or touches it, one at a
// time. Speculation rules, not <link rel=prefetch>: our pages are never stored, and only these keep an answer for
// the click.
const LIKELY = ".tile__link, .tabs a, a[rel=next], a[rel=prev], [data-way-back]";
const MEANT = 80; // milliseconds that the pointer rests
const FORGET = 10_000; // milliseconds until the line gives up: no page came

let rules = null;
let timer = 0;
let ahead = "";

function preload(link) {
  const { href, origin } = link;
  if (origin !== location.origin || href === ahead || link.pathname === location.pathname) return;
  ahead = href;
  rules?.remove(); // one at a time
  rules = document.createElement("script");
  rules.type = "speculationrules";
  rules.textContent = JSON.stringify({ prefetch: [{ urls: [href], eagerness: "immediate" }] });
  document.head.append(rules);
}

if (HTMLScriptElement.supports?.("speculationrules") && !navigator.connection?.saveData) {
  const soon = (event, wait) => {
    clearTimeout(timer);
    const link = event.target.closest?.(LIKELY);
    // While something is chosen, a click opens nothing.
    if (link && !link.closest(".is-selecting")) timer = setTimeout(preload, wait, link);
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && soon(event, MEANT));
  document.addEventListener("focusin", (event) => soon(event, MEANT));
  document.addEventListener("pointerdown", (event) => event.button || soon(event, 0));
}

// ---- The line at the top

const { classList } = document.documentElement;

// A link to a file has no `download`: it would keep a page that says why not. Offline, the page stays.
const FILE = /\.csv$|\/(download|file|original)\/$/;
const isPage = (link) => link.origin === location.origin && !FILE.test(link.pathname) && link.search !== "?file";

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const hasKey = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const isPlain = !(event.defaultPrevented || event.button || hasKey);
  if (!link || !isPlain || link.target) return;
  if (!isPage(link)) navigator.onLine || event.preventDefault();
  else if (link.pathname + link.search !== location.pathname + location.search || !link.hash) leave();
});
let sent = null; // the form whose page is on its way: a second click or Enter does not send it again
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const isSent = event.target === sent && classList.contains("is-leaving");
  if (navigator.onLine && !isSent) leave(event.target);
  else event.preventDefault();
});
addEventListener("pageshow", () => classList.remove("is-leaving"));

function leave(form) {
  sent = form?.method === "post" ? form : null;
  classList.add("is-leaving");
  setTimeout(() => classList.remove("is-leaving"), FORGET);
}

// ---- The swap of an answer's parts

// The htmx extension "live" (hx-ext="live" hx-swap="live"): the parts of an answer find their places by their ids and
// are morphed into them, so that focus, open menus, scroll positions and loaded pictures stay. A part with a place on
// the page is updated, one without is left out, and new entries of <div data-top="id"> go to the top of that element.
// What carries a revision (data-rev) never goes back to an older one.
const REVISION = "Studio-Revision"; // up to where the answer of a pulse leads
const BY_SCRIPT = new Set(["style", "aria-expanded", "open"]); // the server never sets them on what it updates

htmx.defineExtension("live", {
  // Takes nothing of an answer that a newer one, or what was done here meanwhile, overtook, or whose page is gone.
  transformResponse(text, xhr, elt) {
    const leadsTo = xhr.getResponseHeader(REVISION);
    if (leadsTo === null) return text;
    return elt.isConnected && wanted === asked && Number(leadsTo) >= Number(elt.dataset.rev) ? text : "";
  },

  isInlineSwap: (style) => style === "live",

  handleSwap(style, target, fragment) {
    if (style !== "live") return false;
    return [...fragment.children].flatMap((part) => ("top" in part.dataset ? putOnTop(part) : update(part)));
  },
});

function update(part) {
  const standing = document.getElementById(part.id);
  if (!standing || isOlder(part, standing)) return [];
  const changed = morph(standing, part);
  if (part.dataset.rules) renew(document.getElementById(part.id));
  return changed;
}

// Prices or ratios have changed: the dock around this field has the rules of now.
function renew(field) {
  const dock = field.closest("compose-dock");
  dock.rules = JSON.parse(field.dataset.rules);
  dock.refresh?.();
}

function putOnTop(part) {
  const place = document.getElementById(part.dataset.top);
  if (!place) return [];
  const known = [];
  const fresh = [];
  for (const entry of part.children) {
    (document.getElementById(entry.id) ? known : fresh).push(entry);
  }
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

const isOlder = (coming, standing) => Number(coming.dataset?.rev) < Number(standing.dataset?.rev);

function morph(standing, coming) {
  const { activeElement } = document;
  const hadFocus = standing.contains(activeElement);
  const { id } = standing;
  const changed = Idiomorph.morph(standing, coming, { morphStyle: "outerHTML", callbacks });
  if (hadFocus && document.activeElement !== activeElement) {
    focusAgain(document.getElementById(id), activeElement.dataset.act);
  }
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
    if (BY_SCRIPT.has(name) || (name === "sizes" && element.sizes)) return false; // sizes: it shows a file already
    if (name === "checked" && element.closest("compose-dock")) return false; // somebody chose it
    if (name === "hidden" && element.localName.includes("-")) return false; // an element of ours shows itself
    return !(["class", "disabled"].includes(name) && element.closest(".htmx-request")); // htmx takes these back itself
  },
  // Its animation begins with what the server says now, not with when the drawing came to the page.
  afterNodeMorphed(standing) {
    if (standing instanceof SVGSVGElement) standing.setCurrentTime(0);
  },
};

// ---- The pulse

// #pulse asks what is newer than what the page has seen. htmx does the polling (hx-trigger="every …"), and the server
// sets the pace with every answer. Here: hidden tabs skip most turns, failures in a row make the turns rarer, and the
// page asks at once when somebody looks at it again, comes online or decides something.
const SECOND = 1000; // milliseconds
const LONGEST = 10 * SECOND; // between two requests, however often they failed

let failures = 0; // in a row
let startedAt = -Infinity; // of the newest request, on the clock that never jumps
let wanted = 0; // how often somebody wanted to know something
let asked = 0; // how many of these the newest request answers

const pulse = () => document.getElementById("pulse");

function ask() {
  wanted += 1;
  trigger();
}

function trigger() {
  if (pulse()) htmx.trigger(pulse(), "pulse");
}

// What is on its way may have been lost while the machine slept or was offline: it is not waited for.
function askAnew() {
  if (document.hidden || !pulse()) return;
  showCount();
  htmx.trigger(pulse(), "htmx:abort");
  failures = 0;
  ask();
}

// The title counts what of one's own has ended since somebody last looked, and the icon then has a dot; else the title
// counts what is under way.
const icon = document.querySelector("link[data-news]");
const plain = icon?.href;
let looked = numberOf("ended"); // what had ended then

function numberOf(name) {
  return Number(pulse()?.dataset[name]) || 0;
}

function showCount() {
  if (!document.hidden) looked = numberOf("ended");
  const ended = Math.max(0, numberOf("ended") - looked);
  const count = ended || numberOf("mine");
  const name = document.title.replace(/^\(\d+\) /, "");
  document.title = count ? `(${count}) ${name}` : name;
  const wanted = ended ? icon?.dataset.news : plain;
  if (icon && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

// What is told by desktop notice or sound, to people who chose that.
let noticed = pulse()?.dataset.notice;

async function tellNotice() {
  const { notice, text, ways } = pulse()?.dataset ?? {};
  if (!notice || notice === noticed) return;
  noticed = notice;
  const { tell } = await import("./notices.js");
  tell(notice, text, ways.split(" "));
}

// A hidden tab asks now and then, if there is something that its person waits for.
const mayAsk = () => {
  const isWaited = numberOf("mine") > 0 || "tells" in (pulse()?.dataset ?? {});
  return !document.hidden || (isWaited && performance.now() - startedAt > LONGEST);
};

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "pulse") return;
  const pause = failures ? Math.min(LONGEST, SECOND * 2 ** (failures - 1)) : 0;
  if (!mayAsk() || performance.now() - startedAt < pause) {
    event.preventDefault();
    return;
  }
  startedAt = performance.now();
  asked = wanted;
});

// A failure shows in the connection strip; one notice for each try would bury the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.elt.id === "pulse" && event.detail.isError) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful, xhr } = event.detail;
  if (requestConfig.elt.id === "pulse") {
    failures = successful ? 0 : failures + 1;
    showCount();
    tellNotice();
    const { role } = pulse()?.dataset ?? {}; // said to another role
    for (const old of document.querySelectorAll(`#toasts [data-role]:not([data-role="${role}"])`)) old.remove();
    if (wanted > asked) setTimeout(trigger); // wanted while it was on its way
    return;
  }
  if (xhr.status && !isForeign(xhr)) failures = 0;
  if (successful && requestConfig.verb !== "get") ask();
});

// A press that Studio did not answer is said until another one is answered: its page may look as if it had been taken.
// The dock and the crop say so themselves, and a board's moves are told again (boards.js). Of what changes nothing,
// such as a filter's menu, only what a person waits for is said, and nothing of a form whose press got no answer.
const saysSo = (elt) => elt.closest(".dock, .crop__form") || elt.matches("#grid[data-move]");
const PRESSES = ["click", "submit", "change", "input", "search", "toggle", "keydown"];
const isWatched = (elt, type) => PRESSES.includes(type) || (type !== "intersect" && elt.closest(":popover-open"));
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:afterRequest"]) {
  document.addEventListener(name, ({ type, detail: { requestConfig: { elt, verb, triggeringEvent }, xhr } }) => {
    const isLost = type !== "htmx:afterRequest" || isForeign(xhr);
    const isLook = verb === "get";
    if (elt.id === "pulse" || (isLost && isLook && !isWatched(elt, triggeringEvent?.type))) return;
    if (isLost ? saysSo(elt) : !xhr.status) return;
    for (const old of document.querySelectorAll(isLook ? "[data-unanswered=look]" : "[data-unanswered]")) old.remove();
    if (!isLost || (isLook && document.querySelector("[data-unanswered=press]")?.of.contains(elt))) return;
    const note = document.getElementById("unanswered").content.cloneNode(true);
    note.querySelector(isLook ? "[data-press]" : "[data-look]").remove();
    Object.assign(note.firstElementChild, { of: elt }).dataset.unanswered = isLook ? "look" : "press";
    document.getElementById("toasts").append(note);
  });
}

document.addEventListener("visibilitychange", askAnew);
addEventListener("online", askAnew);
addEventListener("pageshow", (event) => event.persisted && askAnew());
