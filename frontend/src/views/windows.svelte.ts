/** The logit lens of a text, window by window, each fetched when it is first seen. */

import type { QueryClient } from "@tanstack/svelte-query";
import { SvelteMap } from "svelte/reactivity";
import { fetchOnce } from "../api/ask.svelte";
import type { LensGrid } from "../api/client";
import { problem, type Problem } from "../api/problem";
import { floats, wholes, type Tensors } from "../api/tensors";
import { Reading } from "../shapes/lens";

export const SIZE = 64; // positions

export interface Window {
  grid: LensGrid;
  reading: Reading;
}

export class Windows {
  problem = $state.raw<Problem | null>(null);
  readonly #windows = new SvelteMap<number, Window>();
  readonly #asked = new Set<number>();
  readonly #client: QueryClient;
  readonly #model: string;
  readonly #text: string;

  constructor(client: QueryClient, model: string, text: string) {
    [this.#client, this.#model, this.#text] = [client, model, text];
  }

  need = (window: number): void => {
    if (this.#asked.has(window)) return;
    this.#asked.add(window);
    const recipe = { kind: "lens", model: this.#model, text: this.#text, begin: true, first: window * SIZE, count: SIZE, k: 5 } as const;
    fetchOnce(this.#client, recipe).then(
      ({ artifact, tensors }) => this.#windows.set(window, { grid: artifact as LensGrid, reading: readingOf(artifact as LensGrid, tensors) }),
      (thrown: unknown) => {
        this.#asked.delete(window);
        this.problem = problem(thrown);
      },
    );
  };
  retry = (windows: readonly number[]): void => {
    this.problem = null;
    windows.forEach(this.need);
  };

  /** The window in which a position lies, if it has come. */
  at(position: number): Window | undefined {
    return this.#windows.get(Math.floor(position / SIZE));
  }
  /** Any window that has come: all tell of the same stages. */
  get any(): Window | undefined {
    return this.#windows.values().next().value;
  }
}

export function readingOf(grid: LensGrid, tensors: Tensors): Reading {
  const tokens = wholes(tensors, "tokens", Int32Array);
  const positions = grid.tokens.length;
  return new Reading(
    {
      stages: grid.stages.length,
      positions,
      k: tokens.length / (grid.stages.length * positions),
      tokens,
      probabilities: floats(tensors, "probabilities"),
      entropy: floats(tensors, "entropy"),
      rank: wholes(tensors, "rank", Int32Array),
      probability: floats(tensors, "probability"),
      truth: wholes(tensors, "truth", Int32Array),
    },
    grid.first,
  );
}
