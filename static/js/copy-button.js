// <copy-button text="…" hidden><button>Copy</button></copy-button>: puts the text on the clipboard and says so for a
// moment.
const SAID = 1600; // milliseconds

class CopyButton extends HTMLElement {
  connectedCallback() {
    if (!navigator.clipboard) return;
    this.hidden = false;
    // Not at the button, which an update of the page may bring after its element.
    this.addEventListener("click", this.#onClick);
  }

  #onClick = ({ target }) => target.closest("button") && this.#copy();

  async #copy() {
    await navigator.clipboard.writeText(this.getAttribute("text"));
    const icon = this.querySelector(".icon");
    icon.classList.replace("icon--copy", "icon--check");
    const word = this.querySelector("[data-word]");
    const before = word?.textContent;
    if (word) word.textContent = "Copied";
    setTimeout(() => {
      icon.classList.replace("icon--check", "icon--copy");
      if (word) word.textContent = before;
    }, SAID);
  }
}

customElements.define("copy-button", CopyButton);
