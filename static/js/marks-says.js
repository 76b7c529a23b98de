// The sentences of Mark up: a row for each mark, in its place, and what stands in the way of sending them.
import { breakdown, dollars, priceOf } from "./dock-rules.js";
import { NAMES, promptOf, sentence } from "./marks-list.js";
import { complaints } from "./rules.js";

const TYPE = "image_edit";

export class Says {
  #rows = new Map();

  constructor(work, page) {
    Object.assign(this, { work, page });
    this.list = work.querySelector(".says");
    this.whole = work.form.elements.whole;
    [this.row, this.kinds] = work.querySelectorAll("template");
    this.list.addEventListener("input", ({ target }) => this.#typed(target));
    this.list.addEventListener("focusin", ({ target }) => {
      const mark = work.markOf(target);
      if (mark) work.choose(mark);
    });
  }

  #typed(field) {
    const { marks } = this.work;
    const mark = this.work.markOf(field);
    marks.note(mark ? `words ${mark.id}` : "words");
    if (mark) mark.words = field.value;
    else marks.whole = field.value;
    this.work.changed();
  }

  focus(mark) {
    this.#rows.get(mark.id)?.querySelector("textarea").focus();
  }

  show(marks, chosen) {
    const gone = new Map(this.#rows);
    marks.items.forEach((mark, index) => {
      gone.delete(mark.id);
      const row = this.#rows.get(mark.id) ?? this.#begin(mark);
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index]);
      row.classList.toggle("is-on", mark === chosen);
      row.querySelector(".disc").textContent = index + 1;
      row.querySelector("[data-at]").textContent = `At mark ${index + 1}:`;
      row.querySelector("[data-remove]").ariaLabel = `Remove mark ${index + 1}`;
      if (row.dataset.kind !== mark.kind) {
        row.dataset.kind = mark.kind;
        const kind = this.kinds.content.querySelector(`[data-kind="${mark.kind}"]`);
        row.querySelector(".say__kind").replaceChildren(...kind.cloneNode(true).childNodes);
      }
      const field = row.querySelector("textarea");
      if (field.value !== mark.words) field.value = mark.words;
    });
    for (const [id, row] of gone) {
      row.remove();
      this.#rows.delete(id);
    }
    if (this.whole.value !== marks.whole) this.whole.value = marks.whole;
    this.work.querySelector("[data-none]").hidden = marks.items.length > 0;
    this.work.querySelector("[data-many]").textContent = marks.items.length;
    this.work.querySelector("[data-reads]").textContent = promptOf(marks.state, this.page.words);
    this.work.querySelector(".reads").hidden = !marks.items.length;
  }

  #begin({ id }) {
    const row = this.row.content.firstElementChild.cloneNode(true);
    row.dataset.id = id;
    this.#rows.set(id, row);
    return row;
  }

  // ---- What it costs and what stands in the way

  get count() {
    const asked = Math.round(Number(this.work.form.elements.count.value)) || 1;
    return Math.max(1, Math.min(this.page.rules.most_at_once, asked));
  }

  // Every reason why it cannot be sent, once, the first of them with the mark it is about.
  reasons() {
    const { marks, words, rules } = { ...this.page, marks: this.work.marks };
    if (!marks.items.length) return [{ words: words.none }];
    const silent = marks.items
      .filter((mark) => !sentence(mark.words))
      .map((mark) => ({ words: words.needs_words.replace("{number}", marks.numberOf(mark)), mark }));
    const chosen = { model: this.#model, aspectRatio: "", style: "auto", count: this.count };
    const request = { type: TYPE, prompt: promptOf(marks.state, words), references: 1, hasSource: true, ...chosen };
    return [...silent, ...complaints(rules, request)];
  }

  get #model() {
    return this.work.form.elements.model.value;
  }

  showPrice() {
    const { button, label } = this.work.sending;
    const { count } = this;
    const { rules, inputs } = this.page;
    const price = priceOf(rules, { type: TYPE, model: this.#model, count, inputs });
    const why = this.reasons();
    this.work.sending.words.send = this.meant ?? `Make ${count}`;
    if (!this.work.sending.isUnderWay) label.textContent = this.work.sending.words.send;
    button.querySelector(".btn__price").textContent = price ? `· ${dollars(price.total)}` : "";
    button.classList.toggle("is-blocked", why.length > 0);
    button.title = why.length ? why.map((one) => `• ${one.words}`).join("\n") : breakdown(price, count, inputs);
    button.ariaDisabled = why.length || this.work.sending.isUnderWay ? "true" : null;
    this.work.querySelector("#marks-reasons").replaceChildren(...why.map(({ words }) => {
      return Object.assign(document.createElement("li"), { textContent: words });
    }));
  }
}

export const nameOf = (marks, mark) => `Mark ${marks.numberOf(mark)}, ${NAMES[mark.kind]}`;
