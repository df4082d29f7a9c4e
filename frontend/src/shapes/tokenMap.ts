/** Tokens on a map: which are named at a zoom, and which lies under the pointer. */

import { toPixel, type Room, type Spot, type View } from "./mapView";

const WHOLE = 65535; // the map's side
const LETTER = 6.7; // px of a letter, about
const HIGH = 15; // px of a line

export interface Named {
  at: number; // which token
  x: number; // px of its dot
  y: number;
}

export const spotOf = (points: Uint16Array, at: number): Spot => ({ x: points[2 * at]! / WHOLE, y: points[2 * at + 1]! / WHOLE });

/** Names that have room at this zoom, the commonest tokens first; those of `always` whatever lies below them. */
export function namesOf(points: Uint16Array, names: readonly string[], order: readonly number[], view: View, room: Room, always: readonly number[] = [], most = 400): Named[] {
  const taken = new Map<string, true>();
  const found: Named[] = [];
  const cells = (x: number, y: number, length: number): string[] => {
    const [from, to] = [Math.floor((x + 4) / 8), Math.floor((x + 8 + length * LETTER) / 8)];
    const [top, bottom] = [Math.floor((y - HIGH / 2) / 8), Math.floor((y + HIGH / 2) / 8)];
    const keys: string[] = [];
    for (let row = top; row <= bottom; row++) for (let column = from; column <= to; column++) keys.push(`${column},${row}`);
    return keys;
  };
  const put = (at: number, must: boolean): void => {
    const { x, y } = toPixel(view, room, spotOf(points, at));
    if (x < -20 || y < -10 || x > room.width + 20 || y > room.height + 10) return;
    const keys = cells(x, y, names[at]?.length ?? 1);
    if (!must && keys.some((key) => taken.has(key))) return;
    for (const key of keys) taken.set(key, true);
    found.push({ at, x, y });
  };
  for (const at of always) put(at, true);
  const forced = new Set(always);
  for (const at of order) {
    if (found.length >= most) break;
    if (!forced.has(at) && names[at]) put(at, false);
  }
  return found;
}

/** What a token is called on the map: nothing where it is no letter by itself. */
export const mapName = (text: string): string => (/[\ufffd\p{Cc}]/u.test(text.trim()) ? "" : text.trim() || text.replaceAll(" ", "·").replaceAll("\n", "↵"));

/** The view that shows some tokens, no closer than one would come by hand. */
export function viewOf(points: Uint16Array, tokens: readonly number[], closest: number): View {
  const spots = tokens.map((at) => spotOf(points, at));
  const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return { x: (left + right) / 2, y: (top + bottom) / 2, zoom: Math.min(closest, 0.7 / Math.max(1e-6, right - left, bottom - top)) };
}

/** The token nearest to a pixel, if one is within reach. */
export function under(points: Uint16Array, view: View, room: Room, at: Spot, reach = 14): number | null {
  let [best, least]: [number | null, number] = [null, reach];
  for (let token = 0; token < points.length / 2; token++) {
    const { x, y } = toPixel(view, room, spotOf(points, token));
    const away = Math.hypot(x - at.x, y - at.y);
    if (away < least) [best, least] = [token, away];
  }
  return best;
}
