// <grid-view for="grid" hidden>: how the grid is shown, kept for the next visit: the size of its rows, and squares.
const ROW = "studio:row:"; // and the id of the grid
const SQUARE = "studio:square";

class GridView extends HTMLElement {
  connectedCallback() {
    const slider = this.querySelector("input[type=range]");
    const square = this.querySelector("[aria-pressed]");
    const key = ROW + this.getAttribute("for");
    const kept = Number(localStorage.getItem(key));
    if (kept) slider.value = kept;
    slider.addEventListener("input", () => this.#show());
    slider.addEventListener("change", () => localStorage.setItem(key, slider.value));
    square?.setAttribute("aria-pressed", String(localStorage.getItem(SQUARE) === "on"));
    square?.addEventListener("click", () => {
      const isOn = square.getAttribute("aria-pressed") !== "true";
      square.setAttribute("aria-pressed", String(isOn));
      localStorage.setItem(SQUARE, isOn ? "on" : "off");
      this.#show();
    });
    if (kept || square?.ariaPressed === "true") this.#show();
    this.hidden = false;
  }

  #show() {
    const grid = document.getElementById(this.getAttribute("for"));
    if (!grid) return;
    grid.style.setProperty("--row", `${this.querySelector("input[type=range]").value}rem`);
    grid.classList.toggle("grid--square", this.querySelector("[aria-pressed]")?.ariaPressed === "true");
    grid.dispatchEvent(new Event("grid-view"));
  }
}

customElements.define("grid-view", GridView);
