import { describe, expect, test } from "vitest";
import { byteOf, gradient, MIDDLE, sequential, signed, type Table } from "../src/shapes/colour";

const at = (table: Table, byte: number) => [...table.subarray(byte * 3, byte * 3 + 3)];
const light = ([red = 0, green = 0, blue = 0]: number[]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

describe("colour maps", () => {
  for (const theme of ["light", "dark"] as const) {
    test(`zero is neutral in the signed map (${theme})`, () => {
      for (const most of [0.001, 1, 1e6]) {
        const [red, green, blue] = at(signed(theme), byteOf(0, most, "signed"));
        expect(red).toBe(green);
        expect(green).toBe(blue);
      }
    });

    test(`below zero is blue, above orange, the same on both sides (${theme})`, () => {
      for (const part of [0.3, 0.6, 0.9]) {
        const [belowRed = 0, , belowBlue = 0] = at(signed(theme), byteOf(-part, 1, "signed"));
        const [aboveRed = 0, , aboveBlue = 0] = at(signed(theme), byteOf(part, 1, "signed"));
        expect(belowBlue).toBeGreaterThan(belowRed);
        expect(aboveRed).toBeGreaterThan(aboveBlue);
      }
    });

    test(`the further from zero, the further from the ground (${theme})`, () => {
      const steps = [0, 0.25, 0.5, 0.75, 1].map((part) => light(at(signed(theme), byteOf(part, 1, "signed"))));
      const sorted = [...steps].sort((one, other) => (theme === "light" ? other - one : one - other));
      expect(steps).toEqual(sorted);
    });
  }

  test("the sequential map grows lighter all the way and begins dark", () => {
    let before = -1;
    for (let byte = 0; byte < 256; byte += 5) {
      const now = light(at(sequential(), byte));
      expect(now).toBeGreaterThan(before);
      before = now;
    }
    expect(light(at(sequential(), 0))).toBeLessThan(2);
  });

  test("values beyond the range stay at its ends, and nothing at all is zero", () => {
    expect(byteOf(7, 1, "sequential")).toBe(255);
    expect(byteOf(-7, 1, "sequential")).toBe(0);
    expect(byteOf(7, 1, "signed")).toBe(255);
    expect(byteOf(-7, 1, "signed")).toBe(0);
    expect(byteOf(0, 0, "signed")).toBe(MIDDLE);
    expect(byteOf(0, 0, "sequential")).toBe(0);
    expect(gradient(sequential())).toMatch(/^linear-gradient\(to right, rgb\(0 0 4\)/);
  });
});
