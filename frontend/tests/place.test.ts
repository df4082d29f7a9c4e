import { describe, expect, test } from "vitest";
import { parse, place, print, type Place } from "../src/place";

const PLACES: Place[] = [
  place("home", {}),
  place("card", { model: "gpt" }),
  { ...place("card", { model: "gpt" }), moment: 0 },
  place("card", { model: "torchvision/alexnet@IMAGENET1K_V1" }),
  place("kernels", { model: "alexnet", site: "conv1" }),
  { ...place("kernels", { model: "alexnet", site: "conv1" }), unit: 12, sort: "orientation", stretch: "shared", trained: 0, opacity: 0.4 },
  { ...place("kernels", { model: "alexnet", site: "conv1" }), trained: 0.01 },
  place("maps", { model: "alexnet", site: "conv3" }),
  {
    ...place("maps", { model: "alexnet", site: "conv3" }),
    picture: "ab".repeat(32),
    unit: 42,
    sort: "max",
    threshold: 0.1,
    scale: "shared",
    rotate: -30,
    opacity: 1,
  },
  place("why", { model: "alexnet", site: "conv5" }),
  {
    ...place("why", { model: "alexnet", site: "relu5" }),
    picture: "ab".repeat(32),
    class: 7,
    off: [3, 0, 250],
    clamp: [[12, 3.5], [40, 0]],
    boost: [[1, -2]],
    unit: 12,
    shows: "activation",
    map: "occlusion",
    opacity: 0.4,
  },
  { ...place("why", { model: "alexnet", site: "conv5" }), mode: "compare", corrupt: "cd".repeat(32) },
  { ...place("neighbors", { model: "alexnet" }), picture: "ab".repeat(32), site: "conv5", gallery: "my-pictures-0123456789ab" },
  { ...place("directions", { model: "alexnet" }), a: ["ab".repeat(32), "cd".repeat(32)], b: ["ef".repeat(32)] },
  place("units", { model: "gpt" }),
  { ...place("units", { model: "gpt" }), of: "blocks.2.mlp.hook_post", find: "king & queen", sort: "density", text: "a b", token: 3, corpus: "mine-0123456789ab" },
  { ...place("unit", { model: "gpt", site: "blocks.3.hook_resid_pre.features", number: 12 }), text: "Once upon", corpus: "mine-0123456789ab" },
  { ...place("embeddings", { model: "gpt" }), token: "#12", sum: "king − man + woman", curves: [3, 0, 17], x: 0.25, y: 0.75, zoom: 4 },
  { ...place("corpus", { model: "gpt" }), number: 7, corpus: "mine-0123456789ab", count: 2, context: 8 },
  place("studio", { model: "alexnet" }),
  {
    ...place("studio", { model: "alexnet" }),
    way: "deep_dream",
    units: [{ site: "conv5", unit: 42, weight: 1 }, { site: "relu5.features", unit: 7, weight: -0.5 }],
    count: 4,
    apart: 2.5,
    site: "relu3",
    picture: "ab".repeat(32),
    drawn: "final",
    size: 256,
    seed: 3,
  },
  place("gallery", { name: "bundled" }),
  { ...place("gallery", { name: "bundled" }), model: "alexnet", label: "zebra skin", number: 30 },
  place("dreams", { model: "alexnet", site: "conv5" }),
  { ...place("dreams", { model: "alexnet", site: "fc6" }), sort: "largest", unit: 4000, draw: "all" },
  place("unit", { model: "alexnet", site: "relu5.features", number: 0 }),
  {
    ...place("unit", { model: "alexnet", site: "conv5", number: 42 }),
    picture: "ab".repeat(32),
    gallery: "my-pictures",
    drawn: "final",
    aim: "neuron",
    answers: "least",
    size: 256,
    tries: 4,
    seed: 7,
  },
  place("atlas", { model: "alexnet", site: "conv5" }),
  { ...place("atlas", { model: "gpt", site: "blocks.2.hook_resid_pre" }), text: "He said, “no”; & so?", token: 3, word: 262, tint: "openness", draws: "here", dots: "show" },
  {
    ...place("atlas", { model: "torchvision/alexnet@IMAGENET1K_V1", site: "relu5" }),
    x: 0.25,
    y: 0.8125,
    zoom: 4.5,
    gallery: "my-pictures-0123456789ab",
    class: 0,
    against: 12,
    picture: "ab".repeat(32),
    cell: "40:12,7",
    path: ["0.2;0.4", "0.25;0.5", "0.3;0.4"],
  },
  place("generate", { model: "gpt" }),
  {
    ...place("generate", { model: "shakespeare" }),
    text: "ROMEO:\n", tree: "AQAAAQU", branch: 2, token: 0, temperature: 0, top_k: 40, top_p: 0.95, seed: 7, length: 100, colours: "hide",
  },
  place("steer", { model: "gpt" }),
  {
    ...place("steer", { model: "gpt" }),
    text: "Tom", of: "blocks.3.hook_resid_pre.features", feature: 0, mode: "add", strength: -2.5, first: 0, temperature: 0, seed: 3, length: 20, dose: "show",
  },
  place("lens", { model: "gpt" }),
  { ...place("lens", { model: "gpt" }), text: "Tom, and\nLily", token: 3, stage: 12, shows: "rank" },
  place("logits", { model: "gpt" }),
  {
    ...place("logits", { model: "gpt" }),
    text: "A, b & c", token: 2, answer: 0, against: 411, open: ["a1", "m3"], off: ["h0.4", "n3.120", "e1.2-h2.0"], action: "mean",
  },
  { ...place("logits", { model: "gpt" }), mode: "compare", clean: "Tom ran", corrupt: "Lily ran", what: "heads" },
  place("heads", { model: "gpt" }),
  {
    ...place("heads", { model: "gpt" }),
    text: "Was ist & was = 100 % #?\nNeue Zeile 👩‍👩‍👧 + Plus",
    token: 0,
    layer: 0,
    head: 5,
    direction: "to",
    first: "hide",
    overview: "token",
  },
  { ...place("heads", { model: "gpt" }), overview: "metrics", on: "random", sort: "entropy" },
  { ...place("heads", { model: "gpt" }), shows: "scores", token: 7, key: 0, layer: 2, head: 1, with: [[3, 0]] },
  place("induction", { model: "gpt" }),
  { ...place("induction", { model: "gpt" }), text: "Said once.", off: [[0, 1], [1, 4]], shown: [[3, 2]], moment: 0 },
  { ...place("induction", { model: "shakespeare" }), length: 12, draw: 3 },
  place("matrix", { model: "gpt" }),
  { ...place("matrix", { model: "gpt2" }), text: "A cat.", layer: 11, head: 4, first: 64, cell: "mlp_pre:70,3000" },
];

