// <copy-button text="…" hidden><button>Copy</button></copy-button>: puts the text on the clipboard and says so for a
// moment. Where the browser refuses, it says that, and selects the field beside it that holds the text.
const SAID = 1600; // milliseconds
const REFUSED = 6000;

class CopyButton extends HTMLElement {
  #still = null; // how it looks while it says nothing

  connectedCallback() {
    this.hidden = false;
    // Not at the button, which an update of the page may bring after its element.
    this.addEventListener("click", this.#onClick);
  }

  #onClick = ({ target }) => target.closest("button") && this.#copy();

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.getAttribute("text"));
      this.#say("check", "Copied", SAID);
    } catch {
      // Also where there is no clipboard at all: a page without https has none.
      this.parentElement.querySelector(`input[readonly][value="${CSS.escape(this.getAttribute("text"))}"]`)?.select();
      this.#say("triangle-alert", "Not copied: select it and copy", REFUSED);
    }
  }

  #say(icon, words, time) {
    clearTimeout(this.timer);
    const picture = this.querySelector(".icon");
    const word = this.querySelector("[data-word]") ?? this.#aside();
    this.#still ??= { icon: picture.className, word: word.textContent };
    picture.className = this.#still.icon.replace("icon--copy", `icon--${icon}`);
    word.textContent = words;
    word.setAttribute("role", "status");
    this.timer = setTimeout(() => {
      picture.className = this.#still.icon;
      word.textContent = this.#still.word;
    }, time);
  }

  // A button that is only an icon says it beside itself.
  #aside() {
    this.aside ??= this.appendChild(document.createElement("span"));
    this.aside.className = "tiny muted";
    return this.aside;
  }
}

customElements.define("copy-button", CopyButton);
