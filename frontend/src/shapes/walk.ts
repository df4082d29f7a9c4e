/** Where the keys lead in a grid of `count` slots, `across` of them in a row; null where a key leads nowhere. */
export function slotTowards(key: string, slot: number, count: number, across: number): number | null {
  if (!count) return null;
  const last = count - 1;
  const steps: Record<string, number> = {
    ArrowLeft: slot - 1,
    ArrowRight: slot + 1,
    ArrowUp: slot - across,
    ArrowDown: slot + across,
    PageUp: slot - 5 * across,
    PageDown: slot + 5 * across,
    Home: 0,
    End: last,
    Enter: slot,
    " ": slot,
  };
  const to = steps[key];
  if (to === undefined) return null;
  if (key === "ArrowDown" && to > last && Math.floor(last / across) > Math.floor(slot / across)) return last;
  return key.startsWith("Page") ? Math.max(0, Math.min(last, to)) : to < 0 || to > last ? slot : to;
}
