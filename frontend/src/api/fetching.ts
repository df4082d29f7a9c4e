/** What the server can fetch from where it is published: data sets and the weights of networks. */

import { createQuery } from "@tanstack/svelte-query";
import { api, said } from "./client";
import type { components } from "./schema";

export type Fetchable = components["schemas"]["Fetchable"];
export type Goods = "datasets" | "weights";

const OFTEN = 700; // ms between two looks at what is on its way
export const keyOf = (goods: Goods) => ["fetching", goods];
const one = (name: string) => ({ params: { path: { name } } });

export const askFetchables = (goods: () => Goods) =>
  createQuery<Fetchable[]>(() => ({
    queryKey: keyOf(goods()),
    retry: false,
    queryFn: async () => (await said(goods() === "datasets" ? api.GET("/api/datasets") : api.GET("/api/weights"))).all,
    refetchInterval: ({ state }) => (state.data?.some((each) => each.state === "running") ? OFTEN : false),
  }));

export const begin = (goods: Goods, name: string): Promise<Fetchable> =>
  said(goods === "datasets" ? api.POST("/api/datasets/{name}", one(name)) : api.POST("/api/weights/{name}", one(name)));

export async function stop(goods: Goods, name: string): Promise<void> {
  await said(goods === "datasets" ? api.DELETE("/api/datasets/{name}", one(name)) : api.DELETE("/api/weights/{name}", one(name)));
}
