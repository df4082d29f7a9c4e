/** Galleries: what there is, their pages, a picture of one, and adding one's own. */

import { createQuery } from "@tanstack/svelte-query";
import { api, base, said } from "./client";
import { Problem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type GalleryCard = Schemas["GalleryCard"];
export type GalleryPage = Schemas["GalleryPage"];
export type GalleryPicture = Schemas["GalleryPicture"];
export type Skipped = Schemas["SkippedFile"];
type Added = Schemas["Added"];

export const PAGE = 64; // pictures of a page

/** Every gallery. New ones appear when they are added here, or when the page is opened anew. */
export const askGalleries = () =>
  createQuery<GalleryCard[]>(() => ({
    queryKey: ["galleries"],
    staleTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: async () => (await said(api.GET("/api/galleries"))).galleries,
  }));

export const galleryPage = (name: string, page: number, label?: string, signal?: AbortSignal): Promise<GalleryPage> =>
  said(api.GET("/api/galleries/{name}", { params: { path: { name }, query: { page, label } }, signal }));

export function sheetURL(name: string, page: number, label?: string): string {
  const query = new URLSearchParams({ page: String(page), ...(label === undefined ? {} : { label }) });
  return `${base}/api/galleries/${encodeURIComponent(name)}/sheet?${query.toString()}`;
}

/** The id under which a picture of a gallery can be looked at like any other. */
export const keep = async (name: string, number: number): Promise<string> =>
  (await said(api.GET("/api/galleries/{name}/{number}", { params: { path: { name, number } } }))).id;

/** Throw away a gallery that was added. */
export async function remove(name: string): Promise<void> {
  await said(api.DELETE("/api/galleries/{name}", { params: { path: { name } } }));
}

/** Send files to the gallery of that title. `ontold` hears which part of the bytes has gone, from 0 to 1. */
export function send(title: string, files: readonly Named[], ontold: (part: number) => void, signal: AbortSignal): Promise<Added> {
  const form = new FormData();
  form.append("name", title);
  for (const { file, name } of files) form.append("file", file, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much of a body has gone
    request.open("POST", `${base}/api/galleries`);
    request.responseType = "text";
    request.upload.onprogress = (event) => ontold(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      const told: unknown = parsed(request.responseText);
      if (request.status === 201) resolve(told as Added);
      else reject(Problem.told(told, request.status));
    };
    request.onerror = () => reject(Problem.silent());
    request.onabort = () => reject(new Problem({ title: "Stopped" }));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** A file and what it is called: where it lies in its folder says what it shows. */
export interface Named {
  file: File;
  name: string;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
