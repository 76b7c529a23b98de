// <grid-size for="results">: the slider that sets the row height of that grid, kept for the next visit.
const KEPT = "studio:row";

class GridSize extends HTMLElement {
  connectedCallback() {
    const slider = this.querySelector("input");
    const kept = Number(localStorage.getItem(KEPT));
    if (kept) {
      slider.value = kept;
      this.#show(slider.value);
    }
    slider.addEventListener("input", () => this.#show(slider.value));
    slider.addEventListener("change", () => localStorage.setItem(KEPT, slider.value));
    this.hidden = false;
  }

  #show(row) {
    document.getElementById(this.getAttribute("for"))?.style.setProperty("--row", `${row}rem`);
  }
}

customElements.define("grid-size", GridSize);
