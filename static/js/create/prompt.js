// The prompt of the dock and the button that sends it.
import { say, showProblems } from "./dock-parts.js";
import { grouped, length, rulesOf } from "./rules.js";
import { isForeign, ListeningElement, noticeOf } from "../shell.js";

// <make-button>: sends the dock once. While a request is on its way nothing else is sent; one that found no answer
// keeps its token, so pressing again never asks twice; after an answer it is a fresh one. The very same within
// moments is asked about first, here as on the server.
const SHORTEST = 600; // milliseconds: a double click still finds the button busy
const SAME_AGAIN = 2000; // milliseconds (models/submission.py)
const NOT_ASKED_FOR = new Set(["token", "csrfmiddlewaretoken", "again"]);

class MakeButton extends ListeningElement {
  #sentAt = 0;
  #token = "";
  #asked = "";
  #next = ""; // pressed meanwhile
  #last = { asked: "", at: -Infinity };

  connected() {
    this.form = this.closest("form");
    this.button = this.querySelector("button");
    this.words = rulesOf(this.closest("compose-dock")).words;
    this.hear(this.form.parentElement, "submit", (event) => this.#submitted(event), { capture: true });
    const on = (names, act) => this.hear(this.form, names, ({ target, detail }) => target === this.form && act(detail));
    on("htmx:beforeRequest", () => this.#sent());
    on("htmx:afterRequest htmx:onLoadError", (detail) => this.#answered(detail));
    this.hear(document, "studio:online", () => this.#online());
  }

  #submitted(event) {
    const isSending = "sending" in this.dataset;
    if (!isSending && (event.submitter?.name === "again" || !this.#repeats())) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isSending) this.#ask();
    else this.#next = this.#content();
  }

  #repeats() {
    return this.#last.asked === this.#content() && performance.now() - this.#last.at < SAME_AGAIN;
  }

  #content() {
    return JSON.stringify([...new FormData(this.form)].filter(([name, value]) => {
      return !NOT_ASKED_FOR.has(name) && typeof value === "string"; // pictures lie in the tray by their codes
    }));
  }

  // The question stands where the server would put it; whoever means it presses the button or Tab and Enter.
  #ask() {
    const question = this.querySelector("template").content.cloneNode(true);
    showProblems(question);
    say(this.words.same_again);
  }

  #sent() {
    this.#sentAt = performance.now();
    this.#asked = this.#next = this.#content();
    this.#token = this.form.elements.token.value;
    this.dataset.sending = "";
    this.#tell("");
    this.button.style.minInlineSize = `${this.button.offsetWidth}px`;
    this.button.setAttribute("aria-disabled", "true");
    this.button.querySelector("[data-verb]").textContent = this.words.sending;
    this.button.querySelector(".btn__price").textContent = "";
  }

  #answered({ xhr, successful }) {
    if (xhr.getResponseHeader("HX-Redirect")) {
      // It was made, and its page comes: a press meanwhile must not pay again, and who comes back begins anew.
      addEventListener("pageshow", () => location.reload(), { once: true });
      return;
    }
    if (successful) this.#placed();
    else if (isForeign(xhr)) this.#tell(this.words.foreign, { lost: true });
    else if (!xhr.status) this.#tell(this.words.no_connection, { lost: true });
    else if (xhr.status >= 500) this.#tell(this.words.server_error);
    else if (xhr.status === 401) this.#tell(this.words.session_ended);
    else if (xhr.getResponseHeader("Studio-Session")) this.#tell(this.words.renewed);
    else if (xhr.status !== 422) this.#tell(noticeOf(xhr.responseText) || this.words.refused);
    const rest = successful ? SHORTEST - (performance.now() - this.#sentAt) : 0;
    setTimeout(() => this.#settle(successful), Math.max(0, rest));
  }

  #placed() {
    const { token, prompt } = this.form.elements;
    this.#last = { asked: this.#asked, at: performance.now() };
    if (token.value === this.#token) token.value = freshToken();
    this.form.querySelector("#tray-notes").replaceChildren();
    this.dispatchEvent(new CustomEvent("make-placed", { bubbles: true, detail: { prompt: prompt.value } }));
  }

  #settle(isPlaced) {
    delete this.dataset.sending;
    this.button.style.minInlineSize = "";
    this.dispatchEvent(new CustomEvent("make-settled", { bubbles: true }));
    // The same twice is a double click; what was typed on since waits for a press.
    if (isPlaced && this.#next !== this.#asked && this.#next === this.#content()) this.form.requestSubmit(this.button);
  }

  // The connection is back. What is paid for is never sent by itself: the button waits.
  #online() {
    if (this.form.querySelector("#dock-problems [data-lost]")) this.#tell("");
  }

  #tell(words, { lost = false } = {}) {
    const item = Object.assign(document.createElement("li"), { textContent: words });
    if (lost) item.dataset.lost = "";
    showProblems(...(words ? [item] : []));
    say(words);
  }
}

// A UUID without dashes; crypto.randomUUID is not there on plain http.
function freshToken() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

customElements.define("make-button", MakeButton);

// <prompt-field>: the prompt grows to eight lines, counts its characters near the limit, and Alt+↑ ↓ walk through
// past prompts.
const GROWS = CSS.supports("field-sizing", "content");

class PromptField extends ListeningElement {
  at = -1; // which of the past prompts is shown
  typed = "";

  connected() {
    this.field = this.querySelector("textarea");
    this.dock = this.closest("compose-dock");
    this.rules = rulesOf(this.dock);
    this.past = [...this.querySelectorAll("[data-history] option")].map((option) => option.value);
    this.hear(this.field, "input", () => this.#show());
    this.hear(this.field, "keydown", (event) => this.#keyed(event));
    this.hear(this.dock, "change", () => this.#show());
    this.hear(this.dock, "make-placed", (event) => this.#keep(event.detail.prompt));
    this.#show();
  }

  #show() {
    const most = this.rules.types[this.field.form.elements.type.value].max_prompt;
    const size = length(this.field.value);
    const counter = this.querySelector("[data-counter]");
    counter.hidden = size < Math.min(this.rules.counted_from, most - most / 5);
    if (!counter.hidden) counter.textContent = `${grouped(size)} of ${grouped(most)}`;
    counter.classList.toggle("tone--danger", size > most);
    if (GROWS) return;
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${this.field.scrollHeight}px`;
  }

  #keyed(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 } [event.key];
    if (!event.altKey || !step) return;
    event.preventDefault();
    import("./past-prompts.js").then(({ walk }) => walk(this, step));
  }

  #keep(prompt) {
    this.past = [prompt, ...this.past.filter((one) => one !== prompt)];
    this.at = -1;
  }
}

customElements.define("prompt-field", PromptField);
