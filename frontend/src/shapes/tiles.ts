/** The tiles of an ImageGrid: values from bytes, order, threshold, and their colours as one sprite. */

import { byteOf, type Table } from "./colour";

export interface Tiles {
  count: number;
  height: number;
  width: number;
  colour: "rgb" | "sequential" | "signed";
  bytes: Uint8Array; // (count, height, width) or (count, height, width, 3)
  low?: Float32Array; // (count,)
  high?: Float32Array; // (count,)
}

export type Scaling = "each" | "shared";

/** What a cell holds: a stored byte b of tile i stands for low[i] + b / 255 · (high[i] − low[i]). */
export function valueAt(tiles: Tiles, tile: number, cell: number): number {
  const low = tiles.low?.[tile] ?? 0;
  const high = tiles.high?.[tile] ?? 255;
  return low + ((tiles.bytes[tile * tiles.height * tiles.width + cell] ?? 0) / 255) * (high - low);
}

/** The largest magnitude in a tile. */
export const reach = (tiles: Tiles, tile: number): number =>
  Math.max(Math.abs(tiles.low?.[tile] ?? 0), Math.abs(tiles.high?.[tile] ?? 0));

/** The largest magnitude in all of them. */
export function fullReach(tiles: Tiles): number {
  let most = 0;
  for (let tile = 0; tile < tiles.count; tile++) most = Math.max(most, reach(tiles, tile));
  return most;
}

/** Tile numbers sorted by a column; missing numbers last, equal ones by index. */
export function ordered(count: number, column: readonly number[] | undefined, descending: boolean): number[] {
  const tiles = Array.from({ length: count }, (_, tile) => tile);
  if (!column) return tiles;
  const rank = (tile: number): number => {
    const value = column[tile];
    if (value === undefined || value === null || !Number.isFinite(value)) return Infinity;
    return descending ? -value : value;
  };
  return tiles.sort((one, other) => {
    const [a, b] = [rank(one), rank(other)];
    return a === b ? one - other : a < b ? -1 : 1;
  });
}

/** The tiles in which something is left when values nearer to zero than `cut` are dropped. */
export const surviving = (tiles: Tiles, order: readonly number[], cut: number): number[] =>
  cut > 0 ? order.filter((tile) => reach(tiles, tile) >= cut) : [...order];

/** All tiles as one picture, `across` of them in a row. */
export interface Sprite {
  pixels: Uint8ClampedArray<ArrayBuffer>; // RGBA
  across: number;
  width: number;
  height: number;
}

/** The same, where it came as a picture file. */
export interface Sheet {
  image: CanvasImageSource;
  across: number;
}

export function sprite(tiles: Tiles, colours: Table | null, scaling: Scaling, cut = 0): Sprite {
  const across = Math.max(1, Math.ceil(Math.sqrt(tiles.count)));
  const width = across * tiles.width;
  const height = Math.ceil(tiles.count / across) * tiles.height;
  const pixels = new Uint8ClampedArray(width * height * 4);
  const most = scaling === "shared" ? fullReach(tiles) : 0;
  for (let tile = 0; tile < tiles.count; tile++) {
    const at = (Math.floor(tile / across) * tiles.height * width + (tile % across) * tiles.width) * 4;
    if (tiles.colour === "rgb" || !colours) copy(tiles, tile, pixels, at, width);
    else paint(tiles, tile, pixels, at, width, lookup(tiles, tile, colours, most || reach(tiles, tile), cut));
  }
  return { pixels, across, width, height };
}

/** One tile alone, as RGBA. */
export function single(tiles: Tiles, tile: number, colours: Table | null, scaling: Scaling): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(tiles.width * tiles.height * 4);
  if (tiles.colour === "rgb" || !colours) copy(tiles, tile, pixels, 0, tiles.width);
  else {
    const most = scaling === "shared" ? fullReach(tiles) : reach(tiles, tile);
    paint(tiles, tile, pixels, 0, tiles.width, lookup(tiles, tile, colours, most, 0));
  }
  return pixels;
}

/** The 256 colours that the bytes of one tile take: cheaper than a colour for every cell. */
function lookup(tiles: Tiles, tile: number, colours: Table, most: number, cut: number): Uint32Array {
  const colour = tiles.colour === "signed" ? "signed" : "sequential";
  const low = tiles.low?.[tile] ?? 0;
  const step = ((tiles.high?.[tile] ?? 255) - low) / 255;
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    const value = low + byte * step;
    const at = byteOf(Math.abs(value) < cut ? 0 : value, most, colour) * 3;
    return ((255 << 24) | (colours[at + 2]! << 16) | (colours[at + 1]! << 8) | colours[at]!) >>> 0;
  });
}

function paint(tiles: Tiles, tile: number, pixels: Uint8ClampedArray, at: number, across: number, colours: Uint32Array) {
  const into = new Uint32Array(pixels.buffer);
  let from = tile * tiles.height * tiles.width;
  for (let row = 0, start = at / 4; row < tiles.height; row++, start += across) {
    for (let column = 0; column < tiles.width; column++) into[start + column] = colours[tiles.bytes[from++]!]!;
  }
}

function copy(tiles: Tiles, tile: number, pixels: Uint8ClampedArray, at: number, across: number) {
  let from = tile * tiles.height * tiles.width * 3;
  for (let row = 0; row < tiles.height; row++) {
    for (let column = 0, into = at + row * across * 4; column < tiles.width; column++, into += 4, from += 3) {
      pixels[into] = tiles.bytes[from]!;
      pixels[into + 1] = tiles.bytes[from + 1]!;
      pixels[into + 2] = tiles.bytes[from + 2]!;
      pixels[into + 3] = 255;
    }
  }
}
