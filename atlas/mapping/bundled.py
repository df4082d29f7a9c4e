"""Atlases as they lie in folders: those that ship, and others."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lucarne.atlas.mapping.layout import Floats
from lucarne.atlas.mapping.placing import PLACING, read_placing
from lucarne.atlas.mapping.shipped import BUNDLED, RECORD
from lucarne.models.errors import WeightsDamaged
from lucarne.models.model import Model

VISITORS = "visitors.safetensors"


@dataclass(frozen=True)
class Packed:
    """An atlas as `packing` wrote it: its folder and what it says of itself."""

    folder: Path
    said: dict[str, Any]

    def copy(self, folder: Path) -> None:
        """All its files that are shown."""
        for file in self.folder.iterdir():
            if file.name not in (RECORD, PLACING, VISITORS):
                shutil.copyfile(file, folder / file.name)

    def placed(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Where vectors (n, channels) of its site lie: points (n, 2) in 0…1, and the cosine to the nearest cell's mean
        (n,). Raises WeightsDamaged."""
        return read_placing(self.folder, vectors)


def shipped(model: Model, site: str, bundled: Path = BUNDLED) -> Packed | None:
    """The atlas that ships for a site of just these weights, if there is one. Raises WeightsDamaged."""
    folder = bundled / f"{model.card.name}-{site}"
    return opened(folder, model)


def opened(folder: Path, model: Model) -> Packed | None:
    """A packed atlas of just these weights; None where there is none. Raises WeightsDamaged."""
    try:
        said = json.loads((folder / RECORD).read_bytes())
        return Packed(folder, said) if said["weights"] == model.weights and (folder / PLACING).exists() else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsDamaged(f"{RECORD} of the atlas in {folder.name} is damaged.") from error
