import { describe, expect, test } from "vitest";
import type { Contributions, TextChange } from "../src/api/client";
import { Reading, seen, step } from "../src/shapes/lens";
import { barsOf, reach, strongest } from "../src/views/argued";
import { cutOf, cutsOf, cutsSaid, inWords, readers, said, toggled } from "../src/views/cuts";
import { rowsAt } from "../src/views/told";

describe("a window of the lens", () => {
  // two stages, two positions from 64 on, two tokens a cell
  const reading = new Reading(
    {
      stages: 2, positions: 2, k: 2,
      tokens: new Int32Array([5, 6, 7, 8, 1, 2, 3, 4]),
      probabilities: new Float32Array([0.5, 0.25, 0.75, 0.125, 1, 0, 0.5, 0.5]),
      entropy: new Float32Array([Math.log(100), 0, Math.log(10), 1]),
      rank: new Int32Array([99, 9, 0, 1]),
      probability: new Float32Array([0.25, 0, 1, 0.5]),
      truth: new Int32Array([6, 9]),
    },
    64,
  );

  test("gives each cell its own numbers, by the position in the text", () => {
    expect(reading.cell(1, 64)).toEqual({ best: [{ id: 1, probability: 1 }, { id: 2, probability: 0 }], entropy: Math.fround(Math.log(10)), rank: 0, probability: 1, truth: 6 });
    expect([reading.top(0, 65), reading.truth(65)]).toEqual([7, 9]);
    expect(reading.ranks(64)).toEqual([100, 1]);
    expect(() => reading.cell(0, 63)).toThrow("No stage 0 at 63");
    expect(() => reading.cell(2, 64)).toThrow();
  });

  test("tints the surer, the more certain and the nearer to the first the stronger", () => {
    expect(reading.tint("probability", 0, 65, 100)).toBe(0.75);
    expect(reading.tint("entropy", 0, 64, 100)).toBeCloseTo(0);
    expect(reading.tint("entropy", 0, 65, 100)).toBe(1);
    expect(reading.tint("rank", 0, 64, 100)).toBeCloseTo(0);
    expect(reading.tint("rank", 0, 65, 100)).toBeCloseTo(0.5);
    expect(reading.tint("rank", 1, 64, 100)).toBe(1);
  });

  test("refuses arrays that do not fit together", () => {
    const empty = { tokens: new Int32Array(3), probabilities: new Float32Array(4), entropy: new Float32Array(2), rank: new Int32Array(2), probability: new Float32Array(2), truth: new Int32Array(2) };
    expect(() => new Reading({ stages: 1, positions: 2, k: 2, ...empty }, 0)).toThrow("do not fit");
  });
});

describe("what is in sight of a long text", () => {
  test("is a few columns of a thousand, and the windows they lie in", () => {
    expect(seen(0, 680, 68, 1024, 64)).toEqual({ columns: Array.from({ length: 13 }, (_, at) => at), windows: [0] });
    const middle = seen(60 * 68, 680, 68, 1024, 64);
    expect([middle.columns[0], middle.columns.at(-1), middle.windows]).toEqual([57, 72, [0, 1]]);
    expect(seen(1020 * 68, 680, 68, 1024, 64).columns.at(-1)).toBe(1023);
    expect(seen(0, 680, 68, 3, 64).columns).toEqual([0, 1, 2]);
    expect(seen(0, 680, 68, 0, 64)).toEqual({ columns: [], windows: [] });
  });

  test("is walked by the arrow keys, which stop at the edges", () => {
    expect(step("ArrowDown", 3, 5, 13, 20)).toEqual({ stage: 4, token: 5 });
    expect(step("ArrowUp", 0, 5, 13, 20)).toEqual({ stage: 0, token: 5 });
    expect(step("ArrowRight", 3, 19, 13, 20)).toEqual({ stage: 3, token: 19 });
    expect(step("PageUp", 3, 15, 13, 20)).toEqual({ stage: 3, token: 5 });
    expect(step("End", 3, 5, 13, 20)).toEqual({ stage: 3, token: 19 });
    expect(step("x", 3, 5, 13, 20)).toBeNull();
  });
});

