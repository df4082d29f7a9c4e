/** From a recipe to its artifact: at once where the server has it, else by following the job that makes it. */

import { EventSourceParserStream } from "eventsource-parser/stream";
import { api, base, fileURL, said, type Artifact, type Job, type Recipe } from "./client";
import { Problem } from "./problem";

export interface Following {
  signal?: AbortSignal;
  onprogress?: (job: Job) => void;
  onpreview?: (picture: Blob) => void; // what is made, as far as it is
}

const ended = (job: Job): boolean => !["waiting", "running"].includes(job.state);

export async function make(recipe: Recipe, { signal, onprogress, onpreview }: Following = {}): Promise<Artifact> {
  const { data, error, response } = await api.POST("/api/artifacts", {
    body: { seed: 0, ...recipe },
    signal,
    ...(onpreview && { headers: { prefer: "respond-async" } }), // to see it from its beginning
  });
  if (response.status !== 202) {
    return (await said(Promise.resolve({ data, error, response }))) as Artifact;
  }
  let job = data as Job;
  onprogress?.(job);
  const preview = onpreview && shower(job.id, onpreview, signal);
  while (!ended(job)) {
    job = await follow(job, { signal, onprogress }, preview);
  }
  if (job.state === "failed") throw new Problem(job.error ?? { title: "The job failed" });
  if (job.state === "cancelled") throw new Problem({ title: "Stopped", detail: "Ask again to start anew." });
  return (await said(api.GET("/api/artifacts/{id}", { params: { path: { id: job.id } }, signal }))) as Artifact;
}

export async function stop(job: Job): Promise<void> {
  await api.DELETE("/api/jobs/{id}", { params: { path: { id: job.id } } });
}

const PAUSE = 60; // ms: what ends right after a preview need not be asked for it

/** Fetches a preview whenever it has changed, one at a time and only the newest, until it is told null. */
function shower(id: string, onpreview: (picture: Blob) => void, signal?: AbortSignal): (file: string | null) => void {
  let [busy, over] = [false, false];
  let next: string | null = null;
  return async (file: string | null): Promise<void> => {
    next = file;
    over ||= file === null;
    if (busy) return;
    busy = true;
    while (next) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (!next || signal?.aborted) break;
      const now = fileURL(id, next);
      next = null;
      try {
        const response = await fetch(now, { signal, cache: "no-store" });
        const picture = response.status === 200 ? await response.blob() : null; // 204: the job has ended meanwhile
        if (picture && !over) onpreview(picture);
      } catch {
        // the page was left, or the server does not answer: the stream says so, too
      }
    }
    busy = false;
  };
}

/** The job as its event stream leaves it: ended, or, where the line was cut, as the server tells it when asked. */
async function follow(job: Job, { signal, onprogress }: Following, preview?: (file: string | null) => void): Promise<Job> {
  const response = await fetch(`${base}/api/jobs/${job.id}/events`, { signal });
  if (!response.ok || !response.body) throw await Problem.of(response);
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for (const reader = events.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (value.event === "preview") preview?.((JSON.parse(value.data) as { file: string }).file);
    if (value.event !== "progress" && value.event !== "end") continue;
    job = JSON.parse(value.data) as Job;
    onprogress?.(job);
    if (value.event === "end") {
      preview?.(null);
      await reader.cancel();
      return job;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await said(api.GET("/api/jobs/{id}", { params: { path: { id: job.id } }, signal }))) as Job;
}
