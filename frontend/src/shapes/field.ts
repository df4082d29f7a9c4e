/** Where the cells of a map lie on the picture, and what they see of it. Rectangles are in pixels of the input. */

export interface Field {
  size: number;
  stride: number;
  start: number;
}
export interface Cell {
  row: number;
  column: number;
}
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Everything a cell sees; parts of it may lie outside the picture. */
export const seen = (field: Field, { row, column }: Cell): Rectangle => ({
  x: field.start + column * field.stride,
  y: field.start + row * field.stride,
  width: field.size,
  height: field.size,
});

/** The cell itself: a square of the stride's side around the middle of what it sees. */
export function footprint(field: Field, { row, column }: Cell): Rectangle {
  const first = field.start + (field.size - field.stride) / 2;
  const side = field.stride;
  return { x: first + column * side, y: first + row * side, width: side, height: side };
}

/** Where the whole map lies on the picture. */
export function extent(field: Field, height: number, width: number): Rectangle {
  const { x, y } = footprint(field, { row: 0, column: 0 });
  return { x, y, width: width * field.stride, height: height * field.stride };
}

/** The cell whose footprint is nearest to a point of the picture. */
export function cellAt(field: Field, x: number, y: number, height: number, width: number): Cell {
  const origin = field.start + (field.size - field.stride) / 2;
  const index = (at: number, count: number): number =>
    Math.max(0, Math.min(count - 1, Math.floor((at - origin) / field.stride)));
  return { row: index(y, height), column: index(x, width) };
}

/** The cells that see a point of the picture, as the rectangle of their footprints. */
export function watchers(field: Field, x: number, y: number, height: number, width: number): Rectangle {
  const range = (at: number, count: number): [number, number] => {
    const first = Math.ceil((at - field.start - field.size + 1) / field.stride);
    const last = Math.floor((at - field.start) / field.stride);
    return [Math.max(0, Math.min(count - 1, first)), Math.max(0, Math.min(count - 1, last))];
  };
  const [left, right] = range(x, width);
  const [top, bottom] = range(y, height);
  const from = footprint(field, { row: top, column: left });
  return {
    x: from.x,
    y: from.y,
    width: (right - left + 1) * field.stride,
    height: (bottom - top + 1) * field.stride,
  };
}
