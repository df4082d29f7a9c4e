import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sequential } from "../src/shapes/colour";
import ScoreGrid from "../src/shapes/ScoreGrid.svelte";
import Play from "../src/ui/Play.svelte";
import { bestOver, large, type HeadRecord } from "../src/views/headRecord";
import type { ImageGrid } from "../src/api/client";
import { moment, momentInFull, momentsOf, nearest } from "../src/views/moments";
import { snippet } from "../src/views/snippet";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("moments of a training", () => {
  test("are said in words", () => {
    expect([0, 0.01, 0.125, 0.07, 1].map(moment)).toEqual(["before training", "after 1 %", "after 12.5 %", "after 7 %", "finished"]);
    expect([0, 0.5].map(momentInFull)).toEqual(["before its training", "after 50 % of its training"]);
  });
  test("are in order and always have an end; a network without a record has none", () => {
    expect(momentsOf({ moments: [0.5, 0, 0.01] })).toEqual([0, 0.01, 0.5, 1]);
    expect(momentsOf({ moments: [] })).toEqual([]);
    expect(momentsOf({ moments: [1] })).toEqual([]);
    expect(momentsOf(undefined)).toEqual([]);
  });
  test("are meant by what is nearly theirs, and by nothing else", () => {
    expect(nearest([0, 0.01, 1], 0.0101)).toBe(0.01);
    expect(nearest([0, 0.01, 1], 0.3)).toBe(0.3);
  });
});

test("the Python of a moment reads what was kept then, that of the end the network", () => {
  const of = (trained: number) => snippet({ kind: "kernels", shape: "image_grid", model: "alexnet", recipe: { site: "conv1", trained } } as unknown as ImageGrid);
  expect(of(0.1)).toContain('kernels_in_training("alexnet")[0.1]');
  expect(of(0)).toContain('kernels_in_training("alexnet")[0]');
  expect(of(1)).toContain("model.network.conv1.weight");
});

/** A player with somebody who turns the page for it. */
function playing(at: number, count = 4) {
  const seen: number[] = [];
  const props = { at, count, what: "the training", pace: 100, onstep: (to: number) => void step(to) };
  const { rerender, unmount } = render(Play, props);
  async function step(to: number) {
    seen.push(to);
    await rerender({ ...props, at: to });
  }
  return { seen, unmount, press: () => fireEvent.click(screen.getByRole("button")) };
}

describe("the play button", () => {
  test("goes through all moments, then stops", async () => {
    vi.useFakeTimers();
    const { seen, press } = playing(0);
    await press();
    expect(screen.getByRole("button", { name: "Pause: the training" })).toBeTruthy();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([1, 2, 3]);
    expect(screen.getByRole("button", { name: "Play: the training" })).toBeTruthy();
  });
  test("starts anew from the end", async () => {
    vi.useFakeTimers();
    const { seen, press } = playing(3);
    await press();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([0, 1, 2, 3]);
  });
  test("can be paused, and stops with the page", async () => {
    vi.useFakeTimers();
    const { seen, press, unmount } = playing(0);
    await press();
    await vi.advanceTimersByTimeAsync(150);
    await press();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([1]);
    await press();
    unmount();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([1]);
  });
  test("goes one moment a click where motion is not wanted", async () => {
    vi.useFakeTimers();
    vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: query.includes("reduce"), addEventListener() {} }) as never);
    const { seen, press } = playing(2);
    expect(screen.getByRole("button", { name: "Next: the training" })).toBeTruthy();
    await press();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([3]);
    expect(screen.getByRole("button", { name: "Restart: the training" })).toBeTruthy();
    await press();
    expect(seen).toEqual([3, 0]);
  });
});

const record: HeadRecord = {
  step: [0, 100, 400],
  tokens: [0, 1000, 4000],
  previous_token: [[[0.1, 0.2]], [[0.9, 0.2]], [[0.9, 0.3]]],
  induction: [[[0.1, 0]], [[0, 0.05]], [[0, 0.8]]],
};

describe("the record of the heads", () => {
  test("gives the best of all heads over the tokens read", () => {
    expect(bestOver(record, "induction")).toEqual([[0, 0.1], [1000, 0.05], [4000, 0.8]]);
    expect(bestOver(record, "previous_token").map(([, best]) => best)).toEqual([0.2, 0.9, 0.9]);
  });
  test("has what the log knows in between, the log's steps counted in tokens", () => {
    const log: Record<string, number>[] = [{ step: 200, induction: 0.3 }, { step: 300 }, { step: 400, induction: 0.79 }];
    expect(bestOver(record, "induction", log)).toEqual([[0, 0.1], [1000, 0.05], [2000, 0.3], [4000, 0.8]]);
  });
  test("says large counts in three digits", () => {
    expect([0, 999, 16_384, 12_345_678, 2_000_000_000].map(large)).toEqual(["0", "999", "16.4 thousand", "12.3 million", "2 billion"]);
  });
});

describe("the grid of scores", () => {
  const shown = () => {
    const onpoint = vi.fn();
    render(ScoreGrid, {
      name: "Induction",
      scores: [[0, 0.5], [1, 0.25]],
      table: sequential(),
      pointed: null,
      label: (layer: number, head: number) => `Layer ${layer}, head ${head}`,
      href: (layer: number, head: number) => `#/gpt/attention?layer=${layer}&head=${head}`,
      onpoint,
    });
    return { onpoint, links: screen.getAllByRole<HTMLAnchorElement>("link") };
  };
  test("has a link for every head, brighter where the score is higher", () => {
    const { links } = shown();
    expect(links.map(({ hash }) => hash)).toEqual([0, 1].flatMap((layer) => [0, 1].map((head) => `#/gpt/attention?layer=${layer}&head=${head}`)));
    const light = links.map(({ style }) => (style.background.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));
    expect(light[0]).toBeLessThan(light[3]!);
    expect(light[3]).toBeLessThan(light[1]!);
    expect(light[1]).toBeLessThan(light[2]!);
  });
  test("is one stop of the Tab key; arrows walk it and say where one is", async () => {
    const { links, onpoint } = shown();
    expect(links.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1, -1]);
    links[0]!.focus();
    await fireEvent.keyDown(links[0]!, { key: "ArrowDown" });
    await vi.waitFor(() => expect(document.activeElement).toBe(links[2]));
    expect(onpoint).toHaveBeenLastCalledWith({ layer: 1, head: 0 });
    expect(links.map(({ tabIndex }) => tabIndex)).toEqual([-1, -1, 0, -1]);
  });
});
