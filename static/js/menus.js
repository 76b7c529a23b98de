// A menu ([popover].menu) opens beside the button that opened it and stays within the window.
const GAP = 6; // pixels

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]:not(.account)")) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  button?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState === "open" && button) place(menu, button.getBoundingClientRect());
}, true);

// A menu that stays where it was while the page scrolls away under it belongs to nothing.
document.addEventListener("scroll", (event) => {
  const open = document.querySelector(".menu[popover]:popover-open:not(.account)");
  if (open && !open.contains(event.target)) open.hidePopover();
}, { capture: true, passive: true });

function place(menu, box) {
  const { width, height } = menu.getBoundingClientRect();
  const below = box.bottom + GAP + height <= innerHeight;
  const left = Math.min(Math.max(GAP, box.right - width), innerWidth - width - GAP);
  menu.style.inset = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - height)}px auto auto ${left}px`;
}
