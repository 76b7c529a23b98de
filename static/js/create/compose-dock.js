// <compose-dock>: keeps the dock true while it is filled in. Each mode keeps its own choices; the mode follows a source
// that arrives; what a mode or a style does not take is disabled, says why and returns with the mode; the button shows
// count and price. <make-button> does the sending, <form-draft> keeps `state` and puts it back.
import { bring, changed, chosenOf, codesOf, listed, say, sayWaits } from "./dock-parts.js";
import { showProblems, showSettings, showTray, syncLook, tilesOf } from "./dock-parts.js";
import { breakdown, complaints, dollars, firstChoices, priceOf, rulesOf } from "./rules.js";
import { ListeningElement, ownLink } from "../shell.js";

class ComposeDock extends ListeningElement {
  #follows = false;
  #moved = "";

  connected() {
    this.rules = rulesOf(this);
    this.form = this.querySelector("form");
    this.page = JSON.parse(this.querySelector("#dock-page").textContent);
    this.button = this.querySelector("make-button button");
    this.tray = this.querySelector("picture-tray");
    this.source = this.#sourceTile;
    this.modes = this.page.choices;
    this.before = this.page.before;
    this.shown = this.#type;
    this.#follow(this.page.follows);
    this.hear(this, "submit", (event) => this.#submitted(event), { capture: true });
    this.hear(this, "input change", (event) => this.#edited(event));
    this.hear(this, "tray-change", () => this.#trayChanged());
    this.hear(this, "click", (event) => this.#clicked(event));
    this.hear(this, "make-settled", () => this.#refreshButton());
    this.hear(document, "keydown", (event) => this.#keyed(event));
    this.hear(document, "click", (event) => this.#tried(event));
    this.refresh();
  }

  // ---- What is chosen

  get #type() {
    return this.form.elements.type.value;
  }

  get #kind() {
    return this.rules.types[this.#type];
  }

  get #sourceTile() {
    return tilesOf(this.tray, "source")[0];
  }

  // What the mode does not take waits in the tray.
  get #hasSource() {
    return this.#kind.needs_source && Boolean(this.#sourceTile);
  }

  get #references() {
    return this.#kind.max_references ? tilesOf(this.tray, "reference") : [];
  }

  get #look() {
    return (this.#kind.max_references && this.lookOf?.(this)) || null; // layers take none
  }

  // How many references are sent: the person's and those that the look brings.
  get #referenceCount() {
    return this.#references.length + (this.#look?.brings ?? 0);
  }

  get #count() {
    return this.#within(Math.round(Number(this.form.elements.count.value)) || 1);
  }

  #within(count) {
    return Math.max(1, Math.min(this.rules.most_at_once, count));
  }

