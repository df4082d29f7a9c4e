/** Where links lead: the same thing in another place, keeping what can be kept. */

import type { ModelCard, SiteCard } from "../api/client";
import { place, type Place } from "../place";

export const kernelSite = (model: ModelCard): SiteCard | undefined =>
  model.sites.find((site) => site.recipes.includes("kernels"));
export const firstMaps = (model: ModelCard): SiteCard | undefined =>
  model.sites.find((site) => site.recipes.includes("activations"));

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
  if (from.view === "kernels" && site.recipes.includes("kernels")) {
    return { ...from, model: model.name, site: site.name, unit: undefined };
  }
  return mapsOf(from, model.name, site.name);
}

export function mapsOf(from: Place, model: string, site: string): Place {
  const fresh = place("maps", { model, site });
  if (from.view === "maps") return { ...from, model, site, unit: undefined, threshold: 0 };
  return from.view === "kernels" ? { ...fresh, picture: from.picture } : fresh;
}

export function kernelsOf(from: Place, model: string, site: string): Place {
  const fresh = place("kernels", { model, site });
  return from.view === "maps" ? { ...fresh, picture: from.picture } : fresh;
}
