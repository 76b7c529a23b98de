// <reveal-password hidden><button aria-label="Show password">…: shows what is typed in the field beside it.
class RevealPassword extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    const field = this.parentElement.querySelector("input");
    const icon = button.querySelector(".icon");
    this.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-label", shown ? "Hide password" : "Show password");
      icon.classList.toggle("icon--eye", !shown);
      icon.classList.toggle("icon--eye-off", shown);
    });
  }
}

customElements.define("reveal-password", RevealPassword);
