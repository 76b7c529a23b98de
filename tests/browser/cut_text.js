// What of a page's text nobody can read: text that leaves the box that clips it, the window, or a covered part of it.
// A box that scrolls clips nothing. `may` selects boxes whose last whole line may end with an ellipsis.
(may) => {
  // Pixels: glyphs are drawn a little beyond their box, large ones farther.
  const SLACK = 1.5 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const clips = (style, axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);
  const scrolls = (style, axis) => ["auto", "scroll"].includes(style[`overflow${axis}`]);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const own = node.parentElement;
    if (!node.data.trim() || own.closest(".sr-only, script, style, template, textarea, option")) continue;
    if (!own.checkVisibility({ visibilityProperty: true, opacityProperty: false })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 0.5 && rect.height > 0.5);
    if (!rects.length) continue;
    const text = {
      left: Math.min(...rects.map((r) => r.left)),
      right: Math.max(...rects.map((r) => r.right)),
      top: Math.min(...rects.map((r) => r.top)),
      bottom: Math.max(...rects.map((r) => r.bottom)),
    };
    const line = rects[0].height;
    let free = { X: false, Y: false };
    for (let box = own; box && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.position === "fixed") break;
      const rect = box.getBoundingClientRect();
      const [left, top] = [rect.left + box.clientLeft, rect.top + box.clientTop];
      const inner = { left, top, right: left + box.clientWidth, bottom: top + box.clientHeight };
      const shortened = box.matches(may || "no-such-box");
      const out = [];
      if (!free.X && clips(style, "X") && !(shortened && style.textOverflow === "ellipsis"))
        out.push(inner.left - text.left, text.right - inner.right);
      if (!free.Y && clips(style, "Y")) {
        const clamp = Number(style.webkitLineClamp);
        const whole = Math.min(rects.length, clamp || Infinity) * line * 0.9;
        if (!(shortened && clamp) || box.clientHeight < whole - SLACK)
          out.push(inner.top - text.top, text.bottom - inner.bottom);
      }
      const over = Math.max(0, ...out);
      if (over > SLACK) {
        found.push({ text: node.data.trim().slice(0, 60), over: Math.round(over), by: name(box), of: label(own) });
        break;
      }
      if (shortened && clips(style, "Y")) text.bottom = Math.min(text.bottom, inner.bottom);
      if (shortened && clips(style, "X")) text.right = Math.min(text.right, inner.right);
      free = { X: free.X || scrolls(style, "X"), Y: free.Y || scrolls(style, "Y") };
    }
    if (!free.X && (text.right > document.documentElement.clientWidth + SLACK || text.left < -SLACK)) {
      found.push({ text: node.data.trim().slice(0, 60), by: "window", of: label(own) });
    }
  }
  function name(box) {
    return `${box.localName}.${[...box.classList].join(".")}`;
  }
  function label(own) {
    const card = own.closest("[data-state]");
    const ratio = own.closest(".tile")?.className.match(/\br-\S+/)?.[0] ?? "";
    return `${name(own)} ${card?.dataset.state ?? ""} ${ratio} ${own.closest(".now") ? "now" : ""}`.trim();
  }
  return found;
}
