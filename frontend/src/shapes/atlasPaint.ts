/** One frame of an atlas on a canvas. */

import { argues, cellIn, column, fullness, row, seenAt, type At, type Cells, type Grid } from "./atlas";
import { clearness, colourOf, heatOf, type Heat } from "./heat";
import { inSight, sideOf, toPixel, type Room, type Spot, type View } from "./mapView";
import { paintDots } from "./points";

export interface Ink {
  ground: string;
  accent: string;
  ink: string;
  family?: string; // of the page's type
}
/** What stands on a map whatever its cells are drawn as. */
export interface Scene<G extends Cells = Cells> {
  view: View;
  room: Room;
  grids: readonly (G | null)[];
  alphas: readonly number[]; // how far each grid has come in, 0…1
  level: number; // the grid that is coming in
  ringed: { at: At<G>; strong: boolean }[];
  spots: readonly Spot[];
  spot: number | null;
  path: readonly Spot[];
  strung?: boolean; // the spots follow one another
  names?: readonly string[]; // of the spots
  ink: Ink;
}
/** Draws the cells of one grid, the one at `from`, so far as they are in sight. */
export type Painter<G extends Cells> = (surface: CanvasRenderingContext2D, dense: number, grid: G, from: number, fade: number, scene: Scene<G>) => void;

const INSET = 0.8; // of an icon that lies on its colour
const FINE = 5; // px: of smaller cells the colour alone is seen

export function paint<G extends Cells>(surface: CanvasRenderingContext2D, dense: number, scene: Scene<G>, cells: Painter<G>): void {
  const { room, grids, alphas, level, ink } = scene;
  surface.setTransform(dense, 0, 0, dense, 0, 0);
  surface.globalAlpha = 1;
  surface.fillStyle = ink.ground;
  surface.fillRect(0, 0, room.width, room.height);
  grids.forEach((grid, at) => {
    const alpha = alphas[at] ?? 0;
    if (grid && (alpha > 0 || at < level)) cells(surface, dense, grid, at, at === level ? alpha : Math.sqrt(alpha), scene);
  });
  surface.globalAlpha = 1;
  for (const { at, strong } of scene.ringed) ring(surface, at, strong, scene);
  if (scene.path.length) line(surface, scene);
  if (scene.strung && scene.spots.length > 1) string(surface, scene);
  scene.spots.forEach((spot, index) => {
    if (index !== scene.spot) dot(surface, spot, false, scene);
  });
  const lit = scene.spot === null ? undefined : scene.spots[scene.spot];
  if (lit) dot(surface, lit, true, scene);
  if (scene.names?.length) name(surface, scene, scene.names);
}

/** What the spots are called, the one that is meant first, then those before it; none stands over another. */
function name(surface: CanvasRenderingContext2D, { view, room, spots, spot, ink }: Pick<Scene, "view" | "room" | "spots" | "spot" | "ink">, names: readonly string[]): void {
  const placed: { x: number; y: number; width: number }[] = [];
  surface.textAlign = "left";
  surface.textBaseline = "middle";
  surface.lineJoin = "round";
  surface.font = `600 13px ${ink.family ?? "sans-serif"}`;
  for (const index of spots.map((_, at) => at).toSorted((one, other) => Number(other === spot) - Number(one === spot) || other - one)) {
    const said = names[index];
    if (!said) continue;
    const { x, y } = toPixel(view, room, spots[index]!);
    const box = { x: x + (index === spot ? 14 : 9), y, width: surface.measureText(said).width };
    if (placed.some((other) => Math.abs(other.y - box.y) < 16 && box.x < other.x + other.width + 4 && other.x < box.x + box.width + 4)) continue;
    placed.push(box);
    surface.strokeStyle = ink.ground;
    surface.lineWidth = 4;
    surface.strokeText(said, box.x, box.y);
    surface.fillStyle = ink.accent;
    surface.fillText(said, box.x, box.y);
  }
}

