import { describe, expect, test } from "vitest";
import { parse, wholes } from "../src/api/tensors";
import { argues, around, bare, cellIn, cellNear, cellRead, cellSaid, cellUnder, column, foremost, fullness, gridOf, iconAt, row, seenAt, seenUnder, strip, towards, within, type At, type Grid } from "../src/shapes/atlas";
import { signed } from "../src/shapes/colour";
import { clearness, colourOf, heat, heatOf, strongest } from "../src/shapes/heat";
import { along, alike, bounded, closest, inSight, levelOf, moved, pathRead, pathSaid, sideOf, thinned, toMap, toPixel, way, WHOLE, zoomed } from "../src/shapes/mapView";
import { base64, page } from "../src/views/offline";
import { file } from "./tensors.test";

const ROOM = { width: 800, height: 600 };
const SHEETS = ["whole", "half", "quarter"] as unknown as CanvasImageSource[];

/** A grid with these cells, [column, row, samples, ...bytes for each class], a byte worth a tenth of a logit. */
function grid(side: number, cells: number[][]): Grid {
  return gridOf(
    side,
    {
      place: Uint8Array.from(cells.flatMap(([x, y]) => [x!, y!])),
      count: Int32Array.from(cells.map(([, , count]) => count!)),
      args: Int8Array.from(cells.flatMap((cell) => cell.slice(3))),
      scale: Float32Array.from(cells.map(() => 0.1)),
      samples: Int32Array.from(cells.flatMap((_, cell) => [cell, -1])),
    },
    { sheets: SHEETS, size: 96, across: 16 },
  );
}
const coarse = grid(4, [
  [0, 0, 100, 50, -20, 0],
  [1, 0, 25, 10, 30, 0],
  [3, 3, 4, -100, 40, 20],
  [2, 0, 9, 0, 0, 0],
]);
const fine = grid(8, [[0, 0, 9, 1, 1, 1], [1, 1, 9, 2, 1, 1], [7, 6, 3, 0, 9, 1]]);
const at = (cell: number, of = coarse): At => ({ grid: of, cell });

