import { describe, expect, test } from "vitest";
import { alikeSaid, counted, pictures } from "../src/views/labels";
import { chosen, portions, titleOf } from "../src/views/files";
import { pairsOf, withPicture } from "../src/views/trays.svelte";
import { trustOf } from "../src/views/trust";

const labelled = (...labels: string[]) => labels.map((label) => ({ label }));
const file = (name: string, size = 1, path = ""): File => {
  const made = new File([new Uint8Array(size)], name);
  Object.defineProperty(made, "webkitRelativePath", { value: path });
  return made;
};

describe("what pictures show", () => {
  test("is counted, the commonest first, and what has no label is left out", () => {
    expect(counted(labelled("cat", "dog", "dog", ""))).toEqual([{ label: "dog", count: 2 }, { label: "cat", count: 1 }]);
  });

  test("is said so that the numbers add up", () => {
    expect(alikeSaid(labelled("cats", "cats", "dogs"))).toBe("Of 3: cats 2, dogs 1.");
    expect(alikeSaid(labelled("a", "a", "b", "c", "d", "e"))).toBe("Of 6: a 2, b 1, c 1, others 2.");
    expect(alikeSaid(labelled("a", "a", "b", ""))).toBe("Of 4: a 2, b 1, others 1.");
    expect(alikeSaid(labelled("", ""))).toBe("");
    expect([pictures(1), pictures(1455)]).toEqual(["1 picture", "1,455 pictures"]);
  });
});

describe("files on their way into a gallery", () => {
  test("are named by their path; hidden ones and what is no picture stay", () => {
    const found = chosen([file("1.jpg", 1, "dogs/1.jpg"), file(".DS_Store", 1, "dogs/.DS_Store"), file("notes.txt"), file("all.zip")]);
    expect(found.map(({ name }) => name)).toEqual(["dogs/1.jpg", "all.zip"]);
  });

  test("go in portions by number and by size, every file once and in order", () => {
    const files = chosen([file("a.png", 5), file("b.png", 5), file("c.png", 1), file("d.png", 20), file("e.png", 1)]);
    const cut = portions(files, { files: 2, bytes: 10 });
    expect(cut.map((some) => some.map(({ name }) => name))).toEqual([["a.png", "b.png"], ["c.png"], ["d.png"], ["e.png"]]);
    expect(portions([])).toEqual([]);
  });

  test("suggest a name: their common folder or their archive", () => {
    expect(titleOf(chosen([file("1.jpg", 1, "pets/dogs/1.jpg"), file("2.jpg", 1, "pets/cats/2.jpg")]))).toBe("pets");
    expect(titleOf(chosen([file("holiday.zip")]))).toBe("holiday");
    expect(titleOf(chosen([file("1.jpg"), file("2.jpg")]))).toBe("");
  });
});

describe("two sets of pictures", () => {
  test("never share one: what comes into one leaves the other", () => {
    expect(withPicture({ a: ["1", "2"], b: ["3"] }, "b", ["2", "3"])).toEqual({ a: ["1"], b: ["3", "2"] });
  });

  test("hold no more than the server takes", () => {
    const many = Array.from({ length: 300 }, (_, number) => String(number));
    expect(withPicture({ a: [], b: [] }, "a", many).a).toHaveLength(200);
  });

  test("are ready-made where the gallery has all labels, else its two commonest", () => {
    const all = ["sunsets", "winters", "cars"].map((name) => ({ name, count: 9 }));
    expect(pairsOf({ labels: all }).map(({ words }) => words)).toEqual([["sunsets", "winters"]]);
    const own = [{ name: "dogs", count: 2 }, { name: "", count: 50 }, { name: "cats", count: 7 }];
    expect(pairsOf({ labels: own })).toEqual([{ words: ["cats", "dogs"], a: ["cats"], b: ["dogs"] }]);
    expect(pairsOf({ labels: [{ name: "dogs", count: 2 }] })).toEqual([]);
  });
});

describe("whether a direction stands for anything", () => {
  test("is said beside what chance would give", () => {
    const trust = trustOf({ accuracy: 0.94, "accuracy, shuffled": 0.52, chance: 0.005 });
    expect(trust).toMatchObject({ weak: false, tested: true });
    expect(trust.said).toBe("It tells 94 % of the pictures apart; chance would be 52 %.");
  });

  test("is doubted where shuffled sets do as well, and where nothing could be held out", () => {
    expect(trustOf({ accuracy: 0.6, "accuracy, shuffled": 0.5, chance: 0.2 })).toMatchObject({ weak: true, tested: true });
    expect(trustOf({ accuracy: 0.6, "accuracy, shuffled": 0.5, chance: 0.2 }).said).toContain("20 % of shuffled sets do as well");
    expect(trustOf({ "pictures of a": 1 })).toMatchObject({ weak: true, tested: false });
  });
});
