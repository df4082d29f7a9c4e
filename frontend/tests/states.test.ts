import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, test, vi } from "vitest";
import Failure from "../src/ui/Failure.svelte";
import Progress from "../src/ui/Progress.svelte";
import TextBox from "../src/views/TextBox.svelte";

afterEach(() => vi.useRealTimers());

describe("what went wrong", () => {
  test("is said with what to do, and can be tried again", async () => {
    const onretry = vi.fn();
    render(Failure, { title: "The picture is too large", detail: "Send one of at most 10 MB.", onretry });
    expect(screen.getByRole("alert").textContent).toContain("The picture is too large");
    expect(screen.getByRole("alert").textContent).toContain("at most 10 MB");
    await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(onretry).toHaveBeenCalledOnce();
  });
});

describe("a job", () => {
  test("says what is done, how far, how long still, and can be stopped", async () => {
    const onstop = vi.fn();
    render(Progress, { note: "Layers", done: 3, total: 12, secondsLeft: 75, ahead: 2, onstop });
    const words = screen.getByRole("status").textContent;
    for (const part of ["Layers", "3 of 12", "1 min 15 s left", "waiting behind 2"]) expect(words).toContain(part);
    await fireEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(onstop).toHaveBeenCalledOnce();
  });
});

describe("the text box", () => {
  const props = () => ({
    text: "Once upon a time",
    sentences: [{ text: "The cat sat.", about: "A cat: sitting" }],
    count: 5,
    atMost: 256,
    ontext: vi.fn(),
  });

  test("reads what was typed when the typing pauses", async () => {
    vi.useFakeTimers();
    const given = props();
    render(TextBox, given);
    await fireEvent.input(screen.getByLabelText("Text"), { target: { value: "Hello" } });
    expect(given.ontext).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(given.ontext).toHaveBeenCalledExactlyOnceWith("Hello");
  });

  test("keeps a text that cannot be read, and says why", async () => {
    vi.useFakeTimers();
    const given = props();
    render(TextBox, given);
    const box = screen.getByLabelText<HTMLTextAreaElement>("Text");
    await fireEvent.input(box, { target: { value: "a".repeat(5000) } });
    vi.advanceTimersByTime(1000);
    expect(given.ontext).not.toHaveBeenCalled();
    expect(box.value).toHaveLength(5000);
    expect(screen.getByRole("alert").textContent).toContain("At most 4,096 characters");
  });

  test("says beside the text why the network refused it, until it is changed", async () => {
    const given = { ...props(), text: "naïve", refused: "This model has no token for ï." };
    render(TextBox, given);
    const box = screen.getByLabelText<HTMLTextAreaElement>("Text");
    expect(screen.getByRole("alert").textContent).toBe("This model has no token for ï.");
    expect([box.value, box.getAttribute("aria-invalid")]).toEqual(["naïve", "true"]);
    await fireEvent.input(box, { target: { value: "naive" } });
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("shows others one click away, and what is user text as nothing but text", async () => {
    const given = { ...props(), text: "<img src=x onerror=alert(1)>" };
    const { container } = render(TextBox, given);
    await fireEvent.click(screen.getByRole("button", { name: "A cat" }));
    expect(given.ontext).toHaveBeenCalledWith("The cat sat.");
    expect(container.querySelector("img")).toBeNull();
  });
});
