/** Colour maps as tables of 256 colours. Zero is the first colour of a sequential map and the middle of a signed one. */

import { interpolateLab, piecewise } from "d3-interpolate";
import { interpolateMagma } from "d3-scale-chromatic";

export type Theme = "light" | "dark";
export type Table = Uint8ClampedArray; // 256 × (red, green, blue)

/** Blue, neutral, orange; the middle is the grey of the theme, so that what is zero recedes into the ground. */
const SIGNED: Record<Theme, string[]> = {
  light: ["#0b3c6f", "#2f7fc1", "#a3c8e4", "#efefef", "#f6c08a", "#d9731a", "#7a3703"],
  dark: ["#b9dcf7", "#4b9bdc", "#1f4f7c", "#222222", "#7c4413", "#dd7d22", "#ffd8ab"],
};
export const MIDDLE = 128; // the byte of the table that stands for zero in a signed map

function table(colour: (part: number) => string): Table {
  const filled = new Uint8ClampedArray(256 * 3);
  for (let byte = 0; byte < 256; byte++) filled.set(channels(colour(byte)), byte * 3);
  return filled;
}

function channels(css: string): [number, number, number] {
  if (css.startsWith("#")) {
    const code = Number.parseInt(css.slice(1), 16);
    return [code >> 16, (code >> 8) & 255, code & 255];
  }
  const [red = 0, green = 0, blue = 0] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

const made = new Map<string, Table>();

export function sequential(): Table {
  return remembered("sequential", () => table((byte) => interpolateMagma(byte / 255)));
}

export function signed(theme: Theme): Table {
  return remembered(theme, () => {
    const stops = SIGNED[theme];
    const below = piecewise(interpolateLab, stops.slice(0, 4));
    const above = piecewise(interpolateLab, stops.slice(3));
    return table((byte) => (byte < MIDDLE ? below(byte / MIDDLE) : above((byte - MIDDLE) / (255 - MIDDLE))));
  });
}

export function tableOf(colour: "sequential" | "signed", theme: Theme): Table {
  return colour === "signed" ? signed(theme) : sequential();
}

function remembered(name: string, make: () => Table): Table {
  let table = made.get(name);
  if (!table) made.set(name, (table = make()));
  return table;
}

/** The byte of the table for a value, where `most` is the largest magnitude to be shown. */
export function byteOf(value: number, most: number, colour: "sequential" | "signed"): number {
  if (!(most > 0)) return colour === "signed" ? MIDDLE : 0;
  const part = value / most;
  if (colour === "sequential") return Math.max(0, Math.min(255, Math.round(part * 255)));
  return part < 0
    ? Math.max(0, Math.round(MIDDLE * (1 + part)))
    : Math.min(255, Math.round(MIDDLE + part * (255 - MIDDLE)));
}

/** The table as a CSS gradient, for legends. */
export function gradient(colours: Table): string {
  const stops = Array.from({ length: 17 }, (_, step) => {
    const at = Math.min(255, step * 16) * 3;
    return `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
