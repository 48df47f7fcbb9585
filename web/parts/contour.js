/** Where a level crosses a grid of values: line pieces [x1, y1, x2, y2] in cells (marching squares). */
export function contour(values, columns, rows, level) {
  const at = (x, y) => values[y * columns + x];
  const pieces = [];
  for (let y = 0; y + 1 < rows; y++) {
    for (let x = 0; x + 1 < columns; x++) {
      const corners = [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ];
      const crossings = corners.flatMap(([x1, y1], i) => {
        const [x2, y2] = corners[(i + 1) % 4];
        const [from, to] = [at(x1, y1), at(x2, y2)];
        if (!Number.isFinite(from) || !Number.isFinite(to) || from < level === to < level) return [];
        const part = (level - from) / (to - from);
        return [[x1 + part * (x2 - x1), y1 + part * (y2 - y1)]];
      });
      for (let i = 0; i + 1 < crossings.length; i += 2) pieces.push([...crossings[i], ...crossings[i + 1]]);
    }
  }
  return pieces;
}
