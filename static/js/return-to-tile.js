// A list (Create, Gallery) that is come back to from a picture: the tile of the picture seen last is in view and has the focus.
import { leaveList, takeSeen } from "./whereabouts.js";

const MOST_PAGES = 20; // older pages that are loaded to find a tile again

document.addEventListener("click", (event) => event.target.closest(".tile__link") && leaveList(), true);

addEventListener("pageshow", (event) => {
  const path = takeSeen();
  if (path && (event.persisted || isReturn())) find(path, MOST_PAGES);
});

// By the browser's Back, or by the picture's own way back; not by "Use as source" and the like, which fill the dock.
function isReturn() {
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") return true;
  const fills = [...new URLSearchParams(location.search).keys()].some((key) => ["source", "reference", "like"].includes(key));
  return !fills && document.referrer.startsWith(`${location.origin}/pictures/`);
}

function find(path, pages) {
  const link = document.querySelector(`.tile__link[href="${CSS.escape(path)}"]`);
  if (link) {
    const { top, bottom } = link.getBoundingClientRect();
    const dock = document.querySelector(".dock")?.getBoundingClientRect().top ?? innerHeight;
    if (top < 0 || bottom > dock) link.scrollIntoView({ block: "center", behavior: "instant" });
    link.focus({ preventScroll: true });
    return;
  }
  const more = document.querySelector("#more a");
  if (!more || !pages) return;
  document.addEventListener("htmx:afterSettle", () => find(path, pages - 1), { once: true });
  more.click();
}
