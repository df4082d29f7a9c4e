/** URL ⇄ what is being looked at: the only state that is kept. `parse(print(place))` is `place`. */

const text = {
  read: (said: string): string | undefined => said || undefined,
  write: (value: string): string => value,
};
const whole = {
  read: (said: string): number | undefined => (/^\d{1,6}$/.test(said) ? Number(said) : undefined),
  write: String,
};
const number = (low: number, high: number) => ({
  read: (said: string): number | undefined => {
    const value = said.trim() === "" ? Number.NaN : Number(said);
    return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : undefined;
  },
  write: (value: number): string => String(Number(value.toFixed(4))),
});
/** Numbers from 0, each once, or ids: what is said with commas between. */
const wholes = {
  read: (said: string): number[] | undefined =>
    /^\d{1,6}(,\d{1,6})*$/.test(said) ? [...new Set(said.split(",").map(Number))] : undefined,
  write: (value: readonly number[]): string => value.join(","),
};
const texts = {
  read: (said: string): string[] | undefined => (said ? [...new Set(said.split(",").filter(Boolean))] : undefined),
  write: (value: readonly string[]): string => value.join(","),
};
/** What each of some numbers is set to: "12:3.5,40:0". */
const pairs = {
  read: (said: string): [number, number][] | undefined => {
    const read = said.split(",").map((pair) => /^(\d{1,6}):(-?\d{1,6}(?:\.\d{1,6})?)$/.exec(pair));
    if (!said || read.includes(null)) return undefined;
    return [...new Map(read.map((found) => [Number(found![1]), Number(found![2])] as [number, number]))];
  },
  write: (value: readonly (readonly [number, number])[]): string =>
    value.map(([key, to]) => `${key}:${Number(to.toFixed(4))}`).join(","),
};
/** Heads by layer and number: "1.2,0.3". */
const heads = {
  read: (said: string): [number, number][] | undefined => {
    if (!/^\d{1,4}\.\d{1,4}(,\d{1,4}\.\d{1,4})*$/.test(said)) return undefined;
    return [...new Set(said.split(","))].map((head) => head.split(".").map(Number) as [number, number]);
  },
  write: (value: readonly (readonly [number, number])[]): string => value.map((head) => head.join(".")).join(","),
};
/** Units of sites and what each counts: "conv5:42:1,fc8:7:-0.5". */
export interface Wish {
  site: string;
  unit: number;
  weight: number;
}
const wishes = {
  read: (said: string): Wish[] | undefined => {
    const read = said.split(",").map((wish) => /^([\w.]{1,100}):(\d{1,5}):(-?\d{1,2}(?:\.\d{1,4})?)$/.exec(wish));
    if (!said || read.includes(null) || read.length > 8) return undefined;
    return read.map((found) => ({ site: found![1]!, unit: Number(found![2]), weight: Number(found![3]) }));
  },
  write: (value: readonly Wish[]): string => value.map(({ site, unit, weight }) => `${site}:${unit}:${Number(weight.toFixed(4))}`).join(","),
};
const one = <const T extends string>(...words: T[]) => ({
  read: (said: string): T | undefined => words.find((word) => word === said),
  write: (value: T): string => value,
});

