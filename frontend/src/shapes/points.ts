/** The samples of an atlas, one by one: which lie in a cell, and all of them as dots. */

import { cellIn, type Cells } from "./atlas";
import type { Scene } from "./atlasPaint";
import { inSight, sideOf, toPixel } from "./mapView";

const WHOLE = 65535; // the map's side
const FEW = 50; // samples: of fewer, those at the edge were not drawn in from far outside
const CLOSE = 60; // px of a cell in which dots can be told apart
const DOT = 2.5; // px

export interface Members {
  starts: Int32Array; // (cells + 1,)
  members: Int32Array; // those of cell i are members[starts[i]] up to members[starts[i + 1]]
}
const KNOWN = new WeakMap<Cells, Members>();

/** The samples of every kept cell, from points (samples, 2) in 65535ths; what was drawn in to the map's edge is in none. */
export function membersOf(grid: Cells, points: Uint16Array): Members {
  const known = KNOWN.get(grid);
  if (known) return known;
  const cell = new Int32Array(points.length / 2);
  const starts = new Int32Array(grid.cells + 1);
  const outside = (part: number): boolean => cell.length >= FEW && (part === 0 || part === WHOLE);
  const place = (part: number): number => Math.min(grid.side - 1, Math.floor(Math.fround(Math.fround(part / WHOLE) * grid.side)));
  for (let sample = 0; sample < cell.length; sample++) {
    const [x, y] = [points[2 * sample]!, points[2 * sample + 1]!];
    cell[sample] = outside(x) || outside(y) ? -1 : cellIn(grid, place(x), place(y));
    if (cell[sample]! >= 0) starts[cell[sample]! + 1]!++;
  }
  for (let at = 0; at < grid.cells; at++) starts[at + 1]! += starts[at]!;
  const [members, next] = [new Int32Array(starts[grid.cells]!), starts.slice()];
  for (let sample = 0; sample < cell.length; sample++) {
    if (cell[sample]! >= 0) members[next[cell[sample]!]!++] = sample;
  }
  const found = { starts, members };
  KNOWN.set(grid, found);
  return found;
}

/** The samples of the cells in sight as faint dots, once one is close enough to tell them apart. */
export function paintDots<G extends Cells>(surface: CanvasRenderingContext2D, grid: G, points: Uint16Array, fade: number, { view, room, ink }: Scene<G>): void {
  if (sideOf(view, room) / grid.side < CLOSE) return;
  const { starts, members } = membersOf(grid, points);
  const sight = inSight(view, room, grid.side);
  for (const [colour, alpha, size] of [[ink.ground, 0.4, DOT + 1.5], [ink.accent, 0.6, DOT]] as const) {
    surface.fillStyle = colour;
    surface.globalAlpha = alpha * fade;
    for (let row = sight.top; row <= sight.bottom; row++) {
      for (let column = sight.left; column <= sight.right; column++) {
        const cell = cellIn(grid, column, row);
        for (let at = cell < 0 ? 0 : starts[cell]!; cell >= 0 && at < starts[cell + 1]!; at++) {
          const sample = members[at]!;
          const { x, y } = toPixel(view, room, { x: points[2 * sample]! / WHOLE, y: points[2 * sample + 1]! / WHOLE });
          surface.fillRect(x - size / 2, y - size / 2, size, size);
        }
      }
    }
  }
  surface.globalAlpha = 1;
}
