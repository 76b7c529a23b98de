// #pulse: asks the server what is newer than what the page has seen. Often while something is under way, seldom when
// idle, never while hidden, at once when somebody looks again or has decided something; after errors less and less.
const BUSY = 1000; // milliseconds
const IDLE = 8000;
const LONGEST = 30000;

let timer = 0;
let errors = 0;
let asking = false;

const pulse = () => document.getElementById("pulse");

function ask() {
  clearTimeout(timer);
  if (document.hidden || asking || !pulse()) return;
  asking = true;
  htmx.trigger(pulse(), "pulse");
}

function rest() {
  clearTimeout(timer);
  if (document.hidden || !pulse()) return;
  const { active, again } = pulse().dataset;
  const calm = Number(active) > 0 ? BUSY : IDLE;
  timer = setTimeout(ask, errors ? Math.min(LONGEST, BUSY * 2 ** errors) : again !== undefined ? 0 : calm);
}

function showCount() {
  const mine = Number(pulse()?.dataset.mine) || 0;
  const name = document.title.replace(/^\(\d+\) /, "");
  document.title = mine ? `(${mine}) ${name}` : name;
}

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = event.detail;
  if (requestConfig.elt.id === "pulse") {
    asking = false;
    errors = successful ? 0 : errors + 1;
    showCount();
    rest();
  } else if (successful && requestConfig.verb !== "get") {
    ask();
  }
});
document.addEventListener("visibilitychange", ask);
addEventListener("online", ask);
addEventListener("pageshow", (event) => { if (event.persisted) { asking = false; ask(); } });
rest();
