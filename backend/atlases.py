"""Where atlases are: those that ship, and those of one's own galleries, whose stages are kept until they are done."""

from collections.abc import Callable, Sequence

import numpy as np

from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.mapping.atlas import build
from lucarne.atlas.mapping.bundled import Packed, opened, shipped
from lucarne.atlas.mapping.packing import pack, record
from lucarne.atlas.pictures import Pixels
from lucarne.galleries import BUNDLED, Galleries
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.pictures import Pictures


def said_of(model: Model, site: str) -> str:
    """The site that is mapped: of a layer what comes out of its ReLU, which is what the next layer is told."""
    name = model.site(site).name
    after = f"relu{name[-1]}"
    return after if name.startswith(("conv", "fc", "norm")) and after in model.sites else name


def atlas_of(
    model: Model,
    site: str,
    name: str,
    pictures: Pictures,
    told: Callable[[int, np.ndarray, np.ndarray], None] | None = None,
    progress: Progress = iter,
) -> Packed:
    """The atlas of a site over the gallery of that name; made if it is not there, from where it was cut off if it was.

    Raises Unknown for a gallery that is not there.
    """
    if name == BUNDLED and (ready := shipped(model, site)):
        return ready
    galleries = Galleries.beside(pictures)
    gallery = galleries.get(name)
    work = pictures.root.parent / "atlases" / f"{model.card.name}-{model.weights[:12]}-{site}-{name}"
    if ready := opened(work / "packed", model):
        return ready
    atlas = build(model, site, _At(gallery, model.card.input_size or 0), work, told=told, progress=progress)
    packed = work / "packed"
    packed.mkdir(exist_ok=True)
    pages = [vars(page) for page in pack(atlas, packed)]
    record(
        packed, weights=model.weights, site=site, samples=len(gallery), credit=gallery.title, gallery=name, pages=pages
    )
    ready = opened(packed, model)
    assert ready is not None
    return ready


class _At(Sequence[Pixels]):
    """A gallery's centre squares at a network's size."""

    def __init__(self, gallery: Gallery, size: int) -> None:
        self._gallery, self._size = gallery, size

    def __len__(self) -> int:
        return len(self._gallery)

    def __getitem__(self, number: int) -> Pixels:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._gallery.tile(number, self._size)
