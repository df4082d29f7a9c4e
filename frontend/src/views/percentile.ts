/** Where a value lies among others, of which the percentiles 0 to 100 are known: the part of them below it, 0…100. */
export function percentile(value: number, percentiles: readonly number[]): number {
  const last = percentiles.length - 1;
  if (last < 1) return Number.NaN;
  if (value <= percentiles[0]!) return 0;
  if (value > percentiles[last]!) return 100;
  const above = percentiles.findIndex((each) => each >= value);
  const [low, high] = [percentiles[above - 1]!, percentiles[above]!];
  return Math.min(99.9, ((above - 1 + (value - low) / (high - low)) / last) * 100);
}
