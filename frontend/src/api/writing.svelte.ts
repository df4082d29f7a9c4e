/** Texts that are written while they are watched: what has come so far, how to stop, what came of it. */

import type { Artifact, Job, Recipe } from "./client";
import { make, stop } from "./make";
import { problem, Problem } from "./problem";

export class Writing<Seen, A extends Artifact> {
  /** What has come so far, as the file of previews says it. It stays when the writing ends. */
  seen = $state.raw<Seen | null>(null);
  job = $state.raw<Job | null>(null);
  running = $state(false);
  problem = $state.raw<Problem | null>(null);
  #control: AbortController | null = null;
  #stopped = false;

  /** Have a recipe made; what came before goes. Answers null for what was stopped, replaced by another, or failed. */
  async write(recipe: Recipe): Promise<A | null> {
    this.#control?.abort();
    const control = (this.#control = new AbortController());
    [this.seen, this.problem, this.job, this.running, this.#stopped] = [null, null, null, true, false];
    let looks = 0;
    try {
      const made = await make(recipe, {
        signal: control.signal,
        onprogress: (job) => {
          if (this.#control === control) this.job = job;
        },
        onpreview: (file) => {
          const look = ++looks;
          void file.text().then((text) => {
            if (this.#control === control && this.running && look === looks) this.seen = JSON.parse(text) as Seen;
          });
        },
      });
      return this.#control === control ? (made as A) : null;
    } catch (error) {
      if (this.#control === control && !this.#stopped) this.problem = problem(error);
      return null;
    } finally {
      if (this.#control === control) [this.running, this.job] = [false, null];
    }
  }

  /** Stop; what has come so far stays to be looked at. */
  stop = (): void => {
    this.#stopped = true;
    if (this.job) void stop(this.job).catch(() => {});
    this.#control?.abort();
  };

  /** Nobody looks any more. */
  leave = (): void => {
    this.stop();
    this.#control = null;
    this.running = false;
  };
}
