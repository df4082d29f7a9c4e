"""`lucarne corpus`: what there is, adding one's own, throwing it away, reading one ahead of time."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from lucarne.corpora import Corpora
from lucarne.models.catalog import MODELS
from lucarne.settings import Settings

corpus = typer.Typer(help="Sets of texts to look through.", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)


def _corpora() -> Corpora:
    return Corpora(Settings().data / "corpora")


@corpus.command("list")
def list_corpora() -> None:
    """Every corpus."""
    table = Table("Name", "Title", "Documents", "Bytes", box=None, pad_edge=False)
    for each in _corpora().all():
        size = "as tokens" if each.bytes is None else f"{each.bytes:,}"
        table.add_row(each.name, each.title, f"{each.documents:,}", size)
    out.print(table)


@corpus.command()
def add(
    path: Annotated[Path, typer.Argument(help="A .txt file in UTF-8, or a folder of such files.")],
    name: Annotated[str | None, typer.Option(help="What it is to be called; the file's name if not given.")] = None,
) -> None:
    """Add texts: a document for each file, or for each part between lines that say <|endoftext|>; 8 MiB at most."""
    from lucarne.atlas.language.corpora import documents_in

    added = _corpora().add(name or path.stem or path.resolve().name, documents_in(path))
    out.print(f"{added.name}: {added.documents:,} documents, {added.bytes:,} bytes.")


@corpus.command()
def remove(name: Annotated[str, typer.Argument(help="A corpus of `lucarne corpus list`.")]) -> None:
    """Throw away a corpus that was added, and what is known of it."""
    _corpora().remove(name)
    out.print(f"{name} is gone.")


@corpus.command()
def index(
    name: Annotated[str, typer.Argument(help="A corpus of `lucarne corpus list`.")],
    model: Annotated[str, typer.Option(help="A language model of `lucarne models list`.")] = "gpt",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Have a network read all of it now, so that nobody waits for it later. Cut off, it goes on where it was."""
    from lucarne.models import load
    from lucarne.models.errors import Unsuitable

    network = load(model, folder=Settings().weights, device=device)
    if network.kind != "language":
        names = ", ".join(each for each, entry in MODELS.items() if entry.kind == "language" and not entry.random)
        raise Unsuitable(f"{model} looks at pictures. Corpora are for {names}.", field="model")
    _, found = _corpora().index(name, network, tqdm)
    out.print(f"{network.card.title} has read the {found.positions:,} tokens of {name}.")
