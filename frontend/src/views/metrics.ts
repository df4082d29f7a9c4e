/** What heads mostly do, as rows that can be sorted. */

export const METRICS = ["previous_token", "first_token", "duplicate_token", "induction", "entropy", "distance"] as const;
export type Metric = (typeof METRICS)[number];

export interface Row {
  layer: number;
  head: number;
  values: Record<string, number>;
}

/** One row a head, from arrays (layer, head) by name. */
export function rowsOf(arrays: Record<string, Float32Array>, heads: number): Row[] {
  const count = Object.values(arrays)[0]?.length ?? 0;
  return Array.from({ length: count }, (_, at) => ({
    layer: Math.floor(at / heads),
    head: at % heads,
    values: Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, values[at]!])),
  }));
}

/** Largest first; equal ones in the order of layers and heads. */
export const sorted = (rows: readonly Row[], metric: string): Row[] =>
  [...rows].sort((one, other) => other.values[metric]! - one.values[metric]! || one.layer - other.layer || one.head - other.head);

/** An array (layer, head) as rows. */
export const layersOf = (values: Float32Array, heads: number): number[][] =>
  Array.from({ length: Math.floor(values.length / Math.max(1, heads)) }, (_, layer) => [...values.subarray(layer * heads, (layer + 1) * heads)]);
