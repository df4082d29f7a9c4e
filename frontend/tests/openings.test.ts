import { describe, expect, test } from "vitest";
import type { ModelCard, Samples } from "../src/api/client";
import { print } from "../src/place";
import { openings, sure } from "../src/views/openings";

const site = (name: string, recipes: string[], ships: string[] = [], axes = ["channel", "y", "x"]) => ({ name, aliases: [], axes, shape: [4, 2, 2], about: "", recipes, ships });
const model = (name: string, kind: string, recipes: string[], sites: unknown[]) => ({ name, kind, recipes, sites }) as unknown as ModelCard;
const said = (models: ModelCard[]) => openings(models).map(({ kind, to }) => `${kind} ${print(to)}`);

describe("what a first visitor is led to", () => {
  const sees = ["features", "activations", "attribution", "atlas"];
  const bare = model("other", "vision", sees, [site("conv1", sees)]);
  const own = model("alexnet", "vision", sees, [
    site("conv1", sees, ["features"]), site("relu4", sees, ["atlas"]), site("conv5", sees, ["features", "atlas"]), site("relu7", ["atlas"], ["atlas"], ["unit"]),
  ]); // prettier-ignore
  const writes = model("gpt", "language", ["generation", "steering"], [site("hook_embed", []), site("blocks.3.hook_resid_pre.features", ["shelf"], ["shelf"])]);

  test("is there at once, each kind of one network", () => {
    expect(said([bare, own, writes])).toEqual([
      "atlas #/atlas/alexnet/conv5", "dreams #/alexnet/conv5/dreams", "maps #/other/conv1", "why #/other/conv1/why", "generate #/gpt/generate", "steer #/gpt/steer",
    ]); // prettier-ignore
  });
  test("is left out where nothing ships, and altogether where there is no network", () => {
    expect(said([bare])).toEqual(["maps #/other/conv1", "why #/other/conv1/why"]);
    expect(said([])).toEqual([]);
  });
  test("asks about the picture of which the network is sure", () => {
    const pictures = [{ id: "a", name: "Cat" }, { id: "b", name: "Coffee" }] as Samples["pictures"];
    expect(sure(pictures)?.id).toBe("b");
    expect(sure(pictures.slice(0, 1))?.id).toBe("a");
    expect(sure()).toBeUndefined();
  });
});
