/** Numbers as people read them. */

export const round = (value: number, digits = 3): string =>
  !Number.isFinite(value) ? "–" : value === 0 ? "0" : String(Number(value.toPrecision(digits)));

export const percent = (part: number): string =>
  part === 0 ? "0 %" : part >= 0.9995 ? "100 %" : part < 0.0005 ? "< 0.1 %" : `${(part * 100).toFixed(1)} %`;

export const grouped = (value: number): string => value.toLocaleString("en-GB");

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A token so that its blanks can be seen. */
export const visible = (token: string): string =>
  token.replaceAll(" ", "·").replaceAll("\n", "↵").replaceAll("\t", "⇥") || "∅";
