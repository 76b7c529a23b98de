// The page of a split. Every control of it is a form or link that works by itself; here: keys, dragging, what is shown
// without asking (chosen, solo, ground, the original while it is held), and sliders that show at once and save after.
import { isTyping } from "../shell.js";

const REST = 350; // milliseconds a slider rests before its value is saved

class LayerEditor extends HTMLElement {
  #listening = new AbortController();
  #timer = 0;
  #typed = new Map(); // names that are not sent yet

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.layer = this.querySelector(".layer[aria-current]")?.dataset.layer ?? "";
    this.solo = this.querySelector("[data-solo][aria-pressed=true]")?.closest(".layer").dataset.layer ?? "";
    document.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    document.addEventListener("keyup", (event) => event.key.toLowerCase() === "o" && this.#hold(false), { signal });
    addEventListener("blur", () => this.#hold(false), { signal });
    this.addEventListener("click", (event) => this.#onClick(event), { signal });
    this.addEventListener("input", (event) => this.#onInput(event), { signal });
    const changed = ({ target }) => target.matches("[data-opacity]") && this.#save(target.form);
    this.addEventListener("change", changed, { signal });
    this.addEventListener("submit", ({ target }) => this.#onSubmit(target), { signal });
    this.addEventListener("pointerdown", (event) => this.#onPointer(event), { signal });
    document.addEventListener("htmx:beforeSwap", ({ detail }) => this.#keepTyped(detail.requestConfig.elt), { signal });
    document.addEventListener("htmx:afterSwap", () => this.#apply(), { signal });
    this.#takeWhatStands();
  }

  disconnectedCallback() {
    this.#listening.abort();
    clearTimeout(this.#timer);
  }

  get #rows() {
    return [...this.querySelectorAll(".layer")];
  }

  get #row() {
    return this.querySelector(`#layer-${this.layer}`);
  }

  // A slider may have been moved before this script was here.
  #takeWhatStands() {
    for (const field of this.querySelectorAll("[data-opacity]")) {
      if (field.value === field.defaultValue) continue;
      this.#onInput({ target: field });
      setTimeout(() => field.isConnected && field.form.requestSubmit(), REST); // htmx, too, is there by then
    }
  }

  // An answer brings the names that are kept: what is typed in another field stays.
  #keepTyped(sender) {
    const fields = [...this.querySelectorAll("[data-rename]")];
    const typed = fields.filter((one) => one.value !== one.defaultValue && one.form !== sender);
    this.#typed = new Map(typed.map(({ id, value }) => [id, value]));
  }

  #putTypedBack() {
    for (const [id, value] of this.#typed) {
      const field = this.querySelector(`#${id}`);
      if (field) field.value = value;
    }
    this.#typed.clear();
  }

  // ---- What the page shows by itself

  #choose(row, { focus = false } = {}) {
    if (!row) return;
    this.layer = row.dataset.layer;
    this.#apply();
    if (focus) row.querySelector(".layer__name").focus();
    row.scrollIntoView({ block: "nearest" });
  }

  #apply() {
    this.#putTypedBack();
    for (const row of this.#rows) {
      if (row.dataset.layer === this.layer) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      row.querySelector("[data-solo]").setAttribute("aria-pressed", String(row.dataset.layer === this.solo));
      const image = this.querySelector(`#shown-${row.dataset.layer}`);
      const isShown = this.solo ? row.dataset.layer === this.solo : !row.classList.contains("is-hidden");
      image.setAttribute("visibility", isShown ? "visible" : "hidden");
    }
    const row = this.#row;
    if (!row) return;
    const [x, y, width, height] = row.dataset.box.split(" ");
    for (const rect of this.querySelectorAll("#frame rect")) {
      for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
    }
    for (const field of this.querySelectorAll("[data-keeps=layer]")) field.value = this.layer;
    const edit = this.querySelector("#edit");
    edit.elements.source.value = row.dataset.code;
    edit.querySelector("[data-chosen]").textContent = row.dataset.name;
  }

  #toggleSolo(row) {
    this.solo = this.solo === row.dataset.layer ? "" : row.dataset.layer;
    this.#choose(row);
    this.#say(this.solo ? `Only ${row.dataset.name} is shown` : "All layers are shown together");
  }

