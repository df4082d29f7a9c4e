/** The place the page is at. Setting it writes the URL: sliders replace the entry of the history, steps add one. */

import { parse, print, type Place } from "./place";

const PAUSE = 200; // ms; browsers refuse a history that is rewritten at every move of a slider

class Here {
  #place = $state.raw<Place>(parse(location.hash));
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    addEventListener("hashchange", () => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (location.hash !== print(this.#place)) this.#place = parse(location.hash);
    });
    addEventListener("pagehide", () => this.#flush());
    addEventListener("click", () => this.#flush(), true); // before a link leads away
  }

  get place(): Place {
    return this.#place;
  }

  /** The place, where the page is known to show this view. */
  at<V extends Place["view"]>(view: V): Extract<Place, { view: V }> {
    if (this.#place.view === view) this.#left.set(view, this.#place);
    return this.#left.get(view) as Extract<Place, { view: V }>;
  }
  #left = new Map<Place["view"], Place>(); // a view that is going still sees the place it showed

  go(to: Place): void {
    this.#flush();
    this.#place = to;
    location.hash = print(to);
  }

  /** Change something of what is seen, without a step back for it. */
  turn<P extends Place>(change: Partial<Omit<P, "view">>): void {
    this.#place = { ...this.#place, ...change } as Place;
    this.#timer ??= setTimeout(() => this.#flush(), PAUSE);
  }

  #flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#write();
  }

  #write(): void {
    const hash = print(this.#place);
    if (location.hash !== hash) history.replaceState(history.state, "", hash);
  }
}

export const here = new Here();
