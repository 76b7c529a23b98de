// #pulse asks what is newer than what the page has seen. htmx does the polling (hx-trigger="every …"), and the server sets
// the pace with every answer. Here: hidden tabs skip their turn, failures in a row make the turns rarer, and whoever looks
// again, comes online or decides something asks at once.
import { isForeign } from "./answers.js";

const SECOND = 1000; // milliseconds
const LONGEST = 10 * SECOND; // between two requests, however often they failed

let failures = 0; // in a row
let startedAt = -Infinity; // of the newest request, on the clock that never jumps
let wanted = 0; // how often somebody wanted to know something
let asked = 0; // how many of these the newest request answers

const pulse = () => document.getElementById("pulse");

function ask() {
  wanted += 1;
  trigger();
}

function trigger() {
  if (pulse()) htmx.trigger(pulse(), "pulse");
}

// What is on its way may have been lost while the machine slept or was offline: it is not waited for.
function askAnew() {
  if (document.hidden || !pulse()) return;
  htmx.trigger(pulse(), "htmx:abort");
  failures = 0;
  ask();
}

function showCount() {
  const mine = Number(pulse()?.dataset.mine) || 0;
  const name = document.title.replace(/^\(\d+\) /, "");
  document.title = mine ? `(${mine}) ${name}` : name;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "pulse") return;
  const pause = failures ? Math.min(LONGEST, SECOND * 2 ** (failures - 1)) : 0;
  if (document.hidden || performance.now() - startedAt < pause) {
    event.preventDefault();
    return;
  }
  startedAt = performance.now();
  asked = wanted;
});

// A failure shows in the connection strip; one notice for each try would bury the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig.elt.id === "pulse" && event.detail.isError) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful, xhr } = event.detail;
  if (requestConfig.elt.id === "pulse") {
    failures = successful ? 0 : failures + 1;
    showCount();
    if (wanted > asked) setTimeout(trigger); // it was on its way already when somebody wanted to know
    return;
  }
  if (xhr.status && !isForeign(xhr)) failures = 0;
  if (successful && requestConfig.verb !== "get") ask();
});
document.addEventListener("visibilitychange", askAnew);
addEventListener("online", askAnew);
addEventListener("pageshow", (event) => event.persisted && askAnew());
