/** Trees that are too large for an address are kept in this browser, and the address says under which name. */

import { decode, encode, LONGEST, type Tree } from "./tree";

const MARK = "kept-";
const SHELF = "lucarne.tree.";
const MOST = 20; // trees; the oldest make room

/** What the address says of a tree. Where the browser keeps nothing, a tree that is too large is lost on leaving. */
export function written(tree: Tree): string {
  const said = encode(tree);
  if (said.length <= LONGEST) return said;
  const name = hash(said);
  try {
    const shelf = Object.keys(localStorage).filter((key) => key.startsWith(SHELF)).sort((one, other) => age(one) - age(other));
    for (const key of shelf.slice(0, Math.max(0, shelf.length - MOST + 1))) localStorage.removeItem(key);
    localStorage.setItem(SHELF + name, `${Date.now()} ${said}`);
  } catch {
    // private windows and full disks
  }
  return MARK + name;
}

/** The tree of an address; null where it makes no sense, or is kept in another browser. */
export function read(said: string): Tree | null {
  if (!said.startsWith(MARK)) return decode(said);
  try {
    const kept = localStorage.getItem(SHELF + said.slice(MARK.length));
    return kept === null ? null : decode(kept.split(" ")[1] ?? "");
  } catch {
    return null;
  }
}

export const isKept = (said: string | undefined): boolean => !!said?.startsWith(MARK);

const age = (key: string): number => Number(localStorage.getItem(key)?.split(" ")[0]) || 0;

/** FNV-1a over 53 bits or so: a name, no secret. */
function hash(said: string): string {
  let [low, high] = [0x811c9dc5, 0x1b873593];
  for (let at = 0; at < said.length; at++) {
    low = Math.imul(low ^ said.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ said.charCodeAt(at), 0x85ebca6b);
  }
  return (low >>> 0).toString(36) + (high >>> 0).toString(36);
}
