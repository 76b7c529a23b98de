// <drop-zone hidden>: shows its two halves while files or pictures of the page are dragged, and hands what is dropped (or
// pasted) to the tray. The margin and Esc cancel.
const PICTURE = /\/pictures\/([0-9a-f-]{36})\//;

class DropZone extends HTMLElement {
  #listening = new AbortController();
  #picture = "";
  #ours = false;

  connectedCallback() {
    const { signal } = (this.#listening = new AbortController());
    const on = (name, act) => document.addEventListener(name, act, { signal });
    on("dragstart", (event) => this.#began(event));
    on("dragenter", (event) => this.#entered(event));
    on("dragover", (event) => this.#over(event));
    on("dragleave", (event) => event.relatedTarget === null && this.#hide());
    on("drop", (event) => this.#dropped(event));
    on("dragend", () => { this.#hide(); this.#picture = ""; this.#ours = false; });
    on("keydown", (event) => event.key === "Escape" && this.#hide());
    on("pointermove", () => this.#hide()); // no pointer events come while something is dragged
    on("paste", (event) => this.#pasted(event));
  }

  disconnectedCallback() {
    this.#listening.abort();
  }

  get #tray() {
    return document.querySelector("picture-tray");
  }

  // A picture of the page is known by its link; a tile of the tray is being put in order and is none of our business.
  #began(event) {
    this.#ours = Boolean(event.target.closest?.("picture-tray"));
    const link = event.target.closest?.("a[href]") ?? event.target.closest?.(".tile")?.querySelector("a[href]");
    this.#picture = (!this.#ours && link && PICTURE.exec(link.pathname)?.[1]) || "";
  }

  #carries(event) {
    return !this.#ours && (this.#picture !== "" || event.dataTransfer?.types.includes("Files"));
  }

  #entered(event) {
    if (!this.#carries(event) || !this.#tray) return;
    event.preventDefault();
    if (!this.hidden) return;
    const next = this.#tray.querySelectorAll('ol[data-role="reference"] > li').length + 1;
    this.querySelector("[data-next]").textContent = `@${next}`;
    this.hidden = false;
  }

  #over(event) {
    if (this.hidden) return;
    event.preventDefault();
    const zone = event.target.closest?.(".drop__zone");
    event.dataTransfer.dropEffect = zone ? "copy" : "none";
    for (const one of this.children) one.classList.toggle("drop__zone--over", one === zone);
  }

  #dropped(event) {
    if (this.hidden) return;
    event.preventDefault();
    const role = event.target.closest?.(".drop__zone")?.dataset.role;
    const { files } = event.dataTransfer;
    const detail = this.#picture ? { codes: [this.#picture], role } : { files: [...files], role };
    this.#hide();
    if (role) this.#tray.dispatchEvent(new CustomEvent("tray-add", { detail }));
  }

  #hide() {
    if (this.hidden) return;
    this.hidden = true;
    for (const one of this.children) one.classList.remove("drop__zone--over");
  }

  // A picture from the clipboard is a reference, unless the dock still waits for its source.
  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    const typing = event.target.closest?.("input, textarea, [contenteditable]");
    if (!files.length || !this.#tray || (typing && event.clipboardData.types.includes("text/plain"))) return;
    event.preventDefault();
    const type = document.querySelector('#compose [name="type"]:checked')?.value;
    const source = this.#tray.querySelector('ol[data-role="source"] > li');
    const role = type !== "image" && !source ? "source" : "reference";
    this.#tray.dispatchEvent(new CustomEvent("tray-add", { detail: { files, role } }));
  }
}

customElements.define("drop-zone", DropZone);
