/** The Python that makes what is on screen, with nothing but the library. */

import { fileURL, type Artifact, type ImageGrid, type TokenGrid } from "../api/client";
import { ofUnits, served } from "./unitSnippets";

const quoted = (text: string): string => JSON.stringify(text);

export function snippet(artifact: Artifact, layer = 0, head = 0, unit?: number): string {
  const load = `model = load(${quoted(artifact.model)})`;
  if (artifact.shape === "token_grid") return attention(artifact, load, layer, head);
  if (artifact.kind === "kernels" && typeof artifact.recipe.trained === "number" && artifact.recipe.trained < 1) {
    const kernels = `kernels = kernels_in_training(${quoted(artifact.model)})[${artifact.recipe.trained}]  # (kernel, colour, y, x)`;
    return ["from lucarne.models.history import kernels_in_training", "", kernels].join("\n");
  }
  if (artifact.kind === "kernels") {
    return ["from lucarne.models import load", "", load, `kernels = model.network.${String(artifact.recipe.site)}.weight  # (kernel, colour, y, x)`].join("\n");
  }
  if (artifact.kind === "activations") return maps(artifact as ImageGrid, load);
  return (ofUnits(artifact, load, unit) ?? served(artifact.recipe)).join("\n");
}

function maps(artifact: ImageGrid, load: string): string {
  const site = quoted(String(artifact.recipe.site));
  return [
    "from urllib.request import urlopen",
    "",
    "import numpy as np",
    "from PIL import Image",
    "",
    "from lucarne.models import load",
    "",
    load,
    `picture = urlopen(${quoted(fileURL(artifact.id, artifact.picture ?? "input.png"))})`,
    `pixels = np.array(Image.open(picture).convert("RGB"))[None]  # (1, ${artifact.input_size}, ${artifact.input_size}, 3)`,
    `maps = model.look(pixels, ${site})[${site}][0]  # (${artifact.field ? "channel, y, x" : "unit,"})`,
  ].join("\n");
}

function attention(artifact: TokenGrid, load: string, layer: number, head: number): string {
  const site = quoted(`blocks.${layer}.attn.hook_pattern`);
  return [
    "import torch",
    "",
    "from lucarne.models import load",
    "",
    load,
    `tokens = torch.tensor([[${artifact.tokens.map(({ id }) => id).join(", ")}]])`,
    `pattern = model.look(tokens, ${site})[${site}][0, ${head}]  # (query, key)`,
  ].join("\n");
}
