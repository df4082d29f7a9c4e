import { afterEach, describe, expect, test, vi } from "vitest";
import type { Job } from "../src/api/client";
import { make } from "../src/api/make";
import { Problem, problem } from "../src/api/problem";

const recipe = { kind: "kernels", model: "alexnet", site: "conv1", stretch: "each", trained: 1 } as const;
const artifact = { id: "a1", kind: "kernels", shape: "image_grid", files: [] };
const job = (told: Partial<Job>): Job =>
  ({ id: "a1", state: "running", done: 0, total: 10, note: "", seconds_left: null, ahead: 0, error: null, ...told }) as Job;
const json = (body: unknown, status = 200, type = "application/json") =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
const events = (...told: [string, unknown][]) =>
  new Response(told.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  });

/** A server of these answers by method and end of the path, one after the other. */
function server(answers: Record<string, (() => Response)[]>) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (what: Request | string, init?: RequestInit) => {
    const { method, url } = typeof what === "string" ? { method: init?.method ?? "GET", url: what } : what;
    const name = `${method} ${new URL(url).pathname}`;
    asked.push(name);
    const answer = answers[name]?.shift();
    if (!answer) throw new TypeError("Failed to fetch");
    return answer();
  });
  return asked;
}
/** An event stream that is told one event after the other. */
function slowly() {
  let to: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (to = controller) });
  const written = (event: string, told: unknown) => new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(told)}\n\n`);
  return { stream, tell: (event: string, told: unknown) => to.enqueue(written(event, told)), close: () => to.close() };
}
afterEach(() => vi.unstubAllGlobals());

describe("making a recipe", () => {
  test("answers at once where the server has it", async () => {
    server({ "POST /api/artifacts": [() => json(artifact)] });
    expect(await make(recipe)).toEqual(artifact);
  });

  test("follows the job to its end and tells of its progress", async () => {
    server({
      "POST /api/artifacts": [() => json(job({ state: "waiting", ahead: 1 }), 202)],
      "GET /api/jobs/a1/events": [() => events(["progress", job({ done: 4 })], ["preview", { file: "x" }], ["end", job({ state: "done" })])],
      "GET /api/artifacts/a1": [() => json(artifact)],
    });
    const told: string[] = [];
    expect(await make(recipe, { onprogress: ({ state, done }) => told.push(`${state} ${done}`) })).toEqual(artifact);
    expect(told).toEqual(["waiting 0", "running 4", "done 0"]);
  });

  test("shows what is made as it forms, and asks for the job at once to do so", async () => {
    const asked: (string | null)[] = [];
    const { stream, tell, close } = slowly();
    server({
      "POST /api/artifacts": [() => json(job({}), 202)],
      "GET /api/jobs/a1/events": [() => new Response(stream, { headers: { "content-type": "text/event-stream" } })],
      "GET /api/artifacts/a1/preview.png": [() => new Response("one"), () => new Response(null, { status: 204 })],
      "GET /api/artifacts/a1": [() => json(artifact)],
    });
    const through = globalThis.fetch;
    vi.stubGlobal("fetch", (what: Request | string, init?: RequestInit) => {
      if (typeof what !== "string" && what.method === "POST") asked.push(what.headers.get("prefer"));
      return through(what, init);
    });
    const seen: string[] = [];
    const made = make(recipe, { onpreview: async (picture) => seen.push(await picture.text()) });
    await vi.waitFor(() => tell("progress", job({ done: 2 })));
    tell("preview", { file: "preview.png" });
    await vi.waitFor(() => expect(seen).toEqual(["one"]));
    tell("preview", { file: "preview.png" }); // past before it is fetched: no trouble
    await new Promise((resolve) => setTimeout(resolve, 150));
    tell("preview", { file: "preview.png" });
    tell("end", job({ state: "done" }));
    close();
    expect(await made).toEqual(artifact);
    expect(seen).toEqual(["one"]);
    expect(asked).toEqual(["respond-async"]);
  });

  test("asks for the job where the stream breaks off", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 });
    server({
      "POST /api/artifacts": [() => json(job({}), 202)],
      "GET /api/jobs/a1/events": [() => events(["progress", job({ done: 4 })])],
      "GET /api/jobs/a1": [() => json(job({ state: "done" }))],
      "GET /api/artifacts/a1": [() => json(artifact)],
    });
    expect(await make(recipe)).toEqual(artifact);
    vi.useRealTimers();
  });

  test("throws what the server says is wrong", async () => {
    const told = { type: "about:blank", title: "No model named “alexnot”", status: 404, detail: "Known: alexnet.", candidates: ["alexnet"] };
    server({ "POST /api/artifacts": [() => json(told, 404, "application/problem+json")] });
    const thrown = await make(recipe).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Problem);
    expect(thrown).toMatchObject({ status: 404, title: told.title, detail: told.detail, candidates: ["alexnet"] });
  });

  test("throws a failed job's own problem", async () => {
    server({ "POST /api/artifacts": [() => json(job({ state: "failed", error: { title: "The disk is full", status: 507 } as Job["error"] }), 202)] });
    await expect(make(recipe)).rejects.toMatchObject({ title: "The disk is full", status: 507 });
  });

  test("says so when nobody answers", async () => {
    server({});
    const thrown = await make(recipe).catch((error: unknown) => error);
    expect(problem(thrown).title).toBe("The server does not answer");
  });
});
