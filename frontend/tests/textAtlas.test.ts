import { describe, expect, test } from "vitest";
import { parse, wholes } from "../src/api/tensors";
import { commonest, contextOf, contextsOf, densest, sharesOf, spotOf, textGridOf, textsOf, timesOf, tokensLike, wordsOf, type TextGrid } from "../src/shapes/textAtlas";
import { membersOf } from "../src/shapes/points";
import { layerOf, layersOf, stageOf, stagesOf, streamSaid } from "../src/views/streams";
import type { ModelCard } from "../src/api/client";

/** Two stretches, of 4 and 3 tokens; where the first of each is no sample, 5 samples, two of them in cell (0, 0). */
const tokens = Uint16Array.from([7, 1, 2, 1, 7, 1, 3]);
const texts = (first: number) => {
  const all = [0, 0, 0.1, 0.1, 0.9, 0.1, 1, 1, 0.9, 0.9, 0.9, 0.2, 0.9, 0.3];
  const samples = first ? 5 : 7;
  return textsOf(tokens, Int32Array.from([0, 4, 7]), Uint16Array.from(all.slice(0, 2 * samples).map((part) => Math.round(part * 65535))), first);
};
const grid = (): TextGrid =>
  textGridOf(2, {
    place: Uint8Array.from([0, 0, 1, 0, 1, 1]),
    count: Int32Array.from([2, 1, 2]),
    words: Uint16Array.from([1, 2, 3, 1, 2, 3]),
    odds: Float32Array.from([0.5, 0.1, 0.2, 0.1, 0.3, 0.1]),
    lifts: Float32Array.from([Math.log(4), -1, 1, 0.5, 0, -2]),
    entropy: Float32Array.from([1, 2, 3]),
    contexts: Int32Array.from([1, 0, 2, -1, 3, 4]),
  });

describe("the cells of an atlas of texts", () => {
  test("a cell is drawn as what it would rather say than the whole map", () => {
    const of = grid();
    expect(wordsOf({ grid: of, cell: 0 })).toEqual([{ token: 1, odds: 0.5, lift: expect.closeTo(4, 4), weight: expect.closeTo(0.5 * Math.log(4), 4) }]);
    expect(wordsOf({ grid: of, cell: 1 }, 1).map(({ token }) => token)).toEqual([3]);
    expect(wordsOf({ grid: of, cell: 2 })).toEqual([]);
  });

  test("tables that do not fit together are refused", () => {
    const { place, count, words, odds, lifts, entropy, contexts } = grid();
    const table = { place, count, words, odds, lifts, entropy, contexts };
    expect(() => textGridOf(2, { ...table, odds: odds.slice(1) })).toThrow(RangeError);
    expect(() => textGridOf(2, { ...table, words: words.slice(1) })).toThrow(RangeError);
    expect(() => textGridOf(1, table)).toThrow(RangeError);
    expect(() => textsOf(tokens, Int32Array.from([0, 4, 7]), new Uint16Array(8), 0)).toThrow(RangeError);
  });

  test("a sample is found among those around it, in its own text", () => {
    const all = texts(1);
    expect([...all.at]).toEqual([1, 2, 3, 5, 6]);
    expect(contextOf(all, 0, 8, 4)).toEqual({ before: [7], token: 1, after: [2, 1] });
    expect(contextOf(all, 3, 8, 4)).toEqual({ before: [7], token: 1, after: [3] });
    expect(contextOf(texts(0), 0)).toEqual({ before: [], token: 7, after: [1, 2, 1] });
    expect(spotOf(all, 3)).toEqual({ x: 1, y: 1 });
    expect(contextsOf({ grid: grid(), cell: 1 })).toEqual([2]);
  });

  test("every sample lies in one cell, and a token's share of a cell is counted", () => {
    const [of, all] = [grid(), texts(1)];
    const { starts, members } = membersOf(of, all.points);
    expect([...starts]).toEqual([0, 2, 3, 5]);
    expect([...members]).toEqual([0, 1, 2, 3, 4]);
    expect([...sharesOf(of, all, 1)]).toEqual([0.5, 1, 0.5]);
    expect(commonest({ grid: of, cell: 0 }, all, 9)).toEqual([{ token: 1, share: 0.5 }, { token: 2, share: 0.5 }]);
    expect([...timesOf(all, 8)]).toEqual([0, 3, 1, 1, 0, 0, 0, 0]);
  });

  test("where most of a token lies is the place to go", () => {
    expect(densest(grid(), Float32Array.from([0.5, 1, 0.9]))).toEqual({ x: 0.75, y: 0.75 });
    expect(densest(grid(), new Float32Array(3))).toBeNull();
  });

  test("a token is found by its letters, those that stand in the texts first", () => {
    const vocabulary = ["the", " the", " there", "other", "\n", " cat"];
    expect(tokensLike(vocabulary, "the", 9)).toEqual([0, 1, 2, 3]);
    expect(tokensLike(vocabulary, "·THE", 9, Int32Array.from([0, 5, 9, 7, 0, 0]))).toEqual([1, 2, 3, 0]);
    expect(tokensLike(vocabulary, "the", 9, Int32Array.from([2, 5, 0, 0, 0, 0]))).toEqual([1, 0, 2, 3]);
    expect(tokensLike(vocabulary, "th", 2)).toHaveLength(2);
    expect(tokensLike(vocabulary, "  ", 9)).toEqual([]);
    expect(tokensLike(vocabulary, "zebra", 9)).toEqual([]);
  });
});

