// What every page needs: the connection strip, menus, toasts, and what the other modules share.

// An element that hears what happens as long as it is on the page; `connected` is where it begins.
export class ListeningElement extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    this.#listening = new AbortController();
    this.connected(this.#listening.signal);
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  // `names` are one or several, with spaces in between.
  hear(target, names, act, options) {
    const { signal } = this.#listening;
    for (const name of names.split(" ")) target.addEventListener(name, act, { signal, ...options });
  }
}

// Whether an XMLHttpRequest was answered by something else than Studio. Studio marks every answer with a header; a
// sign-in page, a captive portal or a proxy's error page does not have it.
export const isForeign = (xhr) => xhr.status !== 0 && xhr.getResponseHeader("Studio") === null;

// Ignore answers that are not Studio's: nothing of them is swapped in, no header of them is obeyed, and no request
// counts as successful. htmx sends the first event to the element that asked, the second to its target: one of them is
// on the page.
for (const name of ["htmx:beforeOnLoad", "htmx:beforeSwap"]) {
  document.addEventListener(name, (event) => isForeign(event.detail.xhr) && event.preventDefault());
}

// The page belongs to who was signed in when it was drawn: every request says so, and the server answers 401 when that
// session has ended or somebody else is signed in now.
const headers = () => JSON.parse(document.body.getAttribute("hx-headers"));

export async function account(address, options = {}) {
  const answer = await fetch(address, {
    cache: "no-store",
    redirect: "manual",
    ...options,
    headers: { "HX-Request": "true", ...typeOf(options.body), ...headers() },
  });
  const session = answer.headers.get("Studio-Session");
  if (answer.status === 401) tellSession(session);
  else if (session === "renewed") renew();
  return answer;
}

// A form says its type itself.
const typeOf = (body) => (body instanceof FormData ? {} : { "Content-Type": "application/json" });

// The words of Studio's notice in an answer; "" when it has none.
export function noticeOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("toast-note > p")?.textContent.replace(/\s+/g, " ").trim() ?? "";
}

function tellSession(state) {
  document.dispatchEvent(new CustomEvent("session-ended", { detail: state ?? "ended" }));
}

// The same person has signed in again elsewhere: the page goes on, with a token that counts.
async function renew() {
  const address = document.body.dataset.draft;
  const answer = await account(address).catch(() => null);
  if (!answer?.ok) return;
  const { token } = await answer.json();
  document.body.setAttribute("hx-headers", JSON.stringify({ ...headers(), "X-CSRFToken": token }));
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  document.dispatchEvent(new CustomEvent("session-renewed"));
}

// <connection-strip hidden>: says why no answer comes, one <p data-why> for each reason: "offline" (nothing answered),
// "foreign" (something else than Studio answered), "trouble" (Studio cannot say what is new), "ended" (nobody is signed
// in any more) or "other" (somebody else is). The next good answer hides it, and when Studio could not be reached at
// all meanwhile, the document hears "studio:online".
const LONGEST = 15_000; // milliseconds that the question for the reason may take

class ConnectionStrip extends ListeningElement {
  #isDown = false;

