// <board-sheet data-away="address">: its dialog holds the focus, Esc leaves it, Ctrl+Enter saves.
class BoardSheet extends HTMLElement {
  connectedCallback() {
    const dialog = this.querySelector("dialog");
    dialog.close();
    dialog.showModal();
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      location.assign(this.dataset.away);
    });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.querySelector("#board-settings").requestSubmit();
    });
  }
}

customElements.define("board-sheet", BoardSheet);
