/** From a recipe to its artifact: at once where the server has it, else by following the job that makes it. */

import { EventSourceParserStream } from "eventsource-parser/stream";
import { api, base, said, type Artifact, type Job, type Recipe } from "./client";
import { Problem } from "./problem";

export interface Following {
  signal?: AbortSignal;
  onprogress?: (job: Job) => void;
}

const ended = (job: Job): boolean => !["waiting", "running"].includes(job.state);

export async function make(recipe: Recipe, { signal, onprogress }: Following = {}): Promise<Artifact> {
  const { data, error, response } = await api.POST("/api/artifacts", { body: { seed: 0, ...recipe }, signal });
  if (response.status !== 202) {
    return (await said(Promise.resolve({ data, error, response }))) as Artifact;
  }
  let job = data as Job;
  onprogress?.(job);
  while (!ended(job)) {
    job = await follow(job, { signal, onprogress });
  }
  if (job.state === "failed") throw new Problem(job.error ?? { title: "The job failed" });
  if (job.state === "cancelled") throw new Problem({ title: "Stopped", detail: "Ask again to start anew." });
  return (await said(api.GET("/api/artifacts/{id}", { params: { path: { id: job.id } }, signal }))) as Artifact;
}

export async function stop(job: Job): Promise<void> {
  await api.DELETE("/api/jobs/{id}", { params: { path: { id: job.id } } });
}

/** The job as its event stream leaves it: ended, or, where the line was cut, as the server tells it when asked. */
async function follow(job: Job, { signal, onprogress }: Following): Promise<Job> {
  const response = await fetch(`${base}/api/jobs/${job.id}/events`, { signal });
  if (!response.ok || !response.body) throw await Problem.of(response);
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for (const reader = events.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (value.event !== "progress" && value.event !== "end") continue;
    job = JSON.parse(value.data) as Job;
    onprogress?.(job);
    if (value.event === "end") {
      await reader.cancel();
      return job;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await said(api.GET("/api/jobs/{id}", { params: { path: { id: job.id } }, signal }))) as Job;
}
