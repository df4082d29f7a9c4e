/** safetensors: eight bytes with the length of a JSON header, the header, the numbers. Little-endian, as browsers are. */

import { Problem } from "./problem";
import { fileURL } from "./client";

export type Numbers = Uint8Array | Int8Array | Uint16Array | Float32Array | Int32Array;
export interface Tensor {
  shape: number[];
  values: Numbers;
}
export type Tensors = Record<string, Tensor>;

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const WIDTH: Record<string, number> = { U8: 1, I8: 1, BOOL: 1, U16: 2, F16: 2, F32: 4, I32: 4 };

/** What a file holds. */
export function parse(file: ArrayBuffer): Tensors {
  if (file.byteLength < 8) throw new RangeError("Too short for a safetensors file.");
  const length = Number(new DataView(file).getBigUint64(0, true));
  if (8 + length > file.byteLength) throw new RangeError("The header is longer than the file.");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length))) as Record<string, Entry>;
  const tensors: Tensors = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name !== "__metadata__") tensors[name] = read(file, 8 + length, name, entry);
  }
  return tensors;
}

function read(file: ArrayBuffer, start: number, name: string, { dtype, shape, data_offsets }: Entry): Tensor {
  const [from, to] = data_offsets;
  const width = WIDTH[dtype];
  if (!width) throw new RangeError(`Tensor ${name} is ${dtype}, which this page does not read.`);
  const count = shape.reduce((product, side) => product * side, 1);
  if (to - from !== count * width || start + to > file.byteLength) {
    throw new RangeError(`Tensor ${name} does not have the size its shape says.`);
  }
  const at = start + from;
  if (dtype === "I8") return { shape, values: new Int8Array(file, at, count) };
  if (width === 1) return { shape, values: new Uint8Array(file, at, count) };
  const bytes = at % width ? file.slice(at, start + to) : file; // typed arrays want aligned starts
  const offset = bytes === file ? at : 0;
  if (dtype === "F32") return { shape, values: new Float32Array(bytes, offset, count) };
  if (dtype === "U16") return { shape, values: new Uint16Array(bytes, offset, count) };
  if (dtype === "I32") return { shape, values: new Int32Array(bytes, offset, count) };
  return { shape, values: Float32Array.from(new Uint16Array(bytes, offset, count), half) };
}

/** The number that sixteen bits stand for (IEEE 754 binary16). */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export async function fetchTensors(id: string, name: string, signal?: AbortSignal): Promise<Tensors> {
  const response = await fetch(fileURL(id, name), { signal });
  if (!response.ok) throw await Problem.of(response);
  return parse(await response.arrayBuffer());
}

/** The values of a tensor that must be there, as bytes or as floats. */
export function bytes(tensors: Tensors, name: string): Uint8Array {
  const values = tensors[name]?.values;
  if (!(values instanceof Uint8Array)) throw new RangeError(`The file holds no bytes called ${name}.`);
  return values;
}

export function floats(tensors: Tensors, name: string): Float32Array {
  const values = tensors[name]?.values;
  if (!(values instanceof Float32Array)) throw new RangeError(`The file holds no floats called ${name}.`);
  return values;
}

/** The whole numbers of a tensor that must be there, of 8, 16 or 32 bits. */
export function wholes<Kind extends Int8Array | Uint16Array | Int32Array>(tensors: Tensors, name: string, kind: new (length: number) => Kind): Kind {
  const values = tensors[name]?.values;
  if (!(values instanceof kind)) throw new RangeError(`The file holds no whole numbers called ${name}.`);
  return values;
}
