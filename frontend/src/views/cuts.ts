/** Which parts of a GPT are switched off: as the address says it, as the server is asked, in words. */

import type { components } from "../api/schema";

export type Cut = components["schemas"]["TextEdit"];
export type Action = Cut["action"];
type Where = Pick<Cut, "part" | "layer"> & Partial<Pick<Cut, "head" | "unit" | "to" | "to_layer" | "to_head">>;

/** A part as the address has it: "a1", "m3", "h0.4", "n3.120", "e1.2-h2.0", "e1.2-m3", "e1.2-l". */
export function said({ part, layer, head, unit, to, to_layer, to_head }: Where): string {
  if (part === "head") return `h${layer}.${head}`;
  if (part === "neuron") return `n${layer}.${unit}`;
  if (part === "edge") return `e${layer}.${head}-${to === "head" ? `h${to_layer}.${to_head}` : to === "mlp" ? `m${to_layer}` : "l"}`;
  return `${part === "attention" ? "a" : "m"}${layer}`;
}

/** The part of such a word; null where it makes no sense. */
export function cutOf(word: string, action: Action = "zero"): Cut | null {
  const found = /^(?:([am])(\d{1,3})|([hn])(\d{1,3})\.(\d{1,5})|e(\d{1,3})\.(\d{1,3})-(?:h(\d{1,3})\.(\d{1,3})|m(\d{1,3})|l))$/.exec(word);
  if (!found) return null;
  const [, whole, layer, piece, of, index, from, head, toLayer, toHead, mlp] = found;
  const cut: Cut = { part: "attention", layer: Number(layer ?? of ?? from), head: null, unit: null, position: null, to: null, to_layer: null, to_head: null, action };
  if (whole) return { ...cut, part: whole === "a" ? "attention" : "mlp" };
  if (piece === "h") return { ...cut, part: "head", head: Number(index) };
  if (piece === "n") return { ...cut, part: "neuron", unit: Number(index) };
  const edge = { ...cut, part: "edge" as const, head: Number(head) };
  if (toLayer) return { ...edge, to: "head", to_layer: Number(toLayer), to_head: Number(toHead) };
  return mlp ? { ...edge, to: "mlp", to_layer: Number(mlp) } : { ...edge, to: "logits" };
}

export const cutsOf = (words: readonly string[] | undefined, action: Action): Cut[] =>
  (words ?? []).flatMap((word) => cutOf(word, action) ?? []);

/** The list with one part more, or without it. */
export const toggled = (words: readonly string[] | undefined, word: string): string[] | undefined => {
  const left = (words ?? []).filter((known) => known !== word);
  if (left.length === (words ?? []).length) left.push(word);
  return left.length ? left : undefined;
};

/** "head 4 of layer 0", "the MLP of layer 3", "head 2 of layer 1 → head 0 of layer 2". */
export function inWords({ part, layer, head, unit, to, to_layer, to_head }: Where): string {
  if (part === "attention") return `the attention of layer ${layer}`;
  if (part === "mlp") return `the MLP of layer ${layer}`;
  if (part === "neuron") return `neuron ${unit} of layer ${layer}`;
  const own = `head ${head} of layer ${layer}`;
  if (part !== "edge") return own;
  return `${own} → ${to === "head" ? `head ${to_head} of layer ${to_layer}` : to === "mlp" ? `the MLP of layer ${to_layer}` : "the logits"}`;
}

export const cutsSaid = (cuts: readonly Cut[]): string => (cuts.length === 1 ? `${inWords(cuts[0]!)} off` : `${cuts.length} parts off`);

/** Whether something of a head can still reach the part: it speaks before the part reads. */
export function readers(layer: number, layers: number, heads: number): { value: string; word: string }[] {
  const found = [{ value: "l", word: "the logits" }];
  for (let at = layer; at < layers; at++) {
    if (at > layer) for (let head = 0; head < heads; head++) found.push({ value: `h${at}.${head}`, word: `head ${at}.${head}` });
    found.push({ value: `m${at}`, word: `MLP ${at}` });
  }
  return found;
}
