import { describe, expect, test } from "vitest";
import { bytes, floats, half, parse } from "../src/api/tensors";

/** A safetensors file as the format's own words say, with the header padded by `pad` blanks. */
export function file(tensors: Record<string, { dtype: string; shape: number[]; raw: ArrayBuffer }>, pad = 0): ArrayBuffer {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { made: "here" } };
  for (const [name, { dtype, shape, raw }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + raw.byteLength] };
    offset += raw.byteLength;
  }
  const words = new TextEncoder().encode(JSON.stringify(header) + " ".repeat(pad));
  const whole = new Uint8Array(8 + words.length + offset);
  new DataView(whole.buffer).setBigUint64(0, BigInt(words.length), true);
  whole.set(words, 8);
  let at = 8 + words.length;
  for (const { raw } of Object.values(tensors)) {
    whole.set(new Uint8Array(raw), at);
    at += raw.byteLength;
  }
  return whole.buffer;
}

describe("safetensors", () => {
  const numbers = [1.5, -2, 0.25, 1e9, 0, 3];
  for (const pad of [0, 1, 2, 3]) {
    test(`floats are read wherever they start (${pad} blanks after the header)`, () => {
      const made = file({
        odd: { dtype: "U8", shape: [3], raw: new Uint8Array([7, 8, 9]).buffer },
        x: { dtype: "F32", shape: [2, 3], raw: new Float32Array(numbers).buffer },
      }, pad);
      const read = parse(made);
      expect([...floats(read, "x")]).toEqual(numbers);
      expect(read.x?.shape).toEqual([2, 3]);
      expect([...bytes(read, "odd")]).toEqual([7, 8, 9]);
    });
  }

  test("half floats become floats", () => {
    const raw = new Uint16Array([0x3c00, 0xc000, 0x3555, 0x0001, 0x7c00, 0x0000]).buffer;
    const read = floats(parse(file({ h: { dtype: "F16", shape: [6], raw } })), "h");
    expect(read[0]).toBe(1);
    expect(read[1]).toBe(-2);
    expect(read[2]).toBeCloseTo(1 / 3, 3);
    expect(read[3]).toBeCloseTo(2 ** -24, 10);
    expect(read[4]).toBe(Infinity);
    expect(half(0x7e00)).toBeNaN();
  });

  test("a damaged file is refused, not drawn", () => {
    const good = file({ x: { dtype: "F32", shape: [2], raw: new Float32Array([1, 2]).buffer } });
    expect(() => parse(good.slice(0, 4))).toThrow(/Too short/);
    expect(() => parse(good.slice(0, 20))).toThrow(/header is longer/);
    expect(() => parse(good.slice(0, -4))).toThrow(/size its shape says/);
    expect(() => parse(file({ x: { dtype: "F32", shape: [3], raw: new Float32Array([1, 2]).buffer } }))).toThrow(/size/);
    expect(() => parse(file({ x: { dtype: "BF16", shape: [1], raw: new ArrayBuffer(2) } }))).toThrow(/BF16/);
    expect(() => floats(parse(good), "y")).toThrow(/called y/);
  });
});
