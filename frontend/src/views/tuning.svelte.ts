/** How strongly each unit answered at the angles visited so far, for the picture and site at hand. */

import { SvelteMap } from "svelte/reactivity";
import type { ImageGrid } from "../api/client";

export class Tuning {
  #of = "";
  #answers = new SvelteMap<number, number[]>(); // angle → largest answer of every unit

  record(grid: ImageGrid): void {
    const { model, site, picture, rotate } = grid.recipe as Record<string, string> & { rotate?: unknown };
    const of = [model, site, picture].join("\n");
    if (of !== this.#of) this.#answers.clear();
    this.#of = of;
    const answers = grid.columns.max;
    if (answers) this.#answers.set(Number(rotate ?? 0), answers);
  }

  /** (angle, largest answer) of one unit, by angle. */
  curve(unit: number): [number, number][] {
    return [...this.#answers]
      .map(([angle, answers]): [number, number] => [angle, answers[unit] ?? 0])
      .sort(([one], [other]) => one - other);
  }
}
