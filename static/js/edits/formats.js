// The buttons of the Formats page say how many, and what all of them cost.
const form = document.getElementById("formats");
const make = form.querySelector("[data-make]");
const cut = form.querySelector("[data-cut]");

function show() {
  const count = form.querySelectorAll('[name="ratios"]:checked').length;
  const units = Math.round(Number(form.querySelector('[name="model"]:checked').dataset.each) * 10_000) * count;
  make.textContent = `Make ${count} · $${(Math.floor((units + 50) / 100) / 100).toFixed(2)}`;
  cut.textContent = `Cut ${count}`;
}

form.addEventListener("change", show);
addEventListener("pageshow", show);
show();
