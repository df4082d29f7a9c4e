/** Pictures on their way to the server; when they have arrived the page looks at them. */

import { upload } from "../api/client";
import { problem, type Problem } from "../api/problem";
import { here } from "../here.svelte";
import { dropped } from "./files";

/** A view's own way with pictures: it is told the ids, and what they were dropped on or chosen for. */
interface Taker {
  several: boolean; // has room for more than one
  take: (ids: string[], on: EventTarget | null) => void;
}

class Uploads {
  busy = $state(false);
  done = $state(0);
  total = $state(0);
  problem = $state.raw<Problem | null>(null); // of the first that did not arrive
  /** Where a view has a place of its own for them; others look at one picture. */
  taker = $state.raw<Taker | null>(null);
  #last: { pictures: readonly Blob[]; on: EventTarget | null } | null = null;

  async add(pictures: readonly Blob[], on: EventTarget | null = null): Promise<void> {
    if (!pictures.length) return;
    const own = (this.#last = { pictures: this.taker?.several ? pictures : pictures.slice(0, 1), on });
    [this.busy, this.problem, this.done, this.total] = [true, null, 0, own.pictures.length];
    const arrived: string[] = [];
    const failed: Blob[] = [];
    for (const picture of own.pictures) {
      try {
        arrived.push(await upload(picture));
      } catch (thrown) {
        if (this.#last === own) this.problem ??= problem(thrown);
        failed.push(picture);
      }
      if (this.#last !== own) return; // others were sent meanwhile
      this.done++;
    }
    this.busy = false;
    this.#last = { pictures: failed, on };
    const [first] = arrived;
    if (!first) return;
    if (this.taker) this.taker.take(arrived, on);
    else if ("picture" in here.place) here.go({ ...here.place, picture: first });
  }

  /** Once more what did not arrive. */
  retry = (): void => {
    if (this.#last?.pictures.length) void this.add(this.#last.pictures, this.#last.on);
  };
  /** Pictures go there, until what is answered is called. */
  lead(taker: Taker): () => void {
    this.taker = taker;
    return () => {
      if (this.taker === taker) this.taker = null;
    };
  }
  forget(): void {
    this.problem = null;
  }
}

export const uploads = new Uploads();

/** The first file in what was dropped or pasted: whether it is a picture is for the server to say. */
export const fileIn = (transfer: DataTransfer | null): File | null =>
  [...(transfer?.items ?? [])].find(({ kind }) => kind === "file")?.getAsFile() ?? null;

/** All pictures in what was dropped, folders opened; where none looks like one, the first file. */
export async function filesIn(transfer: DataTransfer): Promise<File[]> {
  const first = fileIn(transfer);
  const found = (await dropped(transfer)).filter(({ name }) => !/\.zip$/i.test(name)).map(({ file }) => file);
  return found.length || !first ? found : [first];
}
