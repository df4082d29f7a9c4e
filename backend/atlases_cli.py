"""`lucarne atlas`: building a map ahead of time, what there is, and taking one along."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table
from tqdm import tqdm

from lucarne.atlas.mapping.shipped import BUNDLED as SHIPPED
from lucarne.atlas.mapping.shipped import RECORD
from lucarne.galleries import BUNDLED, Galleries
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.settings import Settings

if TYPE_CHECKING:
    from lucarne.atlas.mapping.bundled import Packed

T = TypeVar("T")

atlas = typer.Typer(help="Maps of what a network says of many pictures.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)

ModelOption = Annotated[str, typer.Option(help="A model of `lucarne models list`, if it is not told before the site.")]
GalleryOption = Annotated[str, typer.Option(help="A gallery of `lucarne gallery list`.")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
EngineOption = Annotated[str, typer.Option(help="Where the work is done: local, or ray, on the machines of a cluster.")]
AddressOption = Annotated[
    str | None, typer.Option(help="A Ray cluster, host:port or auto; if none is told, Ray runs on this machine alone.")
]


@atlas.command()
def build(
    what: Annotated[
        list[str],
        typer.Argument(metavar="[MODEL] SITE", help="What is mapped: relu5, gpt blocks.3.hook_resid_pre."),
    ],
    model: ModelOption = "alexnet",
    gallery: GalleryOption = BUNDLED,
    device: DeviceOption = "auto",
    engine: EngineOption = "local",
    address: AddressOption = None,
) -> None:
    """Build a map now, so that nobody waits for it later. Cut off, it goes on where it was.

    Of a network that reads text, a site of the residual stream over the stories that ship.
    """
    from lucarne.atlas.mapping.engine import at_work
    from lucarne.atlases import atlas_of, said_of
    from lucarne.models import load
    from lucarne.pictures import Pictures
    from lucarne.text_atlases import text_atlas_of
    from lucarne.watching import refresh

    refresh(Galleries(Settings().data / "galleries"))
    if len(what) > 2:
        raise Unsuitable("Name a site, or a model and one of its sites.", field="what")
    *named, site = what
    pictures = Pictures(Settings().pictures)
    with at_work(engine, device, address) as hands:
        network = load(named[0] if named else model, folder=Settings().weights, device=hands.home)
        if network.kind == "language":
            packed = text_atlas_of(network, site, pictures, _Bars(), hands)
        else:
            packed = atlas_of(network, said_of(network, site), gallery, pictures, progress=_Bars(), engine=hands)
    of = packed.said.get("gallery") or packed.said.get("corpus") or BUNDLED
    cells = ", ".join(f"{page['cells']:,} of {page['side']} × {page['side']}" for page in packed.said["pages"])
    out.print(f"{network.card.name}-{packed.said['site']}-{of}: {packed.said['samples']:,} samples; cells: {cells}.")


@atlas.command("list")
def list_atlases() -> None:
    """Every atlas that is finished: those that ship, and one's own."""
    finished = _finished()
    name_column = Column("Name", min_width=max(map(len, finished), default=0))  # to be copied, so never cut
    table = Table(name_column, "Of", "Samples", "Cells", box=None, pad_edge=False)
    for name, there in finished.items():
        cells = " + ".join(f"{page['cells']:,}" for page in there.packed.said["pages"])
        table.add_row(name, there.packed.said["credit"], f"{there.packed.said['samples']:,}", cells)
    out.print(table)


@atlas.command()
def export(
    name: Annotated[str, typer.Argument(help="An atlas of `lucarne atlas list`, as much of its name as is its own.")],
    file: Annotated[Path, typer.Argument(help="Where to: a file that ends in .html or .png.")],
) -> None:
    """Write a map into one file: .html, to be moved and zoomed in any browser without a network, or .png."""
    from lucarne.atlas.mapping.export import page_of, picture_of
    from lucarne.models import describe
    from lucarne.models.loading import entry_of, labels

    if file.suffix not in (".html", ".png"):
        raise Unsuitable(f"{file.name} ends neither in .html nor in .png.", field="file")
    there = _finished()
    fitting = [each for each in there if each == name] or [each for each in there if name in each]
    if len(fitting) != 1:
        raise Unknown("atlas", name, fitting or list(there), field="name")
    chosen = there[fitting[0]]
    if not all("sheet" in page for page in chosen.packed.said["pages"]):
        raise Unsuitable("A map of texts is looked at in the page; only maps of pictures go into a file.", field="name")
    if file.suffix == ".png":
        content = picture_of(chosen.packed)
    else:
        title = describe(chosen.model, folder=Settings().weights).title
        content = page_of(chosen.packed, title, labels(entry_of(chosen.model))).encode()
    file.write_bytes(content)
    out.print(f"{file}: {len(content) / 1e6:.1f} MB.")


class _Bars:
    """A bar for each stage, under the words that were said of it."""

    def __init__(self) -> None:
        self._words = ""

    def note(self, words: str) -> None:
        self._words = words

    def __call__(self, steps: Iterable[T], /) -> Iterable[T]:
        return tqdm(steps, desc=self._words)


@dataclass(frozen=True)
class Finished:
    """An atlas and the name of the model it is of."""

    model: str
    packed: "Packed"


def _finished() -> dict[str, Finished]:
    """By name, `<model>-<site>` for one that ships and `<model>-<site>-<gallery>` for one's own, newest of its name."""
    from lucarne.atlas.mapping.bundled import Packed

    there: dict[str, Finished] = {}
    records = sorted(SHIPPED.glob(f"*/{RECORD}"))
    records += sorted((Settings().data / "atlases").glob(f"*/*/packed/{RECORD}"), key=lambda file: file.stat().st_mtime)
    for file in records:
        try:
            packed = Packed(file.parent, json.loads(file.read_bytes()))
            site = packed.said["site"]
        except (ValueError, KeyError, TypeError):
            continue  # damaged: built again when it is asked for
        own = packed.said.get("gallery") or packed.said.get("corpus")
        whole = file.parents[2].name if own else file.parent.name
        model = whole.removesuffix(f"-{site}")
        model = model.removesuffix(f"-{packed.said['weights'][:12]}")
        there[f"{model}-{site}-{own}" if own else whole] = Finished(model, packed)
    return there
