/** What a first visitor is led to: of the networks at hand the instruments that have something to show at once. */

import type { ModelCard, Samples, SiteCard } from "../api/client";
import { place, type Place } from "../place";
import { firstDreams, firstMaps } from "./places";

export interface Opening {
  kind: "atlas" | "dreams" | "maps" | "why" | "steer" | "generate";
  said: string;
  model: ModelCard;
  site: SiteCard;
  to: Place;
}

/** The deepest site whose own map ships. */
const mapped = ({ sites }: ModelCard): SiteCard | undefined => sites.findLast(({ ships, axes }) => ships.includes("atlas") && axes.length === 3);
const argued = (model: ModelCard): SiteCard | undefined => [firstDreams(model)].find((site) => site?.recipes.includes("attribution"));
const shelved = ({ sites }: ModelCard): SiteCard | undefined => sites.find(({ ships }) => ships.includes("shelf"));

/** Each kind once, of the first network that can. */
export function openings(models: readonly ModelCard[]): Opening[] {
  const first = (kind: Opening["kind"], said: string, siteOf: (model: ModelCard) => SiteCard | undefined, to: (at: { model: string; site: string }) => Place): Opening[] => {
    for (const model of models) {
      const site = siteOf(model);
      if (site) return [{ kind, said, model, site, to: to({ model: model.name, site: site.name }) }];
    }
    return [];
  };
  const dreamt = (model: ModelCard) => [firstDreams(model)].find((site) => site?.ships.includes("features"));
  const told = (model: ModelCard) => (model.recipes.includes("generation") ? model.sites[0] : undefined);
  return [
    ...first("atlas", "All it tells apart, on one map", mapped, (at) => place("atlas", at)),
    ...first("dreams", "What each channel looks for", dreamt, (at) => place("dreams", at)),
    ...first("maps", "Your own picture, from inside", firstMaps, (at) => place("maps", at)),
    ...first("why", "Why it says what it says", argued, (at) => place("why", at)),
    ...first("generate", "Where a story could go", told, ({ model }) => place("generate", { model })),
    ...first("steer", "What it tells when a thought is held", shelved, ({ model }) => place("steer", { model })),
  ];
}

/** Our own network is sure of it: why it says what it hardly says is no first question. */
export const sure = (pictures: Samples["pictures"] = []) => pictures.find(({ name }) => name === "Coffee") ?? pictures[0];
