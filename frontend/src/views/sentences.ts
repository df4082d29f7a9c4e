/** The sample sentences that suit a model: its own, where it has some, else those that are nobody's own. */

import type { Samples } from "../api/client";

type Sentence = Samples["sentences"][number];

export function sentencesFor(model: string, sentences: readonly Sentence[] = []): Sentence[] {
  const own = sentences.filter(({ models }) => models.includes(model));
  return own.length ? own : sentences.filter(({ models }) => !models.length);
}
