/** The geometry of one panel of a figure: where its values lie on the page, and what they are in words. */

import { scaleLinear, scaleSymlog } from "d3-scale";
import { round } from "../ui/words";

export interface Panel {
  title: string;
  draw: "line" | "bars";
  x: number[]; // for bars the edges, one more than bars
  x_label: string;
  y_label: string;
  x_names: string[];
  log_y: boolean;
  series: { name: string; y: number[] }[];
}

/** A value along x that means something. */
export interface Mark {
  x: number;
  word: string;
}

export interface Area {
  left: number;
  right: number; // in px, as all of them
  top: number;
  bottom: number;
}

export function scales(panel: Panel, area: Area, marks: readonly Mark[] = []) {
  const xs = [...panel.x, ...marks.map(({ x }) => x)];
  const ys = panel.series.flatMap(({ y }) => y).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...ys), Math.max(0, ...ys)];
  const x = scaleLinear([Math.min(...xs), Math.max(...xs)], [area.left, area.right]);
  const reach: [number, number] = [low, high === low ? low + 1 : high];
  const y = panel.log_y
    ? scaleSymlog(reach, [area.bottom, area.top])
    : scaleLinear(reach, [area.bottom, area.top]).nice(3);
  return { x, y };
}

/** The values of y that are written beside the axis: for counts on a log scale the powers of ten. */
export function ticks(panel: Panel, y: ReturnType<typeof scales>["y"]): number[] {
  if (!panel.log_y) return y.ticks(3);
  const most = Math.max(...y.domain());
  const powers = Array.from({ length: 9 }, (_, power) => 10 ** power).filter((value) => value <= most);
  return [0, ...powers.filter((_, at) => powers.length < 4 || at % 2 === 0)];
}

/** How many places there are along x: points of a line, or bars. */
export const places = (panel: Panel): number => (panel.draw === "bars" ? Math.max(0, panel.x.length - 1) : panel.x.length);

/** Where a place lies along x. */
export function middle(panel: Panel, at: number): number {
  const here = panel.x[at] ?? 0;
  return panel.draw === "bars" ? (here + (panel.x[at + 1] ?? here)) / 2 : here;
}

/** The place nearest to a value of x. */
export function nearest(panel: Panel, x: number): number {
  let best = 0;
  for (let at = 1; at < places(panel); at++) {
    if (Math.abs(middle(panel, at) - x) < Math.abs(middle(panel, best) - x)) best = at;
  }
  return best;
}

/** "0.42 at 45 degrees", "17 at 0.5 to 0.6 activation". */
export function said(panel: Panel, at: number): string {
  const values = panel.series.map(({ name, y }) => (panel.series.length > 1 ? `${name} ` : "") + round(y[at] ?? Number.NaN));
  const name = panel.x_names[at];
  if (name) return `${values.join(", ")}: ${name}`;
  const where = panel.draw === "bars" ? `${round(panel.x[at] ?? 0)} to ${round(panel.x[at + 1] ?? 0)}` : round(panel.x[at] ?? 0, 4);
  return `${values.join(", ")} at ${where}`;
}

/** What a panel shows, for who cannot see it: where its first curve is highest. */
export function summary(panel: Panel): string {
  const y = panel.series[0]?.y ?? [];
  const best = y.reduce((most, value, at) => (value > (y[most] ?? -Infinity) ? at : most), 0);
  return `${panel.title}. ${panel.y_label} over ${panel.x_label}. Highest: ${said(panel, best)}`;
}