  connected() {
    this.hear(window, "offline", () => this.#lost("offline"));
    this.hear(window, "online", () => this.#hide());
    this.hear(document, "htmx:afterRequest", (event) => this.#answered(event.detail));
    this.hear(document, "htmx:sendError", () => this.#unanswered());
    this.hear(document, "htmx:timeout", () => this.#show("offline"));
    this.hear(document, "session-ended", (event) => this.#show(event.detail));
    if (!navigator.onLine) this.#lost("offline");
    // What sticks to the top stands below it (--strip-h).
    const said = () => document.body.style.setProperty("--strip-h", `${this.offsetHeight}px`);
    new ResizeObserver(said).observe(this);
  }

  #answered({ xhr, requestConfig }) {
    if (isForeign(xhr)) this.#show("foreign");
    else if (xhr.status === 401) tellSession(xhr.getResponseHeader("Studio-Session"));
    else if (xhr.getResponseHeader("Studio-Session") === "renewed") renew();
    else if (xhr.status >= 500 && requestConfig.elt.id === "pulse") this.#show("trouble");
    else if (xhr.status) this.#hide();
  }

  // A redirect to another site ends like a broken connection; only a request that does not follow it tells them apart.
  async #unanswered() {
    if (this.hidden) this.#show("offline");
    const pulse = document.getElementById("pulse")?.getAttribute("hx-get");
    if (!pulse || !navigator.onLine) return;
    try {
      const signal = AbortSignal.timeout(LONGEST);
      const answer = await fetch(pulse, { redirect: "manual", cache: "no-store", signal });
      if (answer.type === "opaqueredirect" || !answer.headers.has("Studio")) this.#lost("foreign");
      else if (answer.ok) this.#hide(); // only this one request was lost
    } catch {
      if (!this.hidden) this.#lost("offline"); // no answer at all
    }
  }

  #lost(why) {
    this.#isDown = true;
    this.#show(why);
  }

  #show(why) {
    for (const words of this.querySelectorAll("[data-why]")) words.hidden = words.dataset.why !== why;
    this.dataset.shows = why;
    this.hidden = false;
    const link = this.querySelector(`[data-why="${why}"] [data-sign-in]`);
    if (link) link.search = new URLSearchParams({ next: location.pathname + location.search });
  }

  #hide() {
    const wasEnded = ["ended", "other"].includes(this.dataset.shows) && !this.hidden;
    this.hidden = true;
    if (wasEnded) renew();
    if (!this.#isDown) return;
    this.#isDown = false;
    document.dispatchEvent(new CustomEvent("studio:online"));
  }
}

customElements.define("connection-strip", ConnectionStrip);

// A menu ([popover].menu) opens beside the button that opened it and stays within the window.
const GAP = 6; // pixels

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]:not(.account)")) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  button?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState === "open" && button) place(menu, button.getBoundingClientRect());
}, true);

// A menu that stays where it was while its button scrolls away belongs to nothing. What scrolled before it opened may
// be told only afterwards.
document.addEventListener("scroll", (event) => {
  const open = document.querySelector(".menu[popover]:popover-open:not(.account)");
  if (!open || open.contains(event.target)) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(open.id)}"]`);
  if (!button || Math.abs(button.getBoundingClientRect().top - open.beside) > GAP) open.hidePopover();
}, { capture: true, passive: true });

// One that was filled after it opened has another size, and what had the focus in it is gone.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const menu = target.closest?.(".menu[popover]:popover-open:not(.account)");
  const button = menu && document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (button) place(menu, button.getBoundingClientRect());
  if (button && document.activeElement === document.body) menu.querySelector("a, button")?.focus();
});

