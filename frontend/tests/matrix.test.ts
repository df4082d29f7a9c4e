import { describe, expect, test } from "vitest";
import { ABOUT, cellOf, NAMES, reachOf, signedly, sources, written } from "../src/views/passes";

describe("a cell of the matrix view", () => {
  test("comes back from its address", () => {
    for (const matrix of NAMES) {
      const cell = { matrix, row: 70, column: 3000 };
      expect(cellOf(written(cell))).toEqual(cell);
    }
  });

  test("is nothing where the address makes no sense", () => {
    for (const said of [undefined, "", "q", "q:1", "q:1,2,3", "q:-1,2", "queries:1,2", "q:1,x"]) expect(cellOf(said)).toBeNull();
  });
});

describe("what a number was made of", () => {
  test("is rows, columns or cells of the matrices before it", () => {
    const of = (matrix: (typeof NAMES)[number], layer = 1) => sources({ matrix, row: 5, column: 2 }, layer, 3);
    expect(of("q")).toEqual([{ matrix: "ln1", row: 5 }]);
    expect(of("scores")).toEqual([{ matrix: "q", row: 5 }, { matrix: "k", row: 2 }]);
    expect(of("z")).toEqual([{ matrix: "pattern", row: 5 }, { matrix: "v", column: 2 }]);
    expect(of("resid_mid")).toEqual([{ matrix: "resid_pre", row: 5, column: 2 }, { matrix: "attn_out", row: 5, column: 2 }]);
  });

  test("is on the page only where it is of this block", () => {
    const of = (matrix: (typeof NAMES)[number], layer: number) => sources({ matrix, row: 5, column: 2 }, layer, 3);
    expect(of("resid_pre", 0).map(({ matrix }) => matrix)).toEqual(["embed", "pos_embed"]);
    expect(of("resid_pre", 1)).toEqual([]);
    expect(of("ln_final", 2)).toEqual([{ matrix: "resid_post", row: 5 }]);
    expect(of("ln_final", 1)).toEqual([]);
  });

  test("stands above it on the page, and every matrix is told of", () => {
    for (const matrix of NAMES) {
      expect(ABOUT[matrix].title).toBeTruthy();
      for (const source of sources({ matrix, row: 1, column: 1 }, 0, 1)) {
        expect(NAMES.indexOf(source.matrix)).toBeLessThan(NAMES.indexOf(matrix));
      }
    }
  });
});

describe("how strongly a matrix is drawn", () => {
  test("is told by all but its few largest numbers", () => {
    const values = Float32Array.from({ length: 1000 }, (_, at) => (at === 500 ? 1e6 : (at % 2 ? 1 : -1) * (at / 1000)));
    expect(reachOf(values)).toBeGreaterThan(0.98);
    expect(reachOf(values)).toBeLessThanOrEqual(1);
    expect(reachOf(Float32Array.from([-3, -Infinity]))).toBe(3);
    expect(reachOf(new Float32Array(0))).toBe(0);
  });

  test("has a minus that people write", () => {
    expect(signedly(-0.12345)).toBe("−0.123");
    expect(signedly(2)).toBe("2");
    expect(signedly(-Infinity)).toBe("−∞");
  });
});
