/**
 * A tree of stories behind one text. A branch leaves its parent where another token was chosen and goes on by itself;
 * places are counted over a whole path from the prompt on, new tokens only.
 */

export interface Branch {
  readonly parent: number | null; // none: the trunk, the first of all
  readonly fork: number; // the place of its first own token
  readonly seed: number;
  readonly tokens: readonly number[]; // its own
}
export type Tree = readonly Branch[];
export interface Spot {
  tree: Tree;
  branch: number;
}

export const LONGEST = 2000; // characters of a tree in an address
const MOST = 64; // branches
const VERSION = 1;

/** All tokens from the prompt to a branch's end. */
export function path(tree: Tree, branch: number): number[] {
  const own = tree[branch];
  if (!own) return [];
  return [...(own.parent === null ? [] : path(tree, own.parent).slice(0, own.fork)), ...own.tokens];
}

/** Tokens drawn from a seed put behind a branch's end; the trunk is planted where there is none. */
export function grow(tree: Tree, branch: number, tokens: readonly number[], seed: number): Tree {
  if (!tokens.length) return tree;
  if (!tree.length) return [{ parent: null, fork: 0, seed, tokens }];
  return tree.map((each, at) => (at === branch ? { ...each, seed, tokens: [...each.tokens, ...tokens] } : each));
}

/** Tokens that were drawn from a place of a branch's path on: along what stands there while they are the same. */
export function lay(tree: Tree, branch: number, place: number, tokens: readonly number[], seed: number): Spot {
  let spot: Spot = { tree, branch };
  for (const [at, token] of tokens.entries()) {
    if (path(spot.tree, spot.branch)[place + at] === token) continue;
    spot = force(spot.tree, spot.branch, place + at, token, seed);
    if (path(spot.tree, spot.branch).length === place + at + 1) {
      return { ...spot, tree: grow(spot.tree, spot.branch, tokens.slice(at + 1), seed) };
    }
  }
  return spot;
}

/** What is said at a place of a branch's path is `token`: where it is so already, there, else on a branch of its own. */
export function force(tree: Tree, branch: number, place: number, token: number, seed: number): Spot {
  const whole = path(tree, branch);
  const before = whole.slice(0, place);
  const isSo = (other: number): boolean => {
    const along = path(tree, other);
    return along[place] === token && before.every((each, at) => along[at] === each);
  };
  if (isSo(branch)) return { tree, branch };
  const known = tree.findIndex((_, other) => isSo(other));
  if (known >= 0) return { tree, branch: known };
  if (place >= whole.length) return { tree: grow(tree, branch, [token], seed), branch: tree.length ? branch : 0 };
  let parent = branch;
  for (let own = tree[parent]!; own.parent !== null && place <= own.fork; own = tree[parent]!) parent = own.parent;
  return { tree: [...tree, { parent, fork: place, seed, tokens: [token] }], branch: tree.length };
}

/** The tree without a branch and all that grows on it. The trunk takes everything with it. */
export function prune(tree: Tree, branch: number, shown: number): Spot {
  const goes = tree.map((_, at) => isOn(tree, at, branch));
  const kept = tree.map((_, at) => at).filter((at) => !goes[at]);
  const parent = tree[branch]?.parent ?? 0;
  const to = goes[shown] ? parent : shown;
  const left = kept.map((at) => ({ ...tree[at]!, parent: tree[at]!.parent === null ? null : kept.indexOf(tree[at]!.parent!) }));
  return { tree: left, branch: Math.max(0, kept.indexOf(to)) };
}

const isOn = (tree: Tree, branch: number | null, other: number): boolean =>
  branch !== null && (branch === other || isOn(tree, tree[branch]!.parent, other));

/** Branches in the order in which they are drawn, each behind its parent, later forks first met first, with its depth. */
export function order(tree: Tree): { branch: number; depth: number }[] {
  const below = (parent: number | null, depth: number): { branch: number; depth: number }[] =>
    tree
      .map((each, branch) => ({ ...each, branch }))
      .filter((each) => each.parent === parent)
      .sort((one, other) => one.fork - other.fork || one.branch - other.branch)
      .flatMap(({ branch }) => [{ branch, depth }, ...below(branch, depth + 1)]);
  return below(null, 0);
}

/** A tree in letters that an address can hold: numbers of seven bits a byte, in base 64. */
export function encode(tree: Tree): string {
  const bytes: number[] = [];
  const put = (value: number): void => {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  };
  put(VERSION);
  for (const { parent, fork, seed, tokens } of tree) {
    [parent === null ? 0 : parent + 1, fork, seed, tokens.length, ...tokens].forEach(put);
  }
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The tree that was encoded; null for anything else. */
export function decode(said: string): Tree | null {
  let bytes: string;
  try {
    bytes = atob(said.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
  let at = 0;
  const take = (): number => {
    let [value, unit] = [0, 1];
    for (; at < bytes.length; unit *= 128) {
      const byte = bytes.charCodeAt(at++);
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  if (take() !== VERSION) return null;
  const tree: Branch[] = [];
  while (at < bytes.length && tree.length < MOST) {
    const [parent, fork, seed, count] = [take(), take(), take(), take()];
    if (!(count >= 1 && count <= bytes.length)) return null;
    const tokens = Array.from({ length: count }, take);
    if ([parent, fork, seed, ...tokens].some((value) => !Number.isSafeInteger(value))) return null;
    const isTrunk = tree.length === 0;
    if (isTrunk !== (parent === 0) || parent > tree.length || seed > 2 ** 32 - 1) return null;
    if (isTrunk ? fork !== 0 : fork >= path(tree, parent - 1).length) return null;
    tree.push({ parent: isTrunk ? null : parent - 1, fork, seed, tokens });
  }
  return at === bytes.length ? tree : null;
}
