// The form of a proof link: what the client will see, as it is typed; and Ctrl+Enter.
const DAY = { weekday: "short", day: "numeric", month: "long" };

class ShareForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.addEventListener("input", () => this.#show());
    this.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter") return;
      event.preventDefault();
      this.form.requestSubmit(this.form.querySelector("button[value=make]"));
    });
    const another = this.querySelector("[data-another]");
    another.addEventListener("click", () => {
      const { password } = this.form.elements;
      // The page brought one; after that, the number is another one.
      const [first, second] = another.dataset.another.split("-");
      password.value = `${first}-${second}-${crypto.getRandomValues(new Uint8Array(1))[0] % 90 + 10}`;
    });
    this.#show();
  }

  // When a day ends, where the studio is: there clocks may change at midnight.
  #end(day) {
    const odd = new Map(this.dataset.oddEnds.split(" ").map((one) => one.split("/")));
    const name = new Date(`${day}T12:00`).toLocaleDateString("en-GB", DAY).replace(",", "");
    return `${name}, ${odd.get(day) ?? "23:59"}`;
  }

  #show() {
    const { title, client, watermark, ends, day, may_decide: decides } = this.form.elements;
    const values = { title: title.value, client: client.value, watermark: watermark.value };
    for (const place of this.querySelectorAll("[data-shows]")) place.textContent = values[place.dataset.shows];
    this.querySelector("[data-for]").hidden = !client.value.trim();
    this.querySelector("[data-if=may_decide]").hidden = !decides.checked;
    const isDate = ends.value === "date";
    this.querySelector(".share__day").hidden = !isDate;
    const words = isDate
      ? day.value && this.#end(day.value)
      : this.form.querySelector("[name=ends]:checked")?.dataset.day;
    this.querySelector("[data-ends]").textContent = words || "";
    this.querySelector("[data-until]").textContent = words || "…";
  }
}

customElements.define("share-form", ShareForm);
