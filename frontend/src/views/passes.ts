/** The matrices of a block: what each is, where it comes from, and how it is drawn. */

export const NAMES = [
  "embed", "pos_embed", "resid_pre", "ln1", "q", "k", "v", "scores", "pattern", "z", "attn_out", "resid_mid", "ln2",
  "mlp_pre", "mlp_post", "mlp_out", "resid_post", "ln_final", "logits",
] as const;
export type Name = (typeof NAMES)[number];

interface About {
  title: string;
  made: string; // how one of its numbers comes about
  left?: string; // what a sum's terms are the products of
  right?: string;
}

export const ABOUT: Record<Name, About> = {
  embed: { title: "Token vectors", made: "Read off the token table: every token has a row of its own." },
  pos_embed: { title: "Position vectors", made: "Read off the position table: every place has a row of its own." },
  resid_pre: { title: "What the block reads", made: "The sum of all that was written before this block." },
  ln1: { title: "Normalised", made: "Its row less the row's mean, divided by the row's spread, times a weight, plus a bias." },
  q: { title: "Queries", made: "A row of what is normalised, times a column of the query weights.", left: "normalised", right: "query weights" },
  k: { title: "Keys", made: "A row of what is normalised, times a column of the key weights.", left: "normalised", right: "key weights" },
  v: { title: "Values", made: "A row of what is normalised, times a column of the value weights.", left: "normalised", right: "value weights" },
  scores: { title: "Scores", made: "The query of its row times the key of its column, over the root of the head's width.", left: "query", right: "key" },
  pattern: { title: "Pattern", made: "The softmax of its row: e to the power of each score, as part of their sum.", left: "score", right: "e^score" },
  z: { title: "Gathered", made: "A column of the values, each as much as the pattern's row says.", left: "weight", right: "value" },
  attn_out: { title: "What attention adds", made: "What all heads gathered, side by side, times a column of the output weights.", left: "gathered", right: "output weights" },
  resid_mid: { title: "After attention", made: "What came in, and what attention adds." },
  ln2: { title: "Normalised", made: "Its row less the row's mean, divided by the row's spread, times a weight, plus a bias." },
  mlp_pre: { title: "Neurons, before", made: "A row of what is normalised, times what the neuron listens for.", left: "normalised", right: "neuron's weights" },
  mlp_post: { title: "Neurons, after", made: "The GELU: nearly nothing below zero, nearly all of it above." },
  mlp_out: { title: "What the MLP adds", made: "All neurons, each times what it writes into this column.", left: "neuron", right: "writes" },
  resid_post: { title: "What the block leaves", made: "What came in, and what the MLP adds." },
  ln_final: { title: "Normalised once more", made: "Its row less the row's mean, divided by the row's spread, times a weight, plus a bias." },
  logits: { title: "Logits", made: "The last row of vectors, times the token's own vector: how well the token fits as the next.", left: "normalised", right: "token's vector" },
};

export interface Cell {
  matrix: Name;
  row: number; // position in the text
  column: number; // of logits: token number
}

/** "q:3,12" and back; nothing where it makes no sense. */
export function cellOf(said: string | undefined): Cell | null {
  const found = /^([a-z_0-9]+):(\d{1,6}),(\d{1,6})$/.exec(said ?? "");
  const matrix = NAMES.find((name) => name === found?.[1]);
  return found && matrix ? { matrix, row: Number(found[2]), column: Number(found[3]) } : null;
}
export const written = ({ matrix, row, column }: Cell): string => `${matrix}:${row},${column}`;

export interface Source {
  matrix: Name;
  row?: number;
  column?: number;
}

const ROW_OF: Partial<Record<Name, Name>> = {
  ln1: "resid_pre", q: "ln1", k: "ln1", v: "ln1", pattern: "scores", attn_out: "z", ln2: "resid_mid", mlp_pre: "ln2",
  mlp_out: "mlp_post", logits: "ln_final",
}; // prettier-ignore
const CELLS_OF: Partial<Record<Name, Name[]>> = {
  resid_mid: ["resid_pre", "attn_out"], mlp_post: ["mlp_pre"], resid_post: ["resid_mid", "mlp_out"],
}; // prettier-ignore

/** Which rows, columns and cells of the other matrices a cell was made of. */
export function sources({ matrix, row, column }: Cell, layer: number, layers: number): Source[] {
  const ofRow = ROW_OF[matrix];
  if (ofRow) return [{ matrix: ofRow, row }];
  const cells = matrix === "resid_pre" && layer === 0 ? (["embed", "pos_embed"] as const) : CELLS_OF[matrix];
  if (cells) return cells.map((each) => ({ matrix: each, row, column }));
  if (matrix === "scores") return [{ matrix: "q", row }, { matrix: "k", row: column }];
  if (matrix === "z") return [{ matrix: "pattern", row }, { matrix: "v", column }];
  if (matrix === "ln_final" && layer === layers - 1) return [{ matrix: "resid_post", row }];
  return [];
}

const SAMPLE = 20_000;

/** The magnitude that is drawn strongest: of two hundred numbers one is larger. */
export function reachOf(values: Float32Array): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const sizes: number[] = [];
  for (let at = 0; at < values.length; at += step) if (Number.isFinite(values[at]!)) sizes.push(Math.abs(values[at]!));
  sizes.sort((one, other) => one - other);
  return sizes[Math.floor(0.995 * (sizes.length - 1))] ?? 0;
}

/** A minus as people write it. */
export const signedly = (value: number, digits = 3): string =>
  !Number.isFinite(value) ? (value < 0 ? "−∞" : "–") : `${value < 0 ? "−" : ""}${String(Number(Math.abs(value).toPrecision(digits)))}`;
