import { describe, expect, test } from "vitest";
import { sequential, signed } from "../src/shapes/colour";
import { cellAt, extent, footprint, seen, watchers } from "../src/shapes/field";
import { fullReach, ordered, single, sprite, surviving, valueAt, type Tiles } from "../src/shapes/tiles";

const tiles: Tiles = {
  count: 3,
  height: 1,
  width: 2,
  colour: "sequential",
  bytes: new Uint8Array([0, 255, 0, 255, 255, 51]),
  low: new Float32Array([0, 0, 0]),
  high: new Float32Array([2, 0.1, 10]),
};

describe("tiles", () => {
  test("a byte stands for low + b / 255 · (high − low)", () => {
    expect(valueAt(tiles, 2, 1)).toBeCloseTo(2);
    expect(valueAt({ ...tiles, low: new Float32Array([-2, 0, 0]) }, 0, 0)).toBe(-2);
  });

  test("are ordered by a column, missing numbers last, equal ones by index", () => {
    expect(ordered(3, undefined, true)).toEqual([0, 1, 2]);
    expect(ordered(4, [1, 3, 3, 2], true)).toEqual([1, 2, 3, 0]);
    expect(ordered(4, [1, Number.NaN, 0, 2], false)).toEqual([2, 0, 3, 1]);
  });

  test("a threshold leaves those with something above it", () => {
    expect(fullReach(tiles)).toBe(10);
    expect(surviving(tiles, [2, 0, 1], 0)).toEqual([2, 0, 1]);
    expect(surviving(tiles, [2, 0, 1], 1)).toEqual([2, 0]);
    expect(surviving(tiles, [2, 0, 1], 10)).toEqual([2]);
  });

  test("scaled each by itself all reach the brightest colour, shared only the largest does", () => {
    const table = sequential();
    const brightest = [...table.subarray(255 * 3)];
    const each = single(tiles, 1, table, "each");
    expect([...each.subarray(4, 7)]).toEqual(brightest);
    const shared = single(tiles, 1, table, "shared");
    expect([...shared.subarray(4, 7)]).not.toEqual(brightest);
    expect([...single(tiles, 2, table, "shared").subarray(0, 3)]).toEqual(brightest);
  });

  test("what is below the threshold is drawn as zero", () => {
    const { pixels, across, width } = sprite({ ...tiles, colour: "signed" }, signed("light"), "shared", 5);
    expect(across).toBe(2);
    expect(width).toBe(4);
    const middle = [...signed("light").subarray(128 * 3, 128 * 3 + 3)];
    expect([...pixels.subarray(4, 7)]).toEqual(middle); // 2 of at most 10
    expect([...pixels.subarray(16, 19)]).not.toEqual(middle); // 10
  });
});

describe("receptive fields", () => {
  const field = { size: 11, stride: 4, start: -2 };

  test("a cell sees a square, and lies in the middle of it", () => {
    expect(seen(field, { row: 1, column: 2 })).toEqual({ x: 6, y: 2, width: 11, height: 11 });
    expect(footprint(field, { row: 0, column: 0 })).toEqual({ x: 1.5, y: 1.5, width: 4, height: 4 });
    expect(extent(field, 31, 31)).toEqual({ x: 1.5, y: 1.5, width: 124, height: 124 });
  });

  test("a point of the picture leads to its cell, and to all that see it", () => {
    expect(cellAt(field, 3, 7, 31, 31)).toEqual({ row: 1, column: 0 });
    expect(cellAt(field, -5, 500, 31, 31)).toEqual({ row: 30, column: 0 });
    const { x, width } = watchers(field, 20, 20, 31, 31); // columns 3, 4, 5 see x = 20: 10…20, 14…24, 18…28
    expect([x, width]).toEqual([13.5, 12]);
  });
});
