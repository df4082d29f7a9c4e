/** Pictures that came to a map afterwards, and which of them lie in a cell. */

import { bytes, wholes, type Tensors } from "../api/tensors";

export interface Visited {
  pictures: Int32Array; // (places,): numbers in their gallery
  points: Uint16Array; // (places, 2) in 65535ths of the map's side
  near: Uint8Array; // (places,): cosine to the nearest cell's mean, in 255ths
}

/** Raises RangeError for a file that holds something else. */
export function visitsOf(told: Tensors): Visited {
  const found = { pictures: wholes(told, "pictures", Int32Array), points: wholes(told, "points", Uint16Array), near: bytes(told, "near") };
  if (found.points.length !== 2 * found.pictures.length || found.near.length !== found.pictures.length) throw new RangeError("The tables of places do not fit each other.");
  return found;
}

/** Pictures with a place in a cell of a grid, each once, those most like it first. */
export function inside({ pictures, points, near }: Visited, side: number, column: number, row: number): number[] {
  const cell = (point: number): number => Math.min(side - 1, Math.floor((points[point]! / 65535) * side));
  const best = new Map<number, number>();
  pictures.forEach((picture, place) => {
    if (cell(2 * place) === column && cell(2 * place + 1) === row) best.set(picture, Math.max(best.get(picture) ?? 0, near[place]!));
  });
  return [...best].sort(([a, alike], [b, other]) => other - alike || a - b).map(([picture]) => picture);
}
