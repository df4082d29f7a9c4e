import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import Figure from "../src/shapes/Figure.svelte";
import { nearest, places, said, scales, summary, ticks, type Panel } from "../src/shapes/panel";

const line: Panel = {
  title: "Orientation",
  draw: "line",
  x: [0, 45, 90, 135],
  x_label: "degrees",
  y_label: "activation",
  x_names: [],
  log_y: false,
  series: [{ name: "activation", y: [0.5, 2.25, -1, 0] }],
};
const bars: Panel = { ...line, title: "Pictures", draw: "bars", x: [0, 1, 2, 4], y_label: "pictures", log_y: true, series: [{ name: "pictures", y: [900, 0, 3] }] };
const named: Panel = { ...bars, title: "Texture", log_y: false, x: [0, 1, 2, 3], x_names: ["wood", "brick", "clouds"], series: [{ name: "activation", y: [1, 3, 2] }] };

describe("a panel", () => {
  const area = { left: 0, right: 100, top: 0, bottom: 100 };

  test("keeps zero in sight and reaches to its largest", () => {
    const { x, y } = scales(line, area);
    expect([x(0), x(135)]).toEqual([0, 100]);
    expect(y.domain()[0]).toBeLessThanOrEqual(-1);
    expect(y.domain()[1]).toBeGreaterThanOrEqual(2.25);
    expect(scales({ ...line, series: [{ name: "a", y: [5, 6, 7, 8] }] }, area).y(0)).toBe(100);
  });
  test("makes room for a mark beyond its values", () => {
    expect(scales(bars, area, [{ x: 8, word: "the dream" }]).x(8)).toBe(100);
  });
  test("of counts shows few and many, and none as none", () => {
    const { y } = scales(bars, area);
    expect(y(0)).toBe(100);
    expect(y(3)).toBeLessThan(90);
    expect(ticks(bars, y)).toEqual([0, 1, 10, 100]);
  });
  test("has a bar less than edges, and the bar under a value is the nearest to its middle", () => {
    expect([places(bars), places(line)]).toEqual([3, 4]);
    expect([nearest(bars, 0.2), nearest(bars, 3.9), nearest(line, 50)]).toEqual([0, 2, 1]);
  });
  test("says its values in words", () => {
    expect(said(line, 1)).toBe("2.25 at 45");
    expect(said(bars, 2)).toBe("3 at 2 to 4");
    expect(said(named, 1)).toBe("3: brick");
    expect(summary(line)).toBe("Orientation. activation over degrees. Highest: 2.25 at 45");
  });
});

describe("a figure", () => {
  test("has a chart for each panel, which the keys walk", async () => {
    render(Figure, { panels: [line, bars, named] });
    const charts = screen.getAllByRole("application");
    expect(charts.map((chart) => chart.getAttribute("aria-label")?.split(".")[0])).toEqual(["Orientation", "Pictures", "Texture"]);
    await fireEvent.keyDown(charts[0]!, { key: "ArrowRight" });
    await fireEvent.keyDown(charts[0]!, { key: "ArrowRight" });
    expect(charts[0]!.closest("figure")?.textContent).toContain("2.25 at 45");
    await fireEvent.keyDown(charts[2]!, { key: "ArrowLeft" });
    expect(charts[2]!.closest("figure")?.textContent).toContain("2: clouds");
  });
  test("names its curves where there are several", () => {
    const two = { ...line, series: [...line.series, { name: "shuffled", y: [1, 1, 1, 1] }] };
    const { container } = render(Figure, { panels: [two] });
    expect(container.querySelector(".names")?.textContent).toContain("shuffled");
    expect(container.querySelectorAll("path")).toHaveLength(2);
  });
});
