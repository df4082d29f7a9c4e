/** Where along a network one can look, in words: places of the residual stream, or its layers. */

import type { ModelCard, SiteCard } from "../api/client";

const STREAM = /^blocks\.(\d+)\.hook_resid_(pre|mid|post)$/;

/** Where in the network a site lies: "before layer 3". */
export function streamSaid(site: string): string {
  const [, layer, part] = STREAM.exec(site) ?? [];
  if (layer === undefined) return `at ${site}`;
  return part === "pre" ? `before layer ${layer}` : part === "mid" ? `amid layer ${layer}` : `behind layer ${layer}`;
}

export interface Stage {
  site: SiteCard;
  word: string; // "3", "3½", "end"
  said: string;
  ready: boolean; // its atlas ships
}

/** The stream from its beginning to its end; what a layer leaves is what the next one reads, so each is there once. */
export function stagesOf(model: ModelCard): Stage[] {
  const all = model.sites.filter(({ name, recipes }) => STREAM.test(name) && recipes.includes("text_atlas"));
  const last = Math.max(-1, ...all.map(({ name }) => Number(STREAM.exec(name)![1])));
  return all.flatMap((site) => {
    const [, layer = "", part] = STREAM.exec(site.name)!;
    if (part === "post" && Number(layer) !== last) return [];
    const word = part === "pre" ? layer : part === "mid" ? `${layer}½` : "end";
    return [{ site, word, said: streamSaid(site.name), ready: site.ships.includes("text_atlas") }];
  });
}

/** The stage at which a site's values stand, under whichever of its names. */
export function stageOf(stages: readonly Stage[], site: string): Stage | undefined {
  const [, layer, part] = STREAM.exec(site) ?? [];
  return stages.find((each) => each.site.name === site) ?? (part === "post" ? stages.find((each) => each.site.name === `blocks.${Number(layer) + 1}.hook_resid_pre`) : undefined);
}

const LAYER = /^(conv|fc)(\d+)$/;

/** The layers of a vision network whose atlas can be made: each is told apart by what comes out of its ReLU. */
export function layersOf(model: ModelCard): Stage[] {
  return model.sites.flatMap(({ name }) => {
    const [, , number] = LAYER.exec(name) ?? [];
    const site = number && model.sites.find((each) => each.name === `relu${number}` && each.recipes.includes("atlas"));
    return site ? [{ site, word: name, said: name, ready: site.ships.includes("atlas") }] : [];
  });
}

/** The layer that a site belongs to: itself, or the one whose ReLU it is. */
export const layerOf = (layers: readonly Stage[], site: string): Stage | undefined =>
  layers.find((each) => each.site.name === site || each.word === site);
