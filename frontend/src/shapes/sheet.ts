/** Tiles that lie together in one picture file, each shown by itself, whole or in part. */

interface Box {
  left: number; // in parts of the tile's side, as the others
  top: number;
  side: number;
}

interface Placed {
  address: string; // of the file
  across: number; // tiles in a row of it
  rows: number;
  tile: number;
  size: number; // of what is shown, in px
  box?: Box | null; // the part of the tile that is shown; beyond the tile nothing is
}

/** The style of an element that shows one tile in a square that clips it. */
export function onSheet({ address, across, rows, tile, size, box }: Placed): string {
  const { left, top, side } = box ?? { left: 0, top: 0, side: 1 };
  const whole = size / side; // the whole tile on the page
  const px = (length: number): string => `${Number(length.toFixed(3)) || 0}px`;
  return [
    `left: ${px(-left * whole)}`,
    `top: ${px(-top * whole)}`,
    `width: ${px(whole)}`,
    `height: ${px(whole)}`,
    `background-image: url("${address}")`,
    `background-size: ${px(across * whole)} ${px(rows * whole)}`,
    `background-position: ${px(-(tile % across) * whole)} ${px(-Math.floor(tile / across) * whole)}`,
  ].join("; ");
}
