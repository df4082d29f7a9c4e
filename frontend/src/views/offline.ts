/** An atlas as one file that can be zoomed without a server. */

import { fileURL, type AtlasMap } from "../api/client";
import { Problem } from "../api/problem";
import { fullness, type Grid } from "../shapes/atlas";
import { viewer, type Kept } from "./offlineViewer";

const STYLE = `:root{color-scheme:light dark;font:16px/1.45 system-ui,sans-serif;color:light-dark(#1b1b1b,#ededed);background:light-dark(#f6f6f6,#171717)}
body{margin:0;padding:16px;height:100vh;box-sizing:border-box;display:grid;grid-template-rows:auto minmax(0,1fr) auto auto;gap:10px}
h1{font:400 1.6rem/1.2 Georgia,serif;margin:0}canvas{width:100%;height:100%;background:light-dark(#ebebeb,#262626);cursor:grab;touch-action:none}
p{margin:0;max-width:80ch;font-size:.9rem}.line{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center;min-height:36px}output{font-size:.9rem}select{font:inherit;min-height:32px}`;

/** The file's text. What stands in a script may not end it, whatever a class or a gallery is called. */
export function page(kept: Kept): string {
  const told = JSON.stringify(kept).replaceAll("<", "\\u003c");
  const title = kept.title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style>
<h1></h1><canvas tabindex="0" aria-label="${title.replaceAll('"', "&quot;")}. Arrow keys move, plus and minus zoom, 0 shows all."></canvas>
<div class="line"><label>Argues for <select><option value="">no class</option></select></label><output aria-live="polite"></output></div>
<p></p><script>(${viewer.toString()})(${told})</script></html>
`;
}

/** All of an atlas's grids and icons in one page. */
export async function offline(atlas: AtlasMap, grids: readonly Grid[], title: string): Promise<Blob> {
  const kept = await Promise.all(
    grids.map(async (grid) => {
      const { sheet } = atlas.pages.find(({ side }) => side === grid.side)!;
      return {
        side: grid.side,
        across: sheet.across,
        place: [...grid.place],
        full: Array.from({ length: grid.cells }, (_, cell) => Number(fullness(grid, cell).toFixed(3))),
        count: [...grid.count],
        scale: [...grid.scale].map((scale) => Number(scale.toPrecision(5))),
        args: base64(new Uint8Array(grid.args.buffer, grid.args.byteOffset, grid.args.byteLength)),
        sheet: `data:image/webp;base64,${base64(await fetched(fileURL(atlas.id, sheet.file)))}`,
      };
    }),
  );
  return new Blob([page({ title, caption: atlas.caption, classes: atlas.classes, icon: atlas.icon, grids: kept })], { type: "text/html" });
}

async function fetched(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw await Problem.of(response);
  return new Uint8Array(await response.arrayBuffer());
}

export function base64(bytes: Uint8Array): string {
  const PORTION = 0x8000; // bytes that one call can be given
  let letters = "";
  for (let from = 0; from < bytes.length; from += PORTION) letters += String.fromCharCode(...bytes.subarray(from, from + PORTION));
  return btoa(letters);
}
