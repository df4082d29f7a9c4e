/** A window of the logit lens, cell by cell: what each stage of the network says at each token. */

export const SHOWS = ["probability", "entropy", "rank"] as const;
export type Shows = (typeof SHOWS)[number];

/** The strongest tint: as strong as lets the words on it be read. */
export const STRONGEST = "light-dark(color-mix(in srgb, var(--accent) 50%, var(--raised)), color-mix(in srgb, var(--accent) 40%, var(--raised)))";

export interface Arrays {
  stages: number;
  positions: number; // of the window
  k: number;
  tokens: Int32Array; // (stage, position, k)
  probabilities: Float32Array; // (stage, position, k)
  entropy: Float32Array; // (stage, position), nats
  rank: Int32Array; // (stage, position): tokens that are likelier than the one that follows
  probability: Float32Array; // (stage, position): of the one that follows
  truth: Int32Array; // (position,)
}

export interface Cell {
  best: { id: number; probability: number }[]; // best first
  entropy: number;
  rank: number;
  probability: number;
  truth: number;
}

export class Reading {
  readonly #arrays: Arrays;
  /** The window's first position. */
  readonly first: number;

  constructor(arrays: Arrays, first: number) {
    const cells = arrays.stages * arrays.positions;
    const fits = [arrays.entropy, arrays.rank, arrays.probability].every(({ length }) => length === cells);
    if (!fits || arrays.truth.length !== arrays.positions || [arrays.tokens, arrays.probabilities].some(({ length }) => length !== cells * arrays.k)) {
      throw new RangeError("The arrays of the lens do not fit together.");
    }
    this.#arrays = arrays;
    this.first = first;
  }

  get stages(): number {
    return this.#arrays.stages;
  }
  get end(): number {
    return this.first + this.#arrays.positions;
  }

  cell(stage: number, position: number): Cell {
    const { k, tokens, probabilities, entropy, rank, probability, truth } = this.#arrays;
    const at = this.#at(stage, position);
    const best = Array.from({ length: k }, (_, place) => ({ id: tokens[at * k + place]!, probability: probabilities[at * k + place]! }));
    return { best, entropy: entropy[at]!, rank: rank[at]!, probability: probability[at]!, truth: truth[position - this.first]! };
  }

  /** The likeliest token of a cell. */
  top(stage: number, position: number): number {
    return this.#arrays.tokens[this.#at(stage, position) * this.#arrays.k]!;
  }
  truth(position: number): number {
    return this.#arrays.truth[position - this.first]!;
  }

  /** How strongly a cell is tinted, 0 to 1: the surer, the more certain, the nearer to the first rank, the stronger. */
  tint(shows: Shows, stage: number, position: number, vocabulary: number): number {
    const at = this.#at(stage, position);
    if (shows === "probability") return this.#arrays.probabilities[at * this.#arrays.k]!;
    const most = Math.log(vocabulary);
    const part = shows === "entropy" ? this.#arrays.entropy[at]! / most : Math.log(this.#arrays.rank[at]! + 1) / most;
    return Math.max(0, Math.min(1, 1 - part));
  }

  /** The rank of the token that follows, stage by stage, from 1. */
  ranks(position: number): number[] {
    return Array.from({ length: this.stages }, (_, stage) => this.#arrays.rank[this.#at(stage, position)]! + 1);
  }

  #at(stage: number, position: number): number {
    const { stages, positions } = this.#arrays;
    const column = position - this.first;
    if (!(stage >= 0 && stage < stages && column >= 0 && column < positions)) throw new RangeError(`No stage ${stage} at ${position}.`);
    return stage * positions + column;
  }
}

/** The columns of which something is seen, with some on either side, and the windows they lie in. */
export function seen(left: number, room: number, column: number, total: number, size: number): { columns: number[]; windows: number[] } {
  const BESIDE = 3;
  const first = Math.max(0, Math.floor(left / column) - BESIDE);
  const end = Math.min(total, Math.ceil((left + room) / column) + BESIDE);
  const columns = Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
  const windows = columns.length ? Array.from({ length: Math.floor((end - 1) / size) - Math.floor(first / size) + 1 }, (_, at) => Math.floor(first / size) + at) : [];
  return { columns, windows };
}

/** Where an arrow key leads from a cell; null where it leads nowhere. */
export function step(key: string, stage: number, token: number, stages: number, total: number): { stage: number; token: number } | null {
  const far = 10;
  const moves: Record<string, [number, number]> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    PageUp: [0, -far],
    PageDown: [0, far],
    Home: [0, -total],
    End: [0, total],
  };
  const move = moves[key];
  if (!move) return null;
  const held = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));
  return { stage: held(stage + move[0], stages), token: held(token + move[1], total) };
}