describe("parts that are switched off", () => {
  test("come back from what the address says of them", () => {
    for (const word of ["a1", "m3", "h0.4", "n3.120", "e1.2-h2.0", "e1.2-m3", "e1.2-l"]) expect(said(cutOf(word)!)).toBe(word);
    for (const word of ["", "x1", "h1", "a1.2", "e1.2", "e1.2-x", "h1.2 ", "H1.2"]) expect(cutOf(word)).toBeNull();
    expect(cutsOf(["h0.4", "nonsense", "m1"], "mean").map(({ part, action }) => [part, action])).toEqual([["head", "mean"], ["mlp", "mean"]]);
    expect(cutOf("e1.2-h2.0")).toMatchObject({ part: "edge", layer: 1, head: 2, to: "head", to_layer: 2, to_head: 0 });
  });

  test("are switched on by a second click", () => {
    expect(toggled(undefined, "h0.4")).toEqual(["h0.4"]);
    expect(toggled(["h0.4", "m1"], "h0.4")).toEqual(["m1"]);
    expect(toggled(["m1"], "m1")).toBeUndefined();
  });

  test("are said in words", () => {
    expect(inWords(cutOf("n3.120")!)).toBe("neuron 120 of layer 3");
    expect(inWords(cutOf("e1.2-m3")!)).toBe("head 2 of layer 1 → the MLP of layer 3");
    expect(cutsSaid(cutsOf(["a1"], "zero"))).toBe("the attention of layer 1 off");
    expect(cutsSaid(cutsOf(["a1", "m1"], "zero"))).toBe("2 parts off");
  });

  test("can be cut off only from what reads later", () => {
    expect(readers(1, 3, 2).map(({ value }) => value)).toEqual(["l", "m1", "h2.0", "h2.1", "m2"]);
  });
});

describe("what argued", () => {
  const part = (part: string, layer: number | null, index: number | null, value: number, source: number | null = null) => ({ part, layer, index, value, source, from_source: null });
  const found = {
    tokens: [{ text: "<|endoftext|>", start: 0, end: 0 }, { text: " Zib", start: 0, end: 4 }],
    parts: [part("token", null, null, 0.5), part("place", null, null, -0.25), part("attention", 0, null, 3), part("mlp", 0, null, -1), part("bias", null, null, 0.125)],
    heads: [part("head", 0, 0, -1, 0), part("head", 0, 1, 4, 1)],
    neurons: [part("neuron", 0, 7, -2), part("neuron", 0, 3, 0.5)],
    biases: [part("bias", 0, null, 0.1), part("bias", null, null, 0.025)],
  } as unknown as Contributions;

  test("is one bar a part, in the network's order", () => {
    const bars = barsOf(found, [], ["m0"]);
    expect(bars.map(({ name }) => name)).toEqual(["Token’s vector", "Position’s vector", "Attention 0", "MLP 0", "Biases"]);
    expect(bars.map(({ off }) => off)).toEqual([undefined, undefined, false, true, undefined]);
    expect(reach(bars)).toBe(3);
  });

  test("opens to heads and neurons that add up to the part", () => {
    const bars = barsOf(found, ["a0", "m0"], []);
    const inside = bars.filter(({ inside }) => inside);
    expect(inside.map(({ key }) => key)).toEqual(["h0.1", "h0.0", "n0.7", "n0.3", "rest0"]);
    expect(inside[0]!.note).toBe("from 1 “·Zib”");
    expect(inside[1]!.note).toBe("from 0 “start”");
    expect(inside[4]!.value).toBeCloseTo(0.5);
    expect(new Set(barsOf(found, ["a0", "m0", "b"], []).map(({ key }) => key)).size).toBe(12);
  });

  test("is strongest first, for or against", () => {
    expect(strongest([...found.heads, ...found.neurons], 2).map(({ value }) => value)).toEqual([4, -2]);
  });
});

test("what is said before and after is listed once a token, likeliest before first", () => {
  const change = { k: 2, words: { 1: "a", 2: "b", 3: "c" } } as unknown as TextChange;
  const float = (values: number[]) => ({ shape: [2, 4], values: new Float32Array(values) });
  const tensors = {
    tokens: { shape: [2, 4], values: new Int32Array([9, 9, 9, 9, 1, 2, 3, 1]) },
    before: float([0, 0, 0, 0, 0.5, 0.25, 0.125, 0.5]),
    after: float([0, 0, 0, 0, 0.25, 0.125, 0.5, 0.25]),
  };
  expect(rowsAt(change, tensors, 1)).toEqual([
    { index: 1, label: "a", before: 0.5, after: 0.25 },
    { index: 2, label: "b", before: 0.25, after: 0.125 },
    { index: 3, label: "c", before: 0.125, after: 0.5 },
  ]);
  expect(rowsAt(change, tensors, 1, 2).map(({ index }) => index)).toEqual([1, 3]);
});
