/** Pictures from arrays, at their own size; CSS makes them larger. */

export function canvasOf(pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  fill(canvas, pixels, width, height);
  return canvas;
}

export function fill(canvas: HTMLCanvasElement, pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number) {
  canvas.width = width;
  canvas.height = height;
  if (width && height) canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
}

/** The nearest whole enlargement of a tile to the size that is wished for, so that its pixels stay square. */
export function enlarged(side: number, wished: number): number {
  return side >= wished ? side : side * Math.max(1, Math.round(wished / side));
}

/** A canvas as a PNG file in the reader's downloads. */
export function save(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name.replaceAll(/[^\w.-]+/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}
