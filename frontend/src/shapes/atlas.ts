/** The cells of an atlas, grid by grid: which one lies where, what it argues for, and its icon. */

import type { Spot } from "./mapView";

/** Icons of one grid at falling sizes, each half of the one before: whole sheets, `across` icons in a row. */
export interface Icons {
  sheets: CanvasImageSource[];
  size: number; // px of an icon on the first
  across: number;
}
/** Which cells of a map are kept, and where. */
export interface Cells {
  side: number;
  cells: number;
  place: Uint8Array; // (cells, 2): column, row
  count: Int32Array; // (cells,) samples
  at: Int32Array; // (side, side): the cell there, -1 where none is kept
  most: number; // samples of a well-filled cell
}
export interface Grid extends Cells {
  classes: number;
  args: Int8Array; // (cells, classes); byte times scale is what the cell argues for a class, in logits
  scale: Float32Array; // (cells,)
  samples: Int32Array; // (cells, shown); -1 where there are fewer
  icons: Icons;
}
/** A cell of a grid. */
export interface At<G extends Cells = Grid> {
  grid: G;
  cell: number;
}

export type Table = Pick<Grid, "place" | "count" | "args" | "scale" | "samples">;

export function gridOf(side: number, { place, count, args, scale, samples }: Table, icons: Icons): Grid {
  const cells = count.length;
  const classes = cells ? args.length / cells : 0;
  if (scale.length !== cells || !Number.isInteger(classes) || (cells && samples.length % cells)) throw new RangeError(UNFIT);
  return { ...laid(side, place, count), classes, args, scale, samples, icons };
}

export const UNFIT = "The tables of this atlas do not fit together.";

export function laid(side: number, place: Uint8Array, count: Int32Array): Cells {
  const cells = count.length;
  if (place.length !== 2 * cells) throw new RangeError(UNFIT);
  const at = new Int32Array(side * side).fill(-1);
  for (let cell = 0; cell < cells; cell++) {
    const [column, row] = [place[2 * cell]!, place[2 * cell + 1]!];
    if (column >= side || row >= side) throw new RangeError("A cell of this atlas lies beside its map.");
    at[row * side + column] = cell;
  }
  const sorted = Int32Array.from(count).sort();
  return { side, cells, place, count, at, most: sorted[Math.floor(0.9 * (cells - 1))] ?? 1 };
}

export const column = ({ grid, cell }: At<Cells>): number => grid.place[2 * cell]!;
export const row = ({ grid, cell }: At<Cells>): number => grid.place[2 * cell + 1]!;
export const middle = (at: At<Cells>): Spot => ({ x: (column(at) + 0.5) / at.grid.side, y: (row(at) + 0.5) / at.grid.side });

/** The cell at a column and row, -1 where none is kept or it would lie beside the map. */
export const cellIn = (grid: Cells, x: number, y: number): number =>
  x >= 0 && y >= 0 && x < grid.side && y < grid.side ? grid.at[y * grid.side + x]! : -1;

/** The cell that covers a place of the map. */
export function cellUnder<G extends Cells>(grid: G, { x, y }: Spot): At<G> | null {
  const cell = cellIn(grid, Math.floor(x * grid.side), Math.floor(y * grid.side));
  return cell < 0 ? null : { grid, cell };
}

const BARE = new WeakMap<Cells, WeakMap<Cells, Uint8Array>>();

/** Which cells of a grid have none of a finer one in them, 1 each: there the coarser is still seen when one is close. */
export function bare(coarse: Cells, fine: Cells): Uint8Array {
  let known = BARE.get(coarse);
  if (!known) BARE.set(coarse, (known = new WeakMap()));
  let found = known.get(fine);
  if (!found) {
    found = new Uint8Array(coarse.cells).fill(1);
    const times = coarse.side / fine.side;
    for (let cell = 0; cell < fine.cells; cell++) {
      const over = cellIn(coarse, Math.floor(fine.place[2 * cell]! * times), Math.floor(fine.place[2 * cell + 1]! * times));
      if (over >= 0) found[over] = 0;
    }
    known.set(fine, found);
  }
  return found;
}

/** Whether a cell of grid `from` is seen at `level`: of that grid all are, of coarser ones those that no finer one divides. */
export function seenAt(grids: readonly (Cells | null)[], from: number, level: number, cell: number): boolean {
  const grid = grids[from];
  if (!grid || from > level) return false;
  for (let finer = from + 1; finer <= level; finer++) {
    const fine = grids[finer];
    if (fine && !bare(grid, fine)[cell]) return false;
  }
  return true;
}

/** The cell that is seen at a place of the map. */
export function seenUnder<G extends Cells>(grids: readonly (G | null)[], level: number, place: Spot): At<G> | null {
  for (let from = level; from >= 0; from--) {
    const grid = grids[from];
    const at = grid ? cellUnder(grid, place) : null;
    if (at && seenAt(grids, from, level, at.cell)) return at;
  }
  return null;
}

