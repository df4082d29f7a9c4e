"""Something to look at at once: the bundled pictures under their ids, and sentences worth reading closely."""

import hashlib
import os
from importlib.metadata import version

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lucarne.atlas.gallery import samples, sentences
from lucarne.atlas.pictures import Picture
from lucarne.pictures import Pictures

log = structlog.get_logger()


class SamplePicture(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    credit: str
    about: str
    width: int
    height: int


class SampleSentence(BaseModel):
    model_config = ConfigDict(frozen=True)

    text: str
    about: str
    corrupt: str = Field(default="", description="The same with something changed, to compare it with, where there is.")
    models: tuple[str, ...] = Field(default=(), description="The only models it is for; empty: any that has no own.")


class Samples(BaseModel):
    """Something to look at, one click away."""

    pictures: list[SamplePicture]
    sentences: list[SampleSentence]


def gather(pictures: Pictures) -> Samples:
    """Keeps the bundled pictures under their ids; decoding them is done once and remembered. Touches the disk."""
    said = [(each.name, each.line, each.about) for each in samples()]
    edition = hashlib.sha256(repr((version("lucarne"), version("pillow"), said, sentences())).encode()).hexdigest()[:16]
    remembered = pictures.root / f"samples-{edition}.json"
    try:
        known = Samples.model_validate_json(remembered.read_bytes())
        if all(pictures.has(each.id) for each in known.pictures):
            return known
    except (OSError, ValidationError):
        pass
    kept = Samples(
        pictures=_kept(pictures),
        sentences=[
            SampleSentence(text=each.text, about=each.about, models=each.models, corrupt=each.corrupt)
            for each in sentences()
        ],
    )
    half = remembered.with_suffix(f".{os.getpid()}.half")
    try:
        half.write_text(kept.model_dump_json(), encoding="utf-8")
        half.replace(remembered)
    except OSError as error:
        log.warning("the samples could not be remembered", errno=error.errno)
    return kept


def _kept(pictures: Pictures) -> list[SamplePicture]:
    kept: list[SamplePicture] = []
    for sample in samples():
        try:
            pixels = sample.load()
            id = pictures.add(Picture.of(pixels), bundled=True)
        except OSError as error:
            log.warning("a sample could not be kept", name=sample.name, errno=error.errno)
            continue
        height, width = pixels.shape[:2]
        kept.append(
            SamplePicture(id=id, name=sample.name, credit=sample.line, about=sample.about, width=width, height=height)
        )
    return kept