/** What each view keeps in its query, and what a value is where the URL does not say. */
const QUERIES = {
  home: {},
  card: {
    moment: [whole, undefined],
  },
  kernels: {
    unit: [whole, undefined],
    sort: [one("index", "orientation", "frequency", "colourfulness"), "index"],
    stretch: [one("each", "shared"), "each"],
    trained: [number(0, 1), 1],
    picture: [text, undefined],
    opacity: [number(0, 1), 0.75],
  },
  maps: {
    picture: [text, undefined],
    unit: [whole, undefined],
    sort: [one("index", "max", "mean"), "index"],
    threshold: [number(0, 1), 0],
    scale: [one("each", "shared"), "each"],
    rotate: [number(-180, 180), 0],
    opacity: [number(0, 1), 0.75],
  },
  dreams: {
    sort: [one("index", "objective", "largest"), "index"],
    unit: [whole, undefined],
    draw: [one("no", "all"), "no"],
  },
  unit: {
    picture: [text, undefined],
    gallery: [text, "bundled"],
    drawn: [one("preview", "final"), undefined],
    aim: [one("channel", "neuron"), "channel"],
    answers: [one("most", "least"), "most"],
    size: [number(64, 512), 128],
    tries: [number(1, 8), 1],
    seed: [whole, 0],
    text: [text, undefined], // of a language model: read by the unit
    corpus: [text, "bundled"],
  },
  studio: {
    way: [one("mix", "caricature", "deep_dream"), "mix"],
    units: [wishes, undefined],
    count: [number(1, 6), 1],
    apart: [number(0, 100), 1],
    site: [text, "relu4"],
    picture: [text, undefined],
    drawn: [one("preview", "final"), "preview"],
    size: [number(64, 512), 128],
    seed: [whole, 0],
  },
  neighbors: {
    picture: [text, undefined],
    site: [text, "relu7"],
    gallery: [text, "bundled"],
  },
  directions: {
    a: [texts, undefined],
    b: [texts, undefined],
    site: [text, "relu7"],
    gallery: [text, "bundled"],
  },
  why: {
    picture: [text, undefined],
    corrupt: [text, undefined],
    class: [whole, undefined],
    mode: [one("channels", "compare"), "channels"],
    off: [wholes, undefined],
    clamp: [pairs, undefined],
    boost: [pairs, undefined],
    unit: [whole, undefined],
    shows: [one("attribution", "activation"), "attribution"],
    map: [one("grad_cam", "occlusion"), "grad_cam"],
    opacity: [number(0, 1), 0.75],
  },
  gallery: {
    model: [text, undefined],
    label: [text, undefined],
    number: [whole, undefined],
  },
  atlas: {
    x: [number(0, 1), 0.5],
    y: [number(0, 1), 0.5],
    zoom: [number(1, 64), 1],
    gallery: [text, "bundled"],
    visitors: [text, "bundled"], // whose pictures are shown in a cell, where the map's own are not here
    class: [whole, undefined],
    against: [whole, undefined],
    picture: [text, undefined],
    cell: [text, undefined], // "40:12,7": the grid's side, column, row
    path: [texts, undefined], // corners of a path, "0.2;0.4"
    text: [text, undefined],
    token: [whole, undefined], // of the text
    word: [whole, undefined], // of the vocabulary
    tint: [one("samples", "openness"), "samples"],
    draws: [one("next", "here"), "next"], // a cell of texts as what it would say next, or as what stands there
    dots: [one("show", "hide"), "hide"],
  },
  heads: {
    text: [text, undefined],
    token: [whole, undefined],
    layer: [whole, undefined],
    head: [whole, undefined],
    direction: [one("from", "to"), "from"],
    first: [one("show", "hide"), "show"],
    overview: [one("patterns", "token", "metrics"), "patterns"],
    shows: [one("weights", "scores", "moved"), "weights"],
    key: [whole, undefined], // the token that is looked at
    with: [heads, undefined], // a head beside the first
    on: [one("text", "random"), "text"], // what metrics are measured on
    sort: [one("previous_token", "first_token", "duplicate_token", "induction", "entropy", "distance"), "induction"],
  },
  induction: {
    text: [text, undefined], // none: random tokens
    length: [whole, undefined],
    draw: [whole, 0],
    off: [heads, undefined],
    shown: [heads, undefined],
    moment: [whole, undefined],
  },
  matrix: {
    text: [text, undefined],
    layer: [whole, 0],
    head: [whole, 0],
    first: [whole, 0], // the first token of the window
    cell: [text, undefined], // "q:3,12": matrix, row, column
  },
  lens: {
    text: [text, undefined],
    token: [whole, undefined],
    stage: [whole, undefined], // 0: the embedding, then two a layer
    shows: [one("probability", "entropy", "rank"), "probability"],
  },
  logits: {
    text: [text, undefined],
    mode: [one("parts", "compare"), "parts"],
    token: [whole, undefined],
    answer: [whole, undefined], // tokens of the vocabulary
    against: [whole, undefined],
    open: [texts, undefined], // "a1,m3": parts whose parts are shown
    off: [texts, undefined], // "h0.4,m3,e1.2-h2.0": parts that are switched off
    action: [one("zero", "mean", "resample"), "zero"],
    clean: [text, undefined], // of two texts that are compared
    corrupt: [text, undefined],
    what: [one("resid_pre", "attn_out", "mlp_out", "heads"), "resid_pre"],
  },
  generate: {
    text: [text, undefined],
    tree: [text, undefined], // of stories, as views/tree.ts writes it; none: one is begun
    branch: [whole, 0],
    token: [whole, undefined], // place on the branch whose candidates are shown; none: what comes next
    temperature: [number(0, 2), 0.8],
    top_k: [whole, 0],
    top_p: [number(0.01, 1), 1],
    seed: [whole, 0],
    length: [number(1, 400), 40],
    colours: [one("show", "hide"), "show"],
  },
  steer: {
    text: [text, undefined],
    of: [text, undefined], // the site
    feature: [whole, undefined],
    mode: [one("clamp", "add", "ablate"), "clamp"],
    strength: [number(-16, 16), 2],
    first: [whole, 1],
    temperature: [number(0, 2), 0.8],
    seed: [whole, 0],
    length: [number(1, 200), 60],
    dose: [one("hide", "show"), "hide"],
  },
  units: {
    of: [text, undefined], // the site
    find: [text, undefined],
    sort: [one("number", "density", "largest", "label"), "number"],
    text: [text, undefined], // whose tokens are asked who fires on them
    token: [whole, undefined], // of the text
    corpus: [text, "bundled"],
  },
  embeddings: {
    token: [text, undefined], // as text, or "#12": its number
    sum: [text, undefined], // "king - man + woman"
    curves: [wholes, undefined], // dimensions of the positions' vectors
    x: [number(0, 1), 0.5],
    y: [number(0, 1), 0.5],
    zoom: [number(1, 64), 1],
  },
  corpus: {
    number: [whole, 0],
    corpus: [text, "bundled"],
    count: [number(1, 16), 4],
    context: [number(1, 128), 16],
  },
} as const;

