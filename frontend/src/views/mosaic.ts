/** RGB tiles side by side in one picture, a clear pixel between them. */
export function mosaic(
  tiles: Uint8Array,
  { count, height, width }: { count: number; height: number; width: number },
  order: readonly number[],
  across: number,
): { pixels: Uint8ClampedArray<ArrayBuffer>; height: number; width: number } {
  const rows = Math.ceil(count / across);
  const [wide, high] = [across * (width + 1) - 1, rows * (height + 1) - 1];
  const pixels = new Uint8ClampedArray(wide * high * 4);
  order.forEach((tile, slot) => {
    const [left, top] = [(slot % across) * (width + 1), Math.floor(slot / across) * (height + 1)];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const from = ((tile * height + row) * width + column) * 3;
        pixels.set([tiles[from]!, tiles[from + 1]!, tiles[from + 2]!, 255], ((top + row) * wide + left + column) * 4);
      }
    }
  });
  return { pixels, height: high, width: wide };
}
