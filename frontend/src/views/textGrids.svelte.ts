/** The grids of an atlas of texts, each fetched when its zoom is first seen, and the texts themselves. */

import { fileURL, type TextMap } from "../api/client";
import { aborted, Problem, problem } from "../api/problem";
import { bytes, fetchTensors, floats, wholes, type Tensors } from "../api/tensors";
import { textGridOf, textsOf, type TextGrid, type Texts } from "../shapes/textAtlas";

export class TextGrids {
  /** As far as they have come, coarsest first. */
  all = $state.raw<(TextGrid | null)[]>([]);
  texts = $state.raw<Texts | null>(null);
  vocabulary = $state.raw<string[]>([]);
  problem = $state.raw<Problem | null>(null);
  #atlas: TextMap;
  #asked = new Set<number | "texts">();
  #leaving = new AbortController();

  constructor(atlas: TextMap) {
    this.#atlas = atlas;
    this.all = atlas.pages.map(() => null);
    this.again();
  }

  /** What the page cannot do without. */
  again = (): void => {
    this.need(0);
    this.#fetch("texts", async (signal) => {
      const [told, vocabulary] = await Promise.all([
        fetchTensors(this.#atlas.id, "samples.safetensors", signal),
        fetchWords(this.#atlas.id, signal),
      ]);
      this.vocabulary = vocabulary;
      this.texts = textsOf(ids(told, "tokens"), wholes(told, "starts", Int32Array), wholes(told, "points", Uint16Array), this.#atlas.first);
    });
  };
  need = (level: number): void => {
    const page = this.#atlas.pages[level];
    if (!page) return;
    this.#fetch(level, async (signal) => {
      const grid = gridFrom(page.side, await fetchTensors(this.#atlas.id, page.table, signal));
      this.all = this.all.map((known, at) => (at === level ? grid : known));
    });
  };
  #fetch(what: number | "texts", made: (signal: AbortSignal) => Promise<void>): void {
    if (this.#asked.has(what)) return;
    this.#asked.add(what);
    this.problem = null;
    made(this.#leaving.signal).catch((thrown: unknown) => {
      if (aborted(thrown)) return;
      this.#asked.delete(what);
      this.problem = problem(thrown);
    });
  }
  leave = (): void => this.#leaving.abort();
}

function gridFrom(side: number, told: Tensors): TextGrid {
  return textGridOf(side, {
    place: bytes(told, "place"),
    count: wholes(told, "count", Int32Array),
    words: ids(told, "words"),
    odds: floats(told, "odds"),
    lifts: floats(told, "lifts"),
    entropy: floats(told, "entropy"),
    contexts: wholes(told, "contexts", Int32Array),
  });
}

/** Numbers of tokens: two bytes each where the vocabulary allows. */
const ids = (told: Tensors, name: string): Uint16Array | Int32Array =>
  told[name]?.values instanceof Uint16Array ? wholes(told, name, Uint16Array) : wholes(told, name, Int32Array);

async function fetchWords(id: string, signal: AbortSignal): Promise<string[]> {
  const response = await fetch(fileURL(id, "vocabulary.json"), { signal });
  if (!response.ok) throw await Problem.of(response);
  return (await response.json()) as string[];
}
