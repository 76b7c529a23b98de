// <comment-form>: what is said about a picture. It answers and edits in its own place, keeps what is typed for the tab
// when the page is left, and holds the spot that is set on the picture (comment-pins.js). What others say comes by the
// pulse and leaves the form alone.
import "./comment-pins.js";
import { account, ListeningElement } from "../shell.js";

class CommentForm extends ListeningElement {
  connected() {
    this.form = this.querySelector("form");
    this.field = this.querySelector("textarea");
    this.key = `studio:say:${location.pathname}`;
    this.pins = document.getElementById("pins");
    this.querySelector("[data-spot]").hidden = !this.pins;
    if (!this.field.value) this.field.value = sessionStorage.getItem(this.key) ?? "";
    this.hear(document, "click", (event) => this.#clicked(event));
    this.hear(document, "comment-spot", (event) => this.#spot(event.detail));
    this.hear(this.field, "input", () => this.#typed());
    this.hear(this.form, "keydown", (event) => this.#onKey(event));
    this.hear(this.form, "htmx:afterRequest", (event) => this.#answered(event.detail));
    this.hear(this.querySelector("[data-at]"), "click", () => this.#mention());
    this.hear(window, "hashchange", () => this.#come());
    this.#come();
  }

  // ---- A comment that the address names

  #come() {
    const comment = location.hash.startsWith("#comment-") && document.getElementById(location.hash.slice(1));
    if (!comment) return;
    document.getElementById("tab-comments")?.click();
    this.pins?.choose(comment.id.replace("comment-", ""));
    const folded = comment.closest("details");
    if (folded) folded.open = true;
    comment.scrollIntoView({ block: "nearest" });
  }

  // ---- What the form is about

  #clicked(event) {
    const link = event.target.closest("[data-reply], [data-edit], [data-drop]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.reply) this.#about("Replying to ", link.dataset.name, { reply: link.dataset.reply });
    else if (link.dataset.edit) this.#edit(link.dataset);
    else {
      if (this.edits) sessionStorage.removeItem(this.key + this.edits);
      this.#about();
    }
    this.field.focus();
  }

  #about(words = "", name = "", { reply = "", edit = "" } = {}) {
    const about = this.querySelector("[data-about]");
    about.hidden = !words;
    const whose = Object.assign(document.createElement("bdi"), { textContent: name });
    about.querySelector("[data-words]").replaceChildren(words, whose);
    const wasEdit = this.edits;
    this.edits = edit;
    if (wasEdit && !edit) this.#write(sessionStorage.getItem(this.key) ?? ""); // what was typed before the edit
    this.form.elements.reply_to.value = reply;
    const address = edit || this.dataset.say;
    this.form.action = address;
    this.form.setAttribute("hx-post", address);
    htmx.process(this.form);
    this.querySelector("[data-send]").textContent = edit ? "Save" : "Comment";
    this.#complain("");
    if (words) this.pins?.unset();
  }

  // An edit that was begun and not saved goes on.
  #edit({ edit, text }) {
    this.#about("Editing your comment", "", { edit });
    const kept = JSON.parse(sessionStorage.getItem(this.key + edit) ?? "null") ?? { was: text, text };
    this.form.elements.was.value = kept.was;
    this.#write(kept.text);
  }

  #write(text) {
    this.field.value = text;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #spot(spot) {
    this.form.elements.x.value = spot?.x ?? "";
    this.form.elements.y.value = spot?.y ?? "";
    const button = this.querySelector("[data-spot]");
    button.ariaPressed = String(Boolean(spot));
    if (spot && this.form.elements.reply_to.value) this.#about();
  }

  // ---- Typing and sending

  #typed() {
    const { form: { elements: { was } }, field: { value: text } } = this;
    if (this.edits) sessionStorage.setItem(this.key + this.edits, JSON.stringify({ was: was.value, text }));
    else sessionStorage.setItem(this.key, text);
    this.#complain("");
    if (this.field.value.includes("@")) this.#names();
  }

  #complain(sentence) {
    const error = document.getElementById("say-error");
    error.textContent = sentence;
    error.hidden = !sentence;
  }

  #onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.defaultPrevented) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Escape" && !event.defaultPrevented && event.target === this.field) {
      event.preventDefault();
      this.field.blur();
    }
  }

  #answered({ successful, requestConfig }) {
    if (!successful || requestConfig.elt !== this.form) return;
    this.pins?.unset();
    if (this.field.value !== requestConfig.parameters.text) return; // what was typed meanwhile stays
    if (this.edits) sessionStorage.removeItem(this.key + this.edits);
    else this.#write("");
    this.#about();
  }

  #mention() {
    const { value, selectionStart } = this.field;
    const before = value.slice(0, selectionStart);
    this.field.focus();
    this.field.setRangeText(before && !/\s$/.test(before) ? " @" : "@", selectionStart, selectionStart, "end");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async #names() {
    if (this.namesAsked) return;
    this.namesAsked = true;
    const { offerNames } = await import("./comment-names.js");
    const answer = await account(this.dataset.people);
    if (answer.ok) offerNames(this.field, this, await answer.text());
    else this.namesAsked = false;
  }
}

customElements.define("comment-form", CommentForm);
