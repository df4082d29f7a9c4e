/** Asking the server from a view: what has come, what is on the way, what went wrong, and how to try again. */

import { createQuery, keepPreviousData, type QueryClient } from "@tanstack/svelte-query";
import { models, samples, type Artifact, type Job, type ModelCard, type Recipe, type Samples } from "./client";
import { make, stop } from "./make";
import { problem, Problem } from "./problem";
import { fetchTensors, type Tensors } from "./tensors";

/** An artifact with the arrays that are drawn with it: they arrive together or not at all. */
export interface Made<A extends Artifact = Artifact> {
  artifact: A;
  tensors: Tensors;
}

const BINARY = ".safetensors";

async function fetchMade(recipe: Recipe, signal: AbortSignal, onprogress: (job: Job) => void): Promise<Made> {
  const artifact = await make(recipe, { signal, onprogress });
  const file = artifact.files.find(({ name }) => name.endsWith(BINARY));
  return { artifact, tensors: file ? await fetchTensors(artifact.id, file.name, signal) : {} };
}

const forever = { staleTime: Infinity, gcTime: 120_000, retry: false, refetchOnWindowFocus: false } as const;
const key = (recipe: Recipe | null) => ["made", recipe] as const;

/** Make a recipe outside of a component's life, sharing what is already there. */
export const fetchOnce = (client: QueryClient, recipe: Recipe): Promise<Made> =>
  client.fetchQuery({ ...forever, queryKey: key(recipe), queryFn: ({ signal }) => fetchMade(recipe, signal, () => {}) });

export class Asked<A extends Artifact> {
  job = $state<Job | null>(null);
  readonly #query;

  /** `keeps` says whether an earlier artifact may stay on screen while the one of this recipe is on its way. */
  constructor(recipe: () => Recipe | null, keeps: (before: A, recipe: Recipe) => boolean = () => false) {
    this.#query = createQuery(() => {
      const wanted = recipe();
      return {
        ...forever,
        queryKey: key(wanted),
        enabled: wanted !== null,
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          try {
            return await fetchMade(wanted as Recipe, signal, (job) => (this.job = job));
          } finally {
            this.job = null;
          }
        },
        placeholderData: (before: Made | undefined) =>
          before && wanted && keeps(before.artifact as A, wanted) ? keepPreviousData(before) : undefined,
      };
    });
  }

  get made(): Made<A> | undefined {
    return this.#query.data as Made<A> | undefined;
  }
  get problem(): Problem | null {
    return this.#query.error ? problem(this.#query.error) : null;
  }
  /** On its way, whether or not something older is still shown. */
  get pending(): boolean {
    return this.#query.isFetching;
  }
  /** What is shown answers an earlier question. */
  get stale(): boolean {
    return this.#query.isPlaceholderData;
  }
  retry = (): void => void this.#query.refetch();
  stop = (): void => {
    if (this.job) void stop(this.job).catch(() => {});
  };
}

export function askModels() {
  return createQuery<ModelCard[]>(() => ({ ...forever, gcTime: Infinity, queryKey: ["models"], queryFn: models }));
}

export function askSamples() {
  return createQuery<Samples>(() => ({ ...forever, gcTime: Infinity, queryKey: ["samples"], queryFn: samples }));
}
