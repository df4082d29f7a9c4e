/** What the stages of the logit lens are called. */

import type { LensGrid } from "../api/client";

type Stage = LensGrid["stages"][number];

/** At the table's side: "embedding", "3 attention", "3 MLP". */
export const stageShort = (layer: Stage["layer"], after: Stage["after"]): string =>
  layer === null ? "embedding" : `${layer} ${after === "mlp" ? "MLP" : "attention"}`;

/** In a sentence: "Before the first layer", "After layer 3's attention". */
export const stageSaid = (layer: Stage["layer"], after: Stage["after"]): string =>
  layer === null ? "Before the first layer" : `After layer ${layer}’s ${after === "mlp" ? "MLP" : "attention"}`;
