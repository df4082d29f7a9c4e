/**
 * Attention patterns from what the server sends, where they are looked at:
 * pattern[query, key] = exp(queries[query]·keys[key] / sqrt(head_width) − normalizers[query]) where key ≤ query, else 0.
 */

/** What a cell says: the weight, the score before the softmax, or the weight times the length of what is handed over. */
export type Sense = "weights" | "scores" | "moved";

export interface Arrays {
  layers: number;
  heads: number;
  positions: number;
  headWidth: number;
  queries: Float32Array; // (layer, head, position, head_width)
  keys: Float32Array; // (layer, head, position, head_width)
  normalizers: Float32Array; // (layer, head, position)
  moved?: Float32Array; // (layer, head, position): length of the vector a position hands over
}

export class Pattern {
  readonly #arrays: Arrays;

  constructor(arrays: Arrays) {
    const vectors = arrays.layers * arrays.heads * arrays.positions;
    if (
      arrays.queries.length !== vectors * arrays.headWidth ||
      arrays.keys.length !== vectors * arrays.headWidth ||
      arrays.normalizers.length !== vectors
    ) {
      throw new RangeError("Queries, keys and normalizers do not fit together.");
    }
    this.#arrays = arrays;
  }

  get layers(): number {
    return this.#arrays.layers;
  }
  get heads(): number {
    return this.#arrays.heads;
  }
  get positions(): number {
    return this.#arrays.positions;
  }

  /** How much `query` takes from each position: weights add up to 1. What lies ahead is 0, whatever is meant. */
  row(layer: number, head: number, query: number, sense: Sense = "weights"): Float32Array {
    const weights = new Float32Array(this.positions);
    this.#fill(this.#first(layer, head), query, weights, 0, sense);
    return weights;
  }

  /** How much each position takes from `key`. */
  column(layer: number, head: number, key: number, sense: Sense = "weights"): Float32Array {
    const first = this.#first(layer, head);
    const weights = new Float32Array(this.positions);
    for (let query = key; query < this.positions; query++) weights[query] = this.#value(first, query, key, sense);
    return weights;
  }

  /** The whole pattern, (query, key). */
  matrix(layer: number, head: number, sense: Sense = "weights"): Float32Array {
    const first = this.#first(layer, head);
    const weights = new Float32Array(this.positions * this.positions);
    for (let query = 0; query < this.positions; query++) this.#fill(first, query, weights, query * this.positions, sense);
    return weights;
  }

  /** What each dimension of the head adds to a score, adding up to it: (head_width,). */
  parts(layer: number, head: number, query: number, key: number): Float32Array {
    const first = this.#first(layer, head);
    const { queries, keys, headWidth } = this.#arrays;
    const [asks, offers] = [(first + query) * headWidth, (first + key) * headWidth];
    return Float32Array.from({ length: headWidth }, (_, part) => (queries[asks + part]! * keys[offers + part]!) / Math.sqrt(headWidth));
  }

  #first(layer: number, head: number): number {
    if (!(layer >= 0 && layer < this.layers && head >= 0 && head < this.heads)) {
      throw new RangeError(`No head ${head} in layer ${layer}.`);
    }
    return (layer * this.heads + head) * this.positions;
  }

  #fill(first: number, query: number, weights: Float32Array, at: number, sense: Sense): void {
    for (let key = 0; key <= query; key++) weights[at + key] = this.#value(first, query, key, sense);
  }

  #value(first: number, query: number, key: number, sense: Sense): number {
    const score = this.#score(first, query, key);
    if (sense === "scores") return score;
    const weight = Math.exp(score - this.#arrays.normalizers[first + query]!);
    return sense === "moved" ? weight * (this.#arrays.moved?.[first + key] ?? 0) : weight;
  }

  #score(first: number, query: number, key: number): number {
    const { queries, keys, headWidth } = this.#arrays;
    const asks = (first + query) * headWidth;
    const offers = (first + key) * headWidth;
    let score = 0;
    for (let part = 0; part < headWidth; part++) score += queries[asks + part]! * keys[offers + part]!;
    return score / Math.sqrt(headWidth);
  }
}

/** The largest magnitude in a matrix (query, key) that looks back, without its first column where that is hidden. */
export function most(matrix: Float32Array, positions: number, hideFirst: boolean): number {
  let found = 0;
  for (let query = 0; query < positions; query++) {
    for (let key = hideFirst ? 1 : 0; key <= query; key++) found = Math.max(found, Math.abs(matrix[query * positions + key]!));
  }
  return found;
}

/** The head that looks most pointedly at one token that is neither the first nor the query itself. */
export function pointed(pattern: Pattern, query: number): { layer: number; head: number } {
  let best = { layer: 0, head: 0 };
  let most = -1;
  for (let layer = 0; layer < pattern.layers; layer++) {
    for (let head = 0; head < pattern.heads; head++) {
      const weights = pattern.row(layer, head, query);
      for (let key = 1; key < query; key++) {
        if (weights[key]! > most) [most, best] = [weights[key]!, { layer, head }];
      }
    }
  }
  return best;
}
