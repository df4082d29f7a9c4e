/** Asking the server from a view: what has come, what is on the way, what went wrong, and how to try again. */

import { createQuery, keepPreviousData, type QueryClient } from "@tanstack/svelte-query";
import { fileURL, models, samples, type Artifact, type Job, type ModelCard, type Recipe, type Samples } from "./client";
import { make, stop, type Following } from "./make";
import { problem, Problem } from "./problem";
import { fetchTensors, type Tensors } from "./tensors";

/** An artifact with the arrays that are drawn with it: they arrive together or not at all. */
export interface Made<A extends Artifact = Artifact> {
  artifact: A;
  tensors: Tensors;
  sheet: ImageBitmap | null; // the tiles of a grid, where they came as a picture file
}

const BINARY = ".safetensors";

async function fetchMade(recipe: Recipe, following: Following & { signal: AbortSignal }): Promise<Made> {
  const artifact = await make(recipe, following);
  const file = artifact.shape !== "atlas" && artifact.shape !== "text_map" && artifact.files.find(({ name }) => name.endsWith(BINARY)); // an atlas fetches its grids as they are seen
  const [tensors, sheet] = await Promise.all([
    file ? fetchTensors(artifact.id, file.name, following.signal) : {},
    artifact.shape === "image_grid" && artifact.sheet ? fetchSheet(artifact.id, artifact.sheet.file, following.signal) : null,
  ]);
  return { artifact, tensors, sheet };
}

async function fetchSheet(id: string, name: string, signal: AbortSignal): Promise<ImageBitmap> {
  const response = await fetch(fileURL(id, name), { signal });
  if (!response.ok) throw await Problem.of(response);
  return createImageBitmap(await response.blob());
}

const forever = { staleTime: Infinity, gcTime: 120_000, retry: false, refetchOnWindowFocus: false } as const;
const key = (recipe: Recipe | null) => ["made", recipe] as const;

/** Make a recipe outside of a component's life, sharing what is already there. */
export const fetchOnce = (client: QueryClient, recipe: Recipe): Promise<Made> =>
  client.fetchQuery({ ...forever, queryKey: key(recipe), queryFn: ({ signal }) => fetchMade(recipe, { signal }) });

export class Asked<A extends Artifact> {
  job = $state<Job | null>(null);
  /** The address of a picture of what is being made, as far as it is: where previews were asked for. */
  preview = $state<string | null>(null);
  readonly #query;

  /**
   * `keeps` says whether an earlier artifact may stay on screen while the one of this recipe is on its way; `previews`
   * that it is to be seen as it forms.
   */
  constructor(
    recipe: () => Recipe | null,
    keeps: (before: A, recipe: Recipe) => boolean = () => false,
    { previews = false }: { previews?: boolean } = {},
  ) {
    this.#query = createQuery(() => {
      const wanted = recipe();
      return {
        ...forever,
        queryKey: key(wanted),
        enabled: wanted !== null,
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          try {
            return await fetchMade(wanted as Recipe, {
              signal,
              onprogress: (job) => (this.job = job),
              ...(previews && { onpreview: (picture: Blob) => !signal.aborted && this.#show(picture) }),
            });
          } finally {
            this.job = null;
            this.#show(null);
          }
        },
        placeholderData: (before: Made | undefined) =>
          before && wanted && keeps(before.artifact as A, wanted) ? keepPreviousData(before) : undefined,
      };
    });
  }

  #show(picture: Blob | null): void {
    if (this.preview) URL.revokeObjectURL(this.preview);
    this.preview = picture && URL.createObjectURL(picture);
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