describe("a place", () => {
  for (const at of PLACES) {
    test(`comes back from its address: ${print(at).slice(0, 60)}`, () => {
      expect(parse(print(at))).toEqual(at);
    });
  }

  test("reads as people write it", () => {
    const at = parse("#/alexnet/conv3?picture=p&unit=42&sort=max&threshold=0.1&rotate=30");
    expect(at).toMatchObject({ view: "maps", model: "alexnet", site: "conv3", unit: 42, sort: "max", threshold: 0.1, rotate: 30 });
    expect(parse("#/alexnet/conv1/kernels?unit=12&sort=orientation")).toMatchObject({ view: "kernels", site: "conv1", unit: 12 });
    expect(parse("#/gpt/attention?token=7&layer=3&head=5")).toMatchObject({ view: "heads", token: 7, layer: 3, head: 5 });
    expect(parse("#/gpt/heads")).toEqual(parse("#/gpt/attention"));
    expect(parse("#/gpt/card")).toEqual({ view: "card", model: "gpt" });
    expect(parse("#/gpt/card?moment=7")).toEqual({ view: "card", model: "gpt", moment: 7 });
  });

  test("takes no half-said changes of channels", () => {
    const said = (query: string) => parse(`#/alexnet/conv5/why?${query}`);
    expect(said("off=1,1,2&clamp=3:0.5,4:x")).toMatchObject({ off: [1, 2], clamp: undefined });
    expect(said("off=1,-2&boost=5:2,5:3")).toMatchObject({ off: undefined, boost: [[5, 3]] });
  });

  test("takes no half-said heads", () => {
    expect(parse("#/gpt/induction?off=1.2,1.2,0.3&shown=1")).toMatchObject({ off: [[1, 2], [0, 3]], shown: undefined });
    expect(parse("#/gpt/attention?with=-1.0")).toMatchObject({ with: undefined });
  });

  test("says only what differs from the usual", () => {
    expect(print(place("maps", { model: "alexnet", site: "conv3" }))).toBe("#/alexnet/conv3");
  });

  test("makes sense of nonsense", () => {
    expect(parse("")).toEqual({ view: "home" });
    expect(parse("#/alexnet")).toEqual({ view: "home" });
    expect(parse("#/a/b/c/d")).toEqual({ view: "home" });
    expect(parse("#/%E0%A4%A/card")).toEqual({ view: "card", model: "%E0%A4%A" });
    expect(parse("#/alexnet/conv3?unit=-1&sort=sideways&threshold=9&rotate=NaN")).toEqual({
      ...place("maps", { model: "alexnet", site: "conv3" }),
      threshold: 1,
    });
  });
});
