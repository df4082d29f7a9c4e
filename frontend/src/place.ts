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
  heads: {
    text: [text, undefined],
    token: [whole, undefined],
    layer: [whole, undefined],
    head: [whole, undefined],
    direction: [one("from", "to"), "from"],
    first: [one("show", "hide"), "show"],
    overview: [one("patterns", "token"), "patterns"],
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
export type Place = Home | CardPlace | KernelsPlace | MapsPlace | HeadsPlace;

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
  if (!instrument && site === "card") return { view: "card", model, ...query("card", said) };
  if (!instrument && site === "attention") return { view: "heads", model, ...query("heads", said) };
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
    case "card":
      return [here.model, "card"];
    case "heads":
      return [here.model, "attention"];
    case "kernels":
      return [here.model, here.site, "kernels"];
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
