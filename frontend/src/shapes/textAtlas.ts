/** The cells of an atlas of texts: the words each is drawn as, where those stand in texts, and how often a token lies there. */

import { laid, UNFIT, type At, type Cells } from "./atlas";
import type { Spot } from "./mapView";
import { membersOf } from "./points";

type Ids = Uint16Array | Int32Array;

export interface TextGrid extends Cells {
  shown: number; // words of a cell
  words: Ids; // (cells, shown): tokens, most telling first
  odds: Float32Array; // (cells, shown): the probability of each as the next token
  lifts: Float32Array; // (cells, shown): natural logarithm of how many times likelier than at the mean of all
  entropy: Float32Array; // (cells,): mean, of the guess for the next token, in nats
  named: number; // contexts of a cell
  contexts: Int32Array; // (cells, named): samples, -1 where there are fewer
}
export type TextTable = Pick<TextGrid, "place" | "count" | "words" | "odds" | "lifts" | "entropy" | "contexts">;

export function textGridOf(side: number, { place, count, ...table }: TextTable): TextGrid {
  const cells = laid(side, place, count);
  const [shown, named] = [table.words.length / cells.cells || 0, table.contexts.length / cells.cells || 0];
  const fits = Number.isInteger(shown) && Number.isInteger(named) && table.entropy.length === cells.cells;
  if (!fits || table.odds.length !== table.words.length || table.lifts.length !== table.words.length) throw new RangeError(UNFIT);
  return { ...cells, ...table, shown, named };
}

export interface Word {
  token: number;
  odds: number;
  lift: number; // times likelier than on the whole map
  weight: number; // nats it adds to what tells the cell from the rest
}
/** What a cell is drawn as: no word that is likelier elsewhere. */
export function wordsOf({ grid, cell }: At<TextGrid>, most = grid.shown): Word[] {
  const found: Word[] = [];
  for (let at = cell * grid.shown; at < (cell + 1) * grid.shown && found.length < most; at++) {
    const [odds, lift] = [grid.odds[at]!, grid.lifts[at]!];
    if (lift > 0) found.push({ token: grid.words[at]!, odds, lift: Math.exp(lift), weight: odds * lift });
  }
  return found;
}
export const contextsOf = ({ grid, cell }: At<TextGrid>): number[] =>
  [...grid.contexts.subarray(cell * grid.named, (cell + 1) * grid.named)].filter((sample) => sample >= 0);

/** Texts, and where the samples among their tokens lie on the map. */
export interface Texts {
  tokens: Ids;
  starts: Int32Array; // (stretches + 1,)
  points: Uint16Array; // (samples, 2), in 65535ths of the map's side
  at: Int32Array; // (samples,): which of the tokens each is
  stretch: Int32Array; // (samples,): and in which stretch
}
export function textsOf(tokens: Ids, starts: Int32Array, points: Uint16Array, first: number): Texts {
  const count = points.length / 2;
  const [at, stretch] = [new Int32Array(count), new Int32Array(count)];
  let sample = 0;
  for (let number = 0; number < starts.length - 1; number++) {
    for (let token = starts[number]! + first; token < starts[number + 1]!; token++, sample++) {
      if (sample < count) [at[sample], stretch[sample]] = [token, number];
    }
  }
  if (sample !== count) throw new RangeError(UNFIT);
  return { tokens, starts, points, at, stretch };
}

/** The tokens around a sample, none of another stretch. */
export function contextOf(texts: Texts, sample: number, before = 8, after = 4): { before: number[]; token: number; after: number[] } {
  const at = texts.at[sample]!;
  const [start, end] = [texts.starts[texts.stretch[sample]!]!, texts.starts[texts.stretch[sample]! + 1]!];
  return {
    before: [...texts.tokens.subarray(Math.max(start, at - before), at)],
    token: texts.tokens[at]!,
    after: [...texts.tokens.subarray(at + 1, Math.min(end, at + 1 + after))],
  };
}

export const spotOf = ({ points }: Texts, sample: number): Spot => ({ x: points[2 * sample]! / 65535, y: points[2 * sample + 1]! / 65535 });

/** The part of each cell's samples that are a token. */
export function sharesOf(grid: TextGrid, texts: Texts, token: number): Float32Array {
  const { starts, members } = membersOf(grid, texts.points);
  const shares = new Float32Array(grid.cells);
  for (let cell = 0; cell < grid.cells; cell++) {
    let own = 0;
    for (let at = starts[cell]!; at < starts[cell + 1]!; at++) if (texts.tokens[texts.at[members[at]!]!] === token) own++;
    shares[cell] = own / Math.max(1, starts[cell + 1]! - starts[cell]!);
  }
  return shares;
}

/** The tokens that lie in a cell, commonest first, with the part of its samples that each is. */
export function commonest({ grid, cell }: At<TextGrid>, texts: Texts, most: number): { token: number; share: number }[] {
  const { starts, members } = membersOf(grid, texts.points);
  const [counts, all] = [new Map<number, number>(), starts[cell + 1]! - starts[cell]!];
  for (let at = starts[cell]!; at < starts[cell + 1]!; at++) {
    const token = texts.tokens[texts.at[members[at]!]!]!;
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([token, count], [other, others]) => others - count || token - other);
  return sorted.slice(0, most).map(([token, count]) => ({ token, share: count / all }));
}

/** How often each token of a vocabulary stands in the texts as a sample. */
export function timesOf(texts: Texts, vocabulary: number): Int32Array {
  const times = new Int32Array(vocabulary);
  for (const at of texts.at) times[texts.tokens[at]!]!++;
  return times;
}

/** Tokens of a vocabulary that are, begin with or hold what was typed; those that stand in the texts first, often first. */
export function tokensLike(vocabulary: readonly string[], typed: string, most: number, times: Int32Array | null = null): number[] {
  const bare = typed.replaceAll("·", " ").trim().toLowerCase();
  if (!bare) return [];
  const rank = (text: string): number => {
    const lower = text.trim().toLowerCase();
    return lower === bare ? 0 : lower.startsWith(bare) ? 1 : lower.includes(bare) ? 2 : Infinity;
  };
  const found = vocabulary.map((text, token) => ({ token, rank: rank(text), times: times?.[token] ?? 1, size: text.length }));
  const like = found.filter((each) => each.rank < Infinity);
  like.sort((one, other) => Number(!one.times) - Number(!other.times) || one.rank - other.rank || other.times - one.times || one.size - other.size || one.token - other.token);
  return like.slice(0, most).map(({ token }) => token);
}

/** The place of the map where a token lies closest: the cell that, with those around it, holds most of it. */
export function densest(grid: TextGrid, shares: Float32Array): Spot | null {
  let [best, most] = [-1, 0];
  for (let cell = 0; cell < grid.cells; cell++) {
    const times = shares[cell]! * grid.count[cell]!;
    if (times > most) [best, most] = [cell, times];
  }
  return best < 0 ? null : { x: (grid.place[2 * best]! + 0.5) / grid.side, y: (grid.place[2 * best + 1]! + 0.5) / grid.side };
}
