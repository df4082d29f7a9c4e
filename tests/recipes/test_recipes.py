"""Every recipe makes, on every model and site it says it suits, an artifact in its shape whose files can be read."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lucarne import text_atlases
from lucarne.atlas.galleries.pack import Square
from lucarne.atlas.language import corpora, embeddings
from lucarne.atlas.language.corpora import Corpus, bundled
from lucarne.atlas.mapping import atlas as mapping
from lucarne.atlas.pictures import Picture
from lucarne.atlas.vision import sheets
from lucarne.galleries import Galleries
from lucarne.models.errors import TooMuch, Unknown, Unsuitable
from lucarne.models.model import Model
from lucarne.pictures import Pictures
from lucarne.recipe import Recipe
from lucarne.recipes import RECIPES
from tests.galleries import picture

from .bench import ANY_ARTIFACT, ANY_RECIPE, BY_KIND, CORRUPT, MODELS_ON_BENCH, PIXELS, TINY, filled, kind, suited
from .shapes import CHECKS

T = TypeVar("T")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """With a gallery beside them that is small enough to be mapped."""
    pictures = Pictures(tmp_path_factory.mktemp("data") / "pictures")
    pictures.add(Picture.of(PIXELS))
    pictures.add(Picture.of(CORRUPT))
    Galleries.beside(pictures).add("Small", [Square(f"p{seed}", "", picture(seed)) for seed in range(12)])
    return pictures


@pytest.fixture
def quick_icons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "FINAL", replace(sheets.FINAL, steps=1))
    monkeypatch.setattr(mapping, "ICON", replace(mapping.ICON, steps=1))
    monkeypatch.setattr(mapping, "DRAWN", 64)
    monkeypatch.setattr(text_atlases, "bundled", few_texts)
    monkeypatch.setattr(corpora, "bundled", few_texts)
    monkeypatch.setattr(embeddings, "MAPPED", 40)


def few_texts(model: Model) -> Corpus:
    """The beginning of the stories that ship."""
    whole = bundled(model)
    return replace(whole, tokens=whole.tokens[:45], starts=np.array([0, 20, 45]))


Make = Callable[..., Any]


@pytest.fixture
def make(pictures: Pictures, tmp_path: Path) -> Make:
    def make(recipe: type[Recipe], **fields: Any) -> Any:
        asked = ANY_RECIPE.validate_python(filled(recipe, **fields))
        return asked.make(MODELS_ON_BENCH[asked.model], tmp_path, pictures, iter)

    return make


def test_kinds_are_different_and_every_recipe_says_whom_it_suits() -> None:
    assert len(BY_KIND) == len(RECIPES)
    assert {name for recipe, name, _ in suited()} == set(TINY)
    assert {recipe for recipe, _, _ in suited()} == set(RECIPES)
    assert all(recipe.suits_kind in ("vision", "language") for recipe in RECIPES)


@pytest.mark.parametrize(("recipe", "name", "site"), suited(), ids=lambda each: getattr(each, "__name__", str(each)))
def test_every_recipe_makes_an_artifact_of_every_site_it_suits(
    recipe: type[Recipe],
    name: str,
    site: str | None,
    make: Make,
    pictures: Pictures,
    quick_icons: None,
    tmp_path: Path,
) -> None:
    model = MODELS_ON_BENCH[name]
    fields = {"model": name} if site is None else {"model": name, "site": site}
    if kind(recipe) in ("atlas", "trail", "visitors"):
        fields["gallery"] = Galleries.beside(pictures).all()[-1].name
    if kind(recipe) == "text_patching":
        fields |= {"answer": 3, "against": 4}  # the likeliest is the same after both texts
    asked = recipe.model_validate(filled(recipe, **fields))
    artifact = make(recipe, **fields)
    assert ANY_ARTIFACT.validate_json(artifact.model_dump_json()) == artifact
    assert artifact.id == asked.id(model.weights)
    assert (artifact.kind, artifact.model, artifact.weights) == (kind(recipe), name, model.weights)
    assert recipe.model_validate(artifact.recipe) == asked, "post it again and this artifact is the answer"
    assert artifact.caption.endswith(".")
    assert artifact.files == [], "what lies in the folder is listed by whoever keeps it"
    CHECKS[type(artifact)](artifact, model, tmp_path)


def test_an_activation_map_is_what_the_network_computes(make: Make, tmp_path: Path) -> None:
    from lucarne.atlas.pictures import square
    from lucarne.atlas.vision.activations import maps

    grid = make(BY_KIND["activations"], site="conv3")
    model = MODELS_ON_BENCH["tiny_alexnet"]
    shown = square(PIXELS, 64)
    with Image.open(io.BytesIO((tmp_path / grid.picture).read_bytes())) as picture:
        assert np.array_equal(np.asarray(picture), shown)
    values = maps(model, shown, "conv3").numpy()
    arrays = load_file(tmp_path / "tiles.safetensors")
    low, high = arrays["low"][:, None, None], arrays["high"][:, None, None]
    back = low + arrays["tiles"] / 255 * (high - low)
    assert (np.abs(back - values) <= (high - low) / 509).all()
    np.testing.assert_allclose(grid.columns["max"], values.max((1, 2)), rtol=1e-6)
    np.testing.assert_allclose(grid.columns["mean"], values.mean((1, 2)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(grid.columns["active"], (values > 0).mean((1, 2)), rtol=1e-6)


def test_a_turned_picture_is_shown_turned(make: Make, tmp_path: Path) -> None:
    grid = make(BY_KIND["activations"], rotate=90.0)
    with Image.open(tmp_path / grid.picture) as turned:
        seen = np.asarray(turned)
    grid = make(BY_KIND["activations"])
    with Image.open(tmp_path / grid.picture) as straight:
        assert np.array_equal(seen, np.rot90(np.asarray(straight)))


def test_turning_by_nothing_is_not_turning(make: Make) -> None:
    for recipe in (BY_KIND["activations"], BY_KIND["predictions"]):
        answers = [make(recipe, rotate=degrees) for degrees in (0, 0.0, -0.0)]
        assert len({answer.id for answer in answers}) == 1
        assert answers[0] == answers[2]


def test_an_alias_makes_the_same_picture_of_the_site(make: Make) -> None:
    for recipe in (BY_KIND["kernels"], BY_KIND["activations"]):
        named, aliased = make(recipe, site="conv1"), make(recipe, site="features.0")
        assert (aliased.columns, aliased.field) == (named.columns, named.field)


def test_a_text_without_its_beginning_has_its_own_tokens_only(make: Make) -> None:
    for recipe in (BY_KIND["tokens"], BY_KIND["attention"]):
        begun, bare = make(recipe), make(recipe, begin=False)
        assert len(begun.tokens) == len(bare.tokens) + 1
        assert begun.tokens[1:] == bare.tokens
        assert (begun.tokens[0].start, begun.tokens[0].end) == (0, 0)
        assert begun.id != bare.id


def test_progress_goes_through_the_layers_and_can_stop_there(pictures: Pictures, tmp_path: Path) -> None:
    def stop(steps: Iterable[T], /) -> Iterator[T]:
        assert len(list(steps)) == 2
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        BY_KIND["attention"].model_validate(filled(BY_KIND["attention"])).make(
            MODELS_ON_BENCH["tiny_gpt"], tmp_path, pictures, stop
        )
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_is_unknown(make: Make) -> None:
    with pytest.raises(Unknown):
        make(BY_KIND["activations"], picture="0" * 64)
    with pytest.raises(Unknown) as caught:
        make(BY_KIND["activations"], site="conv99")
    assert caught.value.field == "site"


def test_what_does_not_fit_says_which_field(make: Make) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        make(BY_KIND["kernels"], site="conv2")
    assert unsuitable.value.field == "site"
    with pytest.raises(TooMuch) as too_much:
        make(BY_KIND["attention"], text="a" * 64)
    assert (too_much.value.field, too_much.value.limit) == ("text", 63)
