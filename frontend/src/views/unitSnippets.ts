/** The Python of what is known of single units: their dreams, examples, weights, tuning. */

import type { Artifact } from "../api/client";

const quoted = (text: string): string => JSON.stringify(text);

interface Asked {
  site: string;
  unit: number;
}

/** The lines of a kind of artifact, or null for a kind that is none of these. `unit` is the one meant of a sheet. */
export function ofUnits({ kind, recipe }: Artifact, load: string, meant?: number): string[] | null {
  const asked: Asked = { site: String(recipe.site), unit: Number(recipe.unit ?? meant ?? 0) };
  const one = `model, ${quoted(asked.site)}, ${asked.unit}`;
  const lines: Record<string, () => string[]> = {
    feature: () => dream(recipe, asked, load),
    features: () => (meant === undefined ? sheet(asked, load) : dream({ preset: "final" }, asked, load)),
    examples: () => gallery(recipe, asked, load, `numbers = summary.top[${asked.unit}, :${Number(recipe.k)}]  # of the pictures, the most exciting first`),
    histogram: () => gallery(recipe, asked, load, `counts, ends = summary.counts[${asked.unit}], summary.edges[${asked.unit}]  # (32,), (2,)`),
    tuning: () => [
      "from lucarne.atlas.vision.tuning import tuning",
      "from lucarne.models import load",
      "",
      load,
      `tuned = tuning(${one})`,
      "tuned.orientation.x, tuned.orientation.answers",
    ],
    expanded_weights: () => [
      `from lucarne.atlas.vision.weights import ${String(recipe.end)}`,
      "from lucarne.models import load",
      "",
      load,
      `strands = ${String(recipe.end)}(${one}, k=${Number(recipe.k)})`,
      "strands.units, strands.kernels  # (units, height, width)",
    ],
  };
  if (kind === "neurons" || kind === "dictionary" || kind === "units") return texts(recipe, asked, load);
  if (kind === "firing") {
    return [
      "import numpy as np",
      "",
      "from lucarne.atlas.language.tokens import tokens",
      "from lucarne.atlas.language.units import firing",
      "from lucarne.models import load",
      "",
      load,
      `read = np.array([piece.id for piece in tokens(model, ${quoted(String(recipe.text))}, begin=${recipe.begin === false ? "False" : "True"})])`,
      `answers = firing(model, ${quoted(asked.site)}, read)  # (position, units)`,
    ];
  }
  return lines[kind]?.() ?? null;
}

function dream(recipe: Artifact["recipe"], { site, unit }: Asked, load: string): string[] {
  const aim = recipe.aim === "neuron" ? "neuron" : "channel";
  const preset = String(recipe.preset).toUpperCase();
  const more = [
    recipe.size !== undefined && recipe.size !== 128 ? `size=${Number(recipe.size)}` : "",
    recipe.seed ? `seeds=${Number(recipe.seed)}` : "",
    Number(recipe.tries ?? 1) > 1 ? `tries=${Number(recipe.tries)}` : "",
  ].filter(Boolean);
  const objective = `${recipe.negative ? "-" : ""}${aim}(model, ${quoted(site)}, ${unit})`;
  return [
    `from lucarne.atlas.vision.features import ${preset}, render`,
    `from lucarne.atlas.vision.objectives import ${aim}`,
    "from lucarne.models import load",
    "",
    load,
    `dreams = render(${["model", `[${objective}]`, preset, ...more].join(", ")})`,
    "dreams.pixels  # uint8 (1, height, width, 3)",
  ];
}

function sheet({ site }: Asked, load: string): string[] {
  return [
    "from lucarne.atlas.vision.sheets import dreams_of, shipped",
    "from lucarne.models import load",
    "",
    load,
    `dreams = shipped(model, ${quoted(site)}) or dreams_of(model, ${quoted(site)})`,
    "dreams.sheet  # the bytes of a WebP file",
  ];
}

function gallery(recipe: Artifact["recipe"], { site }: Asked, load: string, last: string): string[] {
  if (recipe.gallery !== "bundled") return served(recipe);
  return [
    "from pathlib import Path",
    "",
    "from lucarne.atlas.galleries.gallery import bundled",
    "from lucarne.atlas.vision.study import Study",
    "from lucarne.models import load",
    "",
    load,
    `summary = Study(bundled(), model, Path("index")).summary(${quoted(site)})`,
    last,
  ];
}

/** The units of a network that reads; of a corpus of one's own they are in the server's data folder. */
function texts(recipe: Artifact["recipe"], { site, unit }: Asked, load: string): string[] {
  if (recipe.corpus !== "bundled") return served(recipe);
  return [
    "from pathlib import Path",
    "",
    "from lucarne.atlas.language.corpora import bundled",
    "from lucarne.atlas.language.index import shipped",
    "from lucarne.atlas.language.indexing import index",
    "from lucarne.atlas.language.units import contexts",
    "from lucarne.models import load",
    "",
    load,
    "corpus = bundled(model)",
    `found = (shipped(model) or index(model, corpus, Path("index.safetensors"))).of(${quoted(site)})`,
    recipe.kind === "units"
      ? "found.density, found.values[:, 0]  # (units,) each: part of the tokens, largest answer"
      : `rows = contexts(model, ${quoted(site)}, ${unit}, found, corpus, k=${Number(recipe.k)})`,
  ];
}

/** Whatever it is, from a server that runs. */
export function served(recipe: Artifact["recipe"]): string[] {
  const fields = Object.entries(recipe).filter(([name, value]) => name !== "kind" && value !== null && !(name === "seed" && value === 0));
  return [
    "from lucarne.client import Client",
    "",
    `artifact = Client().make(${[quoted(String(recipe.kind)), ...fields.map(([name, value]) => `${name}=${python(value)}`)].join(", ")})`,
  ];
}

function python(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, each]) => `${quoted(name)}: ${python(each)}`).join(", ")}}`;
  return typeof value === "number" ? String(value) : quoted(String(value));
}
