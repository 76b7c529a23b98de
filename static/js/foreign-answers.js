// Ignore answers that are not Studio's: nothing of them is swapped in, no header of them is obeyed, and no request counts
// as successful. htmx sends the first event to the element that asked, the second to its target: one of them is on the page.
import { isForeign } from "./answers.js";

for (const name of ["htmx:beforeOnLoad", "htmx:beforeSwap"]) {
  document.addEventListener(name, (event) => isForeign(event.detail.xhr) && event.preventDefault());
}
