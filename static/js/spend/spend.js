// The Spend page: ← and → turn the month while its switch has the focus. The address that they lead to names the
// switch, so it has the focus on the next page too.
const month = document.getElementById("month").parentElement;
const TURNS = { ArrowLeft: "prev", ArrowRight: "next" };

month.addEventListener("keydown", (event) => {
  const turn = TURNS[event.key];
  if (!turn || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  month.querySelector(`[rel="${turn}"]`)?.click();
});
