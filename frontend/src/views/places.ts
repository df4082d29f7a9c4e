/** Where links lead: the same thing in another place, keeping what can be kept. */

import type { ModelCard, SiteCard } from "../api/client";
import { place, type Place, type StudioPlace, type Wish } from "../place";

export const kernelSite = (model: ModelCard): SiteCard | undefined =>
  model.sites.find((site) => site.recipes.includes("kernels"));
export const firstMaps = (model: ModelCard): SiteCard | undefined =>
  model.sites.find((site) => site.recipes.includes("activations"));

/** Where the dreams of a model are looked at first: the deepest convolution whose dreams are there at once. */
export function firstDreams(model: ModelCard): SiteCard | undefined {
  const all = model.sites.filter((site) => site.recipes.includes("features"));
  return all.findLast((site) => site.ships.includes("features") && site.axes.length === 3) ?? all[0];
}

/** Where the atlas of a language model is looked at first: where it is there at once, else amidst the network. */
export function firstTextAtlas(model: ModelCard): SiteCard | undefined {
  const all = model.sites.filter(({ name, recipes }) => recipes.includes("text_atlas") && name.endsWith("resid_pre"));
  return all.find(({ ships }) => ships.includes("text_atlas")) ?? all[Math.floor(all.length / 2)];
}

/** What a dream in the studio is mixed from: what was chosen, or else two channels of where dreams are looked at first. */
export function mixture(at: StudioPlace, model: ModelCard): Wish[] {
  const first = firstDreams(model);
  const some = first ? [8, 42].map((unit) => ({ site: first.name, unit: Math.min(unit, (first.shape[0] ?? 1) - 1), weight: 1 })) : [];
  return at.units ?? some;
}

/** The sites that are looked at: the place's own, or all of a mixture. */
export function sitesOf(at: Place, model: ModelCard): string[] {
  if (at.view === "studio" && at.way === "mix") return mixture(at, model).map(({ site }) => site);
  return "site" in at && at.site ? [at.site] : [];
}

/** Which recipe a site must offer for an instrument to suit it. */
const NEEDS: Partial<Record<Place["view"], string>> = {
  kernels: "kernels",
  dreams: "features",
  unit: "features",
  why: "attribution",
  neighbors: "neighbors",
  directions: "direction",
  atlas: "atlas",
};

/** Whether the instrument at hand can look at the site. */
export const suits = (from: Place, site: SiteCard): boolean => {
  const needed = NEEDS[from.view];
  return !needed || site.recipes.includes(needed);
};

/** Where one lands when a model is chosen. */
export function entrance(model: ModelCard): Place {
  if (!model.available) return place("card", { model: model.name });
  if (model.kind === "language") return place("heads", { model: model.name });
  const site = kernelSite(model);
  if (site) return place("kernels", { model: model.name, site: site.name });
  return place("maps", { model: model.name, site: firstMaps(model)?.name ?? "conv1" });
}

/** The same model's site, under the instrument at hand if it suits, else as maps. */
export function atSite(from: Place, model: ModelCard, site: SiteCard): Place {
  if (suits(from, site)) {
    const there = { model: model.name, site: site.name };
    if (from.view === "kernels") return { ...from, ...there, unit: undefined };
    if (from.view === "dreams" || from.view === "unit") return place("dreams", there);
    if (from.view === "neighbors" || from.view === "directions") return { ...from, ...there };
    if (from.view === "atlas") return { ...from, ...there, cell: undefined, path: undefined };
    if (from.view === "why") return { ...place("why", there), picture: from.picture, class: from.class, map: from.map };
  }
  return mapsOf(from, model.name, site.name);
}

export function mapsOf(from: Place, model: string, site: string): Place {
  const fresh = place("maps", { model, site });
  if (from.view === "maps") return { ...from, model, site, unit: undefined, threshold: 0 };
  return { ...fresh, picture: pictureOf(from) };
}

export function kernelsOf(from: Place, model: string, site: string): Place {
  const fresh = place("kernels", { model, site });
  return { ...fresh, picture: pictureOf(from) };
}

/** What one unit answers to in general. */
export const unitOf = (from: Place, model: string, site: string, number: number): Place => ({
  ...place("unit", { model, site, number }),
  picture: pictureOf(from),
});

/** The picture that is looked at, if the reader has chosen one. */
export const pictureOf = (from: Place): string | undefined => ("picture" in from ? from.picture : undefined);

/** The site of that name, or of that other name. */
export const siteOf = (model: ModelCard | undefined, said: string): SiteCard | undefined =>
  model?.sites.find(({ name, aliases }) => name === said || aliases.includes(said));
