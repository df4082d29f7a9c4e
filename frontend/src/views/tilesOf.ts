/** The tiles of an artifact, from the file that came with it. */

import type { Made } from "../api/ask.svelte";
import type { ImageGrid } from "../api/client";
import { bytes, floats } from "../api/tensors";
import type { Tiles } from "../shapes/tiles";

export function tilesOf({ artifact, tensors }: Made<ImageGrid>): Tiles {
  const { count, height, width, colour } = artifact;
  const tiles: Tiles = { count, height, width, colour, bytes: bytes(tensors, "tiles") };
  if (colour === "rgb") return tiles;
  return { ...tiles, low: floats(tensors, "low"), high: floats(tensors, "high") };
}
