/** Moments of a training: parts of it, from 0 to 1, in words, and those of which a model's kernels can be seen. */

import type { ModelCard } from "../api/client";

const NEAR = 0.0005; // an address is written by hand, too

/** "before training", "after 1 %", "finished". */
export function moment(part: number): string {
  if (part <= 0) return "before training";
  return part >= 1 ? "finished" : `after ${percents(part)}`;
}

/** "before its training", "after 1 % of its training". */
export const momentInFull = (part: number): string =>
  part <= 0 ? "before its training" : `after ${percents(part)} of its training`;

const percents = (part: number): string => `${Number((part * 100).toPrecision(3))} %`;

/** The moments in their order; the end of the training is always there. Empty where it is the only one. */
export function momentsOf(model: Pick<ModelCard, "moments"> | undefined): number[] {
  const known = [...new Set([...(model?.moments ?? []), 1])].sort((one, other) => one - other);
  return known.length > 1 ? known : [];
}

/** The moment that is meant by a number: one of those there are, or the number itself. */
export const nearest = (moments: readonly number[], part: number): number =>
  moments.find((known) => Math.abs(known - part) < NEAR) ?? part;
