/** What a network says before and after parts of it were switched off, at one position. */

import type { TextChange } from "../api/client";
import { floats, wholes, type Tensors } from "../api/tensors";

export interface Row {
  index: number; // token
  label: string;
  before: number; // probability
  after: number | null; // null: nothing was changed
}

/** Tokens likeliest before or after, likeliest before first, each once; at most `most`, the likeliest of after among them. */
export function rowsAt(change: TextChange, tensors: Tensors, position: number, most = 8): Row[] {
  const tokens = wholes(tensors, "tokens", Int32Array);
  const [before, after] = [floats(tensors, "before"), floats(tensors, "after")];
  const across = 2 * change.k;
  const found = new Map<number, Row>();
  for (let at = position * across; at < (position + 1) * across; at++) {
    const index = tokens[at]!;
    found.set(index, { index, label: change.words[index] ?? "", before: before[at]!, after: after[at]! });
  }
  const kept = [...found.values()].sort((one, other) => Math.max(other.before, other.after!) - Math.max(one.before, one.after!));
  return kept.slice(0, most).sort((one, other) => other.before - one.before);
}
