/** What heads did while they were learned, as the card keeps it, made ready to be drawn. */

import type { ModelCard } from "../api/client";

export type HeadRecord = NonNullable<ModelCard["heads"]>;
export type Score = "previous_token" | "induction";

/** The best score of any head over the tokens read. Where the log has it too, its many points lie between the moments. */
export function bestOver(record: HeadRecord, score: Score, log: ModelCard["log"] = []): [number, number][] {
  const points = new Map<number, number>();
  const perStep = tokensPerStep(record);
  if (perStep) {
    for (const row of log) {
      const [step, value] = [row.step, row[score]];
      if (typeof step === "number" && typeof value === "number" && Number.isFinite(value)) points.set(step * perStep, value);
    }
  }
  record.tokens.forEach((tokens, at) => points.set(tokens, best(record[score][at] ?? [])));
  return [...points].sort(([one], [other]) => one - other);
}

export const best = (layers: readonly (readonly number[])[]): number => Math.max(0, ...layers.flat());

/** Every step reads equally many: the log counts steps, the page tokens. */
function tokensPerStep({ step, tokens }: HeadRecord): number {
  const last = step.at(-1) ?? 0;
  return last > 0 ? (tokens.at(-1) ?? 0) / last : 0;
}

/** 12,345,678 → "12.3 million": three digits are enough for a count that large. */
export function large(count: number): string {
  for (const [size, word] of [[1e9, "billion"], [1e6, "million"], [1e3, "thousand"]] as const) {
    if (count >= size) return `${Number((count / size).toPrecision(3))} ${word}`;
  }
  return String(count);
}
