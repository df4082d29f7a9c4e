/** What the bar of a token's chip says: a part from 0 to 1, whatever the number behind it. */

import type { Sense } from "../shapes/pattern";

/** Weights as they are; what is moved as part of the largest; scores from the least to the largest of those in sight. */
export function bars(values: Float32Array, sense: Sense, seen: (position: number) => boolean): Float32Array {
  let [low, high] = [Infinity, -Infinity];
  values.forEach((value, position) => {
    if (seen(position)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  });
  return values.map((value, position) => {
    if (!seen(position)) return 0;
    if (sense === "weights") return value;
    if (sense === "moved") return high > 0 ? value / high : 0;
    return high > low ? (value - low) / (high - low) : 1;
  });
}

export interface Pair {
  query: number;
  key: number;
  value: number;
}

/** The largest cells of a matrix (row, column), of either sign, largest first. */
export function strongestPairs(matrix: Float32Array, side: number, count: number): Pair[] {
  const pairs = Array.from(matrix, (value, at) => ({ query: Math.floor(at / side), key: at % side, value }));
  return pairs.sort((one, other) => Math.abs(other.value) - Math.abs(one.value)).slice(0, count);
}

export interface Part {
  name: string;
  value: number;
}

/** The largest parts of either sign by name, and all others as one. */
export function largestParts(parts: Float32Array, count: number, name: (at: number) => string): Part[] {
  const order = Array.from(parts.keys()).sort((one, other) => Math.abs(parts[other]!) - Math.abs(parts[one]!));
  const named = order.slice(0, count).map((at) => ({ name: name(at), value: parts[at]! }));
  const rest = order.slice(count);
  if (!rest.length) return named;
  return [...named, { name: `${rest.length} others`, value: rest.reduce((sum, at) => sum + parts[at]!, 0) }];
}
