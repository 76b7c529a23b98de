// The bar of what is chosen: how many, what can be done with them, and why not.
const words = (number) => number.toLocaleString("en");
const MOST_LEFT_OUT = 900; // a form has no more fields

export function drawSelection(selecting) {
  const { bar, selection } = selecting;
  const count = bar.querySelector("[data-count]");
  const all = bar.querySelector("[data-all]");
  let act = null; // what was pressed
  const acts = [...bar.querySelectorAll("button[data-least]")];

  function draw() {
    const number = selection.count;
    const total = Number(bar.dataset.total);
    bar.hidden = !selecting.isOn;
    const more = selection.all ? bar.dataset.more ?? "" : "";
    count.textContent = number ? `${words(number)}${more} selected` : "Choose pictures";
    all.hidden = !total || number >= total;
    all.textContent = `Select all ${words(total)}${bar.dataset.more ?? ""}`;
    for (const act of acts) {
      const why = reason(act, number);
      act.setAttribute("aria-disabled", String(Boolean(why)));
      act.title = why || act.dataset.title;
    }
  }

  // Why nothing can be done with so many; "" if it can.
  function reason({ dataset }, number) {
    const [least, most] = [Number(dataset.least), Number(dataset.most)];
    if (selection.except.length > MOST_LEFT_OUT) return "Too many are left out. Narrow the gallery down.";
    if (selection.all && "takesAll" in dataset) return "";
    if (number < least) return least === 1 ? "Choose a picture first." : `Choose at least ${least} pictures.`;
    if (number > most) return `${dataset.limit}. Clear some.`;
    return "";
  }

  selection.addEventListener("change", draw);
  new MutationObserver(draw).observe(bar, { attributeFilter: ["data-total"] }); // pictures came or went
  const turn = selecting.turn.bind(selecting);
  selecting.turn = (isOn) => {
    turn(isOn);
    draw();
  };
  all.addEventListener("click", () => selecting.all());
  bar.querySelector("[data-none]").addEventListener("click", (event) => {
    event.preventDefault();
    selecting.none();
  });

  // Enter in the field of a tag means its own button, not the first of the bar.
  bar.querySelector('[name="tag"]')?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.target.closest(".field").nextElementSibling.click();
  });

  bar.addEventListener("submit", (event) => {
    if (!event.submitter || event.submitter.getAttribute("aria-disabled") === "true") return event.preventDefault();
    act = event.submitter;
    return undefined;
  });
  bar.addEventListener("formdata", ({ formData }) => {
    const name = act?.dataset.name ?? "picture";
    // An address says nothing but the pictures.
    for (const one of act?.formMethod === "get" ? [...formData.keys()] : ["picture"]) formData.delete(one);
    if (!selection.all || act?.formMethod === "get") {
      // All of a list that is short enough to be compared is on the page.
      const codes = selection.all ? selecting.codes.filter((code) => selection.has(code)) : selection.codes;
      for (const code of codes) formData.append(name, code);
      return;
    }
    formData.append("all", "on");
    formData.append("address", selection.all.address);
    formData.append("upto", selection.all.upto ?? ""); // nobody has seen what came later
    for (const code of selection.except) formData.append("except", code);
  });
  // What is deleted is not selected any more.
  bar.addEventListener("formdata", () => "clears" in (act?.dataset ?? {}) && selection.clear());

  // Esc asks nothing, and can be taken back.
  selecting.offerUndo = (number, state) => {
    const note = bar.querySelector("template").content.querySelector("toast-note").cloneNode(true);
    note.querySelector("[data-words]").textContent = `${words(number)} unselected`;
    note.querySelector("[data-undo]").addEventListener("click", () => {
      selection.restore(state);
      note.remove();
    });
    document.getElementById("toasts").append(note);
  };
  draw();
}