type Queries = typeof QUERIES;
export type View = keyof Queries;
type Word<F> = F extends readonly [{ read: (said: string) => infer T }, infer D]
  ? D extends undefined
    ? T
    : Exclude<T, undefined>
  : never;
export type Query<V extends View> = { -readonly [K in keyof Queries[V]]: Word<Queries[V][K]> };
type At<V extends View, Path = unknown> = { view: V } & Path & Query<V>;

export type Home = At<"home">;
export type CardPlace = At<"card", { model: string }>;
export type KernelsPlace = At<"kernels", { model: string; site: string }>;
export type MapsPlace = At<"maps", { model: string; site: string }>;
export type HeadsPlace = At<"heads", { model: string }>;
export type DreamsPlace = At<"dreams", { model: string; site: string }>;
export type UnitPlace = At<"unit", { model: string; site: string; number: number }>;
export type StudioPlace = At<"studio", { model: string }>;
export type NeighborsPlace = At<"neighbors", { model: string }>;
export type DirectionsPlace = At<"directions", { model: string }>;
export type WhyPlace = At<"why", { model: string; site: string }>;
export type AtlasPlace = At<"atlas", { model: string; site: string }>;
export type GalleryPlace = At<"gallery", { name: string }>;
export type MatrixPlace = At<"matrix", { model: string }>;
export type InductionPlace = At<"induction", { model: string }>;
export type LensPlace = At<"lens", { model: string }>;
export type LogitsPlace = At<"logits", { model: string }>;
export type GeneratePlace = At<"generate", { model: string }>;
export type SteerPlace = At<"steer", { model: string }>;
export type UnitsPlace = At<"units", { model: string }>;
export type EmbeddingsPlace = At<"embeddings", { model: string }>;
export type CorpusPlace = At<"corpus", { model: string }>;
export type Place =
  | Home
  | CardPlace
  | KernelsPlace
  | MapsPlace
  | DreamsPlace
  | UnitPlace
  | StudioPlace
  | NeighborsPlace
  | DirectionsPlace
  | WhyPlace
  | GalleryPlace
  | AtlasPlace
  | HeadsPlace
  | InductionPlace
  | MatrixPlace
  | LensPlace
  | LogitsPlace
  | GeneratePlace
  | SteerPlace
  | UnitsPlace
  | EmbeddingsPlace
  | CorpusPlace;

