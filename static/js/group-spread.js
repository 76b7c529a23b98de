// <group-spread>: its button spreads the cells of a group into the grid, and folds them again. A spread group takes whole
// rows, so something has to fill the row above it.
class GroupSpread extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    button.addEventListener("click", () => {
      const group = this.closest(".group");
      const spread = group.classList.toggle("is-spread");
      if (spread) group.before(Object.assign(document.createElement("i"), { className: "grid__rest" }));
      else if (group.previousElementSibling?.matches(".grid__rest")) group.previousElementSibling.remove();
      button.setAttribute("aria-expanded", String(spread));
      button.title = spread ? "Fold" : "Show all";
    });
  }
}

customElements.define("group-spread", GroupSpread);
