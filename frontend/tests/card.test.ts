import { render, screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import type { ModelCard, Samples } from "../src/api/client";
import LineChart from "../src/shapes/LineChart.svelte";
import Confusions from "../src/views/Confusions.svelte";
import { curvesOf, day, measures } from "../src/views/measures";
import OwnTexts from "../src/views/OwnTexts.svelte";
import { sentencesFor } from "../src/views/sentences";

const told = (metrics: Record<string, number>, plan: Record<string, unknown> = {}) =>
  measures({ metrics, plan }).map(({ name, value, note }) => [name, value.replaceAll("\u00a0", " "), ...(note ? [note] : [])].join(": "));

describe("what was measured", () => {
  test("of AlexNet is said in words, dead channels in one row", () => {
    const metrics = { dead_conv2: 0, dead_conv5: 4.25, noise_kernels: 3, clear_kernels: 88, top5: 72.05, top1: 47.21 };
    expect(told(metrics, { kernels: [96, 256, 384, 384, 256] })).toEqual([
      "Top-1 accuracy: 47.21 %",
      "Top-5 accuracy: 72.05 %",
      "Clear kernels: 88 of 96",
      "Kernels left as noise: 3 of 96",
      "Dead channels: conv2 0 %, conv5 4.25 %",
    ]);
  });

  test("of a language model counts its heads out of all", () => {
    const metrics = { bits_per_byte: 1.3125, induction_heads: 4, best_induction: 0.914, previous_token_heads: 0, best_previous_token: 0.32 };
    expect(told(metrics, { layers: 6, heads: 6 })).toEqual([
      "Bits per byte: 1.313",
      "Previous-token heads: 0 of 36: score 0.6 or more",
      "Best previous-token score: 0.32",
      "Induction heads: 4 of 36: score 0.5 or more",
      "Best induction score: 0.914",
    ]);
  });

  test("and has no name here is shown under its own", () => {
    expect(told({ nats_per_character: 1.48713, some_new_figure: 0.25 })).toEqual(["Nats per character: 1.487", "Some new figure: 0.25"]);
    expect(told({})).toEqual([]);
  });
});

describe("the curves of a log", () => {
  const log: Record<string, number>[] = [
    { step: 100, minutes: 1, loss: 4, induction: 0.1 },
    { step: 200, minutes: 2, loss: Number.NaN, induction: 0.2 },
    { step: 300, minutes: 3, loss: 3, once: 1 },
  ];
  test("run over its steps, without what is no number and what is a point alone", () => {
    const { across, lines } = curvesOf(log);
    expect(across).toBe("step");
    expect(lines).toEqual([
      { name: "Loss", points: [[100, 4], [300, 3]] },
      { name: "Best induction score", points: [[100, 0.1], [200, 0.2]] },
    ]);
  });
  test("are left out where they are drawn elsewhere", () => {
    expect(curvesOf(log, ["induction"]).lines.map(({ name }) => name)).toEqual(["Loss"]);
    expect(curvesOf([]).lines).toEqual([]);
  });
});

test("a date is said as people say it, and what is none stays as it is", () => {
  expect(day("2026-11-21")).toBe("21 November 2026");
  expect(day("2026-13-45")).toBe("2026-13-45");
  expect(day("last week")).toBe("last week");
});

test("the classes it knows least are listed with what they are taken for, all bars to one scale", () => {
  const worst = [
    { name: "plunger, plumber's helper", right: 5, taken_for: "broom", wrong: 20 },
    { name: "umbrella", right: 10, taken_for: "beach wagon, station wagon", wrong: 8 },
  ];
  const { container } = render(Confusions, { worst });
  const cells = (row: HTMLElement) => [...row.children].map((cell) => cell.textContent?.replaceAll("\u00a0", " ").trim());
  expect(screen.getAllByRole("row").slice(1).map(cells)).toEqual([
    ["plunger", "5.0 %", "broom", "20.0 %"],
    ["umbrella", "10.0 %", "beach wagon", "8.0 %"],
  ]);
  expect(screen.getByRole("rowheader", { name: "plunger" }).title).toBe("plunger, plumber's helper");
  const widths = [...container.querySelectorAll<HTMLElement>("i")].map((bar) => bar.style.width);
  expect(widths).toEqual(["25%", "100%", "50%", "40%"]);
});

test("a text sets what was given apart from what was added, and markup in it stays text", () => {
  const samples: ModelCard["samples"] = [{ opening: "Once", text: " <b>upon</b>\n\na time", temperature: 0.7, seed: 3 }];
  const { container } = render(OwnTexts, { samples });
  const quote = container.querySelector("blockquote");
  expect(quote?.textContent).toBe("Once <b>upon</b>\n\na time");
  expect(quote?.querySelector("mark")?.textContent).toBe("Once");
  expect(quote?.querySelector("b")).toBeNull();
  expect(container.querySelector("figcaption")?.textContent).toContain("0.7, seed 3");
});

test("a model is offered its own sentences, or those that are nobody's own", () => {
  const sentences = [
    { text: "a", about: "", models: [] },
    { text: "b", about: "", models: ["shakespeare"] },
    { text: "c", about: "", models: [] },
  ] as Samples["sentences"];
  expect(sentencesFor("shakespeare", sentences).map(({ text }) => text)).toEqual(["b"]);
  expect(sentencesFor("gpt2", sentences).map(({ text }) => text)).toEqual(["a", "c"]);
  expect(sentencesFor("gpt2")).toEqual([]);
});

describe("a curve", () => {
  test("may come back to the same place, as that of a run that was taken up", () => {
    const points: [number, number][] = [[1, 0.5], [2, 0.4], [2, 0.3]];
    const { container } = render(LineChart, { name: "Loss", points, across: "step" });
    expect(container.querySelectorAll("circle")).toHaveLength(3);
  });
});
