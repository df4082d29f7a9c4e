"""What ships of the index of the bundled corpus: `python -m lucarne.atlas.language.index gpt`. Takes some minutes.

texts/gpt-index.npz    the arrays of an `Index`, and of what it is: weights, dictionaries, corpus
"""

import argparse
import functools
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from lucarne.atlas import arrays
from lucarne.atlas.galleries.pack import replacing
from lucarne.atlas.language.corpora import BUNDLED, NETWORKS, bundled

if TYPE_CHECKING:
    from lucarne.atlas.language.indexing import Index
    from lucarne.models.model import Model

ARRAYS = ("top", "values", "active", "counts", "tenths")

_kept: "dict[str, Index]" = {}  # by what it is of; a worker holds few models


def file_of(name: str) -> Path:
    return BUNDLED / f"{name}-index.npz"


@functools.lru_cache(maxsize=64)
def is_at_hand(name: str) -> bool:
    """Whether an index of the bundled corpus ships for the weights that ship under this name. Loads no network."""
    try:
        told = json.loads(file_of(name).with_suffix(".json").read_text(encoding="utf-8"))
        card = json.loads((NETWORKS / name / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return file_of(name).exists() and told["weights"] == card["weights"]


def shipped(model: "Model") -> "Index | None":
    """The index that ships of the bundled corpus for just these weights and dictionaries, if one does."""
    from lucarne.atlas.language.indexing import Index, identity

    if not file_of(model.card.name).exists():
        return None
    said = identity(model, bundled(model))
    if said not in _kept:
        with np.load(file_of(model.card.name), allow_pickle=False) as kept:
            if str(kept["identity"]) != said:
                return None
            names, units = kept["sites"].tolist(), kept["units"].tolist()
            known = {name: arrays.together(kept, name) for name in ARRAYS}
            found = Index(dict(zip(names, units, strict=True)), int(kept["positions"]), **known)
        if len(_kept) >= 4:
            _kept.clear()
        _kept[said] = found
    return _kept[said]


def ship(found: "Index", said: str, file: Path) -> None:
    """Write an index so that it takes little room."""
    packed = arrays.apart(**{name: getattr(found, name) for name in ARRAYS})
    with replacing(file) as half, half.open("wb") as opened:
        np.savez_compressed(
            opened, allow_pickle=False, identity=np.array(said), positions=np.array(found.positions),
            sites=np.array(list(found.sites)), units=np.array(list(found.sites.values())), **packed,
        )  # fmt: skip


def main() -> None:
    from lucarne.atlas.language.indexing import identity, index
    from lucarne.models import load

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a language model of the catalog whose texts ship")
    parser.add_argument("--work", type=Path, help="folder of what was found so far; resumes")
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    model = load(given.model, device=given.device)
    corpus = bundled(model)
    with tempfile.TemporaryDirectory() as place:
        found = index(model, corpus, (given.work or Path(place)) / f"{given.model}.safetensors", tqdm)
    ship(found, identity(model, corpus), file_of(given.model))
    with replacing(file_of(given.model).with_suffix(".json")) as half:
        half.write_text(json.dumps({"weights": model.weights}) + "\n", encoding="utf-8")
    size = file_of(given.model).stat().st_size
    print(f"{sum(found.sites.values()):,} units over {found.positions:,} positions, {size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
