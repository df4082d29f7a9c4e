/** The server's routes, typed by its own schema. Everything that fails is thrown as a Problem. */

import createClient from "openapi-fetch";
import { Problem } from "./problem";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type ModelCard = Schemas["ModelCard"];
export type SiteCard = ModelCard["sites"][number];
export type Samples = Schemas["Samples"];
export type ImageGrid = Schemas["ImageGrid"];
export type Ranking = Schemas["Ranking"];
export type TokenGrid = Schemas["TokenGrid"];
export type PictureList = Schemas["PictureList"];
export type Seen = Schemas["Seen"];
export type Figure = Schemas["Figure"];
export type AtlasMap = Schemas["AtlasMap"];
export type PointMap = Schemas["PointMap"];
export type Visits = Schemas["Visits"];
export type Change = Schemas["Change"];
export type ScoreMatrix = Schemas["ScoreMatrix"];
export type ScoreParts = Schemas["ScoreParts"];
export type InductionLab = Schemas["InductionLab"];
export type MatrixPass = Schemas["MatrixPass"];
export type Sum = Schemas["Sum"];
export type LensGrid = Schemas["LensGrid"];
export type Contributions = Schemas["Contributions"];
export type Contribution = Schemas["Contribution"];
export type TextChange = Schemas["TextChange"];
export type TextMap = Schemas["TextMap"];
export type TextWay = Schemas["TextWay"];
export type Story = Schemas["Story"];
export type StoryToken = Schemas["StoryToken"];
export type SteeredStories = Schemas["SteeredStories"];
export type FeatureShelf = Schemas["FeatureShelf"];
export type UnitTexts = Schemas["UnitTexts"];
export type UnitContext = Schemas["UnitContext"];
export type UnitLabel = Schemas["UnitLabel"];
export type UnitList = Schemas["UnitList"];
export type FiringUnits = Schemas["FiringUnits"];
export type TokenNeighbors = Schemas["TokenNeighbors"];
export type TokenMap = Schemas["TokenMap"];
export type PositionVectors = Schemas["PositionVectors"];
export type CorpusBatch = Schemas["CorpusBatch"];
export type Artifact = UnitTexts | UnitList | FiringUnits | TokenNeighbors | TokenMap | PositionVectors | CorpusBatch | Story | SteeredStories | FeatureShelf | TextMap | TextWay | LensGrid | Contributions | TextChange | ImageGrid | PictureList | Figure | AtlasMap | PointMap | Visits | Ranking | Change | TokenGrid | ScoreMatrix | ScoreParts | InductionLab | MatrixPass | Sum;
export type Field = Schemas["ReceptiveField"];
export type Job = Schemas["Job"];
type FullRecipe = paths["/api/artifacts"]["post"]["requestBody"]["content"]["application/json"];
type Unseeded<R> = R extends { seed: number } ? Omit<R, "seed"> & { seed?: number } : R;
/** A recipe as the views say it: the seed may be left to the server. */
export type Recipe = Unseeded<FullRecipe>;

/** The page may be served from any path: the API lies beside it. */
export const base = new URL(".", document.baseURI).href.replace(/\/$/, "");

export const api = createClient<paths>({ baseUrl: base, fetch: (request) => fetch(request) });

/** The body of an answer, or the Problem it tells of. */
export async function said<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  throw Problem.told(error, response.status);
}

export const models = async (): Promise<ModelCard[]> => (await said(api.GET("/api/models"))).models;
export const samples = (): Promise<Samples> => said(api.GET("/api/samples"));

export const fileURL = (id: string, name: string): string =>
  `${base}/api/artifacts/${id}/${encodeURIComponent(name)}`;
export const artifactURL = (id: string): string => `${base}/api/artifacts/${id}`;
export const pictureURL = (id: string): string => `${base}/api/pictures/${encodeURIComponent(id)}`;

/** Hand a picture to the server; answers its id. */
export async function upload(picture: Blob): Promise<string> {
  const form = new FormData();
  form.append("file", picture, "picture");
  const response = await fetch(`${base}/api/pictures`, { method: "POST", body: form });
  if (!response.ok) throw await Problem.of(response);
  return ((await response.json()) as { id: string }).id;
}
