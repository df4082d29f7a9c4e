/** How much each cell of an atlas argues for a class, or for one rather than another, as colour. */

import { argues, cellIn, column, middle, row, type At, type Grid } from "./atlas";
import { byteOf, MIDDLE, type Table } from "./colour";
import type { Spot } from "./mapView";

export interface Heat {
  class: number;
  against: number | null;
  most: number; // logits at the ends of the colour map
  colours: string[]; // 256
}

/** What a cell argues for the one class, less what it argues for the other, in logits. */
export const heatOf = (at: At, { class: klass, against }: Pick<Heat, "class" | "against">): number =>
  argues(at, klass) - (against === null ? 0 : argues(at, against));

/** Scaled by the coarsest grid, whose cells are the means of many, so that a colour means the same at every zoom. */
export function heat(coarsest: Grid, klass: number, against: number | null, table: Table): Heat {
  const meant = { class: klass, against };
  let most = 0;
  for (let cell = 0; cell < coarsest.cells; cell++) most = Math.max(most, Math.abs(heatOf({ grid: coarsest, cell }, meant)));
  return { ...meant, most, colours: coloursOf(table) };
}

const coloursOf = (table: Table): string[] =>
  Array.from({ length: 256 }, (_, byte) => `rgb(${table[3 * byte]} ${table[3 * byte + 1]} ${table[3 * byte + 2]})`);

export const colourOf = (value: number, { most, colours }: Heat): string => colours[byteOf(value, most, "signed")] ?? colours[MIDDLE]!;

/** How clearly a cell's icon is seen: fully where it argues as much as any, faintly where it does not. */
export const clearness = (value: number, { most, against }: Heat): number => {
  const part = most > 0 ? Math.min(1, (against === null ? Math.max(0, value) : Math.abs(value)) / most) : 0;
  return 0.16 + 0.84 * part ** 0.6;
};

/** The middle of the region that argues most: where the mean of a cell and those around it is largest. */
export function strongest(grid: Grid, meant: Pick<Heat, "class" | "against">): Spot | null {
  let [best, most]: [At | null, number] = [null, -Infinity];
  for (let cell = 0; cell < grid.cells; cell++) {
    const at = { grid, cell };
    let sum = 0;
    for (let down = -1; down <= 1; down++) {
      for (let right = -1; right <= 1; right++) {
        const near = cellIn(grid, column(at) + right, row(at) + down);
        if (near >= 0) sum += heatOf({ grid, cell: near }, meant);
      }
    }
    if (sum > most) [best, most] = [at, sum];
  }
  return best && middle(best);
}
