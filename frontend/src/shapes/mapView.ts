/** What is seen of a square map: its middle and its zoom, and how pixels and places of the map belong together. */

import { interpolateZoom } from "d3-interpolate";

/** The middle of what is seen, in parts of the map's side; at zoom 1 all of it is seen. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}
/** Of the canvas, in px. */
export interface Room {
  width: number;
  height: number;
}
export interface Spot {
  x: number;
  y: number;
}

export const WHOLE: View = { x: 0.5, y: 0.5, zoom: 1 };
const SHARE = 0.97; // of the room that the whole map takes
const LARGEST = 76; // px: a cell that is larger is divided, where there is a finer grid
const CLOSEST = 176; // px of a cell of the finest grid

/** The side of the whole map in px. */
export const sideOf = ({ zoom }: View, { width, height }: Room): number => SHARE * Math.min(width, height) * zoom;

export const toPixel = (view: View, room: Room, { x, y }: Spot): Spot => ({
  x: room.width / 2 + (x - view.x) * sideOf(view, room),
  y: room.height / 2 + (y - view.y) * sideOf(view, room),
});
export const toMap = (view: View, room: Room, { x, y }: Spot): Spot => ({
  x: view.x + (x - room.width / 2) / sideOf(view, room),
  y: view.y + (y - room.height / 2) / sideOf(view, room),
});

/** The nearest zoom at which there is still something to be seen. */
export function closest(sides: readonly number[], room: Room): number {
  const whole = sideOf(WHOLE, room);
  return whole > 0 ? Math.max(2, ((sides.at(-1) ?? 1) * CLOSEST) / whole) : 64;
}

/** The same within bounds: the map fills the room where it can, else it lies in its middle. */
export function bounded({ x, y, zoom }: View, room: Room, most: number): View {
  const bound = Math.min(most, Math.max(1, zoom));
  const side = sideOf({ x, y, zoom: bound }, room);
  const middle = (at: number, length: number): number => {
    const half = length / (2 * side);
    return half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, at));
  };
  return { x: middle(x, room.width), y: middle(y, room.height), zoom: bound };
}

/** Closer by a factor, where the place under a pixel stays under it. */
export function zoomed(view: View, room: Room, at: Spot, factor: number, most: number): View {
  const under = toMap(view, room, at);
  const zoom = Math.min(most, Math.max(1, view.zoom * factor));
  const side = sideOf({ ...view, zoom }, room);
  return bounded({ x: under.x - (at.x - room.width / 2) / side, y: under.y - (at.y - room.height / 2) / side, zoom }, room, most);
}

export function moved(view: View, room: Room, right: number, down: number, most: number): View {
  const side = sideOf(view, room);
  return bounded({ ...view, x: view.x - right / side, y: view.y - down / side }, room, most);
}

/** Which of the grids, coarsest first, is to be seen at this closeness. */
export function levelOf(sides: readonly number[], side: number, largest = LARGEST): number {
  let level = 0;
  while (level < sides.length - 1 && side / sides[level]! > largest) level++;
  return level;
}

/** The way from one view to another as the eye can follow it (van Wijk and Nuij, 2003); `part` from 0 to 1. */
export function way(from: View, to: View): (part: number) => View {
  const along = interpolateZoom([from.x, from.y, 1 / from.zoom], [to.x, to.y, 1 / to.zoom]);
  return (part) => {
    if (part >= 1) return to;
    const [x, y, span] = along(part);
    return { x, y, zoom: 1 / span };
  };
}

export const alike = (one: View, other: View): boolean =>
  Math.abs(one.x - other.x) < 1e-4 && Math.abs(one.y - other.y) < 1e-4 && Math.abs(one.zoom - other.zoom) < 1e-3;

/** The cells of a grid of this side that are in sight: columns and rows, both ends included. */
export function inSight(view: View, room: Room, side: number): { left: number; top: number; right: number; bottom: number } {
  const from = toMap(view, room, { x: 0, y: 0 });
  const to = toMap(view, room, { x: room.width, y: room.height });
  const cell = (at: number): number => Math.min(side - 1, Math.max(0, Math.floor(at * side)));
  return { left: cell(from.x), top: cell(from.y), right: cell(to.x), bottom: cell(to.y) };
}

const STRAY = 0.004; // of the map's side: what strays less from a straight line is straight
const CORNERS = 60;

/** The corners of a path that make its course (Douglas and Peucker, 1973), no more than an address can carry. */
export function thinned(path: readonly Spot[]): Spot[] {
  for (let stray = STRAY; ; stray *= 2) {
    const thin = straightened(path, stray);
    if (thin.length <= CORNERS) return thin;
  }
}

function straightened(path: readonly Spot[], stray: number): Spot[] {
  const [first, last] = [path[0], path.at(-1)];
  if (!first || !last || path.length < 3) return [...path];
  const length = Math.hypot(last.x - first.x, last.y - first.y);
  let [furthest, most] = [0, 0];
  for (let index = 1; index < path.length - 1; index++) {
    const [x, y] = [path[index]!.x - first.x, path[index]!.y - first.y];
    const off = length > 0 ? Math.abs(x * (last.y - first.y) - y * (last.x - first.x)) / length : Math.hypot(x, y);
    if (off > most) [furthest, most] = [index, off];
  }
  if (most <= stray) return [first, last];
  return [...straightened(path.slice(0, furthest + 1), stray).slice(0, -1), ...straightened(path.slice(furthest), stray)];
}

/** Places along a path, `step` apart. */
export function along(path: readonly Spot[], step: number): Spot[] {
  const found: Spot[] = path[0] ? [path[0]] : [];
  for (let index = 1; index < path.length; index++) {
    const [from, to] = [path[index - 1]!, path[index]!];
    const count = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / step));
    for (let at = 1; at <= count; at++) found.push({ x: from.x + ((to.x - from.x) * at) / count, y: from.y + ((to.y - from.y) * at) / count });
  }
  return found;
}

/** A path as an address says it, and back: corners as "x;y" in parts of the map's side. */
export const pathSaid = (path: readonly Spot[]): string[] => path.map(({ x, y }) => `${Number(x.toFixed(3))};${Number(y.toFixed(3))}`);
export function pathRead(said: readonly string[] | undefined): Spot[] {
  const corners = (said ?? []).map((corner) => corner.split(";").map(Number));
  return corners.flatMap(([x, y]) => (x !== undefined && y !== undefined && x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [{ x, y }] : []));
}