test("numbers of two bytes are read where they do not begin at an even byte, too", () => {
  const header = new TextEncoder().encode(JSON.stringify({ a: { dtype: "U8", shape: [1], data_offsets: [0, 1] }, b: { dtype: "U16", shape: [2], data_offsets: [1, 5] } }));
  const file = new Uint8Array(8 + header.length + 5);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set([9, 1, 0, 255, 255], 8 + header.length);
  expect([...wholes(parse(file.buffer), "b", Uint16Array)]).toEqual([1, 65535]);
});

describe("the stream", () => {
  const site = (name: string, ships: string[] = []) => ({ name, recipes: ["text_atlas"], ships, aliases: [], axes: [], shape: [], about: "" });
  const model = {
    sites: ["blocks.0.hook_resid_pre", "blocks.0.hook_resid_mid", "blocks.0.hook_resid_post", "blocks.1.hook_resid_pre", "blocks.1.hook_resid_mid", "blocks.1.hook_resid_post", "logits"].map((name) =>
      site(name, name.startsWith("blocks.1") ? ["text_atlas"] : []),
    ),
  } as unknown as ModelCard;

  test("each of its places is there once, under one name", () => {
    const stages = stagesOf(model);
    expect(stages.map(({ word }) => word)).toEqual(["0", "0½", "1", "1½", "end"]);
    expect(stages.map(({ ready }) => ready)).toEqual([false, false, true, true, true]);
    expect(stageOf(stages, "blocks.0.hook_resid_post")?.word).toBe("1");
    expect(stageOf(stages, "blocks.1.hook_resid_post")?.word).toBe("end");
    expect(stageOf(stages, "relu5")).toBeUndefined();
  });

  test("is said in words", () => {
    expect(streamSaid("blocks.3.hook_resid_pre")).toBe("before layer 3");
    expect(streamSaid("blocks.3.hook_resid_mid")).toBe("amid layer 3");
    expect(streamSaid("blocks.5.hook_resid_post")).toBe("behind layer 5");
  });
});

describe("the layers of a vision network", () => {
  const site = (name: string, recipes: string[], ships: string[] = []) => ({ name, recipes, ships, aliases: [], axes: [], shape: [], about: "" });
  const model = {
    sites: [site("conv1", ["kernels"]), site("relu1", ["atlas"]), site("pool1", ["atlas"]), site("conv2", []), site("relu2", ["atlas"], ["atlas"]), site("fc8", ["atlas"])],
  } as unknown as ModelCard;

  test("are told apart by what comes out of their ReLU; one without has no atlas of its own", () => {
    const layers = layersOf(model);
    expect(layers.map(({ word, site, ready }) => [word, site.name, ready])).toEqual([
      ["conv1", "relu1", false],
      ["conv2", "relu2", true],
    ]);
    expect(layerOf(layers, "conv2")?.site.name).toBe("relu2");
    expect(layerOf(layers, "relu2")?.word).toBe("conv2");
    expect(layerOf(layers, "pool1")).toBeUndefined();
  });
});