describe("the view of a map", () => {
  test("pixels and places of the map lead to each other", () => {
    const view = { x: 0.3, y: 0.7, zoom: 3 };
    const there = toMap(view, ROOM, { x: 123, y: 45 });
    const back = toPixel(view, ROOM, there);
    expect(back.x).toBeCloseTo(123);
    expect(back.y).toBeCloseTo(45);
    expect(toPixel(view, ROOM, view)).toEqual({ x: 400, y: 300 });
  });

  test("zooming keeps the place under the pointer", () => {
    const view = { x: 0.5, y: 0.5, zoom: 4 };
    const pixel = { x: 300, y: 350 };
    const before = toMap(view, ROOM, pixel);
    const after = toMap(zoomed(view, ROOM, pixel, 2, 20), ROOM, pixel);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  test("nothing leads beside the map, nor closer than there is something to see", () => {
    expect(bounded({ x: -3, y: 9, zoom: 0.1 }, ROOM, 10)).toEqual(WHOLE);
    const far = bounded({ x: 0, y: 1, zoom: 100 }, ROOM, 10);
    expect(far.zoom).toBe(10);
    expect(toMap(far, ROOM, { x: 0, y: 0 }).x).toBeCloseTo(0);
    expect(toMap(far, ROOM, { x: 0, y: 600 }).y).toBeCloseTo(1);
    expect(moved({ x: 0.5, y: 0.5, zoom: 4 }, ROOM, sideOf({ ...WHOLE, zoom: 4 }, ROOM) * 0.1, 0, 10).x).toBeCloseTo(0.4);
    expect(closest([20, 40], ROOM)).toBeGreaterThan(closest([20], ROOM));
  });

  test("a finer grid is seen once the cells of the coarser are large", () => {
    expect(levelOf([20, 40, 80], 600)).toBe(0);
    expect(levelOf([20, 40, 80], 1600)).toBe(1);
    expect(levelOf([20, 40, 80], 3200)).toBe(2);
    expect(levelOf([20], 99_999)).toBe(0);
  });

  test("a flight begins and ends where it should, and rises on the way", () => {
    const [from, to] = [{ x: 0.1, y: 0.1, zoom: 6 }, { x: 0.9, y: 0.9, zoom: 6 }];
    const along = way(from, to);
    expect(alike(along(0), from)).toBe(true);
    expect(along(1)).toBe(to);
    expect(along(0.5).zoom).toBeLessThan(6);
  });

  test("cells out of sight are not drawn", () => {
    expect(inSight(WHOLE, ROOM, 20)).toEqual({ left: 0, top: 0, right: 19, bottom: 19 });
    const near = inSight({ x: 0.5, y: 0.5, zoom: 10 }, ROOM, 40);
    expect(near.right - near.left).toBeLessThan(8);
  });

  test("a path is thinned, is walked in even steps, and comes back from its address", () => {
    const straight = Array.from({ length: 500 }, (_, step) => ({ x: step / 1000, y: 0.5 }));
    expect(thinned(straight)).toEqual([straight[0], straight.at(-1)]);
    const corner = [...straight, ...Array.from({ length: 100 }, (_, step) => ({ x: 0.499, y: 0.5 + step / 500 }))];
    expect(thinned(corner)).toHaveLength(3);
    const wild = Array.from({ length: 900 }, (_, step) => ({ x: 0.5 + 0.4 * Math.cos(step * 2.4), y: 0.5 + 0.4 * Math.sin(step * 2.4) }));
    expect(thinned(wild).length).toBeLessThanOrEqual(60);
    expect(thinned([])).toEqual([]);
    const steps = along([{ x: 0, y: 0 }, { x: 0.1, y: 0 }], 0.02);
    expect(steps).toHaveLength(6);
    expect(steps[3]!.x).toBeCloseTo(0.06);
    expect(pathRead(pathSaid([{ x: 0.25, y: 0.125 }]))).toEqual([{ x: 0.25, y: 0.125 }]);
    expect(pathRead(["0.2;0.4", "2;0.1", "x;y", "0.3"])).toEqual([{ x: 0.2, y: 0.4 }]);
  });
});

describe("the cells of an atlas", () => {
  test("are found by where they lie, and empty ground is empty", () => {
    expect(cellUnder(coarse, { x: 0.99, y: 0.8 })).toEqual(at(2));
    expect(cellUnder(coarse, { x: 0.6, y: 0.6 })).toBeNull();
    expect(cellUnder(coarse, { x: -0.1, y: 0.1 })).toBeNull();
    expect(cellIn(coarse, 4, 0)).toBe(-1);
    expect(cellNear(coarse, { x: 0.6, y: 0.9 })).toEqual(at(2));
    expect([column(at(2)), row(at(2))]).toEqual([3, 3]);
  });

  test("are walked with the arrow keys over gaps", () => {
    expect(towards(at(0), 1, 0)?.cell).toBe(1);
    expect(towards(at(1), 1, 0)?.cell).toBe(3);
    expect(towards(at(3), 0, 1)?.cell).toBe(2);
    expect(towards(at(0), -1, 0)).toBeNull();
  });

  test("say what they argue for, most first, and against", () => {
    expect(argues(at(2), 0)).toBeCloseTo(-10);
    expect(foremost(at(2), 5).map(({ index }) => index)).toEqual([1, 2]);
    expect(foremost(at(2), 1)).toHaveLength(1);
    expect(foremost(at(2), 5, -1)).toEqual([{ index: 0, value: expect.closeTo(-10) as number }]);
    expect(foremost(at(3), 5)).toEqual([]);
    expect(argues(at(0), 99)).toBe(0);
  });

  test("know their neighbours and the cells of other grids they cover", () => {
    expect(around(at(1)).map((each) => each?.cell ?? null)).toEqual([null, null, null, 0, 1, 3, null, null, null]);
    expect(within(at(0), fine).map(({ cell }) => cell)).toEqual([0, 1]);
    expect(within(at(2, fine), coarse)).toEqual([at(2)]);
  });

  test("that no finer one divides are seen at every zoom", () => {
    expect([...bare(coarse, fine)]).toEqual([0, 1, 0, 1]);
    expect([0, 1, 2, 3].map((cell) => seenAt([coarse, fine], 0, 1, cell))).toEqual([false, true, false, true]);
    expect(seenAt([coarse, null], 0, 1, 0)).toBe(true);
    expect(seenAt([coarse, fine], 1, 0, 0)).toBe(false);
    expect(seenUnder([coarse, fine], 1, { x: 0.05, y: 0.05 })).toEqual(at(0, fine));
    expect(seenUnder([coarse, fine], 1, { x: 0.3, y: 0.05 })).toEqual(at(1));
    expect(seenUnder([coarse, fine], 1, { x: 0.2, y: 0.05 })).toBeNull();
    expect(seenUnder([coarse, fine], 0, { x: 0.2, y: 0.05 })).toEqual(at(0));
  });

  test("come back from their address, and nonsense does not", () => {
    expect(cellRead(cellSaid(at(2)))).toEqual({ side: 4, column: 3, row: 3 });
    expect(cellRead("40:12")).toBeNull();
    expect(cellRead(undefined)).toBeNull();
  });

  test("are smaller where there are few samples, and lie on the sheet that is nearest in size", () => {
    expect(fullness(coarse, 0)).toBeGreaterThan(fullness(coarse, 2));
    expect(fullness(coarse, 0)).toBeLessThanOrEqual(1);
    expect(iconAt({ grid: coarse, cell: 2 }, 200)).toEqual({ sheet: "whole", x: 192, y: 0, side: 96 });
    expect(iconAt({ grid: coarse, cell: 2 }, 40)).toMatchObject({ sheet: "half", side: 48 });
    expect(iconAt({ grid: coarse, cell: 2 }, 5)).toMatchObject({ sheet: "quarter", side: 24 });
  });

  test("along a path come once in a row", () => {
    expect(strip(coarse, along([{ x: 0.05, y: 0.1 }, { x: 0.95, y: 0.1 }], 0.05)).map(({ cell }) => cell)).toEqual([0, 1, 3]);
  });

  test("that do not fit their tables are refused", () => {
    expect(() => grid(4, [[4, 0, 1, 1]])).toThrow(/beside its map/);
    expect(() => gridOf(4, { ...coarse, scale: new Float32Array(1) }, coarse.icons)).toThrow(/do not fit/);
    expect(gridOf(4, { place: new Uint8Array(), count: new Int32Array(), args: new Int8Array(), scale: new Float32Array(), samples: new Int32Array() }, coarse.icons).cells).toBe(0);
  });

  test("are read from signed bytes and whole numbers", () => {
    const raw = file({
      args: { dtype: "I8", shape: [3], raw: new Int8Array([-127, 0, 127]).buffer },
      samples: { dtype: "I32", shape: [2], raw: new Int32Array([7, -1]).buffer },
    });
    const read = parse(raw);
    expect(Object.keys(read)).toEqual(["args", "samples"]);
    expect([...wholes(read, "args", Int8Array)]).toEqual([-127, 0, 127]);
    expect([...wholes(read, "samples", Int32Array)]).toEqual([7, -1]);
    expect(() => wholes(read, "args", Int32Array)).toThrow(/whole numbers called args/);
  });
});

describe("the colour of a class", () => {
  const table = signed("light");
  test("is orange where a cell argues for it, blue where against, the ground's where neither", () => {
    const meant = heat(coarse, 0, null, table);
    expect(meant.most).toBeCloseTo(10);
    const colour = (byte: number): string => `rgb(${[...table.subarray(3 * byte, 3 * byte + 3)].join(" ")})`;
    expect(colourOf(-10, meant)).toBe(colour(0));
    expect(colourOf(10, meant)).toBe(colour(255));
    expect(colourOf(0, meant)).toBe(colour(128));
  });

  test("of one class rather than another is the difference", () => {
    expect(heatOf(at(2), { class: 0, against: 1 })).toBeCloseTo(-14);
    expect(heat(coarse, 0, 1, table).most).toBeCloseTo(14);
  });

  test("leaves icons clear where they argue for it", () => {
    const one = heat(coarse, 0, null, table);
    expect(clearness(10, one)).toBeCloseTo(1);
    expect(clearness(-10, one)).toBeLessThan(0.2);
    expect(clearness(-14, heat(coarse, 0, 1, table))).toBeCloseTo(1);
  });

  test("is strongest in the middle of a region, not at a lonely cell", () => {
    const spread = grid(4, [[0, 0, 1, 50], [1, 0, 1, 60], [0, 1, 1, 50], [3, 3, 1, 70]]);
    expect(strongest(spread, { class: 0, against: null })).toEqual({ x: 0.125, y: 0.125 });
    expect(strongest(gridOf(4, { place: new Uint8Array(), count: new Int32Array(), args: new Int8Array(), scale: new Float32Array(), samples: new Int32Array() }, coarse.icons), { class: 0, against: null })).toBeNull();
  });
});

describe("the page that is taken away", () => {
  const kept = { title: 'A "map" </script><b>', caption: "…", classes: ["</script>", "b"], icon: 96, grids: [] };
  test("holds what it shows and a script that a browser can read, whatever things are called", () => {
    const made = page(kept);
    expect(made.match(/<\/script>/g)).toHaveLength(1);
    const script = /<script>(.*)<\/script>/s.exec(made)![1]!;
    expect(() => new Function(script)).not.toThrow();
    expect(script).toContain("\\u003c/script>");
  });
  test("takes bytes along as they are", () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    expect(Uint8Array.from(atob(base64(bytes)), (letter) => letter.charCodeAt(0))).toEqual(bytes);
  });
});
