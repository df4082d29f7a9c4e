"""Atlases as they lie in folders: those that ship, and others."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.atlas.mapping.shipped import BUNDLED, RECORD
from lucarne.models.errors import WeightsDamaged
from lucarne.models.model import Model


@dataclass(frozen=True)
class Packed:
    """An atlas as `packing` wrote it: its folder and what it says of itself."""

    folder: Path
    said: dict[str, Any]

    def copy(self, folder: Path) -> None:
        """All its files but the record."""
        for file in self.folder.iterdir():
            if file.name != RECORD:
                shutil.copyfile(file, folder / file.name)

    def finest(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the finest grid: middles of its cells (cells, 2) in 0…1 and their means, float32 (cells, channels)."""
        page = self.said["pages"][-1]
        try:
            table = load_file(self.folder / page["table"])
        except (OSError, SafetensorError) as error:
            raise WeightsDamaged(f"{page['table']} of the atlas is damaged.") from error
        return (table["place"] + 0.5) / page["side"], table["means"].astype(np.float32)


def shipped(model: Model, site: str, bundled: Path = BUNDLED) -> Packed | None:
    """The atlas that ships for a site of just these weights, if there is one. Raises WeightsDamaged."""
    folder = bundled / f"{model.card.name}-{site}"
    return opened(folder, model)


def opened(folder: Path, model: Model) -> Packed | None:
    """A packed atlas of just these weights; None where there is none. Raises WeightsDamaged."""
    try:
        said = json.loads((folder / RECORD).read_bytes())
        return Packed(folder, said) if said["weights"] == model.weights else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsDamaged(f"{RECORD} of the atlas in {folder.name} is damaged.") from error
