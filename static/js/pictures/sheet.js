// <print-button hidden><button>Print</button></print-button>: opens the browser's own print dialog.
class PrintButton extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", () => print());
  }
}

customElements.define("print-button", PrintButton);
