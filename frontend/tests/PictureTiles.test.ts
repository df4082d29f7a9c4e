import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import type { PictureList, Seen } from "../src/api/client";
import PictureTiles from "../src/shapes/PictureTiles.svelte";

const row = (number: number, group: string, box: Seen["box"] = null): Seen => ({ number, name: `picture ${number}`, label: "", value: number / 10, group, box });
const artifact = {
  id: "a1",
  shape: "picture_list",
  rows: [row(12, "top", { left: 0.5, top: 0, side: 0.5 }), row(7, "top"), row(90, "decile 0"), row(3, "top")],
  groups: { top: "largest answer", "decile 0": "lowest tenth" },
  side: 128,
  sheet: { file: "pictures.webp", across: 2 },
} as unknown as PictureList;
const props = (more: object = {}) => ({
  artifact,
  group: "top",
  crop: false,
  size: 50,
  label: ({ name }: Seen) => name,
  onselect: vi.fn(),
  onhover: vi.fn(),
  ...more,
});
const tile = (name: string) => screen.getByRole("option", { name }).querySelector<HTMLElement>("i")!.style;

describe("the pictures of a group", () => {
  test("are those of the group, in its order, each from its own place of the sheet", () => {
    render(PictureTiles, props());
    expect(screen.getByRole("listbox", { name: "largest answer" })).toBeTruthy();
    expect(screen.getAllByRole("option").map((each) => each.getAttribute("aria-label"))).toEqual(["picture 12", "picture 7", "picture 3"]);
    expect(tile("picture 3").backgroundPosition).toBe("-50px -50px"); // the fourth tile, two in a row
    expect(tile("picture 3").backgroundImage).toContain("/api/artifacts/a1/pictures.webp");
  });

  test("are cut to their boxes where that is wished, and whole where they have none", async () => {
    const { rerender } = render(PictureTiles, props());
    expect(tile("picture 12").width).toBe("50px");
    await rerender(props({ crop: true }));
    expect([tile("picture 12").width, tile("picture 12").left]).toEqual(["100px", "-50px"]);
    expect(tile("picture 7").width).toBe("50px");
  });

  test("say which was clicked and which is pointed at", async () => {
    const given = props();
    render(PictureTiles, given);
    const second = screen.getByRole("option", { name: "picture 7" });
    await fireEvent.click(second);
    expect(given.onselect).toHaveBeenCalledExactlyOnceWith(artifact.rows[1]);
    await fireEvent.pointerEnter(second);
    expect(given.onhover).toHaveBeenLastCalledWith(artifact.rows[1]);
    await fireEvent.pointerLeave(second);
    expect(given.onhover).toHaveBeenLastCalledWith(null);
  });

  test("are one stop of the keyboard; arrows walk them, Enter takes one", async () => {
    const given = props();
    render(PictureTiles, given);
    const stops = () => screen.getAllByRole("option").filter((each) => each.tabIndex === 0).map((each) => each.getAttribute("aria-label"));
    expect(stops()).toEqual(["picture 12"]);
    await fireEvent.keyDown(screen.getByRole("listbox"), { key: "ArrowRight" });
    expect(stops()).toEqual(["picture 7"]);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("picture 7");
    expect(given.onselect).not.toHaveBeenCalled();
    await fireEvent.keyDown(screen.getByRole("listbox"), { key: "Enter" });
    expect(given.onselect).toHaveBeenCalledExactlyOnceWith(artifact.rows[1]);
  });

  test("carry their numbers on demand", async () => {
    const { container, rerender } = render(PictureTiles, props());
    expect(container.textContent?.trim()).toBe("");
    await rerender(props({ numbers: true }));
    expect([...container.querySelectorAll(".number")].map((each) => each.textContent)).toEqual(["1.2", "0.7", "0.3"]);
  });
});
