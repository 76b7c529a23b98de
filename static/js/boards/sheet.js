// <board-sheet data-away="address">: its dialog holds the focus, Ctrl+Enter saves. Esc closes the list of people that
// it is pressed in; else it leaves the sheet, and where something is not saved, only when it is pressed once more.
const [unsaved, notices] = [import("../unsaved.js"), import("../modal-notices.js")];

class BoardSheet extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    dialog.removeAttribute("open");
    dialog.showModal();
    notices.then(({ bringNotices }) => bringNotices(dialog));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#closes(event);
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.querySelector("#board-settings").requestSubmit();
    });
    // By another way than Esc, such as a phone's Back.
    dialog.addEventListener("cancel", (event) => this.#closes(event));
    dialog.addEventListener("close", () => location.assign(this.dataset.away));
  }

  async #closes(event) {
    event.preventDefault();
    const list = document.activeElement.closest("details[open]");
    if (list) {
      list.open = false;
      list.querySelector("summary").focus();
      return;
    }
    const { mayLeave } = await unsaved;
    const isFree = mayLeave(this.querySelector("#board-settings"), this.querySelector("[data-unsaved]"));
    if (isFree) location.assign(this.dataset.away);
  }
}

customElements.define("board-sheet", BoardSheet);
