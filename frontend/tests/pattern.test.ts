import { describe, expect, test } from "vitest";
import { most, Pattern, pointed } from "../src/shapes/pattern";

const [layers, heads, positions, headWidth] = [2, 3, 7, 4];
let seed = 1;
const random = (): number => {
  seed = (seed * 16807) % 2147483647;
  return (seed / 2147483647) * 4 - 2;
};
const vectors = layers * heads * positions;
const queries = Float32Array.from({ length: vectors * headWidth }, random);
const keys = Float32Array.from({ length: vectors * headWidth }, random);

/** The softmax written out, as the model does it. */
function expected(layer: number, head: number): { weights: number[][]; normalizers: number[] } {
  const first = (layer * heads + head) * positions;
  const normalizers: number[] = [];
  const weights = Array.from({ length: positions }, (_, query) => {
    const scores = Array.from({ length: query + 1 }, (_, key) => {
      let score = 0;
      for (let part = 0; part < headWidth; part++) {
        score += queries[(first + query) * headWidth + part]! * keys[(first + key) * headWidth + part]!;
      }
      return score / Math.sqrt(headWidth);
    });
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    normalizers.push(Math.log(sum));
    return Array.from({ length: positions }, (_, key) => (key <= query ? Math.exp(scores[key]!) / sum : 0));
  });
  return { weights, normalizers };
}

const all = Array.from({ length: layers * heads }, (_, at) => expected(Math.floor(at / heads), at % heads));
const normalizers = Float32Array.from(all.flatMap((head) => head.normalizers));
const pattern = new Pattern({ layers, heads, positions, headWidth, queries, keys, normalizers });

describe("the pattern of a head", () => {
  test("is the softmax of its scores, for every head", () => {
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const { weights } = all[layer * heads + head]!;
        const matrix = pattern.matrix(layer, head);
        weights.flat().forEach((weight, at) => expect(matrix[at]).toBeCloseTo(weight, 5));
      }
    }
  });

  test("has rows and columns that are those of its matrix", () => {
    const matrix = pattern.matrix(1, 2);
    for (let at = 0; at < positions; at++) {
      expect([...pattern.row(1, 2, at)]).toEqual([...matrix.slice(at * positions, (at + 1) * positions)]);
      expect([...pattern.column(1, 2, at)]).toEqual(Array.from({ length: positions }, (_, query) => matrix[query * positions + at]));
    }
  });

  test("adds up to one in every row and never looks ahead", () => {
    for (let query = 0; query < positions; query++) {
      const row = pattern.row(0, 1, query);
      expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      expect([...row.slice(query + 1)].every((weight) => weight === 0)).toBe(true);
    }
  });

  test("refuses heads and arrays that are not there", () => {
    expect(() => pattern.row(2, 0, 0)).toThrow(/No head/);
    expect(() => new Pattern({ layers, heads, positions, headWidth, queries, keys, normalizers: new Float32Array(3) })).toThrow(/fit/);
  });

  test("points out the head that looks hardest at one token between the first and the query", () => {
    const query = positions - 1;
    const { layer, head } = pointed(pattern, query);
    const hardest = (at: number) => Math.max(...all[at]!.weights[query]!.slice(1, query));
    const most = Math.max(...all.map((_, at) => hardest(at)));
    expect(hardest(layer * heads + head)).toBe(most);
  });
});

describe("what a cell can say besides its weight", () => {
  const moved = Float32Array.from({ length: vectors }, (_, at) => 1 + at / 10);
  const full = new Pattern({ layers, heads, positions, headWidth, queries, keys, normalizers, moved });
  const first = (1 * heads + 2) * positions;

  test("scores become weights by the softmax", () => {
    const scores = full.row(1, 2, 5, "scores").slice(0, 6);
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    [...full.row(1, 2, 5).slice(0, 6)].forEach((weight, key) => expect(Math.exp(scores[key]!) / sum).toBeCloseTo(weight, 5));
  });

  test("what is moved is the weight times the length that the key hands over", () => {
    const weights = full.column(1, 2, 3);
    [...full.column(1, 2, 3, "moved")].forEach((value, query) => expect(value).toBeCloseTo(weights[query]! * moved[first + 3]!, 5));
  });

  test("the head's dimensions add up to the score", () => {
    const parts = full.parts(1, 2, 5, 3);
    expect(parts).toHaveLength(headWidth);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(full.row(1, 2, 5, "scores")[3]!, 5);
  });

  test("the largest looks back only and may leave the first token out", () => {
    const matrix = Float32Array.from([9, 8, 7, 5, -2, 6, 5, 1, -3]);
    expect(most(matrix, 3, false)).toBe(9);
    expect(most(matrix, 3, true)).toBe(3);
  });
});
