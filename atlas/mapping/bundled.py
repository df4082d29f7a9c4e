"""The atlases that ship, and where something lies on one."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.atlas.mapping.packing import RECORD
from lucarne.models.errors import WeightsDamaged
from lucarne.models.model import Model

BUNDLED = Path(__file__).parent.parent / "bundled" / "atlases"
NEAREST = 4  # cells between which a vector is placed
SHARP = 24.0  # how much more the nearer of them counts: exp(SHARP · cosine)


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


def place(vectors: np.ndarray, middles: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where vectors (n, channels) lie among cells: points (n, 2) in 0…1, and the cosine to the nearest cell (n,).

    Between the nearest few cells, the nearer the more: what UMAP itself would need every sample for.
    """
    unit, cells = (each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9) for each in (vectors, means))
    cosines = unit @ cells.T  # (n, cells)
    near = np.argsort(-cosines, axis=1)[:, : min(NEAREST, len(cells))]
    close = np.take_along_axis(cosines, near, 1)
    weight = np.exp(SHARP * (close - close[:, :1]))
    points = (middles[near] * (weight / weight.sum(1, keepdims=True))[..., None]).sum(1)
    return points.astype(np.float32), close[:, 0]
