/** The grids of an atlas, each fetched when its zoom is first seen. */

import { fileURL, type AtlasMap } from "../api/client";
import { aborted, Problem, problem } from "../api/problem";
import { bytes, fetchTensors, floats, wholes } from "../api/tensors";
import { gridOf, type Grid } from "../shapes/atlas";

const HALVED = 3; // sheets of icons: whole, half and a quarter as large

export class Grids {
  /** As far as they have come, coarsest first. */
  all = $state.raw<(Grid | null)[]>([]);
  problem = $state.raw<Problem | null>(null);
  #atlas: AtlasMap;
  #asked = new Set<number>();
  #leaving = new AbortController();

  constructor(atlas: AtlasMap) {
    this.#atlas = atlas;
    this.all = atlas.pages.map(() => null);
    this.need(0);
  }

  need = (level: number): void => {
    const page = this.#atlas.pages[level];
    if (!page || this.#asked.has(level)) return;
    this.#asked.add(level);
    this.problem = null;
    fetchGrid(this.#atlas, level, this.#leaving.signal).then(
      (grid) => (this.all = this.all.map((known, at) => (at === level ? grid : known))),
      (thrown: unknown) => {
        if (aborted(thrown)) return;
        this.#asked.delete(level);
        this.problem = problem(thrown);
      },
    );
  };
  leave = (): void => this.#leaving.abort();
}

async function fetchGrid({ id, icon, pages }: AtlasMap, level: number, signal: AbortSignal): Promise<Grid> {
  const { side, sheet, table } = pages[level]!;
  const [told, sheets] = await Promise.all([fetchTensors(id, table, signal), fetchSheets(id, sheet.file, signal)]);
  const cells = {
    place: bytes(told, "place"),
    count: wholes(told, "count", Int32Array),
    args: wholes(told, "arguments", Int8Array),
    scale: floats(told, "scale"),
    samples: wholes(told, "samples", Int32Array),
  };
  return gridOf(side, cells, { sheets, size: icon, across: sheet.across });
}

async function fetchSheets(id: string, name: string, signal: AbortSignal): Promise<ImageBitmap[]> {
  const response = await fetch(fileURL(id, name), { signal });
  if (!response.ok) throw await Problem.of(response);
  const sheets = [await createImageBitmap(await response.blob())];
  while (sheets.length < HALVED) {
    const { width, height } = sheets.at(-1)!;
    const [resizeWidth, resizeHeight] = [Math.round(width / 2), Math.round(height / 2)];
    sheets.push(await createImageBitmap(sheets.at(-1)!, { resizeWidth, resizeHeight, resizeQuality: "high" }));
  }
  return sheets;
}
