"""Where atlases are: those that ship, and those of one's own galleries, whose stages are kept until they are done.

<data>/atlases/<model>-<weights>-<site>/samples/    what the network says of each picture, whatever gallery it is in
<data>/atlases/<model>-<weights>-<site>/icons/      every icon, by what it is drawn from
<data>/atlases/<model>-<weights>-<site>/<gallery>/  where the samples lie, and `packed`: the finished atlas
<data>/numba/                                       UMAP as it was compiled for this machine
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lucarne.atlas.mapping.atlas import build
from lucarne.atlas.mapping.bundled import Packed, opened, shipped
from lucarne.atlas.mapping.engine import Engine
from lucarne.atlas.mapping.kept import STALE
from lucarne.atlas.mapping.packing import pack, record
from lucarne.atlas.mapping.sampling import keys_of
from lucarne.atlas.mapping.shipped import rectified
from lucarne.atlas.mapping.visitors import Visitors, read_visitors, visit
from lucarne.folder import fsync_folder
from lucarne.galleries import BUNDLED, Galleries
from lucarne.models.errors import WeightsDamaged
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.pictures import Pictures

PACKED = "packed"


def said_of(model: Model, site: str) -> str:
    """The site that is mapped: of a layer what comes out of its ReLU, where it has one. Raises Unknown."""
    name = model.site(site).name
    after = rectified(name)
    return after if after in model.sites else name


def atlas_of(
    model: Model,
    site: str,
    name: str,
    pictures: Pictures,
    told: Callable[[int, np.ndarray, np.ndarray], None] | None = None,
    progress: Progress = iter,
    engine: Engine | None = None,
) -> Packed:
    """The atlas of a site over the gallery of that name; made if it is not there, from where it was cut off if it was.

    Raises Unknown for a gallery that is not there.
    """
    if name == BUNDLED and (ready := shipped(model, site)):
        return ready
    galleries = Galleries.beside(pictures)
    gallery = galleries.get(name)
    work = folder_of(model, site, pictures)
    if ready := finished(work / name, model):
        return ready
    compiled_in(root_of(pictures))
    squares = gallery.tiles(model.card.input_size or 0)
    atlas = build(
        model, site, squares, work, edition=name, ids=gallery.ids(), told=told, progress=progress, engine=engine
    )

    def write(fresh: Path) -> None:
        pages = [vars(page) for page in pack(atlas, fresh)]
        record(
            fresh, weights=model.weights, site=site, samples=len(gallery), credit=gallery.title, gallery=name,
            placed=atlas.placed, pages=pages,
        )  # fmt: skip

    return put(work / name, model, write)


def visitors_of(
    model: Model, packed: Packed, name: str, pictures: Pictures, seed: int, progress: Progress = iter
) -> Visitors:
    """Where pictures of the gallery of that name lie on an atlas. Raises Unknown for a gallery that is not there."""
    gallery = Galleries.beside(pictures).get(name)
    if not seed and (ready := read_visitors(packed, gallery)):
        return ready
    return visit(model, packed, gallery.tiles(model.card.input_size or 0), keys_of(gallery.ids(), seed), progress)


def put(folder: Path, model: Model, write: Callable[[Path], None]) -> Packed:
    """The packed atlas in a folder, put there by rename, whole or not at all. `write` is told where."""
    for half in folder.glob(".half-*"):
        if time.time() - half.stat().st_mtime > STALE:
            shutil.rmtree(half, ignore_errors=True)
    packed = folder / PACKED
    with tempfile.TemporaryDirectory(dir=folder, prefix=".half-") as half:
        fresh = Path(half) / PACKED
        fresh.mkdir()
        write(fresh)
        for file in fresh.iterdir():
            with file.open("rb") as written:
                os.fsync(written.fileno())
        if not finished(folder, model):  # another process may have been quicker
            fresh.rename(packed)
            fsync_folder(folder)
    ready = opened(packed, model)
    assert ready is not None
    return ready


def folder_of(model: Model, site: str, pictures: Pictures) -> Path:
    """Where the stages of a site's atlases are kept."""
    return root_of(pictures) / f"{model.card.name}-{model.weights[:12]}-{site}"


def compiled_in(root: Path) -> None:
    """Have UMAP keep what is compiled of it beside the atlases; to be said before anything imports it."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(root.parent / "numba"))


def root_of(pictures: Pictures) -> Path:
    """Where the atlases lie of the data folder that these pictures lie in."""
    return pictures.root.parent / "atlases"


def finished(folder: Path, model: Model) -> Packed | None:
    """What is packed there; what is damaged is thrown away, for all it was made from is at hand."""
    try:
        return opened(folder / PACKED, model)
    except WeightsDamaged:
        shutil.rmtree(folder / PACKED)
        return None
