"""Ways to draw a dream, side by side, to be looked at: `python -m tests.benchmarks.ways OUT.webp`.

One row a way, one column a unit. What was kept after looking, and why, is in DECISIONS.md.
"""

import copy
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from lucarne.atlas.vision.dream import Settings
from lucarne.atlas.vision.features import FINAL, PREVIEW, render
from lucarne.atlas.vision.objectives import channel
from lucarne.atlas.vision.transforms import Wobble
from lucarne.models import load
from tests.benchmarks.features import lucents, strictly

UNITS = (
    ("conv2", 21), ("conv3", 36), ("conv4", 61), ("conv4", 265), ("conv5", 100), ("conv5", 227), ("fc8", 34),
    ("fc8", 117),
)  # fmt: skip
STILL = Wobble(0)
ONLY_MOVED = Wobble(8)
WAYS: dict[str, Settings | None] = {
    "lucent, 512 steps": None,
    "many slow steps": Settings(512, rate=0.05, wobble=FINAL.wobble, smooth=0, decay=1.0, contrast=None),
    "preview": PREVIEW,
    "final": FINAL,
    "final, four times the steps": replace(FINAL, steps=512),
    "final, only moved": replace(FINAL, wobble=ONLY_MOVED),
    "final, still": replace(FINAL, wobble=STILL),
    "final, contrast free": replace(FINAL, contrast=None),
    "final, not smoothed": replace(FINAL, smooth=0.0),
    "phases only (MACO)": replace(FINAL, canvas="phases", smooth=0.0),
    "phases only, 256 crops of 50 to 5 %": replace(
        FINAL, canvas="phases", smooth=0.0, steps=256, wobble=Wobble(4, (1.4, 4.0), 0)
    ),
}


def main() -> None:
    model = load("alexnet")
    theirs: Any = copy.deepcopy(model.network).requires_grad_(True)
    rows, best = [], dict.fromkeys(UNITS, 0.0)
    for way, settings in WAYS.items():
        drawn, strict, start = [], [], time.perf_counter()
        for site, unit in UNITS:
            if settings is None:
                picture = lucents(theirs, site, unit, fixed_image_size=128)[0]
            else:
                picture = render(model, [channel(model, site, unit)], settings).pixels[0] / 255
            drawn.append((picture * 255).round().astype(np.uint8))
        seconds = (time.perf_counter() - start) / len(UNITS)
        for unit, pixels in zip(UNITS, drawn, strict=True):
            value = strictly(model, *unit, pixels / 255)
            best[unit] = best[unit] or value  # lucent's is the first
            strict.append(value / best[unit])
        rows.append(np.concatenate(drawn, 1))
        held = f"{np.median(strict):.2f} of lucent's under its own transforms"
        print(f"{way:<40} {seconds:>6.2f} s a picture, {held}", flush=True)
    Image.fromarray(np.concatenate(rows)).save(sys.argv[1], quality=82)


if __name__ == "__main__":
    main()
