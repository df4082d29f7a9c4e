/** The sample sentences that suit a model: its own, where it has some, else those that are nobody's own. */

import type { Samples } from "../api/client";

type Sentence = Samples["sentences"][number];

export function sentencesFor(model: string, sentences: readonly Sentence[] = []): Sentence[] {
  const own = sentences.filter(({ models }) => models.includes(model));
  return own.length ? own : sentences.filter(({ models }) => !models.length);
}

/** The one to write on from: the shortest that has come to the end of a sentence or a line. */
export function opening(sentences: readonly Sentence[]): string | null {
  const closed = sentences.filter(({ text }) => /[.\n]$/.test(text));
  return [...(closed.length ? closed : sentences)].sort((one, other) => one.text.length - other.text.length)[0]?.text ?? null;
}