  #setGround(button) {
    const stage = this.querySelector("#stage");
    for (const one of button.form.querySelectorAll("[name=ground]")) {
      one.setAttribute("aria-pressed", String(one === button));
      stage.classList.toggle(`canvas--${one.value}`, one === button);
    }
    for (const field of this.querySelectorAll("[data-keeps=ground]")) field.value = button.value;
  }

  #hold(on) {
    this.querySelector("#shown-original")?.setAttribute("visibility", on ? "visible" : "hidden");
  }

  #say(words) {
    this.querySelector("#said").textContent = words;
  }

  // ---- What is saved

  #onInput({ target }) {
    if (!target.matches("[data-opacity]")) return;
    const row = target.closest(".layer");
    row.querySelector("output").textContent = `${target.value} %`;
    this.querySelector(`#shown-${row.dataset.layer}`).setAttribute("opacity", target.value / 100);
  }

  #save(form) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => form.isConnected && form.requestSubmit(), REST);
  }

  #fade(by) {
    const field = this.#row?.querySelector("[data-opacity]");
    if (!field) return;
    field.value = Number(field.value) + by;
    this.#onInput({ target: field });
    this.#save(field.form);
  }

  #press(selector) {
    const button = this.#row?.querySelector(selector);
    if (button && !button.disabled) button.form.requestSubmit(button);
  }

  // ---- Mouse, touch and keys

  #onClick(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { target } = event;
    const row = target.closest(".layer");
    const solo = target.closest("[data-solo]");
    const ground = target.closest("[name=ground][type=submit]");
    if (solo) {
      event.preventDefault();
      this.#toggleSolo(row);
    } else if (ground) {
      event.preventDefault();
      this.#setGround(ground);
    } else if (target.closest("[data-hold]")) {
      if (event.detail) event.preventDefault(); // a pointer holds it; from the keyboard it leads to the original
    } else if (row) {
      if (target.closest(".layer__name")) event.preventDefault();
      if (row.dataset.layer !== this.layer) this.#choose(row);
    }
  }

  #onPointer(event) {
    const hold = event.target.closest("[data-hold]");
    const grip = event.target.closest("[data-grip]");
    if (event.button || !(hold || grip)) return;
    const { signal } = this.#listening;
    if (hold) {
      this.#hold(true);
      const release = () => this.#hold(false);
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release, { once: true, signal });
      return;
    }
    event.preventDefault();
    this.#drag(event.target.closest(".layer"));
  }

  #drag(row) {
    const dragging = new AbortController();
    let over = row;
    this.#choose(row);
    const done = (drop) => {
      dragging.abort();
      for (const one of this.#rows) one.classList.remove("is-over");
      if (drop && over !== row) this.#moveTo(row, this.#rows.indexOf(over));
    };
    addEventListener("pointermove", ({ clientY }) => {
      over = this.#rows.find((one) => clientY < one.getBoundingClientRect().bottom) ?? this.#rows.at(-1);
      for (const one of this.#rows) one.classList.toggle("is-over", one === over && over !== row);
    }, { signal: dragging.signal });
    addEventListener("pointerup", () => done(true), { signal: dragging.signal });
    addEventListener("pointercancel", () => done(false), { signal: dragging.signal });
  }

  #moveTo(row, to) {
    const { form } = row.querySelector("[data-move]");
    htmx.ajax("POST", form.getAttribute("hx-post"), { source: form, target: "#list", swap: "live", values: { to } });
  }

  #onKey(event) {
    if (event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const { key, target } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.querySelector("#edit")?.requestSubmit();
      return;
    }
    if (isTyping(event)) {
      if (key === "Escape" && target.matches("[data-rename]")) this.#leaveRename(target);
      return;
    }
    const act = this.#meant(event);
    if (!act || (target.matches("input[type=range]") && key.startsWith("Arrow") && !event.altKey)) return;
    event.preventDefault();
    act();
  }

  #meant({ key, altKey, ctrlKey, metaKey, shiftKey, repeat, target }) {
    if (ctrlKey || metaKey || shiftKey) return null;
    const step = { ArrowUp: -1, ArrowDown: 1 } [key];
    if (altKey) return step ? () => this.#press(`[data-move="${step}"]`) : null;
    if (step) return () => this.#choose(this.#rows[this.#rows.indexOf(this.#row) + step], { focus: true });
    const isFree = !target.closest("button, a, input") || target.closest(".layer__name");
    switch (key.length === 1 ? key.toLowerCase() : key) {
      case "ArrowLeft":
        return () => this.#fade(-1);
      case "ArrowRight":
        return () => this.#fade(1);
      case " ":
        return isFree ? () => this.#press("[data-eye]") : null;
      case "s":
        return () => this.#row && this.#toggleSolo(this.#row);
      case "F2":
        return () => this.#row?.querySelector("[data-rename]")?.select();
      case "o":
        return () => repeat || this.#hold(true);
      default:
        return null;
    }
  }

  // Escape drops what was typed.
  #leaveRename(field) {
    field.value = field.defaultValue;
    field.closest(".layer").querySelector(".layer__name").focus();
  }

  // After Enter the keys of the list go on from the row.
  #onSubmit(form) {
    if (document.activeElement === form.querySelector("[data-rename]")) {
      form.closest(".layer").querySelector(".layer__name").focus();
    }
  }
}

customElements.define("layer-editor", LayerEditor);