/** Views of a whole model, called in the address as they are here. */
const OF_A_MODEL = [
  "card", "studio", "neighbors", "directions", "induction", "matrix", "lens", "logits", "generate", "steer", "units", "embeddings", "corpus",
] as const;

interface Item {
  read: (said: string) => unknown;
  write: (value: never) => string;
}

function query<V extends View>(view: V, said: URLSearchParams): Query<V> {
  const entries = Object.entries(QUERIES[view] as Record<string, readonly [Item, unknown]>);
  const read = entries.map(([name, [item, otherwise]]) => [name, item.read(said.get(name) ?? "") ?? otherwise]);
  return Object.fromEntries(read) as Query<V>;
}

/** A place in a view, with what is not said as it is where the URL does not say. */
export function place<V extends View>(view: V, path: Omit<Extract<Place, { view: V }>, keyof Query<V> | "view">) {
  return { view, ...path, ...query(view, new URLSearchParams()) } as unknown as Extract<Place, { view: V }>;
}

/** The place of a hash such as `#/alexnet/conv1/kernels?unit=12`; home where it makes no sense. */
export function parse(hash: string): Place {
  const [path = "", search = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const said = new URLSearchParams(search);
  const [model, site, instrument, ...rest] = path.split("/").filter(Boolean).map(decoded);
  if (!model || !site || rest.length) return { view: "home" };
  if (!instrument && model === "gallery") return { view: "gallery", name: site, ...query("gallery", said) };
  const whole = OF_A_MODEL.find((view) => view === site);
  if (!instrument && whole) return { view: whole, model, ...query(whole, said) } as Place;
  if (!instrument && (site === "attention" || site === "heads")) return { view: "heads", model, ...query("heads", said) };
  if (model === "atlas" && instrument) return { view: "atlas", model: site, site: instrument, ...query("atlas", said) };
  if (instrument === "dreams") return { view: "dreams", model, site, ...query("dreams", said) };
  if (instrument === "why") return { view: "why", model, site, ...query("why", said) };
  if (instrument && /^\d{1,6}$/.test(instrument)) {
    return { view: "unit", model, site, number: Number(instrument), ...query("unit", said) };
  }
  if (instrument === "kernels") return { view: "kernels", model, site, ...query("kernels", said) };
  if (!instrument) return { view: "maps", model, site, ...query("maps", said) };
  return { view: "home" };
}

export function print(here: Place): string {
  const said = new URLSearchParams();
  const values = here as unknown as Record<string, unknown>;
  for (const [name, [item, otherwise]] of Object.entries(QUERIES[here.view] as Record<string, readonly [Item, unknown]>)) {
    const value = values[name];
    if (value !== undefined && value !== otherwise) said.set(name, item.write(value as never));
  }
  const search = said.toString();
  return `#/${steps(here).map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

function steps(here: Place): string[] {
  switch (here.view) {
    case "home":
      return [];
    case "heads":
      return [here.model, "attention"];
    case "atlas":
      return ["atlas", here.model, here.site];
    case "gallery":
      return ["gallery", here.name];
    case "card":
    case "studio":
    case "neighbors":
    case "directions":
    case "induction":
    case "matrix":
    case "lens":
    case "logits":
    case "generate":
    case "steer":
    case "units":
    case "embeddings":
    case "corpus":
      return [here.model, here.view];
    case "kernels":
    case "dreams":
    case "why":
      return [here.model, here.site, here.view];
    case "unit":
      return [here.model, here.site, String(here.number)];
    case "maps":
      return [here.model, here.site];
  }
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
