/** What was measured of a network, in words: metrics of its card, and the names of the curves of its training. */

import type { ModelCard } from "../api/client";
import type { Term } from "../glossary";
import { round } from "../ui/words";

export interface Measure {
  name: string;
  term?: Term; // where the name needs explaining
  value: string;
  note?: string; // beside the value
}

const percent = (value: number): string => `${round(value, 4)}\u00a0%`;

/** The metrics of a card, those that belong together in one row. */
export function measures({ metrics, plan }: Pick<ModelCard, "metrics" | "plan">): Measure[] {
  const left = new Map(Object.entries(metrics));
  const told: Measure[] = [];
  const say = (key: string, name: string, value: (number: number) => string, term?: Term, note?: string) => {
    const number = left.get(key);
    if (number === undefined) return;
    left.delete(key);
    told.push({ name, term, value: value(number), note });
  };
  const kernels = Array.isArray(plan.kernels) ? Number(plan.kernels[0]) : 0;
  const heads = Number(plan.layers ?? 0) * Number(plan.heads ?? 0);
  const outOf = (all: number) => (number: number) => (all ? `${number} of ${all}` : String(number));
  const score = (number: number) => round(number, 3);

  say("top1", "Top-1 accuracy", percent, "top-1 accuracy");
  say("top5", "Top-5 accuracy", percent, "top-5 accuracy");
  say("bits_per_byte", "Bits per byte", (number) => round(number, 4), "bits per byte");
  say("nats_per_character", "Nats per character", (number) => round(number, 4), "nats per character");
  say("clear_kernels", "Clear kernels", outOf(kernels), "clear kernel");
  say("noise_kernels", "Kernels left as noise", outOf(kernels));
  deadChannels();
  say("previous_token_heads", "Previous-token heads", outOf(heads), "previous-token head", "score 0.6 or more");
  say("best_previous_token", "Best previous-token score", score);
  say("induction_heads", "Induction heads", outOf(heads), "induction head", "score 0.5 or more");
  say("best_induction", "Best induction score", score);
  for (const [key, number] of left) told.push({ name: capital(key.replaceAll("_", " ")), value: round(number, 4) });
  return told;

  function deadChannels() {
    const dead = [...left].filter(([key]) => key.startsWith("dead_"));
    if (!dead.length) return;
    for (const [key] of dead) left.delete(key);
    const value = dead.map(([key, number]) => `${key.slice("dead_".length)}\u00a0${percent(number)}`).join(", ");
    told.push({ name: "Dead channels", term: "dead channel", value });
  }
}

const CURVES: Record<string, string> = {
  loss: "Loss",
  top1: "Top-1 accuracy, %",
  top5: "Top-5 accuracy, %",
  induction: "Best induction score",
  previous_token: "Best previous-token score",
};

/** What a curve of the training is called. */
export const curveName = (key: string): string => CURVES[key] ?? capital(key.replaceAll("_", " "));

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const COUNTS = ["step", "epoch", "minutes"]; // what a log may count, the best first

export interface Curves {
  across: string; // what the x axis counts
  lines: { name: string; points: [number, number][] }[];
}

/** The curves of a log, without the keys that are drawn elsewhere; those of one point are none. */
export function curvesOf(log: ModelCard["log"], elsewhere: readonly string[] = []): Curves {
  const across = COUNTS.find((name) => log.some((row) => name in row)) ?? "row";
  const names = [...new Set(log.flatMap((row) => Object.keys(row)))].filter((name) => !COUNTS.includes(name) && !elsewhere.includes(name));
  const lines = names.map((name) => ({
    name: curveName(name),
    points: log.flatMap((row, at): [number, number][] => {
      const value = row[name];
      return typeof value === "number" && Number.isFinite(value) ? [[row[across] ?? at, value]] : [];
    }),
  }));
  return { across, lines: lines.filter(({ points }) => points.length > 1) };
}

/** "21 November 2026"; what is no date stays as it is. */
export function day(date: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time)) return date;
  return new Date(time).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });
}
