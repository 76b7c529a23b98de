// What is new: at rest at the very top it comes in by itself; while one looks at something, or has chosen something,
// the pill says how many there are (views/gallery.py: update).
import { account } from "./shell.js";

const NEWEST = "Studio-Newest"; // the place of the first picture of an answer
const REST = 8; // pixels from the top

// `grid()` gives the grid's window, and `isBusy()` says whether something is chosen.
export function watchNew(grid, isBusy) {
  const pill = document.getElementById("new-pictures");
  const pulse = () => document.getElementById("pulse");
  let isAsking = false;

  const isAtRest = () => scrollY < REST && !document.getElementById("newer") && !isBusy()
    && !grid()?.grid.dataset.address && !document.querySelector("[popover]:popover-open, dialog[open]");

  async function enter() {
    if (isAsking || pill.hidden || !grid() || !isAtRest()) return;
    isAsking = true;
    try {
      const top = new URL(pulse().getAttribute("hx-get"), location.href).searchParams.get("top");
      const answer = await account(`${location.pathname}?${new URLSearchParams({ before: top })}`);
      if (answer.ok && isAtRest()) take(await answer.text(), answer.headers.get(NEWEST));
    } catch {
      // The pill stays, and the next pulse tries again.
    } finally {
      isAsking = false;
    }
  }

  function take(html, newest) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    // Very many are looked at from a page of their own.
    if (!newest || holder.content.querySelector("#newer")) return;
    const nodes = [...holder.content.children].filter((node) => node.matches(".tile, [data-month]"));
    for (const image of holder.content.querySelectorAll(".tile__link > img")) image.classList.add("is-arriving");
    const bar = document.getElementById("selection");
    bar.dataset.total = Number(bar.dataset.total) + nodes.filter((node) => node.matches(".tile")).length;
    bar.dataset.upto = Math.max(Number(bar.dataset.upto), Number(newest.split("-")[0]));
    grid().arrive(nodes);
    pill.hidden = true;
    const element = pulse();
    element.setAttribute("hx-get", element.getAttribute("hx-get").replace(/([?&]top=)[^&]*/, `$1${newest}`));
    htmx.process(element);
  }

  new MutationObserver(enter).observe(pill, { attributes: true, childList: true, subtree: true, characterData: true });
  addEventListener("scrollend", enter, { passive: true });
}