function place(menu, box) {
  menu.beside = box.top;
  const { width, height } = menu.getBoundingClientRect();
  const below = box.bottom + GAP + height <= innerHeight;
  const left = Math.min(Math.max(GAP, box.right - width), innerWidth - width - GAP);
  menu.style.inset = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - height)}px auto auto ${left}px`;
}

// <toast-note>: closes by its [data-close] button, and by itself after a while unless it has data-stay (errors do),
// or somebody points at it or has the focus in it.
const REST = 6000; // milliseconds: long enough to read one sentence and reach Undo

class ToastNote extends ListeningElement {
  #timer = 0;

  connected() {
    this.hear(this, "click", (event) => event.target.closest("[data-close]") && this.remove());
    if (this.hasAttribute("data-stay")) return;
    this.hear(this, "pointerenter focusin", () => clearTimeout(this.#timer));
    this.hear(this, "pointerleave focusout", () => this.#rest());
    this.#rest();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.matches(":hover, :focus-within")) this.#rest();
      else this.remove();
    }, REST);
  }
}

// Undo was pressed and answered: its toast has nothing more to say.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) event.detail.requestConfig.elt.closest("toast-note")?.remove();
});

customElements.define("toast-note", ToastNote);

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";

// The address of a plainly clicked link to this same page, which the page can follow by itself; null for other clicks.
export function ownLink(event) {
  const link = event.target.closest("a[href]");
  const isOther = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || event.defaultPrevented || isOther) return null;
  const url = new URL(link.href);
  return url.origin === location.origin && url.pathname === location.pathname ? url : null;
}

export const isTyping = (event) => event.target.closest?.(TYPING) != null;

// Whatever listens for keys gets the letters of a Latin keyboard without Caps Lock, whichever script is typed.
const latin = (event) => {
  const isTyped = (isTyping(event) && !event.ctrlKey && !event.metaKey) || event.getModifierState?.("AltGraph");
  const letter = /^[a-z]$/i.test(event.key) ? event.key : /^\p{L}Key(.)$/u.exec(event.key + event.code)?.[1];
  if (isTyped || !letter) return;
  Object.defineProperty(event, "key", { value: event.shiftKey ? letter.toUpperCase() : letter.toLowerCase() });
};
for (const name of ["keydown", "keyup"]) addEventListener(name, latin, true);

// Which control a key press means: its aria-keyshortcuts, such as "e", "Shift+E" or "ArrowLeft".
export function pressed(event, control) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event)) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return control.getAttribute("aria-keyshortcuts").split(" ").some((shortcut) => {
    const [wanted, ...held] = shortcut.split("+").reverse();
    const isKey = (wanted.length === 1 ? wanted.toLowerCase() : wanted) === key;
    return isKey && held.join() === (event.shiftKey ? "Shift" : "");
  });
}

// "?" anywhere, also where a page has a bar of its own, and Keys in the account menu: the sheet of all keys.
function showKeys(event) {
  event.preventDefault();
  const { keys } = document.body.dataset;
  document.querySelector("[popover]:popover-open")?.hidePopover();
  import("./key-sheet.js").then(({ open }) => open(keys, account)).catch(() => location.assign(keys));
}

// "/" leads to the search, "n" to the prompt, "q" to the jobs of now: where a page has none, to Gallery's and Create's.
const LEADS = { "/": "find", n: "prompt", q: "now" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  const place = LEADS[event.key];
  const { dataset } = document.body;
  if (event.key === "?" && dataset.keys) showKeys(event);
  const own = place && document.querySelector(`[aria-keyshortcuts~="${event.key}"], #${place}`);
  if (!(own ?? dataset[place]) || own?.matches("button")) return;
  event.preventDefault();
  if (own?.matches("input")) own.select();
  else if (own)(own.querySelector("a, button") ?? own).focus();
  else location.assign(dataset[place]);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("#all-keys");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) showKeys(event);
});

// For whoever uses the keyboard: menus, and where the focus goes.
const withKeys = () => import("./keyboard.js").catch(() => {}); // without a connection the next page has it
for (const name of ["keydown", "toggle"]) addEventListener(name, withKeys, { once: true, capture: true });
if (sessionStorage.getItem("studio:keyboard")) withKeys();

// What a tab remembers of the way from a list to a picture: the list it was opened from, and the last picture seen.
const LIST = "studio:list";
const SEEN = "studio:seen";

export function leaveList() {
  const word = document.querySelector('.tabs [aria-current="page"]')?.textContent.trim();
  if (word) sessionStorage.setItem(LIST, JSON.stringify({ word, href: location.pathname + location.search }));
}

export const lastList = () => JSON.parse(sessionStorage.getItem(LIST) ?? "null");
export const see = (path) => sessionStorage.setItem(SEEN, path);

export function takeSeen() {
  const path = sessionStorage.getItem(SEEN);
  sessionStorage.removeItem(SEEN);
  return path;
}
