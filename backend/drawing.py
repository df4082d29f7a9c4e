"""What recipes that draw pictures from noise have in common: how much may be asked for, and being watched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from lucarne.models.errors import TooMuch
from lucarne.recipe import shower

if TYPE_CHECKING:
    from lucarne.atlas.vision.dream import Settings
    from lucarne.atlas.vision.features import Frame
    from lucarne.models.progress import Progress

MOST = 20_000  # steps of a picture of 128 × 128: some minutes on two cores
SHOWN = 16  # previews of one try, about
PREVIEW = "preview.png"

Preset = Annotated[
    Literal["preview", "final"],
    Field(description="`preview`: few bold steps. `final`: many, looked at moved, turned and scaled."),
]
Steps = Annotated[
    int | None, Field(ge=1, le=1024, description="How many steps; as many as the preset says if not told.")
]
Size = Annotated[int, Field(ge=64, le=512, description="Side of the picture in pixels.")]


def settings_for(preset: str, steps: int | None, size: int, pictures: int = 1) -> "Settings":
    """How to draw. Raises TooMuch where so many pictures would take too long."""
    from lucarne.atlas.vision.features import PRESETS

    settings = PRESETS[preset]
    settings = replace(settings, steps=steps or settings.steps)
    if settings.steps * pictures * size**2 > MOST * 128**2:
        raise TooMuch("So many steps, pictures and pixels would take too long. Ask for less.", MOST, field="steps")
    return settings


def every(settings: "Settings") -> int:
    """After how many steps a preview is shown."""
    return max(2, settings.steps // SHOWN)


def watched(folder: Path, progress: "Progress") -> "Callable[[Frame], None] | None":
    """Puts the pictures beside the artifact while they form, in a row; None where nobody can be shown files.

    Whoever draws takes `PREVIEW` away in the end.
    """
    put = shower(folder, progress, PREVIEW)
    if put is None:
        return None

    def told(frame: "Frame") -> None:
        import numpy as np

        from lucarne.atlas.pictures import encode_png

        put(encode_png(np.concatenate(list(frame.pixels), axis=1)))  # (size, pictures · size, 3)

    return told
