// <form-draft data-person data-restore>: keeps what is filled in on this device, for each person, and puts it back
// after a reload. data-restore "merge": the link asked for a picture, which comes on top of the draft; "off": the
// form counts as the page has it.
const REST = 300; // milliseconds of quiet before it is kept
const FIELDS = ["type", "prompt", "model", "aspect_ratio", "style", "output_format", "layering_resolution", "count"];
const ASKED = ["source", "reference", "like", "edit", "prompt", "ratio"];

class FormDraft extends HTMLElement {
  #listening = new AbortController();
  #timer = 0;

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    this.form = this.closest("form");
    this.key = `studio.draft.${this.dataset.person}`;
    if (this.dataset.restore !== "off") this.#restore(this.#read());
    this.#forgetAddress();
    for (const name of ["input", "change", "tray-change"]) {
      this.form.addEventListener(name, () => this.#soon(), { signal });
    }
    addEventListener("pagehide", () => this.#keep(), { signal });
  }

  disconnectedCallback() {
    this.#keep();
    this.#listening.abort();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), REST);
  }

  #keep() {
    clearTimeout(this.#timer);
    const data = new FormData(this.form);
    const filled = FIELDS.map((name) => [name, data.get(name)]);
    const draft = Object.fromEntries(filled.filter(([, value]) => value !== null));
    draft.web_search = data.has("web_search");
    draft.source = data.getAll("source");
    draft.reference = data.getAll("reference");
    try {
      localStorage.setItem(this.key, JSON.stringify(draft));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // a browser that keeps nothing is no fault
    }
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch (error) {
      if (error instanceof DOMException || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  #restore(draft) {
    if (!draft) return;
    const { elements } = this.form;
    const merge = this.dataset.restore === "merge";
    const references = [...this.form.querySelectorAll("[name=reference]")].map((one) => one.value);
    const asked = { source: elements.source?.value, references };
    const fixed = merge && asked.source ? ["type", "aspect_ratio"] : [];
    for (const name of FIELDS) {
      const field = elements[name];
      if (!field || typeof draft[name] !== "string" || fixed.includes(name)) continue;
      const before = field.value;
      field.value = draft[name];
      if (field.value !== draft[name] && name !== "prompt") field.value = before; // what is no longer offered
    }
    elements.web_search.checked = Boolean(draft.web_search);
    const source = asked.source ? [] : draft.source ?? [];
    this.#bring(source.slice(0, 1), "source");
    this.#bring((draft.reference ?? []).filter((code) => !references.includes(code)), "reference");
  }

  async #bring(codes, role) {
    if (!codes.length) return;
    await customElements.whenDefined("picture-tray");
    const detail = { codes, role, first: true };
    this.form.querySelector("picture-tray").dispatchEvent(new CustomEvent("tray-add", { detail }));
  }

  // What the address asked for is now in the draft: a reload must not ask for it again.
  #forgetAddress() {
    const url = new URL(location.href);
    if (!ASKED.some((name) => url.searchParams.has(name))) return;
    for (const name of ASKED) url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
    this.#soon();
  }
}

customElements.define("form-draft", FormDraft);
