/** Corpora: what there is, adding one's own, throwing it away; and what people have called units. */

import { createQuery } from "@tanstack/svelte-query";
import { api, base, said } from "./client";
import { Problem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type CorpusCard = Schemas["CorpusCard"];
export type CorpusList = Schemas["CorpusList"];

/** Every corpus. New ones appear when they are added here, or when the page is opened anew. */
export const askCorpora = () =>
  createQuery<CorpusList>(() => ({
    queryKey: ["corpora"],
    staleTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: () => said(api.GET("/api/corpora")),
  }));

/** Send .txt files as one corpus. */
export async function addCorpus(name: string, files: readonly File[]): Promise<CorpusCard> {
  const form = new FormData();
  form.append("name", name);
  for (const file of files) form.append("file", file, file.name);
  const response = await fetch(`${base}/api/corpora`, { method: "POST", body: form });
  if (!response.ok) throw await Problem.of(response);
  return (await response.json()) as CorpusCard;
}

export async function removeCorpus(name: string): Promise<void> {
  await said(api.DELETE("/api/corpora/{name}", { params: { path: { name } } }));
}

export type Labels = Record<string, string>; // by the unit's number

/** What people have called the units of a site. */
export const askLabels = (of: () => { model: string; site: string } | null) =>
  createQuery<Labels>(() => {
    const wanted = of();
    return {
      queryKey: ["labels", wanted?.model, wanted?.site],
      enabled: wanted !== null,
      staleTime: 60_000,
      retry: false,
      refetchOnWindowFocus: false,
      queryFn: async () => (await said(api.GET("/api/labels/{model}/{site}", { params: { path: wanted! } }))).labels,
    };
  });

/** Call a unit something; an empty label takes away what it was called. Answers the labels of the site. */
export const putLabel = async (model: string, site: string, unit: number, label: string): Promise<Labels> =>
  (await said(api.PUT("/api/labels/{model}/{site}/{unit}", { params: { path: { model, site, unit } }, body: { label } }))).labels;