  get wanted() {
    return this.open(this.#type);
  }

  // A mode that was never open begins as the last one.
  open(type) {
    const { shown, modes } = this;
    return (modes[type] ??= firstChoices(this.rules, this.page.first, type, shown, modes[shown]));
  }

  // All that makes up a draft (studio/forms/create/draft.py).
  get state() {
    const [source = ""] = codesOf(this.tray, "source");
    const tray = { source, references: codesOf(this.tray, "reference") };
    const known = Object.keys(this.rules.types).filter((type) => this.modes[type]);
    const choices = Object.fromEntries(known.map((type) => [type, this.modes[type]]));
    const state = { type: this.#type, prompt: this.form.elements.prompt.value, ...tray, choices };
    if (this.#follows) state.follows = true;
    return this.before ? { ...state, before: this.before } : state;
  }

  // Shows a draft in place of what stands here.
  take(state) {
    this.modes = structuredClone(state.choices);
    this.before = state.before ?? null;
    this.form.elements.type.value = this.shown = state.type;
    this.#follow(state.follows);
    bring(this.tray, "source", state.source ? [state.source] : []);
    bring(this.tray, "reference", state.references);
    this.source = this.#sourceTile;
    this.form.elements.prompt.value = state.prompt;
    showProblems();
    this.refresh();
    this.form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Begins with these pictures and words; what stands here is one Undo away.
  begin(state) {
    const { before, ...now } = this.state;
    const hasSomething = now.prompt.trim() || now.source || now.references.length;
    this.take({ choices: this.modes, ...state, before: hasSomething ? structuredClone(now) : before });
    this.form.elements.prompt.focus();
  }

  #edited({ target, type }) {
    if (target.type === "radio" && type === "input") return; // the change follows
    if (target.name === "prompt" && type === "change") return; // each letter was an input; this comes when it is left
    if (target.name === "type") this.turnTo(target.value);
    else if (target.name in this.wanted) this.wanted[target.name] = chosenOf(target);
    if (target.name === "count") this.wanted.count = this.#count;
    if (target.name === "count" && type === "change") target.value = this.#count;
    showProblems();
    this.refresh();
  }

  // ---- Mode

  // Whether it is Edit because a source came, and not because somebody chose it.
  #follow(isSo) {
    this.#follows = Boolean(isSo);
    this.#moved = isSo ? this.rules.words.edit_because : "";
  }

  // `because`: the words for a mode that follows the source.
  turnTo(type, because = "") {
    this.form.elements.type.value = type;
    this.open(type);
    this.shown = type;
    this.#follows = type === "image_edit" && because !== "";
    this.#moved = because;
    sayWaits(this, this.#kind);
    if (because) say(because);
  }

  #trayChanged() {
    const source = this.#sourceTile;
    const arrived = source && source !== this.source && !changed(this.source, source);
    if (arrived && this.#type === "image") {
      this.turnTo("image_edit", this.rules.words.edit_because);
    } else if (!source && this.source && this.#follows && this.#type === "image_edit") {
      this.turnTo("image", this.rules.words.generate_because);
    } else if (!source && this.source) {
      this.#moved = "";
    }
    this.source = source;
    showProblems();
    this.refresh();
  }

  note(words) {
    this.#moved = words;
    say(words);
    this.#refreshTray();
  }

  // Another edit gave way to this one: it is one Undo away.
  setAside(draft, words) {
    this.before = draft;
    this.note(words);
  }

  refresh() {
    const source = this.#hasSource ? this.#sourceTile : null;
    showSettings(this, { type: this.#type, wanted: this.wanted, source });
    const { prompt, prompt_for_layers } = this.rules.words;
    this.form.elements.prompt.placeholder = this.#kind.min_prompt ? prompt : prompt_for_layers;
    this.#refreshTray();
    this.#refreshButton();
    syncLook(this);
    this.#combine();
  }

  // Braces and several ratios are counted by a script of their own.
  #combine() {
    const isMany = this.form.elements.prompt.value.includes("{") || this.wanted.ratios?.length;
    if (!isMany || this.combinations) return;
    this.combinations = () => ({ count: 1 });
    import("./combinations.js").then(({ combinationsOf, follow }) => {
      this.combinations = () => combinationsOf(this);
      follow(this);
    });
  }

  #refreshTray() {
    const look = this.#look;
    showTray(this, { kind: this.#kind, prompt: this.form.elements.prompt.value, moved: this.#moved, look });
    this.querySelector("#dock-before").hidden = !this.before;
  }

  #refreshButton() {
    if (this.button.closest("[data-sending]")) return;
    const type = this.#type;
    const { count: times, isListed, priced } = this.combinations?.() ?? { count: 1 };
    const count = this.#count * times;
    const verb = times > 1 && !isListed ? "List" : "Make";
    const inputs = this.#referenceCount + (this.#hasSource || this.#kind.needs_source ? 1 : 0);
    const price = priceOf(this.rules, { type, model: this.form.elements.model.value, count, inputs });
    const why = this.#reasons();
    const words = type === "layering" ? "Split into layers" : `${verb} ${count}`;
    this.button.querySelector("[data-verb]").textContent = words;
    const cost = priced ?? (price ? dollars(price.total) : this.rules.per_layer);
    this.button.querySelector(".btn__price").textContent = `· ${cost}`;
    this.button.setAttribute("aria-disabled", String(why.some((one) => !one.missing)));
    this.button.title = why.length ? why.map((one) => `• ${one.words}`).join("\n") : breakdown(price, count, inputs);
    this.querySelector("#dock-reasons").replaceChildren(...listed(why));
  }

  #reasons() {
    const { elements } = this.form;
    const kind = this.#kind;
    const found = complaints(this.rules, {
      type: this.#type,
      prompt: elements.prompt.value,
      model: elements.model.value,
      // What a mode does not take is not sent.
      aspectRatio: kind.has_ratio ? elements.aspect_ratio.value : "",
      style: kind.styles.length ? elements.style.value : "auto",
      count: kind.has_count ? this.#count : 1,
      references: this.#referenceCount,
      look: this.#look,
      hasSource: this.#hasSource,
    });
    found.push(...(this.combinations?.().why ?? []));
    const { uploading, not_uploaded } = this.rules.words;
    if (this.querySelector(".slot--busy:not(.slot--held, .slot--waits)")) found.push({ words: uploading });
    if (this.querySelector(".slot--held:not(.slot--waits)")) found.push({ words: not_uploaded });
    return found;
  }

  // ---- Keys and clicks

  #clicked(event) {
    const step = event.target.closest("[data-step]");
    if (step) {
      this.wanted.count = this.#within(this.#count + Number(step.dataset.step));
      showProblems();
      this.refresh();
      this.form.dispatchEvent(new Event("change"));
    }
    if (event.target.closest("[data-no-look]")) this.looks?.then((looks) => looks.remove());
    if (event.target.closest('summary[aria-disabled="true"]')) event.preventDefault();
  }

  #keyed(event) {
    // An input method that composes takes Enter for itself; 229 is what Safari sends then.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  // A first prompt to try, "Use as source", past settings and Undo are links to this page; here they fill the dock.
  #tried(event) {
    const asked = Object.fromEntries(ownLink(event)?.searchParams ?? []);
    const names = Object.keys(asked).join();
    const { dataset: { begin } = {}, href } = event.target.closest("a") ?? {};
    const version = event.target.closest("[data-version]")?.dataset.version;
    const isOurs = { source: 1, prompt: 1, "prompt,ratio": 1, look: version, draft: this.before } [names] || begin;
    if (!names || !isOurs) return;
    event.preventDefault();
    if (event.detail > 1) return; // the second click of a double click
    import("./dock-links.js")
      .then(({ fill }) => fill(this, { asked, begin, version, link: event.target }))
      .catch(() => location.assign(href));
  }

  #submitted(event) {
    const why = this.#reasons();
    if (!why.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    showProblems(...listed(why));
    say(why.map((one) => one.words).join(" "));
    const blank = why[0].field === "blank" && this.querySelector("#look-blanks input:placeholder-shown");
    if (why[0].missing)(blank || this.form.elements.prompt).focus();
  }
}

customElements.define("compose-dock", ComposeDock);
