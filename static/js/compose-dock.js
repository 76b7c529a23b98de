// <compose-dock>: keeps the dock true while it is filled in. Each mode keeps its own choices; the mode follows a source
// that arrives; what a mode or a style does not take is disabled, says why and returns with the mode; the button shows
// count and price. <make-button> does the sending, <form-draft> keeps `state` and puts it back.
import { breakdown, dollars, priceOf } from "./dock-rules.js";
import { choose, close, explain, fillList } from "./dock-rules.js";
import { showMore, showRatio } from "./dock-menus.js";
import { changed, chosen, firstChoices, park, tilesOf } from "./mode-choices.js";
import { complaints, fill, mentionNote, mentions, rulesOf } from "./rules.js";
import { isTyping, ownLink } from "./shell.js";

class ComposeDock extends HTMLElement {
  #listening = new AbortController();
  #byIntent = false;
  #moved = "";

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.rules = rulesOf(this);
    this.form = this.querySelector("form");
    this.page = JSON.parse(this.querySelector("#dock-page").textContent);
    this.button = this.querySelector("make-button button");
    this.tray = this.querySelector("picture-tray");
    this.source = this.#sourceTile;
    this.modes = this.page.choices;
    this.before = this.page.before;
    this.shown = this.#type;
    this.#byIntent = this.#hasSource && this.shown === "image_edit";
    if (this.#byIntent) this.#moved = this.rules.words.edit_because;
    const on = (name, act, options) => this.addEventListener(name, act, { signal, ...options });
    on("submit", (event) => this.#submitted(event), { capture: true });
    on("input", (event) => this.#edited(event));
    on("change", (event) => this.#edited(event));
    on("tray-change", () => this.#trayChanged());
    on("click", (event) => this.#clicked(event));
    on("make-settled", () => this.#refreshButton());
    document.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    document.addEventListener("click", (event) => this.#tried(event), { signal });
    this.#refresh();
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  // ---- What is chosen

  get #type() {
    return this.form.elements.type.value;
  }

  get #kind() {
    return this.rules.types[this.#type];
  }

  get #sourceTile() {
    return this.querySelector('ol[data-role="source"] > li');
  }

  // What the mode does not take waits in the tray.
  get #hasSource() {
    return this.#kind.needs_source && Boolean(this.#sourceTile);
  }

  get #references() {
    return this.#kind.max_references ? [...this.querySelectorAll('ol[data-role="reference"] > li')] : [];
  }

  get #count() {
    const count = Math.round(Number(this.form.elements.count.value)) || 1;
    return Math.max(1, Math.min(this.rules.most_at_once, count));
  }

  // What this mode has chosen, also where a style stands against it for now.
  get wanted() {
    return (this.modes[this.#type] ??= firstChoices(this.rules, this.page.first, this.#type));
  }

  // All that makes up a draft (studio/forms/draft.py).
  get state() {
    const codes = (role) => tilesOf(this.tray, role).map((tile) => tile.dataset.picture).filter(Boolean);
    const [source = ""] = codes("source");
    const tray = { source, references: codes("reference") };
    const known = Object.keys(this.rules.types).filter((type) => this.modes[type]);
    const choices = Object.fromEntries(known.map((type) => [type, this.modes[type]]));
    const state = { type: this.#type, prompt: this.form.elements.prompt.value, ...tray, choices };
    return this.before ? { ...state, before: this.before } : state;
  }

  // Shows a draft in place of what stands here.
  take(state) {
    this.modes = structuredClone(state.choices);
    this.before = state.before ?? null;
    this.form.elements.type.value = this.shown = state.type;
    this.#byIntent = false;
    this.#moved = "";
    this.#bring("source", state.source ? [state.source] : []);
    this.#bring("reference", state.references);
    this.source = this.#sourceTile;
    this.form.elements.prompt.value = state.prompt;
    this.querySelector("#dock-problems").replaceChildren();
    this.#refresh();
    this.form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Begins with these pictures and words; what stands here is one Undo away.
  begin(state) {
    const { before, ...now } = this.state;
    const hasSomething = now.prompt.trim() || now.source || now.references.length;
    this.take({ choices: this.modes, ...state, before: hasSomething ? structuredClone(now) : before });
    this.form.elements.prompt.focus();
  }

  #bring(role, codes) {
    const tiles = tilesOf(this.tray, role);
    if (tiles.length === codes.length && tiles.every((tile, i) => tile.dataset.picture === codes[i])) return;
    for (const tile of tiles) tile.remove();
    if (codes.length) this.tray.dispatchEvent(new CustomEvent("tray-add", { detail: { codes, role } }));
  }

  #edited({ target, type }) {
    if (target.type === "radio" && type === "input") return; // the change follows
    if (target.name === "prompt" && type === "change") return; // each letter was an input; this comes when it is left
    if (target.name === "type") this.#typeChosen();
    else if (target.name in this.wanted) this.wanted[target.name] = chosen(target);
    if (target.name === "count") {
      this.wanted.count = this.#count;
      if (type === "change") target.value = this.#count;
    }
    this.querySelector("#dock-problems").replaceChildren();
    this.#refresh();
  }

  // ---- Mode

  #typeChosen() {
    this.#byIntent = false;
    this.#moved = "";
    this.#turnTo(this.#type);
  }

  // A mode that was never open begins with what the last one had, as far as both take it.
  #turnTo(type) {
    this.form.elements.type.value = type;
    this.modes[type] ??= firstChoices(this.rules, this.page.first, type, this.shown, this.modes[this.shown]);
    this.shown = type;
    const waits = this.#waits();
    if (waits) this.#say(waits);
  }

  #trayChanged() {
    const source = this.#sourceTile;
    const arrived = source && source !== this.source && !changed(this.source, source);
    if (arrived && this.#type === "image") {
      this.#turnTo("image_edit");
      this.#byIntent = true;
      this.note(this.rules.words.edit_because);
    } else if (!source && this.source && this.#byIntent && this.#type === "image_edit") {
      this.#turnTo("image");
      this.#byIntent = false;
      this.note(this.rules.words.generate_because);
    } else if (!source && this.source) {
      this.#moved = "";
    }
    this.source = source;
    this.querySelector("#dock-problems").replaceChildren();
    this.#refresh();
  }

  #waits() {
    const { words } = this.rules;
    if (this.#sourceTile && !this.#kind.needs_source) return words.source_waits;
    const has = tilesOf(this.tray, "reference").length;
    return has && !this.#kind.max_references ? words.references_wait : "";
  }

  note(words) {
    this.#moved = words;
    this.#say(words);
    this.#refreshTray();
  }

  // Another edit of the draft gave way to this one: it is one Undo away.
  setAside(draft, words) {
    this.before = draft;
    this.note(words);
  }

  #say(words) {
    this.querySelector("#dock-says").textContent = words;
  }

  // ---- What follows from it

  #refresh() {
    const { words } = this.rules;
    const kind = this.#kind;
    const { model, style, output_format: format, web_search: web, layering_resolution: size } = this.form.elements;
    format.value = this.wanted.output_format;
    web.checked = this.wanted.web_search;
    size.value = this.wanted.layering_resolution;
    const models = fill(words.layers_model, { models: kind.models.join(" or ") });
    choose(model, this.wanted.model, (name) => kind.models.includes(name));
    explain(this.#setting("model"), kind.models.length < this.rules.models.length ? models : "");
    choose(style, this.wanted.style, (name) => kind.styles.includes(name));
    close(this.#setting("style"), style, !kind.styles.length && words.layers_style);
    const source = this.#hasSource ? this.#sourceTile : null;
    showRatio(this.rules, this.#setting("ratio"), { type: this.#type, style: style.value, wanted: this.wanted, source });
    showMore(this.#setting("more"), kind);
    this.form.elements.prompt.placeholder = kind.min_prompt ? words.prompt : words.prompt_for_layers;
    const stepper = this.#setting("count");
    for (const part of stepper.children) part.disabled = !kind.has_count;
    const { count } = this.form.elements;
    const shown = kind.has_count ? this.wanted.count : 1;
    if (document.activeElement !== count || count.disabled) count.value = shown; // not under the fingers
    explain(stepper, kind.has_count ? "" : words.count_layers);
    this.#refreshTray();
    this.#refreshButton();
  }

  #refreshTray() {
    for (const [role, isUsed] of [
        ["source", this.#kind.needs_source],
        ["reference", this.#kind.max_references]
      ]) {
      for (const tile of tilesOf(this.tray, role)) park(tile, !isUsed);
    }
    const waits = this.#waits();
    const note = this.querySelector("#dock-note");
    note.hidden = !waits && !this.#moved;
    note.querySelector("[data-words]").textContent = waits || this.#moved;
    this.querySelector("#dock-before").hidden = !this.before;
    const named = mentions(this.rules, this.form.elements.prompt.value);
    const references = this.#references;
    const most = this.#kind.max_references;
    references.forEach((tile, i) => tile.classList.toggle("is-named", named.has(i + 1)));
    const count = this.querySelector("#dock-count");
    const pick = this.querySelector('[data-pick="reference"]');
    count.hidden = pick.hidden = !most;
    count.firstChild.textContent = `${references.length} of ${most}`;
    for (const tone of ["tone", "tone--danger"]) count.classList.toggle(tone, references.length > most);
    const lost = mentionNote(this.rules, this.form.elements.prompt.value, references.length);
    const lostNote = this.querySelector("#dock-mentions");
    lostNote.hidden = !lost;
    lostNote.querySelector("[data-words]").textContent = lost;
  }

  #refreshButton() {
    if (this.button.closest("[data-sending]")) return;
    const type = this.#type;
    const count = this.#count;
    const inputs = this.#references.length + (this.#hasSource || this.#kind.needs_source ? 1 : 0);
    const price = priceOf(this.rules, { type, model: this.form.elements.model.value, count, inputs });
    const why = this.#reasons();
    this.button.querySelector("[data-verb]").textContent = type === "layering" ? "Split into layers" : `Make ${count}`;
    this.button.querySelector(".btn__price").textContent = `· ${price ? dollars(price.total) : "price per layer"}`;
    this.button.setAttribute("aria-disabled", String(why.some((one) => !one.missing)));
    this.button.title = why.length ? why.map((one) => `• ${one.words}`).join("\n") : breakdown(price, count, inputs);
    fillList(this.querySelector("#dock-reasons"), why);
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
      references: this.#references.length,
      hasSource: this.#hasSource,
    });
    if (this.querySelector(".slot--busy:not(.slot--held, .slot--waits)")) found.push({ words: this.rules.words.uploading });
    if (this.querySelector(".slot--held:not(.slot--waits)")) found.push({ words: this.rules.words.not_uploaded });
    return found;
  }

  #setting(name) {
    return this.querySelector(`[data-setting="${name}"]`);
  }

  // ---- Keys and clicks

  #clicked(event) {
    const step = event.target.closest("[data-step]");
    if (step) {
      this.wanted.count = Math.max(1, Math.min(this.rules.most_at_once, this.#count + Number(step.dataset.step)));
      this.querySelector("#dock-problems").replaceChildren();
      this.#refresh();
      this.form.dispatchEvent(new Event("change"));
    }
    if (event.target.closest('summary[aria-disabled="true"]')) event.preventDefault();
  }

  #keyed(event) {
    // An input method that composes takes Enter for itself; 229 is what Safari sends then.
    if (event.isComposing || event.keyCode === 229) return;
    const withCtrl = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && withCtrl && !event.repeat && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "n" && !withCtrl && !event.altKey && !isTyping(event)) {
      event.preventDefault();
      this.form.elements.prompt.focus();
    }
  }

