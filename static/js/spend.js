// The Spend page: ← and → turn the month while its switch has the focus, which comes along to the next page.
const month = document.getElementById("month");
const TURNS = { ArrowLeft: "prev", ArrowRight: "next" };

if (location.hash === "#month") month.querySelector(".chip").focus();

month.addEventListener("keydown", (event) => {
  const turn = TURNS[event.key];
  if (!turn || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  month.querySelector(`[rel="${turn}"]`)?.click();
});
