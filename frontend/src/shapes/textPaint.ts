/** The cells of an atlas of texts on a canvas: each on its tint, as many of its words as there is room for. */

import { cellIn, seenAt } from "./atlas";
import type { Painter } from "./atlasPaint";
import { inSight, sideOf, toPixel } from "./mapView";
import { paintDots } from "./points";
import { wordsOf, type TextGrid } from "./textAtlas";

/** How clearly a cell is tinted, 0…1, and with what. */
export interface Tint {
  of: (grid: TextGrid, cell: number) => number;
  strong: boolean; // with the accent, else with ink
}
export interface Manner {
  said: (grid: TextGrid, cell: number) => readonly string[]; // what a cell is drawn as, most telling first
  family: string; // the page's type
  tint: Tint;
  dots: Uint16Array | null; // (samples, 2): where the samples lie, in 65535ths of the map's side
}

export const LARGEST = 104; // px: a cell that is larger is divided
const INSIDE = 46; // px: of smaller cells one word stands over its surroundings
const SMALLEST = 8; // px: in smaller cells nothing is to be read
const [LOW, HIGH] = [11, 17]; // px of type
const APART = 5; // px between two labels
const SAME = 90; // px within which one word is said once
const TRIED = 2; // words of a cell that may stand for it

export const words = (manner: Manner): Painter<TextGrid> => (surface, _dense, grid, from, fade, scene) => {
  const { view, room, grids, level, ink } = scene;
  const size = sideOf(view, room) / grid.side;
  const origin = toPixel(view, room, { x: 0, y: 0 });
  const sight = inSight(view, room, grid.side);
  const seen: { cell: number; x: number; y: number; alpha: number }[] = [];
  const beyond = size < INSIDE ? 2 : 0; // labels reach into their neighbours' cells
  for (let row = sight.top - beyond; row <= sight.bottom + beyond; row++) {
    for (let column = sight.left - beyond; column <= sight.right + beyond; column++) {
      const cell = cellIn(grid, column, row);
      if (cell < 0) continue;
      const alpha = from < level && seenAt(grids, from, level, cell) ? 1 : fade;
      if (alpha > 0) seen.push({ cell, x: origin.x + column * size, y: origin.y + row * size, alpha });
    }
  }
  for (const { cell, x, y, alpha } of seen) {
    const tint = manner.tint.of(grid, cell);
    surface.globalAlpha = alpha;
    surface.fillStyle = ink.ground;
    surface.fillRect(x, y, size + 0.5, size + 0.5);
    const square = [x, y, size + (size < 12 ? 0.5 : -1), size + (size < 12 ? 0.5 : -1)] as const;
    surface.globalAlpha = alpha * (manner.tint.strong ? 0.05 : 0.03 + 0.19 * tint);
    surface.fillStyle = ink.ink;
    surface.fillRect(...square);
    if (!manner.tint.strong) continue;
    surface.globalAlpha = alpha * 0.62 * tint;
    surface.fillStyle = ink.accent;
    surface.fillRect(...square);
  }
  if (manner.dots) paintDots(surface, grid, manner.dots, fade, scene);
  surface.fillStyle = ink.ink;
  surface.textAlign = "center";
  surface.textBaseline = "middle";
  surface.lineJoin = "round";
  if (size >= INSIDE) for (const each of seen) inside(surface, grid, each, size, manner);
  else if (size >= SMALLEST) labels(surface, grid, seen, size, manner, ink.ground);
  surface.globalAlpha = 1;
};

interface Seen {
  cell: number;
  x: number;
  y: number;
  alpha: number;
}

/** As many words as fit, one below the other, the most telling first and largest. */
function inside(surface: CanvasRenderingContext2D, grid: TextGrid, { cell, x, y, alpha }: Seen, size: number, { said, family }: Manner): void {
  const first = Math.min(HIGH, Math.max(LOW, size / 5.2));
  const next = Math.max(LOW, first * 0.82);
  const room = Math.max(1, 1 + Math.floor((size - 8 - first * 1.2) / (next * 1.22)));
  const all = said(grid, cell).slice(0, Math.min(room, 7));
  const high = first * 1.2 + (all.length - 1) * next * 1.22;
  let top = y + size / 2 - high / 2;
  all.forEach((word, at) => {
    const type = at ? next : first;
    surface.font = `${at ? 400 : 600} ${type}px ${family}`;
    surface.globalAlpha = alpha * (at ? 0.78 : 1);
    surface.fillText(cut(surface, word, size - 6), x + size / 2, top + type * 0.6);
    top += type * (at ? 1.22 : 1.2);
  });
}

const ORDER = new WeakMap<TextGrid, Float32Array>();
/** What matters more is written first: where there are more samples, and those that are told apart better. */
function rank(grid: TextGrid): Float32Array {
  let known = ORDER.get(grid);
  if (!known) {
    known = Float32Array.from({ length: grid.cells }, (_, cell) => Math.sqrt(grid.count[cell]!) * (wordsOf({ grid, cell }, 1)[0]?.weight ?? 0));
    ORDER.set(grid, known);
  }
  return known;
}

interface Label {
  x: number; // of its middle
  y: number;
  half: number; // of its width
  high: number; // half of its height
  word: string;
}

/** One word a cell where no other stands, as names stand on a map of a country; what is said beside it is not said again. */
function labels(surface: CanvasRenderingContext2D, grid: TextGrid, seen: Seen[], size: number, { said: drawn, family }: Manner, ground: string): void {
  const weight = rank(grid);
  const placed: Label[] = [];
  for (const { cell, x, y, alpha } of seen.toSorted((one, other) => weight[other.cell]! - weight[one.cell]! || one.cell - other.cell)) {
    const type = LOW + (HIGH - LOW) * Math.sqrt(Math.min(1, grid.count[cell]! / Math.max(1, grid.most))) * Math.min(1, size / 28);
    surface.font = `500 ${type}px ${family}`;
    const [middle, centre] = [x + size / 2, y + size / 2];
    const around = (other: Label): boolean => Math.abs(other.x - middle) < SAME && Math.abs(other.y - centre) < SAME / 2;
    const said = drawn(grid, cell).slice(0, TRIED).find((word) => !placed.some((other) => other.word === word && around(other)));
    if (!said) continue;
    const half = surface.measureText(said).width / 2;
    const box = { x: middle, y: centre, half, high: type * 0.6, word: said };
    if (placed.some((other) => Math.abs(other.x - middle) < other.half + half + APART && Math.abs(other.y - centre) < other.high + box.high)) continue;
    placed.push(box);
    surface.globalAlpha = alpha;
    surface.strokeStyle = ground;
    surface.lineWidth = 3;
    surface.strokeText(said, middle, centre);
    surface.fillText(said, middle, centre);
  }
}

/** A word so that it fits. */
function cut(surface: CanvasRenderingContext2D, word: string, width: number): string {
  if (surface.measureText(word).width <= width) return word;
  let shorter = word;
  while (shorter.length > 1 && surface.measureText(`${shorter}…`).width > width) shorter = shorter.slice(0, -1);
  return `${shorter}…`;
}
