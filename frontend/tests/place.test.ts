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
    expect(parse("#/gpt/card")).toEqual({ view: "card", model: "gpt" });
    expect(parse("#/gpt/card?moment=7")).toEqual({ view: "card", model: "gpt", moment: 7 });
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
