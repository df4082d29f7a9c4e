/** Maps to be laid over a picture: what is near zero is clear, so that the picture is seen where nothing is said. */

import { byteOf, type Table } from "../shapes/colour";
import { reach, valueAt, type Tiles } from "../shapes/tiles";

const STRONG = 0.67; // of the way to the end of a signed map: blue or orange in full

/** One tile as RGBA; how opaque a cell is says how large it is, against `most`, else the tile's own largest. */
export function veil(tiles: Tiles, tile: number, colours: Table, most = reach(tiles, tile)): Uint8ClampedArray<ArrayBuffer> {
  const area = tiles.height * tiles.width;
  const pixels = new Uint8ClampedArray(area * 4);
  const colour = tiles.colour === "signed" ? "signed" : "sequential";
  for (let cell = 0; cell < area; cell++) {
    const value = valueAt(tiles, tile, cell);
    const part = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
    const shade = colour === "signed" ? STRONG * most * Math.sign(value) : value; // pale colours are lost on a picture
    const at = byteOf(shade, most, colour) * 3;
    pixels.set([colours[at]!, colours[at + 1]!, colours[at + 2]!, Math.round(255 * Math.sqrt(part))], cell * 4);
  }
  return pixels;
}

/** The cell with the largest value of a tile. */
export function peak(tiles: Tiles, tile: number): { row: number; column: number; value: number } {
  let best = 0;
  const value = (cell: number): number => valueAt(tiles, tile, cell);
  for (let cell = 1; cell < tiles.height * tiles.width; cell++) if (value(cell) > value(best)) best = cell;
  return { row: Math.floor(best / tiles.width), column: best % tiles.width, value: value(best) };
}

/** Where a cell lies, in words: "top left", "middle", "bottom". */
export function whereabouts(row: number, column: number, height: number, width: number): string {
  const third = (at: number, count: number): number => Math.min(2, Math.floor(((at + 0.5) / count) * 3));
  const [down, across] = [third(row, height), third(column, width)];
  const words = [["top", "", "bottom"][down], ["left", "", "right"][across]].filter(Boolean);
  return words.join(" ") || "middle";
}
