// <connection-strip hidden>: says why no answer comes, one <p data-why> for each reason: "offline" (nothing answered),
// "foreign" (something else than Studio answered) or "trouble" (Studio cannot say what is new). It goes with the next good answer.
import { isForeign } from "./answers.js";

const LONGEST = 15_000; // milliseconds that the question for the reason may take

class ConnectionStrip extends HTMLElement {
  #listening = new AbortController();

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    addEventListener("offline", () => this.#show("offline"), { signal });
    addEventListener("online", () => this.#hide(), { signal });
    document.addEventListener("htmx:afterRequest", (event) => this.#answered(event.detail), { signal });
    document.addEventListener("htmx:sendError", () => this.#unanswered(), { signal });
    document.addEventListener("htmx:timeout", () => this.#show("offline"), { signal });
    if (!navigator.onLine) this.#show("offline");
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  #answered({ xhr, requestConfig }) {
    if (isForeign(xhr)) this.#show("foreign");
    else if (xhr.status >= 500 && requestConfig.elt.id === "pulse") this.#show("trouble");
    else if (xhr.status) this.#hide();
  }

  // A redirect to another site ends like a broken connection; only a request that does not follow it tells them apart.
  async #unanswered() {
    if (this.hidden) this.#show("offline");
    const pulse = document.getElementById("pulse")?.getAttribute("hx-get");
    if (!pulse || !navigator.onLine) return;
    try {
      const answer = await fetch(pulse, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(LONGEST) });
      if (answer.type === "opaqueredirect" || !answer.headers.has("Studio")) this.#show("foreign");
    } catch {
      if (!this.hidden) this.#show("offline"); // no answer at all
    }
  }

  #show(why) {
    for (const words of this.querySelectorAll("[data-why]")) words.hidden = words.dataset.why !== why;
    this.hidden = false;
  }

  #hide() {
    this.hidden = true;
  }
}

customElements.define("connection-strip", ConnectionStrip);
