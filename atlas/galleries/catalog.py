"""DATASETS: sets of pictures that can be fetched, from where, and what is read of them. A list to be read.

An archive is used only if its size and sha256 are the expected ones; a download that was cut off goes on where it was.
"""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lucarne.atlas.galleries.sources import Found, Names, source
from lucarne.models.catalog import Remote
from lucarne.models.errors import Unknown
from lucarne.models.fetching import fetch as fetched
from lucarne.models.progress import Progress

LABELS = Path(__file__).parents[2] / "models/labels"


@dataclass(frozen=True)
class Dataset:
    """`names` reads from an archive how its paths are labelled."""

    title: str
    about: str
    credit: str
    licence: str
    remote: Remote
    names: Callable[[Path], Names]


def fetch(name: str, folder: Path, progress: Progress = iter) -> Iterator[Found]:
    """The pictures of a data set, its archive fetched into `folder` if it is not there yet.

    Raises Unknown, WeightsMissing where the address cannot be reached, WeightsDamaged where the file is wrong twice.
    """
    if name not in DATASETS:
        raise Unknown("data set", name, DATASETS, field="name")
    dataset = DATASETS[name]
    archive = fetched(dataset.remote, folder, progress)
    return source(archive, dataset.names(archive))


def _class_names(file: str) -> dict[str, str]:
    """WordNet ids and what their classes are called."""
    return dict(json.loads((LABELS / file).read_text(encoding="utf-8"))["classes"])


def _tiny_imagenet(archive: Path) -> Names:
    """The validation set: the network that ships has not learned from it."""
    with zipfile.ZipFile(archive) as opened:
        told = opened.read("tiny-imagenet-200/val/val_annotations.txt").decode()
    classes = _class_names("tiny-imagenet.json")
    labels = {line.split("\t")[0]: classes[line.split("\t")[1]] for line in told.splitlines()}
    return lambda path: labels.get(PurePosixPath(path).name) if "/val/images/" in path else None


def _imagenette(archive: Path) -> Names:
    classes = _class_names("imagenet.json")
    return lambda path: classes.get(PurePosixPath(path).parent.name) if "/val/" in path else None


DATASETS: dict[str, Dataset] = {
    "tiny-imagenet": Dataset(
        title="Tiny ImageNet",
        about="10,000 photographs of 64 × 64 pixels, 50 of each of 200 classes: the validation set.",
        credit="Stanford CS231n; ImageNet",
        licence="ImageNet's terms: non-commercial research and education",
        remote=Remote(
            "https://cs231n.stanford.edu/tiny-imagenet-200.zip",
            248_100_043,
            "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821",
        ),
        names=_tiny_imagenet,
    ),
    "imagenette": Dataset(
        title="Imagenette",
        about="3,925 photographs of ten classes that are easily told apart, shortest side 160: the validation set.",
        credit="Jeremy Howard, fast.ai; ImageNet",
        licence="ImageNet's terms: non-commercial research and education",
        remote=Remote(
            "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
            99_003_388,
            "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
        ),
        names=_imagenette,
    ),
}
