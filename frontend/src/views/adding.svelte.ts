/** Pictures on their way into a gallery: how far, what came of it, what was skipped and why. */

import type { QueryClient } from "@tanstack/svelte-query";
import { send, type GalleryCard, type Named, type Skipped } from "../api/galleries";
import { problem, type Problem } from "../api/problem";
import { portions } from "./files";

export class Adding {
  busy = $state(false);
  part = $state(0); // of all bytes, from 0 to 1
  done = $state(0); // files that are in
  total = $state(0);
  gallery = $state.raw<GalleryCard | null>(null); // what came of it
  skipped = $state.raw<Skipped[]>([]);
  skippedCount = $state(0);
  problem = $state.raw<Problem | null>(null);
  #stop: AbortController | null = null;

  constructor(private readonly client: QueryClient) {}

  /** One portion after the other; what is in stays in where a later one fails. Answers the gallery as it is then. */
  async add(title: string, files: readonly Named[]): Promise<GalleryCard | null> {
    this.#stop = new AbortController();
    [this.busy, this.part, this.done, this.total] = [true, 0, 0, files.length];
    [this.gallery, this.skipped, this.skippedCount, this.problem] = [null, [], 0, null];
    const bytes = Math.max(1, files.reduce((sum, { file }) => sum + file.size, 0));
    let gone = 0;
    try {
      for (const some of portions(files)) {
        const own = some.reduce((sum, { file }) => sum + file.size, 0);
        const added = await send(title, some, (part) => (this.part = (gone + part * own) / bytes), this.#stop.signal);
        gone += own;
        [this.part, this.done, this.gallery] = [gone / bytes, this.done + some.length, added.gallery];
        this.skipped = [...this.skipped, ...added.skipped].slice(0, 200);
        this.skippedCount += added.skipped_count;
      }
    } catch (thrown) {
      this.problem = problem(thrown);
    } finally {
      this.busy = false;
      if (this.gallery) await this.client.invalidateQueries({ queryKey: ["galleries"] });
    }
    return this.gallery;
  }

  stop = (): void => this.#stop?.abort();
}
