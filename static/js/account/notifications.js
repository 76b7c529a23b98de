// <tell-me>: the ticks of how somebody is told are stored as they are made. A tick for the desktop asks the browser
// first; one for a sound plays it.
import { sound } from "../notices.js";
import { ListeningElement } from "../shell.js";

const REFUSED = "This browser doesn't show notices of Studio. Allow them in its settings, then tick again.";

class TellMe extends ListeningElement {
  connected() {
    this.form = this.querySelector("form");
    this.says = this.querySelector("[data-says]");
    this.hear(this.form, "change", (event) => this.#changed(event.target));
  }

  async #changed(tick) {
    this.says.textContent = "";
    if (tick.checked && tick.name === "desktop" && !(await this.#isAllowed())) {
      tick.checked = false;
      this.says.textContent = REFUSED;
      return;
    }
    if (tick.checked && tick.name === "sound") sound();
    htmx.trigger(this.form, "ticked");
  }

  async #isAllowed() {
    if (!("Notification" in window)) return false;
    return (await Notification.requestPermission()) === "granted";
  }
}

customElements.define("tell-me", TellMe);
