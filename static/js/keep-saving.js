// Saving what is kept: the mask goes to Studio, and stays on the page until Studio has said where the new version is.
const NO_ANSWER = "Studio could not be reached. Your mask is kept: check your connection and save again.";
const SIGNED_OUT = "You are signed out. Sign in in another tab, then save again: your mask is kept.";

export class Saving {
  #isUnderWay = false;

  constructor(work, form, { signal }) {
    Object.assign(this, { work, form });
    this.button = form.querySelector("[data-save]");
    this.notice = form.querySelector("[data-trouble]");
    form.addEventListener("submit", (event) => this.#save(event), { signal });
  }

  async #save(event) {
    event.preventDefault();
    if (this.#isUnderWay) return;
    this.#begin(true);
    this.#refuse("");
    const body = new FormData(this.form);
    body.set("mask", await this.work.mask.blob(), "mask.png");
    try {
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      const where = answer.headers.get("HX-Redirect");
      if (answer.status === 204 && where && !where.startsWith("/sign-in")) {
        this.work.forget();
        location.assign(where);
        return;
      }
      const isWords = answer.headers.get("Content-Type")?.startsWith("text/plain");
      this.#refuse(isWords ? await answer.text() : answer.headers.has("Studio") ? SIGNED_OUT : NO_ANSWER);
    } catch {
      this.#refuse(NO_ANSWER);
    }
    this.#begin(false);
  }

  #begin(isUnderWay) {
    this.#isUnderWay = isUnderWay;
    this.button.firstChild.textContent = isUnderWay ? "Saving…" : "Save as new version";
    this.button.ariaDisabled = isUnderWay ? "true" : null;
  }

  #refuse(words) {
    this.notice.textContent = words;
    this.notice.hidden = !words;
  }
}
