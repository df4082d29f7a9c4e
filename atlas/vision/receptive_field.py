"""Which square of the picture a cell of a site looks at."""

from dataclasses import dataclass

from lucarne.models.alexnet import Plan, windows
from lucarne.models.taps import FEATURES


@dataclass(frozen=True)
class Field:
    """Cell (row, column) sees input pixels from `start + row * stride` on, `size` of them; columns alike.

    Parts that lie outside the input are padding.
    """

    size: int
    stride: int
    start: int


def receptive_field(plan: Plan, site: str) -> Field | None:
    """The field of a spatial site, None for one that sees the whole picture.

    Walking up the chain, each window widens the field by (kernel - 1) steps of what lies below it
    (Araujo, Norris, Sim: "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019).
    Response normalisation and a dictionary look across channels only and change nothing.
    """
    size, stride, start = 1, 1, 0
    for name, window in windows(plan).items():
        start -= window.padding * stride
        size += (window.kernel - 1) * stride
        stride *= window.stride
        if name == site.removesuffix(FEATURES):
            return Field(size, stride, start)
    return None
