// The filmstrip: what lies beside a picture in the list it was opened from, fetched when it is shown.
import { account } from "../shell.js";

export async function fill(strip) {
  if (strip.childElementCount || strip.dataset.fetches) return;
  strip.dataset.fetches = "";
  const answer = await account(strip.dataset.from).catch(() => null);
  delete strip.dataset.fetches;
  if (!answer?.ok) return;
  strip.innerHTML = await answer.text();
  const here = strip.querySelector("[aria-current]");
  if (here) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
}
