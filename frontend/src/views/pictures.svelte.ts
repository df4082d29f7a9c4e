/** Pictures on their way to the server; when one has arrived the page looks at it. */

import { upload } from "../api/client";
import { problem, type Problem } from "../api/problem";
import { here } from "../here.svelte";

class Uploads {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Where a view has a place of its own for them: told the id, and what a picture was dropped on. */
  taker: ((id: string, on: EventTarget | null) => void) | null = null;
  #last: Blob | null = null;

  async add(picture: Blob, on: EventTarget | null = null): Promise<void> {
    this.#last = picture;
    this.busy = true;
    this.problem = null;
    try {
      const id = await upload(picture);
      if (this.#last !== picture) return;
      if (this.taker) this.taker(id, on);
      else if ("picture" in here.place) here.go({ ...here.place, picture: id });
    } catch (thrown) {
      if (this.#last === picture) this.problem = problem(thrown);
    } finally {
      if (this.#last === picture) this.busy = false;
    }
  }

  retry = (): void => {
    if (this.#last) void this.add(this.#last);
  };
  forget(): void {
    this.problem = null;
  }
}

export const uploads = new Uploads();

/** The first file in what was dropped or pasted: whether it is a picture is for the server to say. */
export const fileIn = (transfer: DataTransfer | null): File | null =>
  [...(transfer?.items ?? [])].find(({ kind }) => kind === "file")?.getAsFile() ?? null;
