/** A model's kernels at every moment of its training, so that stepping through them never has to wait. */

import { useQueryClient } from "@tanstack/svelte-query";
import { SvelteMap } from "svelte/reactivity";
import { fetchOnce, type Made } from "../api/ask.svelte";
import type { ImageGrid } from "../api/client";

export interface Wanted {
  model: string;
  site: string;
  stretch: "each" | "shared";
  moments: number[];
}

export class KernelsInTraining {
  readonly #made = new SvelteMap<string, Made<ImageGrid>>();
  readonly #wanted: () => Wanted | null;

  /** `wanted` is null as long as something else comes first. Call it while a component is set up. */
  constructor(wanted: () => Wanted | null) {
    this.#wanted = wanted;
    const client = useQueryClient();
    $effect(() => {
      const all = wanted();
      if (!all) return;
      for (const trained of all.moments) {
        const { model, site, stretch } = all;
        fetchOnce(client, { kind: "kernels", model, site, stretch, trained }).then(
          (made) => this.#made.set(key(all, trained), made as Made<ImageGrid>),
          () => {}, // a moment less to compare with; the view says what is wrong when it is looked at itself
        );
      }
    });
  }

  at(moment: number): Made<ImageGrid> | undefined {
    const all = this.#wanted();
    return all ? this.#made.get(key(all, moment)) : undefined;
  }

  /** The kernels at the end, for their numbers, which do not depend on how they are stretched. */
  get finished(): ImageGrid | undefined {
    const all = this.#wanted();
    if (!all) return;
    const either = (["each", "shared"] as const).map((stretch) => this.#made.get(key({ ...all, stretch }, 1)));
    return either.find((made) => made)?.artifact;
  }
}

const key = ({ model, site, stretch }: Wanted, trained: number): string => [model, site, stretch, trained].join("\n");
