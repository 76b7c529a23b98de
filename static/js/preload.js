// Pages that feel immediate: the page behind a tile or a tab is fetched while somebody points at it, has the focus on
// it or touches it, one at a time; and a line at the top says at once that another page is coming. Speculation rules
// and no <link rel=prefetch>: our pages are never stored, and only these may keep an answer for the click.
const LIKELY = ".tile__link, .tabs a, a[rel=next], a[rel=prev], [data-way-back]";
const MEANT = 80; // milliseconds that the pointer rests
const FORGET = 10_000; // milliseconds after which the line gives up: what came was no page

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
    if (!link || link.closest(".is-selecting")) return;
    if (wait) timer = setTimeout(() => preload(link), wait);
    else preload(link);
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && soon(event, MEANT));
  document.addEventListener("focusin", (event) => soon(event, MEANT));
  document.addEventListener("pointerdown", (event) => event.button || soon(event, 0));
}

// ---- The line

const { classList } = document.documentElement;

// A file comes with a name of its own. Its link has no `download`: that would keep a page that says why not as a file.
const FILE = /\.csv$|\/(download|file|original)\/$/;
const isOurs = ({ origin }) => origin === location.origin;
const isPage = (link) => isOurs(link) && !FILE.test(link.pathname) && link.search !== "?file";

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const hasKey = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  const isPlain = !(event.defaultPrevented || event.button || hasKey);
  if (!link || !isPlain || link.target || !isPage(link)) return;
  if (link.pathname + link.search !== location.pathname + location.search || !link.hash) leave();
});
addEventListener("submit", (event) => event.defaultPrevented || leave());
addEventListener("pageshow", () => classList.remove("is-leaving"));

function leave() {
  classList.add("is-leaving");
  setTimeout(() => classList.remove("is-leaving"), FORGET);
}
