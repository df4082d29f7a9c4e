/** One frame of an atlas on a canvas. */

import { argues, cellIn, column, fullness, row, seenAt, type At, type Grid } from "./atlas";
import { clearness, colourOf, heatOf, type Heat } from "./heat";
import { inSight, sideOf, toPixel, type Room, type Spot, type View } from "./mapView";

export interface Ink {
  ground: string;
  accent: string;
  ink: string;
}
export interface Scene {
  view: View;
  room: Room;
  grids: readonly (Grid | null)[];
  alphas: readonly number[]; // how far each grid has come in, 0…1
  level: number; // the grid that is coming in
  heat: Heat | null;
  ringed: { at: At; strong: boolean }[];
  spots: readonly Spot[];
  spot: number | null;
  path: readonly Spot[];
  ink: Ink;
}

const INSET = 0.8; // of an icon that lies on its colour
const FINE = 5; // px: of smaller cells the colour alone is seen

export function paint(surface: CanvasRenderingContext2D, dense: number, scene: Scene): void {
  const { room, grids, alphas, level, ink } = scene;
  surface.setTransform(dense, 0, 0, dense, 0, 0);
  surface.globalAlpha = 1;
  surface.fillStyle = ink.ground;
  surface.fillRect(0, 0, room.width, room.height);
  grids.forEach((grid, at) => {
    const alpha = alphas[at] ?? 0;
    if (grid && (alpha > 0 || at < level)) paintGrid(surface, dense, grid, at, at === level ? alpha : Math.sqrt(alpha), scene);
  });
  surface.globalAlpha = 1;
  for (const { at, strong } of scene.ringed) ring(surface, at, strong, scene);
  if (scene.path.length) line(surface, scene);
  scene.spots.forEach((spot, index) => {
    if (index !== scene.spot) dot(surface, spot, false, scene);
  });
  const lit = scene.spot === null ? undefined : scene.spots[scene.spot];
  if (lit) dot(surface, lit, true, scene);
}

function paintGrid(surface: CanvasRenderingContext2D, dense: number, grid: Grid, from: number, fade: number, { view, room, heat, grids, level }: Scene): void {
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
}

/** A ring around a cell, dark and light, so that it shows on every icon. */
function ring(surface: CanvasRenderingContext2D, at: At, strong: boolean, { view, room, ink }: Scene): void {
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

function line(surface: CanvasRenderingContext2D, { view, room, path, ink }: Scene): void {
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

function dot(surface: CanvasRenderingContext2D, spot: Spot, lit: boolean, { view, room, ink }: Scene): void {
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