  // A first prompt to try, "Use as source" and Undo are links to this page; here they fill the dock as it stands.
  #tried(event) {
    const asked = Object.fromEntries(ownLink(event)?.searchParams ?? []);
    const names = Object.keys(asked).join();
    if (names === "source") {
      const type = this.#type === "layering" ? "layering" : "image_edit";
      this.modes[type] ??= firstChoices(this.rules, this.page.first, type, this.shown, this.modes[this.shown]);
      this.begin({ type, prompt: "", source: asked.source, references: [] });
      if (type === "image_edit") this.note(this.rules.words.edit_because);
      this.#byIntent = type === "image_edit";
      this.#refresh();
    } else if (names === "draft" && this.before) {
      const { before } = this;
      this.before = null;
      this.begin(before);
    } else if (names === "prompt" || names === "prompt,ratio") {
      const image = { ...(this.modes.image ?? this.page.first.image) };
      if (asked.ratio) image.aspect_ratio = asked.ratio;
      const choices = { ...this.modes, image };
      this.begin({ type: "image", prompt: asked.prompt, source: "", references: [], choices });
    } else return;
    event.preventDefault();
    this.form.dispatchEvent(new Event("change"));
  }

  #submitted(event) {
    const why = this.#reasons();
    if (!why.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    fillList(this.querySelector("#dock-problems"), why);
    this.#say(why.map((one) => one.words).join(" "));
    if (why[0].missing) this.form.elements.prompt.focus();
  }
}

customElements.define("compose-dock", ComposeDock);
