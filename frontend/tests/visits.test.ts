import { describe, expect, test } from "vitest";
import { inside, visitsOf } from "../src/views/visits";

const at = (x: number, y: number): number[] => [Math.round(x * 65535), Math.round(y * 65535)];

describe("pictures that came to a map", () => {
  const all = {
    pictures: Int32Array.of(3, 3, 7, 9, 9),
    points: Uint16Array.from([at(0.1, 0.1), at(0.15, 0.2), at(0.2, 0.05), at(0.9, 0.1), at(1, 1)].flat()),
    near: Uint8Array.of(100, 200, 220, 90, 80),
  };

  test("lie in the cell their point lies in, each once, the most alike first", () => {
    expect(inside(all, 4, 0, 0)).toEqual([7, 3]);
    expect(inside(all, 4, 3, 0)).toEqual([9]);
    expect(inside(all, 4, 2, 2)).toEqual([]);
  });

  test("lie in the last cell where they lie on the map's edge", () => {
    expect(inside(all, 4, 3, 3)).toEqual([9]);
  });

  test("are refused where their tables do not fit", () => {
    const tensor = (values: Int32Array | Uint16Array | Uint8Array) => ({ shape: [values.length], values });
    const told = { pictures: tensor(all.pictures), points: tensor(all.points.slice(2)), near: tensor(all.near) };
    expect(() => visitsOf(told as never)).toThrow(/do not fit/);
    expect(visitsOf({ ...told, points: tensor(all.points) } as never).pictures).toBe(all.pictures);
  });
});