/** Icons; where there is a heat, each on its colour; where there are points, the samples as dots over those close by. */
export const icons = (heat: Heat | null, points: Uint16Array | null = null): Painter<Grid> => (surface, dense, grid, from, fade, scene) => {
  const { view, room, grids, level } = scene;
  const size = sideOf(view, room) / grid.side; // px of a cell
  const origin = toPixel(view, room, { x: 0, y: 0 });
  const sight = inSight(view, room, grid.side);
  const { sheets, size: full, across } = grid.icons;
  let small = 0;
  while (small < sheets.length - 1 && full / 2 ** (small + 1) >= size * dense) small++;
  const [sheet, icon] = [sheets[small]!, full / 2 ** small];
  surface.imageSmoothingEnabled = true;
  surface.imageSmoothingQuality = "low"; // the sheet is at most twice as large: more would cost frames and show nothing
  for (let y = sight.top; y <= sight.bottom; y++) {
    for (let x = sight.left; x <= sight.right; x++) {
      const cell = cellIn(grid, x, y);
      if (cell < 0) continue;
      const alpha = from < level && seenAt(grids, from, level, cell) ? 1 : fade;
      if (alpha === 0) continue;
      const [left, top] = [origin.x + x * size, origin.y + y * size];
      let side = size * fullness(grid, cell);
      if (heat) {
        const value = heatOf({ grid, cell }, heat);
        surface.globalAlpha = alpha;
        surface.fillStyle = colourOf(value, heat);
        surface.fillRect(left, top, size + 0.5, size + 0.5);
        if (size < FINE) continue;
        surface.globalAlpha = alpha * clearness(value, heat);
        side *= INSET;
      } else surface.globalAlpha = alpha;
      const edge = (size - side) / 2;
      surface.drawImage(sheet, (cell % across) * icon, Math.floor(cell / across) * icon, icon, icon, left + edge, top + edge, side, side);
    }
  }
  if (points && from === level) paintDots(surface, grid, points, fade, scene);
};

/** A ring around a cell, dark and light, so that it shows on every icon. */
function ring(surface: CanvasRenderingContext2D, at: At<Cells>, strong: boolean, { view, room, ink }: Pick<Scene, "view" | "room" | "ink">): void {
  const size = sideOf(view, room) / at.grid.side;
  const { x, y } = toPixel(view, room, { x: column(at) / at.grid.side, y: row(at) / at.grid.side });
  surface.lineJoin = "round";
  surface.strokeStyle = ink.ground;
  surface.lineWidth = strong ? 6 : 4;
  surface.strokeRect(x, y, size, size);
  surface.strokeStyle = strong ? ink.accent : ink.ink;
  surface.lineWidth = strong ? 3 : 1.5;
  surface.strokeRect(x, y, size, size);
}

function line(surface: CanvasRenderingContext2D, { view, room, path, ink }: Pick<Scene, "view" | "room" | "path" | "ink">): void {
  surface.lineJoin = surface.lineCap = "round";
  for (const [colour, width] of [[ink.ground, 7], [ink.accent, 3]] as const) {
    surface.beginPath();
    for (const corner of path) {
      const { x, y } = toPixel(view, room, corner);
      surface.lineTo(x, y);
    }
    surface.strokeStyle = colour;
    surface.lineWidth = width;
    surface.stroke();
  }
  const first = toPixel(view, room, path[0]!);
  surface.beginPath();
  surface.arc(first.x, first.y, 6, 0, 2 * Math.PI);
  surface.fillStyle = ink.accent;
  surface.fill();
}

/** From spot to spot, thinner the further back. */
function string(surface: CanvasRenderingContext2D, { view, room, spots, spot, ink }: Pick<Scene, "view" | "room" | "spots" | "spot" | "ink">): void {
  const at = spots.map((each) => toPixel(view, room, each));
  surface.lineCap = "round";
  for (const [colour, more] of [[ink.ground, 3], [ink.accent, 0]] as const) {
    surface.strokeStyle = colour;
    for (let index = 1; index < at.length; index++) {
      const back = (spot ?? at.length - 1) - index;
      surface.lineWidth = more + Math.max(1, 3 - Math.abs(back) * 0.4);
      surface.beginPath();
      surface.moveTo(at[index - 1]!.x, at[index - 1]!.y);
      surface.lineTo(at[index]!.x, at[index]!.y);
      surface.stroke();
    }
  }
}

function dot(surface: CanvasRenderingContext2D, spot: Spot, lit: boolean, { view, room, ink }: Pick<Scene, "view" | "room" | "ink">): void {
  const { x, y } = toPixel(view, room, spot);
  for (const [colour, radius] of [["#000", lit ? 11 : 6.5], ["#fff", lit ? 9.5 : 5.5], [ink.accent, lit ? 7 : 3.5]] as const) {
    surface.beginPath();
    surface.arc(x, y, radius, 0, 2 * Math.PI);
    surface.fillStyle = colour;
    surface.fill();
  }
}

/** What a cell's value is in words: its samples, and what it argues. */
export const saidOf = (at: At, classes: readonly string[], best: { index: number; value: number }[], heat: Heat | null): string => {
  const { count } = at.grid;
  const most = best.map(({ index, value }) => `${classes[index]} ${value.toFixed(2)}`).join(", ");
  const meant = heat ? ` “${classes[heat.class]}”: ${argues(at, heat.class).toFixed(2)}.` : "";
  return `Cell ${column(at)}, ${row(at)} of ${at.grid.side}: ${count[at.cell]} samples.${meant} Argues most for ${most || "nothing"}.`;
};
