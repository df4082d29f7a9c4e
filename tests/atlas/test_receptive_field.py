"""A cell depends on the pixels of its receptive field and on no others: shown by changing pixels."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from lucarne.atlas.vision.receptive_field import Field, receptive_field
from lucarne.models import load
from lucarne.models.alexnet import CAFFE, PAPER, TORCHVISION, AlexNet, Plan, windows
from lucarne.models.model import Model
from lucarne.models.unfilled import empty


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def spans(field: Field, cells: int, size: int) -> Iterator[tuple[int, slice]]:
    """Each row (or column) of cells with the rows of pixels it sees, cut off at the picture's edge."""
    for cell in range(cells):
        start = field.start + cell * field.stride
        yield cell, slice(max(0, start), min(size, start + field.size))


SPATIAL = [name for name in windows(Plan(response_norm=True)) if name != "input"]


@pytest.mark.parametrize("site", SPATIAL)
def test_what_lies_outside_the_field_changes_nothing_at_any_cell(site: str, model: Model) -> None:
    size, random = 64, torch.Generator().manual_seed(0)
    field = receptive_field(model.network.plan, site)  # pyright: ignore
    assert field is not None
    base, other = torch.randn(2, 1, 3, size, size, generator=random)
    plain = model.look(base, site)[site][0]  # (channel, y, x)
    cells = [
        (row, column, rows, columns)
        for row, rows in spans(field, plain.shape[1], size)
        for column, columns in spans(field, plain.shape[2], size)
    ]
    shown = other.repeat(len(cells), 1, 1, 1)  # another picture, but for the field of one cell each
    for picture, (_, _, rows, columns) in zip(shown, cells, strict=True):
        picture[:, rows, columns] = base[0, :, rows, columns]
    answers = model.look(shown, site)[site]  # (cell, channel, y, x)
    for answer, (row, column, _, _) in zip(answers, cells, strict=True):
        torch.testing.assert_close(answer[:, row, column], plain[:, row, column], rtol=0, atol=1e-5)


@pytest.fixture(scope="module")
def touched(model: Model) -> dict[tuple[str, int], Tensor]:
    """By site and axis (2 rows, 3 columns) whether changing a line of pixels changes a line of cells, (pixel, cell)."""
    size, random = 64, torch.Generator().manual_seed(0)
    touched: dict[tuple[str, int], Tensor] = {}
    for axis in (2, 3):
        for picture in torch.randn(12, 1, 3, size, size, generator=random):
            shown = picture.repeat(size + 1, 1, 1, 1)  # the last one stays as it is
            for line in range(size):
                shown[line].select(axis - 1, line).copy_(30 * torch.randn(3, size, generator=random))
            for site, answers in model.look(shown, *SPATIAL).items():
                differs = (answers[:-1] - answers[-1:]).abs() > 1e-5  # (pixel, channel, y, x)
                seen = differs.any(1).any(4 - axis)  # (pixel, cell)
                touched[site, axis] = touched.get((site, axis), torch.zeros_like(seen)) | seen
    return touched


@pytest.mark.parametrize("axis", [2, 3], ids=["rows", "columns"])
@pytest.mark.parametrize("site", SPATIAL)
def test_every_line_of_pixels_in_the_field_counts_and_no_other(
    site: str, axis: int, model: Model, touched: dict[tuple[str, int], Tensor]
) -> None:
    """Rows by themselves and columns by themselves, first and last of the field among them, border cells too."""
    field = receptive_field(model.network.plan, site)  # pyright: ignore
    assert field is not None
    counts = touched[site, axis]  # (pixel, cell)
    for cell, span in spans(field, counts.shape[1], 64):
        lines = counts[:, cell].nonzero().flatten().tolist()
        assert lines == list(range(64))[span], f"cell {cell}"


def test_a_field_has_the_figures_people_know() -> None:
    known = {
        "conv1": (11, 4), "pool1": (19, 8), "conv2": (51, 8), "pool2": (67, 16), "conv3": (99, 16), "conv4": (131, 16),
        "conv5": (163, 16), "pool5": (195, 32),
    }  # fmt: skip
    for plan in (TORCHVISION, PAPER, CAFFE):
        for site, (size, stride) in known.items():
            field = receptive_field(plan, site)
            assert field is not None
            assert (field.size, field.stride) == (size, stride), site


@pytest.mark.parametrize(
    "plan", [TORCHVISION, PAPER, CAFFE, Plan(input_size=128, padding=2), Plan(input_size=64, padding=2)]
)
def test_every_spatial_site_has_a_field_and_every_other_none(plan: Plan) -> None:
    from lucarne.models.sites import alexnet_sites

    network = empty(lambda: AlexNet(plan))
    assert isinstance(network, AlexNet)
    for site in alexnet_sites(network):
        field = receptive_field(plan, site.name)
        assert (field is None) == (site.axes == ("unit",)), site.name


def test_relu_and_normalisation_see_what_the_convolution_sees() -> None:
    for layer in (1, 2):
        fields = {receptive_field(PAPER, f"{kind}{layer}") for kind in ("conv", "relu", "norm")}
        assert len(fields) == 1


def test_the_input_sees_itself() -> None:
    assert receptive_field(PAPER, "input") == Field(size=1, stride=1, start=0)


def test_fields_of_the_two_networks_start_where_their_margins_are() -> None:
    for plan, start in ((PAPER, 0), (TORCHVISION, -2)):
        field = receptive_field(plan, "conv1")
        assert field is not None
        assert field.start == start


def test_fields_lie_symmetrically_where_the_sizes_come_out_even() -> None:
    """227 leaves nothing over: the last cell ends where the first begins, seen from the other side."""
    cells = {"conv1": 55, "pool1": 27, "pool2": 13, "conv5": 13, "pool5": 6}
    for site, count in cells.items():
        field = receptive_field(PAPER, site)
        assert field is not None
        end = field.start + (count - 1) * field.stride + field.size
        assert field.start == 227 - end, site


def test_a_single_bright_pixel_lights_only_cells_that_see_it(model: Model) -> None:
    field = receptive_field(model.network.plan, "conv1")  # pyright: ignore
    assert field is not None
    pixels = np.zeros((1, 64, 64, 3), np.uint8)
    dark = model.look(pixels, "conv1")["conv1"][0]
    pixels[0, 20, 41] = 255
    lit = (model.look(pixels, "conv1")["conv1"][0] != dark).any(0)  # (y, x)
    for row in range(lit.shape[0]):
        for column in range(lit.shape[1]):
            top, left = field.start + row * field.stride, field.start + column * field.stride
            sees = top <= 20 < top + field.size and left <= 41 < left + field.size
            assert bool(lit[row, column]) == sees