/** The kept cell nearest to a place of the map. */
export function cellNear<G extends Cells>(grid: G, { x, y }: Spot): At<G> | null {
  let [best, least] = [-1, Infinity];
  for (let cell = 0; cell < grid.cells; cell++) {
    const far = Math.hypot((grid.place[2 * cell]! + 0.5) / grid.side - x, (grid.place[2 * cell + 1]! + 0.5) / grid.side - y);
    if (far < least) [best, least] = [cell, far];
  }
  return best < 0 ? null : { grid, cell: best };
}

/** The next kept cell that way: the nearest in a cone of 90 degrees. */
export function towards<G extends Cells>(at: At<G>, right: number, down: number): At<G> | null {
  const { grid } = at;
  let [best, least] = [-1, Infinity];
  for (let cell = 0; cell < grid.cells; cell++) {
    const [x, y] = [grid.place[2 * cell]! - column(at), grid.place[2 * cell + 1]! - row(at)];
    const ahead = x * right + y * down;
    const aside = Math.abs(x * down) + Math.abs(y * right);
    if (ahead <= 0 || aside > ahead) continue;
    if (ahead + 2 * aside < least) [best, least] = [cell, ahead + 2 * aside];
  }
  return best < 0 ? null : { grid, cell: best };
}

/** The nine cells around and with this one, row by row; null where none is kept. */
export const around = <G extends Cells>(at: At<G>): (At<G> | null)[] =>
  [-1, 0, 1].flatMap((down) =>
    [-1, 0, 1].map((right) => {
      const cell = cellIn(at.grid, column(at) + right, row(at) + down);
      return cell < 0 ? null : { grid: at.grid, cell };
    }),
  );

/** The cells of another grid that this one covers, or the one that covers it. */
export function within<G extends Cells>(at: At<G>, grid: G): At<G>[] {
  const times = grid.side / at.grid.side;
  const span = Math.max(1, Math.round(times));
  const [left, top] = [Math.floor(column(at) * times), Math.floor(row(at) * times)];
  const found: At<G>[] = [];
  for (let y = top; y < top + span; y++) {
    for (let x = left; x < left + span; x++) {
      const cell = cellIn(grid, x, y);
      if (cell >= 0) found.push({ grid, cell });
    }
  }
  return found;
}

/** What a cell argues for a class, in logits. */
export const argues = ({ grid, cell }: At, klass: number): number =>
  klass < grid.classes ? grid.args[cell * grid.classes + klass]! * grid.scale[cell]! : 0;

/** The classes it argues for most (or against, where `sign` is -1), most first. */
export function foremost({ grid, cell }: At, count: number, sign: 1 | -1 = 1): { index: number; value: number }[] {
  const from = cell * grid.classes;
  const best: number[] = [];
  const said = (klass: number): number => sign * grid.args[from + klass]!;
  for (let klass = 0; klass < grid.classes; klass++) {
    if (said(klass) <= 0) continue;
    let slot = best.length;
    while (slot > 0 && said(best[slot - 1]!) < said(klass)) slot--;
    if (slot < count) {
      best.splice(slot, 0, klass);
      best.length = Math.min(count, best.length);
    }
  }
  return best.map((index) => ({ index, value: argues({ grid, cell }, index) }));
}

/** The side of a cell's icon in parts of the cell: where there are few samples it is smaller. */
export const fullness = (grid: Cells, cell: number): number =>
  0.66 + 0.34 * Math.sqrt(Math.min(1, grid.count[cell]! / Math.max(1, grid.most)));

/** A cell as an address says it, "40:12,7": side of its grid, column, row. */
export const cellSaid = (at: At<Cells>): string => `${at.grid.side}:${column(at)},${row(at)}`;
export function cellRead(said: string | undefined): { side: number; column: number; row: number } | null {
  const found = /^(\d{1,4}):(\d{1,4}),(\d{1,4})$/.exec(said ?? "");
  return found ? { side: Number(found[1]), column: Number(found[2]), row: Number(found[3]) } : null;
}

/** Cells along places of the map: each once in a row, those that are not kept left out. */
export function strip(grid: Grid, places: readonly Spot[]): At[] {
  const found: At[] = [];
  for (const place of places) {
    const at = cellUnder(grid, place);
    if (at && at.cell !== found.at(-1)?.cell) found.push(at);
  }
  return found;
}

/** Where a cell's icon lies on the sheet that is nearest above a size in px. */
export function iconAt({ grid, cell }: At, wished: number): { sheet: CanvasImageSource; x: number; y: number; side: number } {
  const { sheets, size, across } = grid.icons;
  let level = 0;
  while (level < sheets.length - 1 && size / 2 ** (level + 1) >= wished) level++;
  const side = size / 2 ** level;
  return { sheet: sheets[level]!, x: (cell % across) * side, y: Math.floor(cell / across) * side, side };
}
