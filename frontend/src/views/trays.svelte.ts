/** Two sets of pictures, where each can be seen, and ready-made pairs of a gallery's labels. */

import { SvelteMap, SvelteSet } from "svelte/reactivity";
import { galleryPage, PAGE, sheetURL, type GalleryCard } from "../api/galleries";

const MOST = 4096; // pictures of a gallery that are looked through for one

export type Tray = "a" | "b";

/** A tile of a page's sheet. */
export interface Spot {
  address: string;
  across: number;
  rows: number;
  tile: number;
  name: string;
}

interface Pair {
  words: [string, string];
  a: string[]; // labels
  b: string[];
}

const PAIRS: Pair[] = [
  { words: ["stripes", "spots"], a: ["zebra skin", "tiger skin"], b: ["leopard skin", "giraffe skin", "cowhide"] },
  { words: ["flowers", "vehicles"], a: ["daisies", "roses", "tulips"], b: ["cars", "buses", "trains"] },
  { words: ["animals", "buildings"], a: ["cats", "dogs", "horses"], b: ["houses", "churches", "castles"] },
  { words: ["made by hand", "grown"], a: ["knitting", "baskets", "tartan"], b: ["bark", "moss", "foliage"] },
  { words: ["sunsets", "winters"], a: ["sunsets"], b: ["winters"] },
];

/** Pairs of which the gallery has all labels; where it has none of them, its two commonest labels. */
export function pairsOf(gallery: Pick<GalleryCard, "labels">): Pair[] {
  const names = new Set(gallery.labels.map(({ name }) => name));
  const known = PAIRS.filter(({ a, b }) => [...a, ...b].every((label) => names.has(label)));
  if (known.length) return known;
  const [one, other] = [...gallery.labels].filter(({ name }) => name).sort((x, y) => y.count - x.count);
  return one && other ? [{ words: [one.name, other.name], a: [one.name], b: [other.name] }] : [];
}

/** Sets with one picture more in one of them: it leaves the other. At most 200, the server's own limit. */
export function withPicture(sets: Record<Tray, string[]>, tray: Tray, ids: readonly string[]): Record<Tray, string[]> {
  const other = tray === "a" ? "b" : "a";
  const own = [...new Set([...sets[tray], ...ids])].slice(0, 200);
  return { [tray]: own, [other]: sets[other].filter((id) => !ids.includes(id)) } as Record<Tray, string[]>;
}

/** Where the pictures of a gallery can be seen, as far as its pages have been looked at. */
export class Spots {
  readonly known = new SvelteMap<string, Spot>();
  #pages = new Map<string, Promise<string[]>>();
  readonly #own = new SvelteSet<string>(); // uploads and samples: they have an address of their own
  readonly #through = new SvelteSet<string>(); // galleries that were looked through
  #searches = new Set<string>();

  own(...ids: string[]): void {
    for (const id of ids) this.#own.add(id);
  }

  /** Whether the picture is to be had by its id alone: it is an upload, or it is in no page of the gallery. */
  alone = (id: string, gallery: string): boolean => this.#own.has(id) || this.#through.has(gallery);

  /** The ids of the pictures with a label, at most a page of them. */
  labelled = (gallery: string, label: string): Promise<string[]> => this.#page(gallery, 0, label);

  /** Look through a gallery until all of these are found that nobody knows where to see. */
  async find(gallery: Pick<GalleryCard, "name" | "count">, ids: readonly string[]): Promise<void> {
    const isMissing = () => ids.some((id) => !this.known.has(id) && !this.alone(id, gallery.name));
    if (!isMissing() || this.#searches.has(gallery.name)) return;
    this.#searches.add(gallery.name);
    try {
      let page = 0;
      for (; page * PAGE < Math.min(gallery.count, MOST) && isMissing(); page++) await this.#page(gallery.name, page);
      if (isMissing()) this.#through.add(gallery.name);
    } finally {
      this.#searches.delete(gallery.name);
    }
  }

  #page(gallery: string, page: number, label?: string): Promise<string[]> {
    const key = JSON.stringify([gallery, page, label]);
    let told = this.#pages.get(key);
    if (!told) {
      told = this.#fetch(gallery, page, label);
      told.catch(() => this.#pages.delete(key)); // the next try asks anew
      this.#pages.set(key, told);
    }
    return told;
  }

  async #fetch(gallery: string, page: number, label?: string): Promise<string[]> {
    const { pictures, across } = await galleryPage(gallery, page, label);
    const [address, rows] = [sheetURL(gallery, page, label), Math.ceil(pictures.length / across)];
    pictures.forEach(({ id, name }, tile) => this.known.has(id) || this.known.set(id, { address, across, rows, tile, name }));
    return pictures.map(({ id }) => id);
  }
}
