// Cards of jobs (Create, a job's own page).

// <elapsed-time seconds="41" late-after="62">41 s</elapsed-time>: counts on from `seconds`, every second, without
// asking the server. Past `late-after` it says on the card that this takes longer than usual.
const SECOND = 1000; // milliseconds
const LATE_WORDS = "longer than usual, still being checked";
const running = new Set();

function tick() {
  for (const element of running) element.show();
}

let clock = 0;

class ElapsedTime extends HTMLElement {
  static observedAttributes = ["seconds", "late-after"];

  connectedCallback() {
    this.#begin();
    running.add(this);
    clock ||= setInterval(tick, SECOND);
  }

  // An update of its card brings other numbers: the count goes on from there.
  attributeChangedCallback() {
    if (this.isConnected) this.#begin();
  }

  #begin() {
    this.began = performance.now() - Number(this.getAttribute("seconds")) * SECOND;
    this.lateAfter = Number(this.getAttribute("late-after")) || Infinity;
  }

  disconnectedCallback() {
    running.delete(this);
    if (running.size) return;
    clearInterval(clock);
    clock = 0;
  }

  show() {
    const seconds = Math.floor((performance.now() - this.began) / SECOND);
    const text = written(seconds);
    if (this.textContent !== text) this.textContent = text;
    if (seconds > this.lateAfter) this.#late();
  }

  #late() {
    this.lateAfter = Infinity;
    const card = this.closest(".job");
    if (!card) return;
    card.dataset.state = "late";
    card.querySelector(".job__state > .icon")?.setAttribute("class", "icon icon--timer");
    const ruler = card.querySelector(".ruler");
    ruler?.setAttribute("class", "ruler ruler--late");
    const legend = card.querySelector(".ruler__legend");
    if (!legend) return;
    legend.className = "ruler__legend";
    legend.firstElementChild.textContent = LATE_WORDS;
  }
}

// As the server writes it: 41 s, 1 min 34 s, 1 h 4 min.
function written(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
  if (minutes) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return `${seconds} s`;
}

customElements.define("elapsed-time", ElapsedTime);

// <group-spread>: its button spreads the cells of a group into the grid, and folds them again. A spread group takes
// whole rows, so something has to fill the row above it.
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

// <failure-strip>: the list of what failed closes with Esc, and the focus goes back to its bar.
class FailureStrip extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => {
      const details = this.querySelector("details");
      if (event.key !== "Escape" || event.defaultPrevented || !details.open) return;
      event.preventDefault();
      details.open = false;
      details.querySelector("summary").focus();
    });
  }
}

customElements.define("failure-strip", FailureStrip);
