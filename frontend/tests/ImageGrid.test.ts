import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import ImageGrid from "../src/shapes/ImageGrid.svelte";
import { sequential } from "../src/shapes/colour";
import { ordered, sprite, surviving, type Tiles } from "../src/shapes/tiles";

const most = [3, 9, 1, 5];
const tiles: Tiles = {
  count: 4,
  height: 2,
  width: 2,
  colour: "sequential",
  bytes: new Uint8Array(16).fill(255),
  low: new Float32Array(4),
  high: Float32Array.from(most),
};
const props = (order: number[], selected: number | null = null) => ({
  name: "4 channels of conv3",
  sprite: sprite(tiles, sequential(), "each"),
  height: 2,
  width: 2,
  order,
  selected,
  columns: 2,
  label: (tile: number) => `Channel ${tile}`,
  onselect: vi.fn(),
});
const names = () => screen.getAllByRole("option").map((option) => option.getAttribute("aria-label"));

describe("a grid of maps", () => {
  test("shows its tiles in the order of a column", async () => {
    const { rerender } = render(ImageGrid, props([0, 1, 2, 3]));
    expect(names()).toEqual(["Channel 0", "Channel 1", "Channel 2", "Channel 3"]);
    await rerender(props(ordered(4, most, true)));
    const places = Object.fromEntries(
      screen.getAllByRole("option").map((option) => [option.getAttribute("aria-label"), option.getAttribute("aria-posinset")]),
    );
    expect(places).toEqual({ "Channel 1": "1", "Channel 3": "2", "Channel 0": "3", "Channel 2": "4" });
  });

  test("keeps only what a threshold leaves", async () => {
    const { rerender } = render(ImageGrid, props([0, 1, 2, 3]));
    await rerender(props(surviving(tiles, [0, 1, 2, 3], 4)));
    expect(names()).toEqual(["Channel 1", "Channel 3"]);
  });

  test("is one stop of the keyboard, and arrows walk it by rows and columns", async () => {
    const given = props([0, 1, 2, 3], 0);
    render(ImageGrid, given);
    expect(screen.getAllByRole("option").filter((option) => option.tabIndex === 0)).toHaveLength(1);
    const first = screen.getByRole("option", { name: "Channel 0" });
    for (const [key, tile] of [["ArrowRight", 1], ["ArrowDown", 2], ["End", 3]] as const) {
      await fireEvent.keyDown(first, { key });
      expect(given.onselect).toHaveBeenLastCalledWith(tile);
    }
    expect(screen.getByRole("option", { selected: true })).toBe(first);
  });

  test("a click says which tile", async () => {
    const given = props([3, 2, 1, 0]);
    render(ImageGrid, given);
    await fireEvent.click(screen.getByRole("option", { name: "Channel 2" }));
    expect(given.onselect).toHaveBeenCalledWith(2);
  });

  test("of thousands of tiles only those near the focus have cells", () => {
    const many: Tiles = { ...tiles, count: 4096, height: 1, width: 1, bytes: new Uint8Array(4096) };
    const order = Array.from({ length: 4096 }, (_, tile) => tile);
    render(ImageGrid, { ...props(order, 2000), sprite: sprite(many, sequential(), "shared"), height: 1, width: 1, columns: 64 });
    const options = screen.getAllByRole("option");
    expect(options.length).toBeLessThan(300);
    expect(screen.getByRole("option", { selected: true }).getAttribute("aria-posinset")).toBe("2001");
  });
});
