import { describe, expect, test } from "vitest";
import { bits, Odds, thinned } from "../src/shapes/odds";

const LOGITS = new Float32Array([0, 2, 1, -1]);
const odds = new Odds(LOGITS);
const close = (found: ArrayLike<number>, wanted: number[]) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, at) => expect(found[at]).toBeCloseTo(value, 6));
};
const soft = (logits: number[]) => {
  const sum = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / sum);
};

describe("the odds of the next token", () => {
  test("are the softmax, likeliest first", () => {
    expect([...odds.order]).toEqual([1, 2, 0, 3]);
    close(odds.own, soft([2, 1, 0, -1]));
  });

  test("sharpen as it gets colder", () => {
    close(odds.at(0.5), soft([4, 2, 0, -2]));
    close(odds.at(0), [1, 0, 0, 0]);
    close(odds.drawn({ temperature: 0, topK: 0, topP: 1 }), [1]);
  });

  test("are cut off by top-k, then by top-p of what is left", () => {
    expect(odds.left({ temperature: 1, topK: 3, topP: 1 })).toEqual({ byK: 3, byP: 3 });
    close(odds.drawn({ temperature: 1, topK: 2, topP: 1 }), soft([2, 1]));
    const first = soft([2, 1, 0])[0]!;
    expect(odds.left({ temperature: 1, topK: 3, topP: first - 0.01 })).toEqual({ byK: 3, byP: 1 });
    expect(odds.left({ temperature: 1, topK: 3, topP: first + 0.01 })).toEqual({ byK: 3, byP: 2 });
    expect(odds.left({ temperature: 1, topK: 0, topP: 1e-9 }).byP).toBe(1);
  });

  test("top-k keeps what is as likely as the k-th", () => {
    expect(new Odds(new Float32Array([3, 1, 1, 1, 0])).left({ temperature: 1, topK: 2, topP: 1 }).byK).toBe(4);
  });

  test("a surprise is measured in bits", () => {
    expect(bits(0.25)).toBe(2);
    expect(bits(0)).toBeLessThan(50);
  });

  test("a curve over a vocabulary needs few points, and has its ends", () => {
    const ranks = thinned(50257);
    expect(ranks.length).toBeLessThan(300);
    expect([ranks[0], ranks.at(-1)]).toEqual([1, 50257]);
    expect(thinned(1)).toEqual([1]);
    expect(thinned(0)).toEqual([]);
  });
});
