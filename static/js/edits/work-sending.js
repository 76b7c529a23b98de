// The work of a page on its way to Studio: kept in the tab until it is sent, and sent; and its keys for that.
import { account, isTyping, noticeOf } from "../shell.js";

// ---- The memory

// What was done, kept in the tab until it is sent: a reload or a look elsewhere loses nothing.
const MOST_REMEMBERED = 2_000_000; // characters
const REST = 200; // milliseconds after the last change

export class Memory {
  #key;
  #timer = 0;
  #waiting = null; // gives what is still to be kept

  constructor(key, { signal }) {
    this.#key = key;
    addEventListener("pagehide", () => this.#remember(), { signal });
  }

  // Keep what `value` gives when nothing has changed for a moment, or when the page is left.
  remember(value) {
    this.#waiting = value;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#remember(), REST);
  }

  #remember() {
    clearTimeout(this.#timer);
    if (!this.#waiting) return;
    const text = JSON.stringify(this.#waiting());
    this.#waiting = null;
    try {
      if (text.length < MOST_REMEMBERED) sessionStorage.setItem(this.#key, text);
    } catch { /* the tab's store is full: it lives in the page alone */ }
  }

  recall() {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "null");
    } catch {
      return null;
    }
  }

  forget() {
    clearTimeout(this.#timer);
    this.#waiting = null;
    sessionStorage.removeItem(this.#key);
  }
}

// ---- The sending

// Sending the work of a page: it goes to Studio, and stays on the page until Studio has said where what comes of it is.
// `work` fills in what the form's own fields do not have, forgets what was sent, and hears why something was refused.
export class Sending {
  isUnderWay = false;

  // `words`: the button's before and while it is sent, what is kept when nothing comes of it, and how to try again.
  constructor(work, form, { signal, words }) {
    Object.assign(this, { work, form, words });
    this.button = form.querySelector("[data-save]");
    this.label = this.button.querySelector("[data-verb]");
    this.notice = form.querySelector("[data-trouble]");
    form.addEventListener("submit", (event) => this.#send(event), { signal });
    // Brought back by the browser as it was left: what it had is sent, and a new form begins.
    addEventListener("pageshow", (event) => event.persisted && this.isUnderWay && location.reload(), { signal });
  }

  async #send(event) {
    event.preventDefault();
    if (this.isUnderWay) return;
    const why = this.work.missing?.() ?? "";
    this.refuse(why);
    if (why) return;
    this.#begin(true);
    const body = new FormData(this.form);
    await this.work.fill(body);
    try {
      const answer = await account(this.form.action, { method: "POST", body });
      const where = answer.headers.get("HX-Redirect");
      if (answer.status === 204 && where && !where.includes("/sign-in/")) {
        this.work.forget();
        location.assign(where);
        return;
      }
      this.work.refused?.(answer);
      this.refuse(await this.#whyNot(answer));
    } catch {
      this.refuse(this.#noAnswer);
    }
    this.#begin(false);
  }

  async #whyNot(answer) {
    if (!answer.headers.has("Studio")) return this.#noAnswer;
    if (answer.status === 401) return this.#signedOut;
    const words = await answer.text();
    if (answer.headers.get("Content-Type")?.startsWith("text/plain")) return words;
    return `${noticeOf(words) || "Studio did not take it."} ${this.words.kept}.`;
  }

  get #noAnswer() {
    return `Studio could not be reached. ${this.words.kept}: check your connection and ${this.words.again}.`;
  }

  get #signedOut() {
    return `You are signed out. Sign in in another tab, then ${this.words.again}. ${this.words.kept}.`;
  }

  #begin(isUnderWay) {
    this.isUnderWay = isUnderWay;
    this.label.textContent = isUnderWay ? this.words.sending : this.words.send;
    this.button.ariaDisabled = isUnderWay ? "true" : null;
  }

  refuse(words) {
    this.notice.textContent = words;
    this.notice.hidden = !words;
  }
}

// Do what a key asks for with Ctrl or Command, and say whether it asks for something.
export function commanded(work, event, key) {
  if (key === "Enter") work.form.requestSubmit();
  else if (isTyping(event)) return false;
  else if (key === "z") work.do(event.shiftKey ? "redo" : "undo");
  else if (key === "y") work.do("redo");
  else return false;
  return true;
}
