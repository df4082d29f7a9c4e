"""What the browser draws of pictures: few shapes for many recipes. Arrays lie in files beside, as safetensors."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Colour = Literal["rgb", "sequential", "signed"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(Frozen):
    """A file beside an artifact, served at `/api/artifacts/{id}/{name}` and never changed."""

    name: str
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str


class ReceptiveField(Frozen):
    """The square of the network's input that cell (row, column) of a site looks at, in input pixels.

    It spans rows `start + row * stride` to `start + row * stride + size` (exclusive), columns alike; parts outside the
    input are padding.
    """

    size: int
    stride: int
    start: int


class Artifact(Frozen):
    """What every artifact says of itself: how it was made (`recipe`), from which weights, what is seen (`caption`)."""

    id: str = Field(description="Hash of the recipe, of the model's weights and of what else ships that it is made of.")
    kind: str
    model: str
    weights: str = Field(description="sha256 of the weights it was made from.")
    recipe: dict[str, object] = Field(description="The recipe in full: post it again and this artifact is the answer.")
    caption: str
    files: list[File] = []


class Rank(Frozen):
    index: int
    label: str
    probability: float
    logit: float


class Sheet(Frozen):
    """Tiles of one size in one picture file, row by row, `across` of them in a row."""

    file: str
    across: int


class ImageGrid(Artifact):
    """Many small pictures of one size: kernels, the maps of a site, dreams.

    Where there is a `sheet` the tiles lie in it. Else `tiles.safetensors` holds `tiles`, uint8 (count, height, width)
    or for colour `rgb` (count, height, width, 3), and where it is not `rgb` also `low` and `high`, float32 (count,):
    byte b of tile i stands for `low[i] + b / 255 * (high[i] - low[i])`.
    """

    shape: Literal["image_grid"] = "image_grid"
    count: int
    height: int
    width: int
    colour: Colour
    columns: dict[str, list[float]] = Field(description="Numbers of each tile by which the grid can be sorted.")
    units: dict[str, str] = Field(default={}, description="The unit of each column, where it has one.")
    labels: list[str] = Field(default=[], description="What each tile stands for, where it has a name: a class of fc8.")
    picture: str | None = Field(default=None, description="The file with the picture the network was shown.")
    input_size: int = Field(description="Side of the network's input in pixels.")
    field: ReceptiveField | None = Field(default=None, description="What a cell of a tile looks at.")
    sheet: Sheet | None = Field(default=None, description="The file with the tiles as one picture, if they are colour.")
    answer: Rank | None = Field(default=None, description="The class it argues for, and what the network says of it.")


class Box(Frozen):
    """A square part of a picture's centre square, in parts of its side; it may reach beyond where padding was seen."""

    left: float
    top: float
    side: float


class Seen(Frozen):
    """A picture out of a gallery and what was found about it."""

    number: int = Field(description="Its place in the gallery, from 0.")
    name: str
    label: str = Field(description="What it shows, where the gallery says so.")
    value: float
    group: str = Field(description="Which of the artifact's groups it belongs to.")
    box: Box | None = Field(default=None, description="The part of it that is meant.")


class PictureList(Artifact):
    """Pictures out of a gallery in groups, each group in its order, each picture with its number.

    `sheet` shows the centre squares of `rows`, one tile each, `side` pixels wide and high.
    """

    shape: Literal["picture_list"] = "picture_list"
    gallery: str
    total: int = Field(description="How many pictures the gallery holds.")
    groups: dict[str, str] = Field(description="Every group and what its numbers are.")
    rows: list[Seen]
    side: int
    sheet: Sheet
    numbers: dict[str, float] = Field(default={}, description="What was measured on the way.")


class Series(Frozen):
    name: str
    y: list[float]


class Panel(Frozen):
    """Curves or bars over one axis. Bars stand between neighbouring `x`, of which there is one more than bars."""

    title: str
    draw: Literal["line", "bars"]
    x: list[float]
    x_label: str
    y_label: str
    x_names: list[str] = Field(default=[], description="What each x is called, where it is no number.")
    log_y: bool = False
    series: list[Series]


class Figure(Artifact):
    """Curves and bars, a panel each."""

    shape: Literal["figure"] = "figure"
    panels: list[Panel]
    numbers: dict[str, float] = Field(default={}, description="What the panels come down to.")


class AtlasPage(Frozen):
    """One grid of an atlas, `side` × `side` cells of which `cells` are kept.

    `table`, in safetensors layout, holds for each kept cell in the order of the sheet's icons: `place`, uint8
    (cells, 2), column and row from the upper left; `count`, int32 (cells,), samples in it; `arguments`, int8
    (cells, classes), and `scale`, float32 (cells,): byte times scale is what the cell argues for a class, in logits;
    `samples`, int32 (cells, 12), numbers of the pictures nearest to its middle, -1 where there are fewer.
    """

    side: int
    cells: int
    sheet: Sheet
    table: str


class AtlasMap(Artifact):
    """A map of what a site says of many pictures: every cell a dream of what is said there.

    `points.safetensors` holds `points`, uint16 (dots, 2): where samples lie, in 65535ths of the map's side from its
    upper left corner; every sample or, of more than 40,000, every so many-th.
    """

    shape: Literal["atlas"] = "atlas"
    site: str
    title: str = Field(description="Of the pictures it was made from.")
    samples: int
    icon: int = Field(description="Side of an icon on its sheet, in pixels.")
    pages: list[AtlasPage] = Field(description="Coarsest first.")
    classes: list[str]
    gallery: str | None = Field(default=None, description="Where the samples' pictures are; none: they are not here.")


class Visits(Artifact):
    """Where pictures of a gallery lie on an atlas that was made from others.

    `visits.safetensors` holds, for up to four places of each picture: `pictures`, int32 (places,), numbers in the
    gallery; `cells`, uint8 (places, 2), row and column of the site; `points`, uint16 (places, 2), in 65535ths of the
    map's side from its upper left corner; `near`, uint8 (places,), the cosine to the nearest cell's mean in 255ths.
    """

    shape: Literal["visits"] = "visits"
    site: str
    gallery: str = Field(description="Where the pictures are.")
    title: str = Field(description="Of that gallery.")
    count: int = Field(description="Pictures.")
    places: int


class Spot(Frozen):
    """A cell of a picture (row, column of the site) and where it lies on the map, x and y in 0…1."""

    row: int
    column: int
    x: float
    y: float
    near: float = Field(description="Cosine between what is said there and the nearest cell's mean.")


class PointMap(Artifact):
    """Where the places of one picture lie on an atlas."""

    shape: Literal["point_map"] = "point_map"
    site: str
    points: list[Spot]
    rows: int
    columns: int
    field: ReceptiveField | None = Field(default=None, description="What a cell looks at.")
    input_size: int
    picture: str = Field(description="The file with the picture the network was shown.")


class Ranking(Artifact):
    """The likeliest of a list, best first."""

    shape: Literal["ranking"] = "ranking"
    ranks: list[Rank]
    total: int = Field(description="How many there are in all.")


class Change(Artifact):
    """What the network says before and after it was changed.

    `before` and `after` hold the classes that are among the first in either: the same, likeliest before first.
    """

    shape: Literal["change"] = "change"
    before: list[Rank]
    after: list[Rank]
    total: int = Field(description="How many classes there are in all.")
    moved: float = Field(description="Kullback-Leibler divergence of after from before, in nats.")
