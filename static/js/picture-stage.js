// <picture-stage>: the bar's [data-zoom] link (to the original) becomes a switch between the whole picture and 100 %,
// where the original stands pixel by pixel and its middle is in view.
class PictureStage extends HTMLElement {
  connectedCallback() {
    this.#zoom?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#turn();
    });
  }

  get #zoom() {
    return this.querySelector("[data-zoom]");
  }

  #turn() {
    const stage = this.querySelector(".view__picture");
    const image = stage.querySelector(":scope > img");
    const whole = stage.classList.toggle("is-whole");
    if (whole) {
      this.fitted ??= { src: image.src, srcset: image.srcset };
      image.removeAttribute("srcset");
      image.src = this.#zoom.href;
    } else {
      image.src = this.fitted.src;
      image.srcset = this.fitted.srcset;
    }
    this.#zoom.querySelector("[data-word]").textContent = whole ? "100 %" : "Fit";
    stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2);
  }
}

customElements.define("picture-stage", PictureStage);
