// Sending the work of a page: it goes to Studio, and stays on the page until Studio has said where what comes of it is.
// `work` fills in what the form's own fields do not have, forgets what was sent, and hears why something was refused.
import { account, noticeOf } from "./shell.js";

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
