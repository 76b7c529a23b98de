// The look of the dock, loaded when one is in use or asked for: brings the chip that a mode wants, applies a look that
// is typed (#harbour-dusk), completes what is typed behind a #, and takes the look away again.

import { codesOf } from "./dock-parts.js";
import { length } from "./rules.js";

const RUN = /(?<![\p{L}\p{M}\p{N}_#&/])#(\p{L}[\p{L}\p{M}\p{N}_-]*)$/u; // before the caret
const RUNS = /(?<![\p{L}\p{M}\p{N}_#&/])#(\p{L}[\p{L}\p{M}\p{N}_-]*)/gu;
const REST = 150; // milliseconds of quiet before the menu follows the typing
const READ = 500; // milliseconds of quiet before what the look adds is asked for anew

const folded = (run) => run.normalize("NFKC").toLowerCase().replace(/[-_]+$/, "").replaceAll("_", "-");

export class DockLook {
  #known = new Map(); // what each typed tag means: the code of a version, or ""
  #timer = 0;
  #reading = 0;
  #shown = "";
  #at = -1;
  #line = Promise.resolve();

  constructor(dock, say) {
    this.dock = dock;
    this.say = say;
    this.field = dock.form.elements.prompt;
    dock.lookOf = lookOf;
    this.menu = dock.querySelector("#look-options");
    this.#shown = this.#chip?.dataset.version ?? "";
    this.field.setAttribute("aria-controls", "look-options");
    const on = (target, names, act, options) => {
      for (const name of names.split(" ")) target.addEventListener(name, act, options);
    };
    on(this.field, "input click", () => this.#typed());
    on(this.field, "keydown", (event) => this.#keyed(event), { capture: true });
    on(this.field, "blur", () => setTimeout(() => this.#close(), REST));
    on(this.menu, "pointerdown", (event) => event.preventDefault()); // the focus stays in the prompt
    on(this.menu, "click", (event) => this.#clicked(event));
    on(dock, "input", ({ target }) => target.name === "blank" && this.#filled());
    on(dock, "input tray-change", () => this.#readSoon());
    if (this.#chip) this.#filled(); // perhaps before this script was here
    else this.#typed();
    dock.refresh();
  }

  get #chip() {
    return this.dock.querySelector(".look-chip");
  }

  // Layers take no look.
  get #isTaken() {
    const { rules, form } = this.dock;
    return rules.types[form.elements.type.value].max_references > 0;
  }

  // ---- The chip

  // Shows the look that the mode wants; nothing to do while it is there.
  async sync() {
    const { look = "", blanks = [] } = this.dock.wanted;
    if (look === this.#shown) return;
    this.#shown = look;
    // An empty list would let the fields that stand there go along.
    const isThere = await this.#bring({ look, whole: "on", blank: blanks.length ? blanks : [""] });
    if (isThere && look && !this.#chip) this.#shown = this.dock.wanted.look = ""; // it is gone
  }

  async choose(look, { isNew = true } = {}) {
    const { wanted, rules, form } = this.dock;
    const before = this.#chip?.dataset.tag;
    Object.assign(wanted, { look, blanks: [] });
    this.#shown = look;
    this.dock.querySelector('[data-setting="look"]').open = false;
    await this.#bring({ look, whole: "on", blank: [""] });
    const chip = this.#chip;
    if (before && before !== chip?.dataset.tag) this.#takeOut(before);
    if (!chip || !isNew) return;
    const { name, model, ratio } = chip.dataset;
    this.#shown = wanted.look = chip.dataset.version;
    if (model) wanted.model = model;
    if (ratio && rules.types[form.elements.type.value].has_ratio) wanted.aspect_ratio = ratio;
    this.say(`Look ${name} chosen`);
    this.#changed();
    this.dock.querySelector("#look-blanks input")?.focus();
  }

  remove() {
    const { tag, name } = this.#chip.dataset;
    this.#takeOut(tag);
    for (const part of ["chip", "blanks", "said"]) this.dock.querySelector(`#look-${part}`)?.replaceChildren();
    this.choose("", { isNew: false }).then(() => this.#changed());
    this.say(`Look ${name} removed`);
    this.field.focus();
  }

  // The look that was chosen before is not named any more.
  #takeOut(tag) {
    const { field } = this;
    const left = field.value.replace(RUNS, (found, run) => (folded(run) === tag ? "" : found)).replace(/ {2,}/g, " ");
    if (left === field.value) return;
    field.value = left.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async #bring(values) {
    const wasOpen = this.dock.querySelector("#look-said details")?.open;
    const { address } = this.dock.querySelector("#look-reading").dataset;
    const place = { source: "#look-reading", target: "#look-said", swap: "outerHTML" };
    const said = this.dock.querySelector("#look-said");
    // One after the other: a request that htmx puts in line would seem answered at once.
    this.#line = this.#line.catch(() => {}).then(() => window.htmx.ajax("POST", address, { ...place, values }));
    await this.#line;
    const details = this.dock.querySelector("#look-said details");
    if (details && wasOpen) details.open = true;
    this.dock.refresh();
    return this.dock.querySelector("#look-said") !== said;
  }

  // What it adds follows what is typed and what lies in the tray.
  #readSoon() {
    clearTimeout(this.#reading);
    if (this.#chip) this.#reading = setTimeout(() => this.#chip && this.#bring({}), READ);
  }

  #filled() {
    this.dock.wanted.blanks = [...this.dock.querySelectorAll("#look-blanks input")].map((input) => input.value);
  }

  #changed() {
    this.dock.form.dispatchEvent(new Event("change"));
    this.dock.refresh();
  }

  // ---- What is typed

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#follow(), REST);
  }

  async #follow() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    const typed = document.activeElement === this.field ? RUN.exec(before)?.[1] : "";
    if (typed && folded(typed) !== this.#chip?.dataset.tag) await this.#offer(typed);
    else this.#close();
    if (!this.#isTaken) return;
    // A tag that is finished means its look.
    const all = [...this.field.value.matchAll(RUNS)];
    const ended = all.filter((one) => one.index + one[0].length !== this.field.selectionStart || !typed);
    const fixed = await fixedTags(this.field.value);
    const finished = ended.filter((one) => fixed.has(folded(one[1])));
    for (const tag of new Set(finished.map((one) => folded(one[1])))) {
      if (tag === this.#chip?.dataset.tag) continue;
      if (!this.#known.has(tag)) this.#known.set(tag, await this.#ask(tag));
      const look = this.#known.get(tag);
      if (look && look !== this.#shown) await this.choose(look); // it may be on its way
    }
  }

  async #ask(tag) {
    const list = document.createElement("ul");
    list.innerHTML = await this.#offered(tag);
    const found = [...list.querySelectorAll("[data-tag]")].find((one) => one.dataset.tag === tag);
    return found?.dataset.version ?? "";
  }

  async #offered(query) {
    const answer = await fetch(`${this.menu.dataset.address}?${new URLSearchParams({ q: query })}`);
    return answer.ok && answer.headers.has("Studio") ? answer.text() : "";
  }

  async #offer(typed) {
    const html = await this.#offered(folded(typed));
    this.menu.innerHTML = html;
    const offers = this.#offers;
    this.menu.hidden = !offers.length;
    this.#mark(0);
    if (offers.length) this.say(`${offers.length} look${offers.length === 1 ? "" : "s"}, ↓ and Enter choose`);
  }

  // ---- The menu

  get #offers() {
    return [...this.menu.querySelectorAll("[role=option]")];
  }

  #mark(at) {
    const offers = this.#offers;
    this.#at = offers.length ? (at + offers.length) % offers.length : -1;
    offers.forEach((one, i) => one.setAttribute("aria-selected", String(i === this.#at)));
    if (this.#at >= 0) this.field.setAttribute("aria-activedescendant", offers[this.#at].id);
  }

  #close() {
    this.menu.hidden = true;
    this.menu.replaceChildren();
    this.field.removeAttribute("aria-activedescendant");
  }

  #keyed(event) {
    if (this.menu.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 } [event.key];
    if (step) this.#mark(this.#at + step);
    else if (["Enter", "Tab"].includes(event.key) && this.#at >= 0) this.#complete(this.#offers[this.#at]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #clicked(event) {
    const offer = event.target.closest("[role=option]");
    if (!offer) return;
    event.preventDefault();
    event.stopPropagation();
    this.#complete(offer);
  }

  // Writes the tag of a look in place of what is typed, and chooses it.
  #complete({ dataset: { tag, version } }) {
    const { field } = this;
    const before = field.value.slice(0, field.selectionStart).replace(RUN, `#${tag} `);
    const after = field.value.slice(field.selectionStart).replace(/^ /, "");
    field.value = before + after;
    field.setSelectionRange(before.length, before.length);
    this.#known.set(tag, version);
    this.#close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    fixedTags(field.value).then((fixed) => fixed.has(tag) && this.choose(version));
  }
}

// The tags that stand in the prompt whatever is chosen in braces: `{#harbour|#pastel}` gives each picture its own look.
// What stands behind a brace that is still open may become a choice.
async function fixedTags(prompt) {
  const open = [];
  for (const { 0: token, index } of prompt.matchAll(/\\[{}]|[{}]/g)) {
    if (token === "{") open.push(index);
    else if (token === "}") open.pop();
  }
  const { read } = await import("./braces.js");
  const parts = read(prompt.slice(0, open[0])) ?? [];
  const fixed = parts.map((part) => (Array.isArray(part) ? "}" : part)).join("");
  return new Set([...fixed.matchAll(RUNS)].map((one) => folded(one[1])));
}

// Null without a look. `brings`: its pictures that the person has not put there, as source or reference.
function lookOf(dock) {
  const chip = dock.querySelector(".look-chip");
  if (!chip) return null;
  const prompt = dock.form.elements.prompt.value;
  const { needs_source: hasSource } = dock.rules.types[dock.form.elements.type.value];
  const own = [...codesOf(dock.tray, "reference"), ...(hasSource ? codesOf(dock.tray, "source") : [])];
  const { version, tag, name, pictures } = chip.dataset;
  const blanks = [...dock.querySelectorAll("#look-blanks input")];
  const brings = pictures.trim().split(/\s+/).filter((code) => code && !own.includes(code)).length;
  const text = prompt.replace(new RegExp(`#${tag.replaceAll("-", "[-_]")}(?![\\p{L}\\p{N}_-])`, "giu"), "");
  return {
    version,
    tag,
    name,
    brings,
    text,
    isRecipe: blanks.length > 0,
    values: blanks.map((input) => input.value),
    empty: blanks.filter((input) => !input.value.trim()).map((input) => input.dataset.blank),
    added: Number(dock.querySelector("#look-said").dataset.added),
    size: length(text) + Number(dock.querySelector("#look-said").dataset.added),
  };
}
