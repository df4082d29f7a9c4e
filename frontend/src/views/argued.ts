/** The bars of a direct logit attribution: the parts in the network's order, opened where they are looked into. */

import type { Contribution, Contributions } from "../api/client";
import type { Bar } from "../shapes/ContributionBars.svelte";
import { visible } from "../ui/words";
import { said } from "./cuts";

const NAMES = { token: "Token’s vector", place: "Position’s vector", bias: "Biases" } as const;

/** "a1", "m3", "h0.4", "n3.120"; "t", "p" and "b" for what cannot be switched off. */
export function keyOf({ part, layer, index }: Contribution): string {
  if (part === "head") return said({ part, layer: layer!, head: index! });
  if (part === "neuron") return said({ part, layer: layer!, unit: index! });
  if (part === "attention" || part === "mlp") return said({ part, layer: layer! });
  return layer === null ? part[0]! : `${part[0]}${layer}`;
}

export function barsOf(found: Contributions, open: readonly string[], off: readonly string[]): Bar[] {
  return found.parts.flatMap((part) => {
    const key = keyOf(part);
    if (part.part === "token" || part.part === "place") return [{ key, name: NAMES[part.part], value: part.value }];
    const bar: Bar = { key, name: part.part === "bias" ? NAMES.bias : `${part.part === "mlp" ? "MLP" : "Attention"} ${part.layer}`, value: part.value, open: open.includes(key) };
    if (part.part !== "bias") bar.off = off.includes(key);
    return bar.open ? [bar, ...inside(found, part, off)] : [bar];
  });
}

/** What an opened bar is made of, strongest first. */
function inside(found: Contributions, { part, layer, value }: Contribution, off: readonly string[]): Bar[] {
  if (part === "bias") {
    return found.biases.map((bias) => ({ key: `b-${bias.layer ?? "end"}`, name: bias.layer === null ? "last layer norm" : `layer ${bias.layer}`, value: bias.value, inside: true }));
  }
  const own = (part === "attention" ? found.heads : found.neurons).filter((each) => each.layer === layer);
  const bars = strongest(own, own.length).map((each): Bar => ({ ...barOf(found, each, off), inside: true }));
  if (part === "attention") return bars;
  const rest = value - own.reduce((sum, each) => sum + each.value, 0);
  return [...bars, { key: `rest${layer}`, name: "all other neurons", value: rest, inside: true }];
}

export function barOf(found: Contributions, part: Contribution, off: readonly string[]): Bar {
  const key = keyOf(part);
  const name = part.part === "head" ? `Head ${part.layer}.${part.index}` : `Neuron ${part.layer}.${part.index}`;
  const source = part.source ?? null;
  const bar: Bar = { key, name, value: part.value, off: off.includes(key) };
  return source === null ? bar : { ...bar, note: `from ${source} “${named(found, source)}”` };
}

/** A token of the text, as it is read. */
export const named = ({ tokens }: Contributions, position: number): string => {
  const token = tokens[position];
  return !token ? "" : position === 0 && token.start === 0 && token.end === 0 ? "start" : visible(token.text);
};

export const strongest = (parts: readonly Contribution[], most: number): Contribution[] =>
  [...parts].sort((one, other) => Math.abs(other.value) - Math.abs(one.value)).slice(0, most);

export const reach = (bars: readonly Bar[]): number => Math.max(1e-9, ...bars.map(({ value }) => Math.abs(value)));
