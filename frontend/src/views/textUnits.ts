/** Neurons and features in words: what they are called, how they are found in a list, their contexts as a table. */

import type { ModelCard, SiteCard, UnitContext, UnitLabel, UnitList } from "../api/client";
import type { Labels } from "../api/corpora";
import { visible } from "../ui/words";

export type UnitRow = UnitList["units"][number];
export type Sort = "number" | "density" | "largest" | "label";

/** A token in a list: one that is no letter by itself is a part of one. */
export const spelt = (text: string): string => visible(text).replaceAll(/\ufffd+/g, "‹byte›");

/** What a unit is called: what somebody wrote down, or else what the rule says. */
export function called(label: UnitLabel, own?: string): string {
  if (own) return own;
  if (label.rule === "dead") return "silent";
  return label.rule === "reads" ? spelt(label.text) : `→ ${spelt(label.text)}`;
}

/** Why it is called so, in a sentence. */
export function reason(label: UnitLabel, own?: string): string {
  if (own) return "written down by hand";
  if (label.rule === "dead") return "nothing in the corpus excites it";
  if (label.rule === "reads") return "the token at the peaks of its top contexts: it has at least half of what they add up to";
  return "the token it raises most: its top contexts do not peak at one token";
}

/** Corpora to choose from. What ships has another title for every network that has written its own. */
export const corpusWords = (corpora: readonly { name: string; title: string }[]): { value: string; word: string }[] =>
  corpora.map(({ name, title }) => ({ value: name, word: name === "bundled" ? "Bundled texts" : title }));

/** Sites whose units have pages: features first, then the layers. */
export const unitSites = (model: ModelCard | undefined): SiteCard[] =>
  [...(model?.sites.filter(({ recipes }) => recipes.includes("units")) ?? [])].sort(
    (one, other) => Number(isFeatures(other.name)) - Number(isFeatures(one.name)),
  );
export const isFeatures = (site: string): boolean => site.endsWith(".features");
export const nounOf = (site: string): string => (isFeatures(site) ? "feature" : "neuron");

/** A site in words: "Features before layer 3", "Neurons of layer 2". */
export function siteWords(site: string): string {
  const layer = /^blocks\.(\d+)\./.exec(site)?.[1];
  if (!isFeatures(site)) return layer ? `Neurons of layer ${layer}` : site;
  return layer && site.includes("resid_pre") ? `Features before layer ${layer}` : `Features of ${site.replace(/\.features$/, "")}`;
}

/** The numbers of the units that a search finds, in the order wished for. Words are looked for in labels and tokens. */
export function found(rows: readonly UnitRow[], labels: Labels, find: string, sort: Sort): number[] {
  const wanted = find.trim().toLowerCase();
  const own = (unit: number): string => called(rows[unit]!.label, labels[unit]);
  const holds = (unit: number): boolean => {
    if (!wanted) return true;
    if (/^\d+$/.test(wanted) && Number(wanted) === unit) return true;
    const row = rows[unit]!;
    return [own(unit), ...row.reads, ...row.writes].some((text) => text.toLowerCase().includes(wanted));
  };
  const numbers = rows.map((_, unit) => unit).filter(holds);
  if (sort === "density") return numbers.sort((a, b) => rows[b]!.density - rows[a]!.density || a - b);
  if (sort === "largest") return numbers.sort((a, b) => rows[b]!.largest - rows[a]!.largest || a - b);
  if (sort === "label") return numbers.sort((a, b) => own(a).replace(/^[→· ]+/, "").localeCompare(own(b).replace(/^[→· ]+/, "")) || a - b);
  return numbers;
}

/** What is in sight of a long list, with some rows more on either side. */
export function inView(count: number, height: number, top: number, room: number, more = 6): { first: number; last: number } {
  const first = Math.max(0, Math.floor(top / height) - more);
  return { first, last: Math.min(count, Math.ceil((top + room) / height) + more) };
}

/** Contexts as comma-separated values, a token a line. */
export function csv(contexts: readonly UnitContext[]): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = contexts.flatMap(({ group, document, place, tokens, values, peak }) =>
    tokens.map((token, at) => [quoted(group), document, place - peak + at, Number(at === peak), quoted(token), values[at] ?? 0].join(",")),
  );
  return ["group,document,place,is_peak,token,activation", ...lines, ""].join("\n");
}

/** A text as a file in the reader's downloads. */
export function saveText(text: string, name: string, kind = "text/csv"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` }));
  link.download = name.replaceAll(/[^\w.-]+/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
