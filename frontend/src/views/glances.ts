/** The heads as small tiles, each scaled to its own largest weight. */

import type { Sprite, Tiles } from "../shapes/tiles";

const BINS = 64; // of a strip: no tile is drawn wider

/** Whole patterns as the server averaged them down: bytes (head, side, side), 255 = 1. */
export function glances(thumbnails: Uint8Array, side: number, hideFirst: boolean): Tiles {
  const area = side * side;
  const count = Math.floor(thumbnails.length / area);
  const scaled = new Uint8Array(count * area);
  const high = new Float32Array(count);
  for (let head = 0; head < count; head++) {
    const tile = thumbnails.subarray(head * area, (head + 1) * area);
    const value = (cell: number): number => (hideFirst && cell % side === 0 ? 0 : tile[cell]!);
    let most = 0;
    for (let cell = 0; cell < area; cell++) most = Math.max(most, value(cell));
    high[head] = most / 255;
    if (most) for (let cell = 0; cell < area; cell++) scaled[head * area + cell] = Math.round((value(cell) / most) * 255);
  }
  return { count, height: side, width: side, colour: "sequential", bytes: scaled, low: new Float32Array(count), high };
}

/** One row of weights a head as a strip; where tokens share a bin the largest is kept, so that nothing sharp is lost. */
export function strips(rows: Float32Array[]): Tiles {
  const tokens = rows[0]?.length ?? 1;
  const width = Math.min(BINS, tokens);
  const bytes = new Uint8Array(rows.length * width);
  const high = new Float32Array(rows.length);
  rows.forEach((weights, head) => {
    const bins = new Float32Array(width);
    weights.forEach((weight, token) => {
      const bin = Math.floor((token * width) / tokens);
      bins[bin] = Math.max(bins[bin]!, weight);
    });
    const most = Math.max(...bins);
    high[head] = most;
    bins.forEach((weight, bin) => (bytes[head * width + bin] = most ? Math.round((weight / most) * 255) : 0));
  });
  return { count: rows.length, height: 1, width, colour: "sequential", bytes, low: new Float32Array(rows.length), high };
}

/** Position and weight of the largest. */
export function strongest(weights: Float32Array): [number, number] {
  let best = 0;
  for (let position = 1; position < weights.length; position++) if (weights[position]! > weights[best]!) best = position;
  return [best, weights[best] ?? 0];
}

/** Whole patterns with what lies ahead of a query clear: it cannot be looked at. */
export function withoutAhead(drawn: Sprite, { count, width: side }: Tiles): Sprite {
  for (let head = 0; head < count; head++) {
    const at = Math.floor(head / drawn.across) * side * drawn.width + (head % drawn.across) * side;
    for (let query = 0; query < side; query++) {
      for (let key = query + 1; key < side; key++) drawn.pixels[(at + query * drawn.width + key) * 4 + 3] = 0;
    }
  }
  return drawn;
}
