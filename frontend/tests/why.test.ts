import { describe, expect, test } from "vitest";
import { signed } from "../src/shapes/colour";
import type { Tiles } from "../src/shapes/tiles";
import { editSaid, editsOf, editsSaid, saidOf, withEdit } from "../src/views/edits";
import { dreamtSite } from "../src/views/sheets.svelte";
import { peak, veil, whereabouts } from "../src/views/veil";

const nothing = { off: undefined, clamp: undefined, boost: undefined };

describe("changes of channels", () => {
  test("come back from what the address says of them", () => {
    const said = { off: [2, 9], clamp: [[5, 3.5]] as [number, number][], boost: [[1, 2]] as [number, number][] };
    expect(saidOf(editsOf(said))).toEqual(said);
    expect(saidOf([])).toEqual(nothing);
  });

  test("are one for each channel: off before held before boosted", () => {
    const edits = editsOf({ off: [7], clamp: [[7, 1], [8, 1]], boost: [[8, 2], [9, 2]] });
    expect(edits.map(({ unit, action }) => [unit, action])).toEqual([[7, "zero"], [8, "clamp"], [9, "boost"]]);
  });

  test("can be made and taken back", () => {
    const off = withEdit([], 4, { action: "zero", value: 0 });
    expect(off).toEqual([{ unit: 4, action: "zero", value: 0 }]);
    expect(withEdit(withEdit(off, 4, { action: "boost", value: 2 }), 5, null)).toEqual([{ unit: 4, action: "boost", value: 2 }]);
    expect(withEdit(off, 4, null)).toEqual([]);
  });

  test("are said in words", () => {
    const zero = { unit: 5, action: "zero", value: 0 } as const;
    expect(editSaid(zero)).toBe("off");
    expect(editSaid({ unit: 5, action: "boost", value: 2.5 })).toBe("× 2.5");
    expect(editsSaid([zero], "channel")).toBe("channel 5 off");
    expect(editsSaid([zero, { unit: 6, action: "clamp", value: 1 }], "unit")).toBe("2 units changed");
  });
});

describe("a map over a picture", () => {
  const tiles: Tiles = {
    count: 1, height: 1, width: 3, colour: "signed",
    bytes: new Uint8Array([0, 51, 255]), low: new Float32Array([-1]), high: new Float32Array([4]),
  };

  test("is clear where it is zero, and the more opaque the larger the value of either sign", () => {
    const pixels = veil(tiles, 0, signed("light"));
    expect([pixels[7], pixels[11]]).toEqual([0, 255]);
    expect(pixels[3]).toBe(128); // a quarter of the largest: half as opaque
    expect(pixels[2]).toBeGreaterThan(pixels[0]!); // below zero: blue
    expect(pixels[8]).toBeGreaterThan(pixels[10]!); // above: orange
  });

  test("has a largest cell, which lies somewhere in words", () => {
    expect(peak(tiles, 0)).toEqual({ row: 0, column: 2, value: 4 });
    expect(whereabouts(0, 12, 13, 13)).toBe("top right");
    expect(whereabouts(6, 6, 13, 13)).toBe("middle");
    expect(whereabouts(12, 6, 13, 13)).toBe("bottom");
  });
});

test("a ReLU's channels are drawn as those of its convolution, and only by dreams that ship", () => {
  const site = (name: string, ...ships: string[]) => ({ name, ships });
  const model = { sites: [site("conv4"), site("relu4"), site("conv5", "features"), site("relu5")] } as unknown as Parameters<typeof dreamtSite>[0];
  expect(dreamtSite(model, "relu5")?.name).toBe("conv5");
  expect(dreamtSite(model, "conv5")?.name).toBe("conv5");
  expect(dreamtSite(model, "relu4")).toBeNull();
});
