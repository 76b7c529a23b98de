// Tells the page how tall the dock is, as --dock-h: toasts stand above it, and the last row can be scrolled free of it.
const dock = document.querySelector(".dock");

if (dock) {
  const tell = () => document.documentElement.style.setProperty("--dock-h", `${dock.offsetHeight}px`);
  new ResizeObserver(tell).observe(dock, { box: "border-box" });
}
