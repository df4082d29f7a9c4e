/** Sums of words as people write them: "king - man + woman". */

export interface Sum {
  plus: string[];
  minus: string[];
}

/** The terms of a sum, or what is wrong with it in a sentence. Signs stand between blanks or before a word. */
export function sumRead(said: string): Sum | string {
  const parts = said.trim().split(/\s*(?:^|\s)([+\-−–])\s*(?=\S)/);
  const sum: Sum = { plus: [], minus: [] };
  let sign = "+";
  for (const [at, part] of parts.entries()) {
    if (at % 2) sign = part;
    else if (part.trim()) (sign === "+" ? sum.plus : sum.minus).push(part.trim());
  }
  if (!sum.plus.length) return sum.minus.length ? "Begin with a word that is added." : "Write words with + and − between them.";
  if (sum.plus.length > 8 || sum.minus.length > 8) return "At most eight words are added, and eight taken away.";
  return sum;
}

export const sumSaid = ({ plus, minus }: Sum): string => [plus.join(" + "), ...minus].join(" − ");

/** The dimensions that vary most over the positions, most first. */
export const liveliest = (spread: readonly number[], count: number): number[] =>
  spread.map((_, at) => at).sort((a, b) => spread[b]! - spread[a]! || a - b).slice(0, count);
