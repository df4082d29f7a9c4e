/** The dreams of all channels of a site, where they ship: what would have to be drawn first is not waited for. */

import { Asked } from "../api/ask.svelte";
import type { ImageGrid, ModelCard, SiteCard } from "../api/client";

/** The site whose dreams stand for this one's channels: its own, else those of the convolution before its ReLU. */
export function dreamtSite(model: Pick<ModelCard, "sites">, site: string): SiteCard | null {
  const before = /^(?:relu|norm)(\d+)$/.exec(site)?.[1];
  const names = [site, `conv${before}`, `fc${before}`];
  return names.map((name) => model.sites.find((one) => one.name === name && one.ships.includes("features"))).find(Boolean) ?? null;
}

export class Sheets {
  readonly #asked: Asked<ImageGrid>;

  constructor(of: () => { model: ModelCard | undefined; site: string | null }) {
    this.#asked = new Asked<ImageGrid>(() => {
      const { model, site } = of();
      const dreamt = model && site ? dreamtSite(model, site) : null;
      return model && dreamt ? { kind: "features", model: model.name, site: dreamt.name } : null;
    });
  }

  get sheet(): ImageGrid | null {
    const found = this.#asked.made?.artifact;
    return found?.sheet ? found : null;
  }
}
