import { describe, expect, test } from "vitest";
import { bars, largestParts, strongestPairs } from "../src/views/chips";
import { finds, isIn, named, previousHeads, toggled } from "../src/views/lab";
import { layersOf, rowsOf, sorted } from "../src/views/metrics";

const values = Float32Array.from([4, -2, 0, 2]);

describe("a chip's bar", () => {
  test("is the weight itself, or a part of what is in sight", () => {
    const seen = (position: number) => position > 0;
    expect([...bars(Float32Array.from([0.75, 0.125, 0.125]), "weights", () => true)]).toEqual([0.75, 0.125, 0.125]);
    expect([...bars(values, "moved", () => true)]).toEqual([1, -0.5, 0, 0.5]);
    expect([...bars(values, "scores", seen)]).toEqual([0, 0, 0.5, 1]);
  });

  test("is full where there is nothing to compare with", () => {
    expect([...bars(Float32Array.from([3, 7]), "scores", (position) => position === 1)]).toEqual([0, 1]);
    expect([...bars(new Float32Array(2), "moved", () => true)]).toEqual([0, 0]);
  });
});

describe("a score taken apart", () => {
  test("names its largest pairs, of either sign", () => {
    expect(strongestPairs(Float32Array.from([1, -5, 0, 3]), 2, 2)).toEqual([
      { query: 0, key: 1, value: -5 },
      { query: 1, key: 1, value: 3 },
    ]);
  });

  test("adds the small parts up", () => {
    const parts = largestParts(values, 2, (at) => `dimension ${at}`);
    expect(parts.map(({ name }) => name)).toEqual(["dimension 0", "dimension 1", "2 others"]);
    expect(parts.reduce((sum, { value }) => sum + value, 0)).toBe(4);
    expect(largestParts(values, 4, String)).toHaveLength(4);
  });
});

describe("the table of heads", () => {
  const rows = rowsOf({ induction: values, entropy: Float32Array.from([1, 1, 2, 0]) }, 2);

  test("has a row for every head", () => {
    expect(rows.map(({ layer, head }) => [layer, head])).toEqual([[0, 0], [0, 1], [1, 0], [1, 1]]);
    expect(rows[3]!.values).toEqual({ induction: 2, entropy: 0 });
    expect(layersOf(values, 2)).toEqual([[4, -2], [0, 2]]);
  });

  test("is sorted largest first, equal ones by their place", () => {
    expect(sorted(rows, "induction").map(({ values }) => values.induction)).toEqual([4, 2, 0, -2]);
    expect(sorted(rows, "entropy").map(({ layer, head }) => `${layer}.${head}`)).toEqual(["1.0", "0.0", "0.1", "1.1"]);
    expect(rows[0]!.head).toBe(0);
  });
});

describe("the induction lab", () => {
  test("switches heads off and on again", () => {
    const off = toggled([[0, 1]], 2, 3);
    expect(off).toEqual([[0, 1], [2, 3]]);
    expect(isIn(off, 2, 3)).toBe(true);
    expect(toggled(off, 0, 1)).toEqual([[2, 3]]);
  });

  test("knows which heads look one token back before the one that finds", () => {
    const previous = Float32Array.from([0.2, 0.6, 0.9, 0.1, 0.99, 0.99]);
    expect(previousHeads(previous, 2, 2)).toEqual([[1, 0], [0, 1]]);
    expect(previousHeads(previous, 2, 0)).toEqual([]);
  });

  test("says what is off, and whether anything is found again", () => {
    expect(named([[0, 1]])).toBe("head 0.1");
    expect(named([[0, 1], [1, 2]])).toBe("heads 0.1 and 1.2");
    expect(named([[0, 1], [1, 2], [2, 2], [3, 3]])).toBe("4 heads");
    expect(finds(12, 0.6)).toBe(true);
    expect(finds(6, 5.9)).toBe(false);
  });
});
