import { beforeEach, describe, expect, test } from "vitest";
import { isKept, read, written } from "../src/views/keptTrees";
import { opening } from "../src/views/sentences";
import { decode, encode, force, grow, lay, LONGEST, order, path, prune, type Tree } from "../src/views/tree";

const TRUNK = grow([], 0, [10, 11, 12, 13, 14], 7);
const forked = (): { tree: Tree; branch: number } => force(TRUNK, 0, 2, 99, 3);

describe("a tree of stories", () => {
  test("grows at the end of a branch", () => {
    expect(path(TRUNK, 0)).toEqual([10, 11, 12, 13, 14]);
    const { tree, branch } = forked();
    expect(path(grow(tree, branch, [50, 51], 3), branch)).toEqual([10, 11, 99, 50, 51]);
    expect(path(grow(tree, branch, [50, 51], 3), 0)).toEqual([10, 11, 12, 13, 14]);
  });

  test("forks where another token is chosen, and nowhere twice", () => {
    const { tree, branch } = forked();
    expect(tree[branch]).toEqual({ parent: 0, fork: 2, seed: 3, tokens: [99] });
    expect(force(tree, 0, 2, 99, 5)).toEqual({ tree, branch });
    expect(force(tree, branch, 2, 12, 5)).toEqual({ tree, branch: 0 });
    expect(force(tree, 0, 3, 13, 5)).toEqual({ tree, branch: 0 });
  });

  test("a token chosen at the end of a branch goes on with it", () => {
    const { tree, branch } = force(TRUNK, 0, 5, 42, 1);
    expect(tree).toHaveLength(1);
    expect(path(tree, branch)).toEqual([10, 11, 12, 13, 14, 42]);
    expect(force([], 0, 0, 8, 4)).toEqual({ tree: [{ parent: null, fork: 0, seed: 4, tokens: [8] }], branch: 0 });
  });

  test("a fork before a branch's own tokens is one of its parent's", () => {
    const { tree, branch } = forked();
    const first = force(tree, branch, 1, 77, 2);
    expect(first.tree[first.branch]!.parent).toBe(0);
    expect(path(first.tree, first.branch)).toEqual([10, 77]);
    const beside = force(tree, branch, 2, 98, 2);
    expect(beside.tree[beside.branch]!.parent).toBe(0);
    expect(path(beside.tree, beside.branch)).toEqual([10, 11, 98]);
  });

  test("even the very first token can be another", () => {
    const { tree, branch } = force(TRUNK, 0, 0, 5, 1);
    expect(path(tree, branch)).toEqual([5]);
    expect(path(tree, 0)).toEqual([10, 11, 12, 13, 14]);
  });

  test("what is drawn anew leaves the branch where it differs", () => {
    const spot = lay(TRUNK, 0, 1, [11, 12, 70, 71, 72], 9);
    expect(spot.tree[spot.branch]).toEqual({ parent: 0, fork: 3, seed: 9, tokens: [70, 71, 72] });
    expect(lay(TRUNK, 0, 5, [15, 16], 7)).toEqual({ tree: grow(TRUNK, 0, [15, 16], 7), branch: 0 });
    expect(lay(TRUNK, 0, 1, [11, 12], 9)).toEqual({ tree: TRUNK, branch: 0 });
    expect(lay([], 0, 0, [1, 2], 3)).toEqual({ tree: grow([], 0, [1, 2], 3), branch: 0 });
    expect(lay(TRUNK, 0, 5, [], 7)).toEqual({ tree: TRUNK, branch: 0 });
  });

  test("what is cut off takes along what grew on it", () => {
    const one = forked();
    const longer = grow(one.tree, one.branch, [50, 51, 52], 3);
    const two = force(longer, one.branch, 4, 60, 1);
    const three = force(two.tree, 0, 1, 61, 1);
    const left = prune(three.tree, one.branch, two.branch);
    expect(left.tree).toHaveLength(2);
    expect(left.branch).toBe(0);
    expect(path(left.tree, 1)).toEqual([10, 61]);
    expect(prune(three.tree, 0, 0).tree).toEqual([]);
    expect(prune(three.tree, one.branch, three.branch).branch).toBe(1);
  });

  test("is drawn parent before child, early forks first", () => {
    const late = force(TRUNK, 0, 4, 90, 0);
    const early = force(late.tree, 0, 1, 91, 0);
    const deep = force(grow(early.tree, early.branch, [3, 4], 0), early.branch, 3, 92, 0);
    expect(order(deep.tree)).toEqual([
      { branch: 0, depth: 0 },
      { branch: 2, depth: 1 },
      { branch: 3, depth: 2 },
      { branch: 1, depth: 1 },
    ]);
  });
});

describe("a tree in an address", () => {
  beforeEach(() => localStorage.clear());
  const big = grow([], 0, Array.from({ length: 900 }, (_, at) => 300 + at), 1);

  test("comes back as it was", () => {
    const { tree, branch } = force(grow([], 0, [0, 127, 128, 50256, 16383, 16384], 2 ** 32 - 1), 0, 3, 4095, 12);
    for (const each of [[], TRUNK, tree, grow(tree, branch, [1, 2, 3], 0)] as Tree[]) expect(decode(encode(each))).toEqual(each);
    expect(encode(tree)).toMatch(/^[\w-]+$/);
  });

  test("five branches of sixty tokens fit", () => {
    let spot = { tree: grow([], 0, Array.from({ length: 60 }, (_, at) => 4000 - at), 0), branch: 0 };
    for (let count = 1; count < 5; count++) {
      spot = force(spot.tree, 0, 10 * count, 5, count);
      spot = { ...spot, tree: grow(spot.tree, spot.branch, Array.from({ length: 60 }, (_, at) => 2000 + at), count) };
    }
    expect(encode(spot.tree).length).toBeLessThanOrEqual(LONGEST);
    expect(decode(encode(spot.tree))).toEqual(spot.tree);
  });

  test("what is no tree is none", () => {
    const good = encode(forked().tree);
    for (const said of ["", "!", "é", "AA", good.slice(0, -2), `${good}AQ`, "AQEAAAEB", "AQAAAP____8"]) expect(decode(said)).toBeNull();
  });

  test("one that is too large is kept in the browser and told apart", () => {
    const said = written(big);
    expect(isKept(said)).toBe(true);
    expect(read(said)).toEqual(big);
    expect(isKept(written(TRUNK))).toBe(false);
    expect(read(written(TRUNK))).toEqual(TRUNK);
    localStorage.clear();
    expect(read(said)).toBeNull();
  });

  test("the browser keeps no more than it must", () => {
    for (let seed = 0; seed < 30; seed++) written(big.map((each) => ({ ...each, seed })));
    expect(localStorage.length).toBeLessThanOrEqual(20);
  });
});

test("a story begins behind the shortest sentence that has ended", () => {
  const said = (text: string) => ({ text, about: "", models: [] as string[], corrupt: null });
  const sentences = [said("Tom ran home. Lily ran."), said("Tom ran."), said("Tom")];
  expect(opening(sentences as never)).toBe("Tom ran.");
  expect(opening([said("Tom and"), said("Tom")] as never)).toBe("Tom");
  expect(opening([])).toBeNull();
});
