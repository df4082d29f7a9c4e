"use strict";
const atlas = JSON.parse(document.getElementById("atlas").textContent);
const canvas = document.querySelector("canvas");
const said = document.getElementById("said");
const ink = canvas.getContext("2d");
const FINE = 40; // pixels of a cell from which on the next finer grid is shown
const view = { x: 0.5, y: 0.5, scale: 0 }; // middle of the window on the map, pixels of the map's side
const fit = () => Math.min(innerWidth, innerHeight);
let pointed = null;

for (const grid of atlas.grids) {
  grid.image = new Image();
  grid.image.onload = paint;
  grid.image.src = grid.sheet;
  grid.at = new Map(grid.place.map(([column, row], i) => [row * grid.side + column, i]));
}

const level = () => atlas.grids.find((grid, i) => !atlas.grids[i + 1] || view.scale / atlas.grids[i + 1].side < FINE);
const toMap = (x, y) => [view.x + (x - innerWidth / 2) / view.scale, view.y + (y - innerHeight / 2) / view.scale];

function paint() {
  requestAnimationFrame(() => {
    const dense = devicePixelRatio || 1;
    canvas.width = innerWidth * dense;
    canvas.height = innerHeight * dense;
    ink.setTransform(dense, 0, 0, dense, 0, 0);
    const grid = level();
    const cell = view.scale / grid.side;
    grid.place.forEach(([column, row], i) => {
      const x = (column / grid.side - view.x) * view.scale + innerWidth / 2;
      const y = (row / grid.side - view.y) * view.scale + innerHeight / 2;
      if (x > innerWidth || y > innerHeight || x < -cell || y < -cell) return;
      const left = (i % grid.across) * atlas.side;
      const top = Math.floor(i / grid.across) * atlas.side;
      ink.drawImage(grid.image, left, top, atlas.side, atlas.side, x, y, cell + 0.5, cell + 0.5);
      if (pointed === i) {
        ink.lineWidth = 2;
        ink.strokeStyle = "#fff";
        ink.strokeRect(x + 1, y + 1, cell - 2, cell - 2);
      }
    });
  });
}

function zoom(by, x = innerWidth / 2, y = innerHeight / 2) {
  const [column, row] = toMap(x, y);
  view.scale = Math.min(Math.max(view.scale * by, fit() / 2), 400 * atlas.grids[atlas.grids.length - 1].side);
  view.x = column - (x - innerWidth / 2) / view.scale;
  view.y = row - (y - innerHeight / 2) / view.scale;
  bound();
}

function move(x, y) {
  view.x += x / view.scale;
  view.y += y / view.scale;
  bound();
}

function bound() {
  view.x = Math.min(Math.max(view.x, 0), 1);
  view.y = Math.min(Math.max(view.y, 0), 1);
  paint();
}

function point(x, y) {
  const grid = level();
  const [column, row] = toMap(x, y).map((along) => Math.floor(along * grid.side));
  pointed = column < 0 || column >= grid.side ? null : (grid.at.get(row * grid.side + column) ?? null);
  const classes = pointed === null ? [] : grid.argued[pointed].map((index) => atlas.labels[index]);
  const count = pointed === null ? 0 : grid.count[pointed];
  said.textContent = pointed === null ? "" : `${count} samples · speaks for ${classes.join(", ")}`;
  paint();
}

const fingers = new Map();
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, event);
});
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
canvas.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (before) {
    const other = [...fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    if (other) {
      const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      zoom(apart(event) / Math.max(apart(before), 1), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    } else move(before.clientX - event.clientX, before.clientY - event.clientY);
    fingers.set(event.pointerId, event);
  }
  point(event.clientX, event.clientY);
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX, event.clientY);
}, { passive: false });
canvas.addEventListener("dblclick", (event) => zoom(2, event.clientX, event.clientY));
addEventListener("keydown", (event) => {
  const step = 80;
  const does = {
    ArrowLeft: () => move(-step, 0), ArrowRight: () => move(step, 0), ArrowUp: () => move(0, -step), ArrowDown: () => move(0, step),
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: whole,
  }[event.key];
  if (!does || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  does();
  point(innerWidth / 2, innerHeight / 2);
});
addEventListener("resize", () => zoom(1));

function whole() {
  Object.assign(view, { x: 0.5, y: 0.5, scale: fit() });
  paint();
}
whole();
