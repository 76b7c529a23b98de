// The Review page: the filters apply when they change, the bar of a cause counts what is ticked and what it costs, and
// Ctrl+Enter saves a note. Everything works without it.
const PARTS = 10_000; // of a dollar, in data-price

addEventListener("change", ({ target }) => {
  if (target.closest("[data-filters]")) target.form.requestSubmit();
  const bar = target.form?.matches?.(".bulk") ? target.form : null;
  if (!bar) return;
  const boxes = boxesOf(bar);
  if (target.name === "all")
    for (const box of boxes) box.checked = target.checked;
  else bar.elements.namedItem("all").checked = false;
  count(bar);
});

const boxesOf = (bar) => [...bar.elements].filter(({ name }) => name === "job");
const dollars = (parts) => `$${(Math.round(parts / 100) / 100).toFixed(2)}`;

// "3 selected", "Retry 3 · $0.13"; "all" stands for more than the page shows, so then the summary's price counts.
function count(bar) {
  const all = bar.elements.namedItem("all").checked;
  const chosen = boxesOf(bar).filter((box) => box.checked);
  const said = bar.querySelector("[data-chosen]");
  said.hidden = !chosen.length && !all;
  said.textContent = all ? "All selected" : `${chosen.length} selected`;
  bar.querySelector("[data-all]").hidden = all;
  const cost = bar.querySelector("[data-cost]");
  if (!cost) return;
  const able = chosen.filter((box) => !("still" in box.dataset));
  const unpriced = able.some((box) => !("price" in box.dataset));
  const price = dollars(able.reduce((sum, box) => sum + Number(box.dataset.price ?? 0), 0));
  cost.textContent = all || !chosen.length ? "selected" : `${able.length} · ${price}${unpriced ? " and layers" : ""}`;
}

addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const { target } = event;
  // Enter means a field, never a box: of a box the browser would press the bar's first button.
  if (target.matches("[type=checkbox]") && target.form?.matches(".bulk")) event.preventDefault();
  else if ((event.ctrlKey || event.metaKey) && target.closest(".case__note--edit")) target.form.requestSubmit();
});

addEventListener("toggle", ({ target }) => {
  if (target.matches?.("[data-note][open]")) target.querySelector("textarea").focus();
}, { capture: true });

for (const bar of document.querySelectorAll(".bulk")) count(bar);
