/** What temperature, top-k and top-p make of a network's logits, in the order of Hugging Face's `generate`. */

export interface Sampling {
  temperature: number; // 0: always the likeliest
  topK: number; // 0: all
  topP: number;
}

/** All tokens of a vocabulary at one place, the likeliest first. */
export class Odds {
  readonly order: Uint32Array; // token numbers, the likeliest first
  readonly #sorted: Float64Array; // their logits, the largest taken away
  readonly #sum: number;

  constructor(logits: Float32Array) {
    this.order = Uint32Array.from(logits, (_, token) => token).sort((one, other) => logits[other]! - logits[one]! || one - other);
    const most = logits[this.order[0] ?? 0] ?? 0;
    this.#sorted = Float64Array.from(this.order, (token) => logits[token]! - most);
    this.#sum = sumOf(this.#sorted, 1);
  }

  /** The network's own probabilities, in order. */
  get own(): Float64Array {
    return this.#sorted.map((logit) => Math.exp(logit) / this.#sum);
  }

  /** At a temperature, before anything is cut off, in order. */
  at(temperature: number): Float64Array {
    if (temperature === 0) return this.#sorted.map((_, rank) => (rank === 0 ? 1 : 0));
    const sum = sumOf(this.#sorted, temperature);
    return this.#sorted.map((logit) => Math.exp(logit / temperature) / sum);
  }

  /** How many of the likeliest are left to draw from, by top-k and by what top-p leaves of them. */
  left({ temperature, topK, topP }: Sampling): { byK: number; byP: number } {
    const count = this.#sorted.length;
    if (temperature === 0) return { byK: 1, byP: 1 };
    let byK = topK > 0 && topK < count ? topK : count;
    while (byK < count && this.#sorted[byK] === this.#sorted[byK - 1]) byK++; // as likely as the k-th
    if (topP >= 1) return { byK, byP: byK };
    const weights = this.#sorted.subarray(0, byK).map((logit) => Math.exp(logit / temperature));
    const wanted = topP * weights.reduce((sum, weight) => sum + weight, 0);
    let [byP, sum] = [0, 0];
    while (byP < byK && sum < wanted) sum += weights[byP++]!;
    return { byK, byP: Math.max(1, byP) };
  }

  /** With what probability each of the likeliest is drawn, in order; those behind them never are. */
  drawn(sampling: Sampling): Float64Array {
    const { byP } = this.left(sampling);
    const kept = this.at(sampling.temperature).subarray(0, byP);
    const sum = kept.reduce((sum, odds) => sum + odds, 0);
    return kept.map((odds) => odds / sum);
  }
}

const sumOf = (logits: Float64Array, temperature: number): number =>
  logits.reduce((sum, logit) => sum + Math.exp(logit / temperature), 0);

/** How surprising something of this probability is, in bits. */
export const bits = (probability: number): number => -Math.log2(Math.max(probability, 1e-12));

/** Points of a curve over ranks that are drawn on a logarithmic axis: all of the first, then ever fewer. */
export function thinned(count: number, perDecade = 60): number[] {
  const ranks: number[] = [];
  for (let rank = 1; rank <= count; rank = Math.max(rank + 1, Math.floor(rank * 10 ** (1 / perDecade)))) ranks.push(rank);
  if (count && ranks.at(-1) !== count) ranks.push(count);
  return ranks;
}
