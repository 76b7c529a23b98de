// Choosing tiles: Shift takes all between two, Ctrl+A all that are here, Esc leaves; the bar counts along.
const bar = document.getElementById("selection");
const says = bar.querySelector(".selection__count");
const most = Number(says.dataset.most);
const hint = says.textContent;
let last = null;

const boxes = () => [...document.querySelectorAll('.tile--pick input[name="picture"]')];

function show() {
  const count = boxes().filter((box) => box.checked).length;
  const over = count > most ? ` · ${most} at most` : "";
  says.textContent = count ? `${count} chosen${over}` : hint;
  says.classList.toggle("tone--danger", count > most);
  for (const button of bar.querySelectorAll("[data-needs]")) {
    button.setAttribute("aria-disabled", String(!count || count > most));
  }
}

function chosen(event) {
  const box = event.target.closest('.tile--pick input[name="picture"]');
  if (!box) return;
  const all = boxes();
  const from = all.indexOf(last);
  const to = all.indexOf(box);
  if (event.shiftKey && from >= 0) {
    for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
  }
  last = box;
  show();
}

// A click of a box, or of its tile, which is its label; Space is one too. It knows whether Shift is down.
document.addEventListener("click", chosen);

document.addEventListener("keydown", (event) => {
  const isTile = event.target.closest?.(".tile--pick");
  if (event.key === "Escape" && !event.defaultPrevented) bar.querySelector("[data-leave]").click();
  else if (event.key === "a" && (event.ctrlKey || event.metaKey) && isTile) {
    event.preventDefault();
    for (const box of boxes().slice(0, most)) box.checked = true;
    show();
  }
});

bar.addEventListener("submit", (event) => {
  if (event.submitter?.getAttribute("aria-disabled") === "true") event.preventDefault();
});

addEventListener("pageshow", show);
show();
