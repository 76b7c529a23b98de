// <group-spread>: its button spreads the cells of a group into the grid, and folds them again.
class GroupSpread extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    button.addEventListener("click", () => {
      const spread = this.closest(".group").classList.toggle("is-spread");
      button.setAttribute("aria-expanded", String(spread));
      button.title = spread ? "Fold" : "Spread";
    });
  }
}

customElements.define("group-spread", GroupSpread);
