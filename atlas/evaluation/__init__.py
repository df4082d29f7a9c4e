"""How good a network is: measured anew, from the files that ship, on data it has not learned from.

A file for each kind of network; `figures` says what may come out, `record` writes it into the card of the network.
"""

from collections.abc import Callable
from pathlib import Path

from lucarne.atlas.evaluation import language, vision
from lucarne.atlas.evaluation.figures import Figures
from lucarne.models import load
from lucarne.models.catalog import MODELS
from lucarne.models.errors import Unsuitable
from lucarne.models.loading import entry_of
from lucarne.models.model import Model
from lucarne.models.progress import Progress

__all__ = ["Figures", "evaluate"]


def evaluate(
    name: str,
    data: Path,
    cache: Path,
    *,
    folder: Path | None = None,
    device: str = "auto",
    progress: Progress = iter,
) -> Figures:
    """The figures of the model `name` of the catalog, or of a GPT-2-shaped folder.

    `data` holds the picture packs or the texts that `models/training/` describes, or a folder `pictures` or `text` with
    them; `cache` keeps decoded pictures; `folder` and `device` are `load`'s. Raises Unsuitable for a network that
    cannot be measured on these data, and where they are missing or damaged; and whatever `load` raises.
    """
    entry = entry_of(name)
    if entry.kind == "vision" and entry.labels != vision.LABELS:
        known = ", ".join(each for each, other in MODELS.items() if other.labels == vision.LABELS)
        raise Unsuitable(f"{name} tells other classes apart than those of {vision.PACK}. Those are of: {known}.")
    measure: Callable[[Model, Path, Path, Progress], Figures]
    measure = vision.figures_of if entry.kind == "vision" else language.figures_of
    return measure(load(name, folder=folder, device=device), data, cache, progress)
