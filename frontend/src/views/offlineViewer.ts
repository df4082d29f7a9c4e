/** The map in a file of its own: this function goes into it as text, so it may use nothing from outside itself. */

export interface Kept {
  title: string;
  caption: string;
  classes: readonly string[];
  icon: number;
  grids: { side: number; across: number; place: number[]; full: number[]; count: number[]; scale: number[]; args: string; sheet: string }[];
}

export function viewer(kept: Kept): void {
  const canvas = document.querySelector("canvas")!;
  const surface = canvas.getContext("2d")!;
  const said = document.querySelector("output")!;
  const choice = document.querySelector("select")!;
  document.querySelector("h1")!.textContent = kept.title;
  document.querySelector("p")!.textContent = kept.caption;
  kept.classes.forEach((name, index) => choice.add(new Option(name, String(index))));
  const grids = kept.grids.map((grid) => {
    const sheet = new Image();
    sheet.onload = () => draw();
    sheet.src = grid.sheet;
    const args = Int8Array.from(atob(grid.args), (letter) => letter.charCodeAt(0));
    const at = new Int32Array(grid.side * grid.side).fill(-1);
    for (let cell = 0; cell < grid.count.length; cell++) at[grid.place[2 * cell + 1]! * grid.side + grid.place[2 * cell]!] = cell;
    return { ...grid, sheet, args, at };
  });
  const count = kept.classes.length;
  let view = { x: 0.5, y: 0.5, zoom: 1 };
  const whole = (): number => Math.min(canvas.clientWidth, canvas.clientHeight) * 0.97;
  const argues = (grid: (typeof grids)[number], cell: number, index: number): number => grid.args[cell * count + index]! * grid.scale[cell]!;
  function level(): number {
    let found = 0;
    while (found < grids.length - 1 && (whole() * view.zoom) / grids[found]!.side > 76 && grids[found + 1]!.sheet.complete) found++;
    return found;
  }
  function draw(): void {
    const dense = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = width * dense;
    canvas.height = height * dense;
    surface.scale(dense, dense);
    const grid = grids[level()];
    if (!grid) return;
    const size = (whole() * view.zoom) / grid.side;
    const klass = choice.value === "" ? -1 : Number(choice.value);
    const values = klass < 0 ? [] : grid.count.map((_, cell) => argues(grid, cell, klass));
    const most = Math.max(1e-9, ...values.map(Math.abs));
    grid.count.forEach((_, cell) => {
      const left = width / 2 + (grid.place[2 * cell]! / grid.side - view.x) * size * grid.side;
      const top = height / 2 + (grid.place[2 * cell + 1]! / grid.side - view.y) * size * grid.side;
      if (left > width || top > height || left < -size || top < -size) return;
      let side = size * grid.full[cell]!;
      if (klass >= 0) {
        const part = values[cell]! / most;
        surface.globalAlpha = Math.abs(part);
        surface.fillStyle = part > 0 ? "#dd7d22" : "#4b9bdc";
        surface.fillRect(left, top, size, size);
        surface.globalAlpha = 0.16 + 0.84 * Math.max(0, part) ** 0.6;
        side *= 0.8;
      } else surface.globalAlpha = 1;
      const edge = (size - side) / 2;
      surface.drawImage(grid.sheet, (cell % grid.across) * kept.icon, Math.floor(cell / grid.across) * kept.icon, kept.icon, kept.icon, left + edge, top + edge, side, side);
    });
  }
  function zoom(x: number, y: number, factor: number): void {
    const around = canvas.getBoundingClientRect();
    const before = whole() * view.zoom;
    const most = ((grids.at(-1)?.side ?? 1) * 176) / whole();
    const next = Math.min(Math.max(2, most), Math.max(1, view.zoom * factor));
    const [right, down] = [x - around.left - around.width / 2, y - around.top - around.height / 2];
    view = { x: view.x + right / before - right / (whole() * next), y: view.y + down / before - down / (whole() * next), zoom: next };
    if (next === 1) view = { x: 0.5, y: 0.5, zoom: 1 };
    draw();
  }
  function tell(x: number, y: number): void {
    const around = canvas.getBoundingClientRect();
    const grid = grids[level()]!;
    const column = Math.floor((view.x + (x - around.left - around.width / 2) / (whole() * view.zoom)) * grid.side);
    const row = Math.floor((view.y + (y - around.top - around.height / 2) / (whole() * view.zoom)) * grid.side);
    const cell = column >= 0 && row >= 0 && column < grid.side && row < grid.side ? grid.at[row * grid.side + column]! : -1;
    if (cell < 0) return void (said.textContent = "");
    const ranked = kept.classes.map((name, index) => ({ name, value: argues(grid, cell, index) })).sort((one, other) => other.value - one.value);
    said.textContent = `${grid.count[cell]} samples; argues for ${ranked.slice(0, 4).map(({ name, value }) => `${name} ${value.toFixed(2)}`).join(", ")}`;
  }
  const held = new Map<number, { x: number; y: number }>();
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    tell(event.clientX, event.clientY);
  };
  canvas.onpointermove = (event) => {
    const before = held.get(event.pointerId);
    if (!before) return tell(event.clientX, event.clientY);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (other) {
      const span = (at: { x: number; y: number }): number => Math.hypot(at.x - other.x, at.y - other.y) || 1;
      return zoom((event.clientX + other.x) / 2, (event.clientY + other.y) / 2, span({ x: event.clientX, y: event.clientY }) / span(before));
    }
    view = { ...view, x: view.x - (event.clientX - before.x) / (whole() * view.zoom), y: view.y - (event.clientY - before.y) / (whole() * view.zoom) };
    draw();
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => void held.delete(event.pointerId);
  canvas.onwheel = (event) => {
    event.preventDefault();
    zoom(event.clientX, event.clientY, Math.exp(-Math.max(-240, Math.min(240, event.deltaY)) * 0.0028));
  };
  canvas.onkeydown = (event) => {
    const middle = canvas.getBoundingClientRect();
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (step) view = { ...view, x: view.x + (step[0] * 0.1) / view.zoom, y: view.y + (step[1] * 0.1) / view.zoom };
    else if (event.key === "+" || event.key === "-") return zoom(middle.left + middle.width / 2, middle.top + middle.height / 2, event.key === "+" ? 1.5 : 1 / 1.5);
    else if (event.key === "0") view = { x: 0.5, y: 0.5, zoom: 1 };
    else return;
    event.preventDefault();
    draw();
  };
  choice.onchange = draw;
  onresize = draw;
  draw();
}
