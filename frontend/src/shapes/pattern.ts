/**
 * Attention patterns from what the server sends, where they are looked at:
 * pattern[query, key] = exp(queries[query]·keys[key] / sqrt(head_width) − normalizers[query]) where key ≤ query, else 0.
 */

export interface Arrays {
  layers: number;
  heads: number;
  positions: number;
  headWidth: number;
  queries: Float32Array; // (layer, head, position, head_width)
  keys: Float32Array; // (layer, head, position, head_width)
  normalizers: Float32Array; // (layer, head, position)
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

  /** How much `query` takes from each position; adds up to 1. */
  row(layer: number, head: number, query: number): Float32Array {
    const weights = new Float32Array(this.positions);
    this.#fill(this.#first(layer, head), query, weights, 0);
    return weights;
  }

  /** How much each position takes from `key`. */
  column(layer: number, head: number, key: number): Float32Array {
    const first = this.#first(layer, head);
    const weights = new Float32Array(this.positions);
    for (let query = key; query < this.positions; query++) weights[query] = this.#weight(first, query, key);
    return weights;
  }

  /** The whole pattern, (query, key). */
  matrix(layer: number, head: number): Float32Array {
    const first = this.#first(layer, head);
    const weights = new Float32Array(this.positions * this.positions);
    for (let query = 0; query < this.positions; query++) this.#fill(first, query, weights, query * this.positions);
    return weights;
  }

  #first(layer: number, head: number): number {
    if (!(layer >= 0 && layer < this.layers && head >= 0 && head < this.heads)) {
      throw new RangeError(`No head ${head} in layer ${layer}.`);
    }
    return (layer * this.heads + head) * this.positions;
  }

  #fill(first: number, query: number, weights: Float32Array, at: number): void {
    for (let key = 0; key <= query; key++) weights[at + key] = this.#weight(first, query, key);
  }

  #weight(first: number, query: number, key: number): number {
    const { queries, keys, normalizers, headWidth } = this.#arrays;
    const asks = (first + query) * headWidth;
    const offers = (first + key) * headWidth;
    let score = 0;
    for (let part = 0; part < headWidth; part++) score += queries[asks + part]! * keys[offers + part]!;
    return Math.exp(score / Math.sqrt(headWidth) - normalizers[first + query]!);
  }
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
