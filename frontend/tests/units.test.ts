import { describe, expect, test } from "vitest";
import type { Artifact, UnitContext, UnitLabel } from "../src/api/client";
import { mapName, namesOf, under, viewOf } from "../src/shapes/tokenMap";
import { liveliest, sumRead, sumSaid } from "../src/views/embeddings";
import { snippet } from "../src/views/snippet";
import { called, csv, found, inView, reason, siteWords, type UnitRow } from "../src/views/textUnits";

const label = (rule: UnitLabel["rule"], text = ""): UnitLabel => ({ rule, text });
const row = (rule: UnitLabel["rule"], text: string, density: number, largest: number, reads: string[] = [], writes: string[] = []): UnitRow => ({
  label: label(rule, text), density, largest, reads, writes,
}); // prettier-ignore
const ROWS = [row("reads", " king", 0.01, 5, [" king", " queen"], [" crown"]), row("writes", " dog", 0.5, 2, [" a", " b"], [" dog"]), row("dead", "", 0, 0)];

describe("what a unit is called", () => {
  test("is what somebody wrote down, or else what the rule says", () => {
    expect(called(label("reads", " king"))).toBe("·king");
    expect(called(label("writes", " king"))).toBe("→ ·king");
    expect(called(label("dead"))).toBe("silent");
    expect(called(label("reads", " king"), "royalty")).toBe("royalty");
    expect(reason(label("reads", " king"), "royalty")).toMatch(/by hand/);
    expect(new Set([label("reads"), label("writes"), label("dead")].map((each) => reason(each))).size).toBe(3);
  });
  test("and a site is said in words", () => {
    expect(siteWords("blocks.2.mlp.hook_post")).toBe("Neurons of layer 2");
    expect(siteWords("blocks.3.hook_resid_pre.features")).toBe("Features before layer 3");
  });
});

describe("a list of units", () => {
  test("is searched by name, by token read or written, and by number", () => {
    expect(found(ROWS, {}, "", "number")).toEqual([0, 1, 2]);
    expect(found(ROWS, {}, "QUEEN", "number")).toEqual([0]);
    expect(found(ROWS, {}, "dog", "number")).toEqual([1]);
    expect(found(ROWS, {}, "2", "number")).toEqual([2]);
    expect(found(ROWS, { 2: "royalty" }, "royal", "number")).toEqual([2]);
    expect(found(ROWS, {}, "nothing of that", "number")).toEqual([]);
  });
  test("is sorted by how often, how much, or name", () => {
    expect(found(ROWS, {}, "", "density")).toEqual([1, 0, 2]);
    expect(found(ROWS, {}, "", "largest")).toEqual([0, 1, 2]);
    expect(found(ROWS, {}, "", "label")).toEqual([1, 0, 2]);
  });
  test("is drawn only where it is seen", () => {
    expect(inView(1000, 40, 0, 400, 0)).toEqual({ first: 0, last: 10 });
    expect(inView(1000, 40, 4010, 400, 2)).toEqual({ first: 98, last: 113 });
    expect(inView(5, 40, 0, 400)).toEqual({ first: 0, last: 5 });
  });
});

test("the Python of a unit needs no server but for texts of one's own", () => {
  const of = (kind: string, corpus: string) => snippet({ kind, model: "gpt", recipe: { kind, model: "gpt", site: "blocks.2.mlp.hook_post", unit: 5, corpus, k: 20, seed: 0 } } as unknown as Artifact);
  expect(of("neurons", "bundled")).toContain('rows = contexts(model, "blocks.2.mlp.hook_post", 5, found, corpus, k=20)');
  expect(of("units", "bundled")).toContain("found.density");
  expect(of("neurons", "mine-0123456789ab")).toContain('Client().make("neurons", model="gpt"');
});

test("contexts are a table with a token a line, whatever the tokens hold", () => {
  const context: UnitContext = { group: "top", document: 3, place: 41, tokens: [' "a"', "\n", ","], values: [0.5, 2, -0.1], peak: 1 };
  expect(csv([context])).toBe('group,document,place,is_peak,token,activation\n"top",3,40,0," ""a""",0.5\n"top",3,41,1,"\n",2\n"top",3,42,0,",",-0.1\n');
});

describe("a sum of words", () => {
  test("is read with any sign for minus", () => {
    for (const said of ["king - man + woman", "king − man + woman", "+ king – man + woman", " king -man +woman "]) {
      expect(sumRead(said)).toEqual({ plus: ["king", "woman"], minus: ["man"] });
    }
    expect(sumRead("well-known")).toEqual({ plus: ["well-known"], minus: [] });
    expect(sumRead("#12")).toEqual({ plus: ["#12"], minus: [] });
  });
  test("needs something that is added", () => {
    expect(sumRead("")).toMatch(/Write words/);
    expect(sumRead("- man")).toMatch(/added/);
    expect(sumRead(Array(9).fill("a").join(" + "))).toMatch(/At most eight/);
  });
  test("is said as it is read", () => {
    const sum = { plus: ["king", "woman"], minus: ["man"] };
    expect(sumRead(sumSaid(sum))).toEqual(sum);
  });
});

test("the dimensions that vary most come first", () => {
  expect(liveliest([0.1, 3, 2, 3], 3)).toEqual([1, 3, 2]);
});

describe("a map of tokens", () => {
  const points = new Uint16Array([32768, 32768, 32900, 32768, 65535, 65535]);
  const [names, room] = [["one", "two", "three"], { width: 400, height: 400 }];
  const whole = { x: 0.5, y: 0.5, zoom: 1 };
  test("names what has room, the commonest first, and what is meant always", () => {
    expect(namesOf(points, names, [1, 0, 2], whole, room).map(({ at }) => at)).toEqual([1, 2]);
    expect(namesOf(points, names, [1, 0, 2], whole, room, [0]).map(({ at }) => at)).toEqual([0, 2]);
    const close = { ...whole, zoom: 40 };
    expect(namesOf(points, names, [1, 0, 2], close, room).map(({ at }) => at).sort()).toEqual([0, 1]);
    expect(namesOf(points, names, [1, 0, 2], whole, room, [], 1)).toHaveLength(1);
  });
  test("leaves what is no letter by itself without a name", () => {
    expect([" king", "\ufffd", "\u0001", "\n", " ", "."].map(mapName)).toEqual(["king", "", "", "↵", "·", "."]);
    expect(namesOf(points, ["one", "", "three"], [1, 0, 2], whole, room).map(({ at }) => at)).toEqual([0, 2]);
  });
  test("shows some tokens together", () => {
    expect(viewOf(points, [0], 8)).toEqual({ x: 32768 / 65535, y: 32768 / 65535, zoom: 8 });
    expect(viewOf(points, [0, 2], 8).zoom).toBeCloseTo(1.4, 2);
  });
  test("finds the token under the pointer", () => {
    expect(under(points, whole, room, { x: 200, y: 200 })).toBe(0);
    expect(under(points, whole, room, { x: 20, y: 300 })).toBeNull();
  });
});
