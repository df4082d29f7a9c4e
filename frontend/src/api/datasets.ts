/** Data sets that the server can fetch from where they are published. */

import { createQuery } from "@tanstack/svelte-query";
import { api, said } from "./client";
import type { components } from "./schema";

export type Dataset = components["schemas"]["Dataset"];

const OFTEN = 700; // ms between two looks at what is on its way
export const KEY = ["datasets"];

export const askDatasets = () =>
  createQuery<Dataset[]>(() => ({
    queryKey: KEY,
    retry: false,
    queryFn: async () => (await said(api.GET("/api/datasets"))).datasets,
    refetchInterval: ({ state }) => (state.data?.some((each) => each.state === "running") ? OFTEN : false),
  }));

export const begin = (name: string): Promise<Dataset> => said(api.POST("/api/datasets/{name}", { params: { path: { name } } }));

export async function stop(name: string): Promise<void> {
  await said(api.DELETE("/api/datasets/{name}", { params: { path: { name } } }));
}
