/** What pictures show, counted and in words. */

import { grouped } from "../ui/words";

interface Labelled {
  label: string;
}

/** How often each label comes, the commonest first, of equals the first that came; no label is none. */
export function counted(rows: readonly Labelled[]): { label: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { label } of rows) if (label) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).sort((one, other) => other.count - one.count);
}

/** "Of 12: cats 5, foxes 4, others 3." */
export function alikeSaid(rows: readonly Labelled[], most = 4): string {
  const all = counted(rows);
  if (!all.length) return "";
  const shown = all.length > most ? all.slice(0, most - 1) : all;
  const rest = rows.length - shown.reduce((sum, { count }) => sum + count, 0);
  const words = shown.map(({ label, count }) => `${label} ${count}`);
  if (rest) words.push(`others ${rest}`);
  return `Of ${rows.length}: ${words.join(", ")}.`;
}

/** "1 picture", "1,455 pictures". */
export const pictures = (count: number): string => `${grouped(count)} ${count === 1 ? "picture" : "pictures"}`;
