/** Which channels are changed and how: as the address says it, as the server is asked, in words. */

import type { components } from "../api/schema";
import type { WhyPlace } from "../place";
import { round } from "../ui/words";

export type Edit = components["schemas"]["Edit"];
export type Action = Edit["action"];
type Changed = Pick<WhyPlace, "off" | "clamp" | "boost">;

/** Every channel that is changed, by its number; what is said twice is off rather than held, held rather than boosted. */
export function editsOf({ off, clamp, boost }: Changed): Edit[] {
  const found = new Map<number, Edit>();
  for (const [unit, value] of boost ?? []) found.set(unit, { unit, action: "boost", value });
  for (const [unit, value] of clamp ?? []) found.set(unit, { unit, action: "clamp", value });
  for (const unit of off ?? []) found.set(unit, { unit, action: "zero", value: 0 });
  return [...found.values()].sort((one, other) => one.unit - other.unit);
}

/** What the address says when these channels are changed. */
export function saidOf(edits: readonly Edit[]): Changed {
  const of = (action: Action) => edits.filter((edit) => edit.action === action);
  const pairs = (action: Action) => of(action).map(({ unit, value }): [number, number] => [unit, value]);
  const some = <T>(list: T[]): T[] | undefined => (list.length ? list : undefined);
  return { off: some(of("zero").map(({ unit }) => unit)), clamp: some(pairs("clamp")), boost: some(pairs("boost")) };
}

/** The same with one channel changed otherwise; null leaves it as it is in the network. */
export const withEdit = (edits: readonly Edit[], unit: number, edit: Omit<Edit, "unit"> | null): Edit[] => [
  ...edits.filter((known) => known.unit !== unit),
  ...(edit ? [{ unit, ...edit }] : []),
];

/** "off", "held at 3.5", "× 2". */
export function editSaid({ action, value }: Edit): string {
  if (action === "zero") return "off";
  return action === "clamp" ? `= ${round(value)}` : `× ${round(value)}`;
}

/** "channel 5 off", "3 channels off", "3 channels changed". */
export function editsSaid(edits: readonly Edit[], noun: string): string {
  const what = edits.every(({ action }) => action === "zero") ? "off" : "changed";
  return edits.length === 1 ? `${noun} ${edits[0]!.unit} ${what}` : `${edits.length} ${noun}s ${what}`;
}
