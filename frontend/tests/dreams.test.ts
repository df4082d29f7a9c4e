import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import type { Artifact, ModelCard } from "../src/api/client";
import { parse, place, print } from "../src/place";
import ImageGrid from "../src/shapes/ImageGrid.svelte";
import { onSheet } from "../src/shapes/sheet";
import { atSite, firstDreams, sitesOf } from "../src/views/places";
import { percentile } from "../src/views/percentile";
import { snippet } from "../src/views/snippet";

const style = (said: string): Record<string, string> =>
  Object.fromEntries(said.split("; ").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));

describe("a tile of a sheet", () => {
  const sheet = { address: "http://there/tiles.webp", across: 16, rows: 16, size: 64 };

  test("is shown whole: the sheet is moved so that it lies in the square", () => {
    expect(style(onSheet({ ...sheet, tile: 35 }))).toEqual({
      left: "0px",
      top: "0px",
      width: "64px",
      height: "64px",
      "background-image": 'url("http://there/tiles.webp")',
      "background-size": "1024px 1024px",
      "background-position": "-192px -128px",
    });
  });

  test("is cut to a part of it, which fills the square", () => {
    const { left, top, width, ...rest } = style(onSheet({ ...sheet, tile: 1, box: { left: 0.25, top: 0.5, side: 0.5 } }));
    expect([left, top, width]).toEqual(["-32px", "-64px", "128px"]);
    expect(rest["background-position"]).toBe("-128px 0px");
  });

  test("leaves room for what lies outside a picture", () => {
    const { left, top, width } = style(onSheet({ ...sheet, tile: 0, box: { left: -0.5, top: 0, side: 2 } }));
    expect([left, top, width]).toEqual(["16px", "0px", "32px"]);
  });
});

describe("a grid of dreams", () => {
  const props = () => ({
    name: "The dreams of 4 channels",
    sprite: { image: document.createElement("canvas"), across: 2 },
    height: 128,
    width: 128,
    order: [0, 1, 2, 3],
    selected: 0,
    columns: 2,
    box: { width: 64, height: 64 },
    label: (tile: number) => `Channel ${tile}`,
    onselect: vi.fn(),
    onopen: vi.fn(),
  });

  test("is opened by a click or Enter, while arrows only walk it", async () => {
    const given = props();
    render(ImageGrid, given);
    const first = screen.getByRole("option", { name: "Channel 0" });
    await fireEvent.keyDown(first, { key: "ArrowDown" });
    expect([given.onselect.mock.lastCall, given.onopen.mock.calls]).toEqual([[2], []]);
    await fireEvent.keyDown(first, { key: "Enter" });
    expect(given.onopen).toHaveBeenLastCalledWith(0);
    await fireEvent.click(screen.getByRole("option", { name: "Channel 3" }));
    expect(given.onopen).toHaveBeenLastCalledWith(3);
    expect(given.onselect).toHaveBeenCalledOnce();
  });
});

describe("the honesty of a dream", () => {
  const gallery = Array.from({ length: 101 }, (_, at) => at / 10); // 0 … 10
  test("is the part of the gallery that lies below it", () => {
    expect(percentile(5, gallery)).toBeCloseTo(50);
    expect(percentile(5.05, gallery)).toBeCloseTo(50.5);
  });
  test("is all of it only beyond the last picture, and nothing at or below the first", () => {
    expect(percentile(10, gallery)).toBeLessThan(100);
    expect(percentile(10.01, gallery)).toBe(100);
    expect([percentile(0, gallery), percentile(-3, gallery)]).toEqual([0, 0]);
  });
  test("of a unit that nothing excites, equal answers do not count as below", () => {
    const silent = Array.from({ length: 101 }, () => 0);
    expect([percentile(0, silent), percentile(1, silent)]).toEqual([0, 100]);
  });
});

describe("the network as navigation", () => {
  const site = (name: string, recipes: string[], ships: string[] = []) =>
    ({ name, aliases: [], axes: ["channel", "y", "x"], shape: [4, 2, 2], about: "", recipes, ships }) as unknown as ModelCard["sites"][number];
  const [conv4, conv5, input] = [site("conv4", ["features", "activations"], ["features"]), site("conv5", ["features", "activations", "attribution"], ["features"]), site("input", ["activations"])];
  const model = { name: "alexnet", sites: [conv4, conv5, site("relu5", ["features", "activations"]), input] } as unknown as ModelCard;

  test("begins with the deepest dreams that are there at once", () => {
    expect(firstDreams(model)?.name).toBe("conv5");
  });
  test("keeps the instrument from site to site, and shows maps where it does not suit", () => {
    const at = { ...place("dreams", { model: "alexnet", site: "conv5" }), unit: 3 };
    expect(print(atSite(at, model, conv4))).toBe("#/alexnet/conv4/dreams");
    expect(print(atSite(parse("#/alexnet/conv5/42"), model, conv4))).toBe("#/alexnet/conv4/dreams");
    expect(print(atSite(parse("#/alexnet/conv4/why?picture=p&class=3&off=1,2"), model, conv5))).toBe("#/alexnet/conv5/why?picture=p&class=3");
    expect(print(atSite(at, model, input))).toBe("#/alexnet/input");
  });
  test("looks at one site, and at all from which a dream is mixed", () => {
    expect(sitesOf(parse("#/alexnet/conv5/42"), model)).toEqual(["conv5"]);
    expect(sitesOf(parse("#/alexnet/studio?units=conv4:3:1,conv5:8:-0.5"), model)).toEqual(["conv4", "conv5"]);
    expect(sitesOf(parse("#/alexnet/studio"), model)).toEqual(["conv5", "conv5"]);
    expect(sitesOf(parse("#/alexnet/studio?way=deep_dream&site=relu4"), model)).toEqual(["relu4"]);
    expect(sitesOf(parse("#/"), model)).toEqual([]);
  });
});

describe("the Python of a unit", () => {
  const of = (kind: string, recipe: object, unit?: number) =>
    snippet({ kind, model: "alexnet", id: "a", shape: "image_grid", recipe: { kind, model: "alexnet", seed: 0, ...recipe } } as unknown as Artifact, 0, 0, unit);

  test("draws the dream that is seen, with what differs from the usual", () => {
    const recipe = { site: "conv5", unit: 42, aim: "neuron", preset: "final", size: 256, tries: 4, negative: true, seed: 7 };
    expect(of("feature", recipe)).toContain('render(model, [-neuron(model, "conv5", 42)], FINAL, size=256, seeds=7, tries=4)');
    expect(of("feature", { ...recipe, aim: "channel", preset: "preview", size: 128, tries: 1, negative: false, seed: 0 })).toContain(
      'render(model, [channel(model, "conv5", 42)], PREVIEW)',
    );
  });
  test("of a sheet means one dream where one is meant, else all", () => {
    expect(of("features", { site: "conv5" }, 42)).toContain('channel(model, "conv5", 42)');
    expect(of("features", { site: "conv5" })).toContain('shipped(model, "conv5") or dreams_of(model, "conv5")');
  });
  test("asks a server for what has no function of its own", () => {
    expect(of("attribution", { site: "conv5", class_: 3, smooth: false, window: null })).toContain(
      'Client().make("attribution", model="alexnet", site="conv5", class_=3, smooth=False)',
    );
  });
});
