// <compose-dock>: keeps the dock true while it is filled in. The mode follows the source, what a mode or a
// style does not take is disabled and says why, and the button shows count and price. <make-button> does the sending.
import { breakdown, dollars, priceOf } from "./dock-rules.js";
import { choose, close, explain, fillList, show } from "./dock-rules.js";
import { complaints, fill, mentionNote, mentions, rulesOf } from "./rules.js";
import { isTyping, ownLink } from "./shell.js";

const PORTRAIT = "2:3"; // what Manga falls back to

class ComposeDock extends HTMLElement {
  #listening = new AbortController();
  #byIntent = false;

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.rules = rulesOf(this);
    this.form = this.querySelector("form");
    this.button = this.querySelector("button[type=submit]");
    this.tray = this.querySelector("picture-tray");
    this.hadSource = this.#hasSource;
    this.#byIntent = this.hadSource && this.#type === "image_edit";
    this.#remember();
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

  get #hasSource() {
    return Boolean(this.querySelector('ol[data-role="source"] > li'));
  }

  get #references() {
    return [...this.querySelectorAll('ol[data-role="reference"] > li')];
  }

  get #count() {
    const count = Math.round(Number(this.form.elements.count.value)) || 1;
    return Math.max(1, Math.min(this.rules.most_at_once, count));
  }

  // What the person chose, so that it comes back when a mode or a style no longer stands against it.
  #remember() {
    const { model, style, aspect_ratio: ratio, count } = this.form.elements;
    this.wanted = { model: model.value, style: style.value, count: count.value, image: "3:2", image_edit: "" };
    if (this.#type !== "layering") this.wanted[this.#type] = ratio.value;
  }

  #edited({ target, type }) {
    if (target.type === "radio" && type === "input") return; // the change follows
    if (target.name === "type") this.#typeChosen();
    else if (target.name === "aspect_ratio") this.wanted[this.#type] = target.value;
    else if (["model", "style", "count"].includes(target.name)) this.wanted[target.name] = target.value;
    if (target.name === "count" && type === "change") target.value = this.#count;
    this.querySelector("#dock-problems").replaceChildren();
    this.#refresh();
  }

  // ---- Mode

  #typeChosen() {
    this.#byIntent = false;
    if (this.#type !== "image" || !this.#hasSource) return this.#note("");
    this.hadSource = false;
    this.#note(this.rules.words.source_moved);
    this.tray.dispatchEvent(new CustomEvent("tray-demote"));
  }

  #trayChanged() {
    const has = this.#hasSource;
    if (has && !this.hadSource && this.#type !== "layering") {
      this.form.elements.type.value = "image_edit";
      this.#byIntent = true;
      this.#note(this.rules.words.edit_because);
    } else if (!has && this.hadSource && this.#byIntent && this.#type === "image_edit") {
      this.form.elements.type.value = "image";
      this.#byIntent = false;
      this.#note(this.rules.words.generate_because);
    } else if (!has && this.hadSource) {
      this.#note("");
    }
    this.hadSource = has;
    this.querySelector("#dock-problems").replaceChildren();
    this.#refresh();
  }

  #note(words) {
    const note = this.querySelector("#dock-note");
    note.hidden = !words;
    note.querySelector("[data-words]").textContent = words;
    if (words) this.#say(words);
  }

  #say(words) {
    this.querySelector("#dock-says").textContent = words;
  }

  // ---- What follows from it

  #refresh() {
    const { words } = this.rules;
    const kind = this.#kind;
    const { model, style } = this.form.elements;
    const models = fill(words.layers_model, { models: kind.models.join(" or ") });
    choose(model, this.wanted.model, (name) => kind.models.includes(name));
    explain(this.#setting("model"), kind.models.length < this.rules.models.length ? models : "");
    choose(style, this.wanted.style, (name) => kind.styles.includes(name));
    close(this.#setting("style"), style, !kind.styles.length && words.layers_style);
    this.#refreshRatio(kind, style.value);
    this.#refreshMore(kind);
    this.form.elements.prompt.placeholder = kind.min_prompt ? words.prompt : words.prompt_for_layers;
    const stepper = this.#setting("count");
    for (const part of stepper.children) part.disabled = !kind.has_count;
    this.form.elements.count.value = kind.has_count ? this.wanted.count : 1;
    explain(stepper, kind.has_count ? "" : words.count_layers);
    this.#refreshTray();
    this.#refreshButton();
  }

  #refreshRatio(kind, style) {
    const setting = this.#setting("ratio");
    const allowed = this.rules.style_ratios[style] ?? [];
    const fits = (name) => !name || allowed.includes(name);
    const wanted = this.wanted[this.#type] ?? "";
    const ratio = fits(wanted) ? wanted : fits(PORTRAIT) ? PORTRAIT : allowed[0];
    const why = fill(this.rules.words.manga_portrait, { ratios: allowed.join(", ") });
    for (const radio of setting.querySelectorAll("input")) {
      radio.checked = radio.value === ratio;
      radio.disabled = !kind.has_ratio || !fits(radio.value);
      explain(radio.closest("label"), fits(radio.value) ? "" : why);
    }
    const auto = this.#type === "image" ? "Auto" : "As source";
    const label = ratio && kind.has_ratio ? ratio : auto;
    const chip = setting.querySelector("summary");
    setting.querySelector('input[value=""]').nextSibling.textContent = auto;
    chip.setAttribute("aria-label", `Aspect ratio: ${label}`);
    chip.querySelector("[data-value]").textContent = label;
    const shape = label === auto ? this.#autoShape() : `r-${ratio.replace(":", "x")}`;
    chip.querySelector(".shape").className = `shape ${shape}`;
    close(chip, null, !kind.has_ratio && this.rules.words.layers_ratio);
    if (!kind.has_ratio) setting.open = false;
    const made = this.rules.ratios.find((one) => one.slug === label);
    setting.querySelector("[data-foot]").textContent = made
      ? `${made.slug} makes ${made.width} × ${made.height} pixels`
      : this.#type === "image" ? "Luma chooses a shape that suits the prompt" : "Keeps the shape of the source";
  }

  #autoShape() {
    const ratio = this.querySelector('ol[data-role="source"] > li')?.dataset.ratio;
    return this.#type === "image" || !ratio ? "r-1x1 shape--any" : ratio;
  }

  #refreshMore(kind) {
    const setting = this.#setting("more");
    show(this.#setting("format"), kind.output_formats.length > 0);
    show(this.#setting("web"), kind.has_web_search);
    show(this.#setting("resolution"), kind.resolutions.length > 0);
    const on = [...setting.querySelectorAll("fieldset:not([hidden]) input:checked")];
    const called = (input) => (input.name === "web_search" ? "Web" : input.parentElement.dataset.label);
    const chosen = on.filter((input) => input.value).map(called);
    const value = setting.querySelector("[data-value]");
    value.textContent = chosen.join(" · ");
    value.hidden = !chosen.length;
  }

  #refreshTray() {
    const named = mentions(this.rules, this.form.elements.prompt.value);
    const references = this.#references;
    const most = this.#kind.max_references;
    references.forEach((tile, i) => tile.classList.toggle("is-named", named.has(i + 1)));
    const count = this.querySelector("#dock-count");
    const pick = this.querySelector('[data-pick="reference"]');
    count.hidden = pick.hidden = !most && !references.length;
    count.firstChild.textContent = most ? `${references.length} of ${most}` : `${references.length} too many`;
    for (const tone of ["tone", "tone--danger"]) count.classList.toggle(tone, references.length > most);
    const lost = mentionNote(this.rules, this.form.elements.prompt.value, references.length);
    const note = this.querySelector("#dock-mentions");
    note.hidden = !lost;
    note.querySelector("[data-words]").textContent = lost;
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
    if (this.querySelector(".slot--busy:not(.slot--held)")) found.push({ words: this.rules.words.uploading });
    if (this.querySelector(".slot--held")) found.push({ words: this.rules.words.not_uploaded });
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
      this.#refresh();
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

  // A first prompt to try is a link to this page with its prompt and ratio; here it fills the dock.
  #tried(event) {
    const asked = Object.fromEntries(ownLink(event)?.searchParams ?? []);
    const known = Object.keys(asked).every((name) => name === "prompt" || name === "ratio");
    if (!asked.prompt || !known) return;
    event.preventDefault();
    this.form.elements.prompt.value = asked.prompt;
    if (asked.ratio) this.wanted[this.#type] = asked.ratio;
    this.form.elements.prompt.focus();
    this.form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
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
