// Where the rows of a grid of tiles are, worked out as the style sheet does (css/tiles.css): so a row that is not in
// the document has its height all the same.
const GROWTH = 2.4; // a row is at most this many times as high as asked for
const UNIT = 64; // browsers lay out in 64ths of a pixel

const inUnits = (pixels) => Math.floor(pixels * UNIT) / UNIT;

// `items` in order: { ratio } of a tile, or { height } of what takes a row of its own. `isOpen`: more follow, so the
// last row is not filled up yet. Returns rows of { first, last, top, height }.
export function layOut(items, { width, row, gap, square, isOpen }) {
  const rows = [];
  let top = 0;
  let first = 0;
  let taken = 0; // pixels of the row, with the gaps between
  let ratios = 0;

  const close = (last, isFull) => {
    if (first > last) return;
    const count = last - first + 1;
    const free = width - taken;
    const scale = isFull ? Math.min(GROWTH, 1 + free / (ratios * row)) : Math.min(1, 1 + free / (ratios * row));
    const height = square ? squareSide(width, row, gap) : row * scale;
    rows.push({ first, last, top, height, count });
    top += height + gap;
    first = last + 1;
    taken = ratios = 0;
  };

  const across = square ? columns(width, row, gap) : Infinity;
  items.forEach((item, at) => {
    if (item.height !== undefined) {
      close(at - 1, true);
      rows.push({ first: at, last: at, top, height: item.height, count: 0 });
      top += item.height + gap;
      first = at + 1;
      return;
    }
    const basis = inUnits(item.ratio * row);
    const isFull = square ? at - first >= across : first < at && taken + gap + basis > width;
    if (isFull) close(at - 1, true);
    taken += (first < at ? gap : 0) + basis;
    ratios += item.ratio;
  });
  // The last row leaves room, unless not even the gap to the room fits (the grid's ::after).
  close(items.length - 1, isOpen || taken + gap > width);
  return rows;
}

const columns = (width, row, gap) => Math.max(1, Math.floor((width + gap) / (row + gap)));

function squareSide(width, row, gap) {
  const count = columns(width, row, gap);
  return (width - gap * (count - 1)) / count;
}

// The first of the rows that ends below `y`.
export function rowAt(rows, y) {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].top + rows[middle].height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
