"""The command line: `lucarne serve`, `models`, `doctor`, and `make` with every recipe."""

import inspect
import os
import re
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

import orjson
import typer
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from lucarne.atlases_cli import atlas
from lucarne.cards import kind_of, settle
from lucarne.corpora_cli import corpus
from lucarne.doctor import examine
from lucarne.errors import problem_of
from lucarne.folder import DIGEST, MANIFEST, Folder
from lucarne.galleries_cli import gallery
from lucarne.health import is_writable
from lucarne.models.catalog import ALIASES, MODELS, weights_folder
from lucarne.models.errors import Mistake, Unsuitable
from lucarne.recipe import Recipe
from lucarne.recipes import RECIPES
from lucarne.settings import Settings

if TYPE_CHECKING:
    from lucarne.pictures import Pictures

T = TypeVar("T")

PICTURES = ("picture", "corrupt", "a", "b")  # fields of recipes of pictures that take the id of one, or several
CACHE = Path.home() / ".cache/lucarne/training"  # the trainings' own

cli = typer.Typer(
    help="See what a neural network has learned.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
models = typer.Typer(help="The networks: what there is, what is here.", no_args_is_help=True)
makes = typer.Typer(help="Make one artifact, without a server.", no_args_is_help=True)
cli.add_typer(models, name="models")
cli.add_typer(makes, name="make")
cli.add_typer(gallery, name="gallery")
cli.add_typer(atlas, name="atlas")
cli.add_typer(corpus, name="corpus")

out = Console(highlight=False, soft_wrap=True)


def app() -> None:
    """A mistake is one line and status 2; Ctrl-C is 130."""
    try:
        cli()
    except (Mistake, ValidationError) as error:
        print(error.detail if isinstance(error, Mistake) else problem_of(error).detail, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at; 127.0.0.1 if not given.")] = None,
    port: Annotated[int | None, typer.Option(help="8000 if not given; 0 takes a free one.")] = None,
    token: Annotated[str | None, typer.Option(help="What visitors must show. Needed beyond this machine.")] = None,
    allowed_host: Annotated[list[str] | None, typer.Option(help="A host name to answer to. May be repeated.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for pictures and artifacts.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    checkpoint: Annotated[list[Path] | None, typer.Option(help="A GPT-2-shaped folder to offer. Repeatable.")] = None,
    open: Annotated[bool, typer.Option(help="Open the page in the browser.")] = False,
) -> None:
    """Serve the page and the interface until Ctrl-C."""
    given: dict[str, Any] = {"host": host, "port": port, "token": token, "data": data, "device": device}
    given["allowed_hosts"] = tuple(allowed_host) if allowed_host else None
    given["checkpoints"] = tuple(checkpoint) if checkpoint else None
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if not settings.is_local and (settings.token is None or not settings.allowed_hosts):
        raise Unsuitable("Beyond this machine Lucarne wants --token and --allowed-host, or strangers could use it.")
    if settings.port and _is_taken(settings.host, settings.port):
        raise Unsuitable(f"Port {settings.port} is taken. Try --port {settings.port + 1}.")
    for name, folder in ((folder.resolve().name, folder) for folder in settings.checkpoints):
        if name in MODELS:
            raise Unsuitable(f"A checkpoint folder cannot be called {name}: the catalog has one. Rename it.")
        if not ((folder / "config.json").is_file() and (folder / "model.safetensors").is_file()):
            raise Unsuitable(f"The folder {name} has no config.json and model.safetensors: it is no checkpoint.")
    if not is_writable(settings.artifacts):
        raise Unsuitable("The folder for pictures and artifacts cannot be written to. Choose another: --data.")

    from lucarne.app import create_app
    from lucarne.serve import serve as run

    def announce(address: str) -> None:
        out.print(f"Lucarne is at [bold]{address}[/bold]. Ctrl-C stops it.")
        if open:
            webbrowser.open(address)

    if not run(create_app(settings), settings, announce):
        raise typer.Exit(1)


@models.command("list")
def list_models() -> None:
    """Every model, and whether its weights are here."""
    from lucarne.models import describe

    table = Table("Name", "Title", "Parameters", "Here", box=None, pad_edge=False)
    for name, entry in MODELS.items():
        if not entry.random:
            card = describe(name, folder=Settings().weights)
            here = "yes" if card.available else f"no ({sum(file.size for file in entry.files) / 1e6:.0f} MB to pull)"
            table.add_row(name, card.title, f"{card.parameters:,}", here)
    out.print(table)


@models.command()
def pull(name: Annotated[str, typer.Argument(help="A model of `lucarne models list`.")]) -> None:
    """Fetch a model's weights; taken up again where it was cut off, checked before it is used."""
    from lucarne.models.fetching import fetch
    from lucarne.models.loading import entry_of

    entry = entry_of(name)
    if not entry.files:
        out.print(f"{name} ships with Lucarne: there is nothing to fetch.")
        return
    folder = (Settings().weights or weights_folder()) / ALIASES.get(name, name)
    for remote in entry.files:
        blocks = -(-remote.size // 2**20)

        def bar(steps: Iterable[T], /, total: int = blocks, name: str = remote.name) -> Iterable[T]:
            return tqdm(steps, total=total, unit="MiB", desc=name)

        fetch(remote, folder, bar)
    out.print(f"{name} is here.")


@models.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="One model; all that are here if not given.")] = None,
) -> None:
    """Load weights and compare them with what they should be."""
    from lucarne.models import describe, load

    names = [name] if name else [name for name, entry in MODELS.items() if not entry.random]
    bad = 0
    for each in names:
        card = describe(each, folder=Settings().weights)
        if not card.available:
            out.print(f"{each}: not here. {card.how_to_get}")
            bad += name is not None
            continue
        try:
            out.print(f"{each}: good, {load(each, folder=Settings().weights, device='cpu').weights[:16]}…")
        except Mistake as mistake:
            bad += 1
            out.print(f"{each}: {mistake.detail}")
    if bad:
        raise typer.Exit(1)


@models.command()
def evaluate(
    name: Annotated[str, typer.Argument(help="A model of `lucarne models list`, or a GPT-2-shaped folder.")],
    data: Annotated[Path, typer.Option(help="Folder of the picture packs or the texts.")],
    cache: Annotated[Path, typer.Option(help="Folder that keeps decoded pictures.")] = CACHE,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    record: Annotated[bool, typer.Option("--record", help="Write the figures into the network's card.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Measure a network anew, from the files that ship, on data it has not learned from."""
    from lucarne.atlas.evaluation import evaluate as measure
    from lucarne.atlas.evaluation.record import card_file
    from lucarne.atlas.evaluation.record import record as keep
    from lucarne.evaluated import as_json, show

    if record:
        card_file(name)  # says so before the work if there is none
    figures = measure(name, data, cache, folder=Settings().weights, device=device, progress=tqdm)
    typer.echo(as_json(figures)) if json else show(figures, out)
    if record:
        keep(figures)
        typer.echo(f"Recorded in the card of {figures.model}.", err=json)


@cli.command()
def doctor() -> None:
    """What works, what does not, and what to do about it."""
    findings = examine(Settings())
    for finding in findings:
        mark = "good" if finding.is_good else "bad " if finding.is_essential else "none"
        typer.echo(f"{mark}  {finding.about}" + (f" — {finding.cure}" if finding.cure else ""))
    if any(finding.is_essential and not finding.is_good for finding in findings):
        raise typer.Exit(1)


def make(recipe: type[Recipe], said: dict[str, Any], output: Path, device: str) -> None:
    """Make one artifact into the folder `output`."""
    from lucarne.models import describe, load
    from lucarne.pictures import Pictures

    settings = Settings()
    pictures = Pictures(settings.pictures)
    name = said["model"]
    card = describe(name, folder=settings.weights)
    if recipe.suits_kind == "vision":
        said |= {field: _kept(said[field], pictures) for field in PICTURES if field in said}
    body = orjson.dumps({**said, "kind": kind_of(recipe), "model": card.name})
    wish, _ = settle(recipe.model_validate_json(body), [card], pictures)
    if output.exists() and not output.is_dir():
        raise Unsuitable(f"{output.name} is a file. Name a folder with -o.")
    output.mkdir(parents=True, exist_ok=True)
    with Folder(output / f".making-{os.getpid()}") as folder:
        artifact = wish.make(load(name, folder=settings.weights, device=device), folder.path, pictures, tqdm)
        files = [file.name for file in folder.complete(artifact).files]
        for file in [*files, DIGEST, MANIFEST]:
            (folder.path / file).replace(output / file)
    typer.echo(artifact.caption)
    for file in [*files, MANIFEST]:
        typer.echo(f"  {output / file}  {(output / file).stat().st_size:,} bytes")


def _kept(given: Any, pictures: "Pictures") -> Any:
    """The ids of one picture or several, of which some may be given as files: those are kept first."""
    from lucarne.atlas.pictures import decode

    if isinstance(given, list):
        return [_kept(each, pictures) for each in given]
    return given if re.fullmatch("[0-9a-f]{64}", given) else pictures.add(decode(_content(Path(given))))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Unsuitable(f"The picture cannot be read: {error.strerror}. Give a file, or a picture's id.") from None


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _command(recipe: type[Recipe]) -> Callable[..., None]:
    """A function whose parameters are the recipe's fields, for typer to read."""

    def run(**said: Any) -> None:
        output, device = said.pop("output"), said.pop("device")
        told = {name: _read(recipe.model_fields[name], value) for name, value in said.items() if value is not None}
        make(recipe, told, output, device)

    parameters = [_parameter(recipe, name, field) for name, field in recipe.model_fields.items() if name != "kind"]
    folder = Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")]
    parameters.append(inspect.Parameter("output", inspect.Parameter.KEYWORD_ONLY, annotation=folder))
    where = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
    parameters.append(inspect.Parameter("device", inspect.Parameter.KEYWORD_ONLY, annotation=where, default="auto"))
    setattr(run, "__signature__", inspect.Signature(parameters))  # noqa: B010
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = recipe.__doc__
    return run


def _read(field: FieldInfo, value: Any) -> Any:
    """What was given for a field; where it takes objects each was given as JSON. Raises Unsuitable."""
    of = get_args(field.annotation)[0] if get_origin(field.annotation) is tuple else str
    if not (isinstance(of, type) and issubclass(of, BaseModel)):
        return value
    try:
        return [orjson.loads(each) for each in value]
    except orjson.JSONDecodeError:
        raise Unsuitable("Give each as a JSON object.") from None


def _parameter(recipe: type[Recipe], name: str, field: FieldInfo) -> inspect.Parameter:
    is_picture = recipe.suits_kind == "vision" and name in PICTURES
    about = "A picture file, or the id of a picture." if is_picture else field.description
    flags = f"--{name}/--no-{name}" if field.annotation is bool else f"--{name}"
    kind = list[str] if get_origin(field.annotation) is tuple else field.annotation  # given once for each
    option: Any = Annotated[kind, typer.Option(flags, help=about)]
    default = inspect.Parameter.empty if field.is_required() else field.get_default()
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=option, default=default)


for _recipe in RECIPES:
    makes.command(kind_of(_recipe))(_command(_recipe))
