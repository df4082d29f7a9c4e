"""`lucarne gallery`: what there is, adding one's own, fetching data sets, indexing ahead of time."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from lucarne.atlas.galleries.catalog import DATASETS
from lucarne.galleries import Galleries
from lucarne.models.catalog import MODELS
from lucarne.settings import Settings

T = TypeVar("T")

NAMED = 10  # skipped files that are named

gallery = typer.Typer(help="Sets of pictures to look through.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)


def _galleries() -> Galleries:
    return Galleries(Settings().data / "galleries")


@gallery.command("list")
def list_galleries() -> None:
    """Every gallery; those that follow a folder are brought up to date first."""
    from lucarne.watching import refresh

    known = _galleries()
    refresh(known)
    table = Table("Name", "Title", "Pictures", "Labels", box=None, pad_edge=False)
    for each in known.all():
        table.add_row(each.name, each.title, f"{len(each):,}", f"{len(set(map(each.label, range(len(each))))):,}")
    out.print(table)
    for name, dataset in DATASETS.items():
        out.print(f"To fetch: lucarne gallery download {name} ({dataset.remote.size / 1e6:.0f} MB). {dataset.about}")


@gallery.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is to be called; the digits of its pictures are put behind.")],
    path: Annotated[Path, typer.Argument(help="A folder, a zip or tar archive, or a packed set (.index.npz).")],
) -> None:
    """Add pictures. A folder is followed from then on: what comes there later comes into the gallery."""
    from lucarne.atlas.galleries.sources import source
    from lucarne.atlas.galleries.squares import Skipped, squares
    from lucarne.watching import watch

    skipped: list[Skipped] = []
    if path.is_dir():
        added = watch(_galleries(), name, path, skipped.append, tqdm)
    else:
        added = _galleries().add(name, squares(tqdm(source(path)), skipped.append))
    _say(added.name, len(added), [f"{each.name}: {each.why}" for each in skipped])


@gallery.command()
def remove(name: Annotated[str, typer.Argument(help="A gallery of `lucarne gallery list`.")]) -> None:
    """Throw away a gallery that was added, with all that is known of its pictures. A followed folder stays as it is."""
    known = _galleries()
    known.remove(name)
    out.print(f"{name} is gone.")


@gallery.command()
def download(name: Annotated[str, typer.Argument(help=f"One of: {', '.join(DATASETS)}.")]) -> None:
    """Fetch a data set, check it, and make a gallery of it; taken up again where it was cut off."""
    from lucarne.atlas.galleries.catalog import fetch
    from lucarne.atlas.galleries.pack import About
    from lucarne.atlas.galleries.squares import Skipped, squares

    def bar(steps: Iterable[T], /) -> Iterable[T]:
        return tqdm(steps, total=-(-DATASETS[name].remote.size // 2**20), unit="MiB", desc=DATASETS[name].remote.name)

    skipped: list[Skipped] = []
    found = fetch(name, Settings().data / "downloads", bar)
    dataset = DATASETS[name]
    about = About(dataset.title, dataset.credit, dataset.licence)
    added = _galleries().add(name, squares(tqdm(found, desc="reading"), skipped.append), about)
    _say(added.name, len(added), [f"{each.name}: {each.why}" for each in skipped])


@gallery.command()
def index(
    name: Annotated[str, typer.Argument(help="A gallery of `lucarne gallery list`.")],
    model: Annotated[str, typer.Option(help="A vision model of `lucarne models list`.")] = "alexnet",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Have a network look at every picture now, so that nobody waits for it later. Cut off, it goes on where it was."""
    from lucarne.atlas.vision.study import Study
    from lucarne.models import load
    from lucarne.models.errors import Unsuitable
    from lucarne.watching import refresh

    known = _galleries()
    refresh(known)
    chosen = known.get(name)
    network = load(model, folder=Settings().weights, device=device)
    if network.kind != "vision":
        names = ", ".join(each for each, entry in MODELS.items() if entry.kind == "vision" and not entry.random)
        raise Unsuitable(f"{model} reads text. Galleries are for {names}.", field="model")
    Study(chosen, network, known.index_folder(chosen), tqdm).write_summary()
    out.print(f"{network.card.title} has looked at the {len(chosen):,} pictures of {chosen.name}.")


def _say(name: str, count: int, skipped: list[str]) -> None:
    out.print(f"{name}: {count:,} pictures.")
    for line in skipped[:NAMED]:
        out.print(f"  left out: {line}")
    if len(skipped) > NAMED:
        out.print(f"  … and {len(skipped) - NAMED:,} more.")
