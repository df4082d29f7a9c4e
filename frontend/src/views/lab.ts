/** What the induction lab says of its heads. */

export type Head = readonly [number, number]; // layer, head

const CLEAR = 0.5; // a head does mostly this

export const isIn = (heads: readonly Head[], layer: number, head: number): boolean =>
  heads.some(([at, which]) => at === layer && which === head);

/** The heads with one more of them, or without it. */
export const toggled = (heads: readonly Head[], layer: number, head: number): [number, number][] =>
  (isIn(heads, layer, head)
    ? heads.filter(([at, which]) => at !== layer || which !== head)
    : [...heads, [layer, head] as const]
  ).map(([at, which]) => [at, which]);

/** The heads before a layer that look mostly at the token just before, strongest first. */
export function previousHeads(scores: Float32Array, heads: number, before: number): [number, number][] {
  return Array.from(scores, (score, at) => ({ score, layer: Math.floor(at / heads), head: at % heads }))
    .filter(({ score, layer }) => layer < before && score >= CLEAR)
    .sort((one, other) => other.score - one.score)
    .map(({ layer, head }) => [layer, head]);
}

export const named = (heads: readonly Head[]): string =>
  heads.length > 3 ? `${heads.length} heads` : `head${heads.length > 1 ? "s" : ""} ${heads.map((head) => head.join(".")).join(" and ")}`;

/** Whether anything is found again: the second saying must surprise much less than the first. */
export const finds = (first: number, second: number): boolean => second < 0.75 * first;
