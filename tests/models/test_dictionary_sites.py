"""What a dictionary says of a site is a site like any other: watched, edited, and read only when somebody looks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from lucarne.models import describe, dictionary, load
from lucarne.models.dictionary import Glass, load_dictionary
from lucarne.models.errors import Unknown
from lucarne.models.model import Model

from ..shipped import READER, add_dictionary, ship

PIXELS = np.random.default_rng(0).integers(256, size=(2, 128, 128, 3), dtype=np.uint8)
SITE = "relu5.features"


@pytest.fixture(scope="module")
def model() -> Model:
    return load("alexnet", device="cpu")


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of bundled networks, random ones."""
    ship(tmp_path, monkeypatch)
    return tmp_path


def test_the_features_are_a_site_behind_the_one_they_look_at(model: Model) -> None:
    names = list(model.sites)
    assert names[names.index("relu5") + 1] == SITE
    site, base = model.site(SITE), model.site("relu5")
    assert site.axes == base.axes
    assert site.shape == (2048, *base.shape[1:])
    assert describe("alexnet").sites == model.card.sites


def test_the_file_is_read_when_somebody_looks_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = dictionary.read_tensors
    monkeypatch.setattr(dictionary, "read_tensors", lambda file: asked.append(file.name) or real(file))
    describe("alexnet")
    model = load("alexnet", device="cpu")
    model(PIXELS)
    model.look(PIXELS, "relu5", "fc8")
    assert not asked
    model.look(PIXELS, SITE)
    model.look(PIXELS, SITE)
    assert asked == ["dictionary-relu5.safetensors"]


def test_what_is_seen_is_what_the_dictionary_says_at_each_position(model: Model) -> None:
    seen = model.look(PIXELS, "relu5", SITE)
    said = load_dictionary("alexnet", "relu5").encode(seen["relu5"].movedim(1, -1)).movedim(-1, 1)
    torch.testing.assert_close(seen[SITE], said)
    assert seen[SITE].min() == 0
    assert (seen[SITE] > 0).sum(1).max() <= 32


def test_watching_the_features_changes_nothing(model: Model) -> None:
    plain = model(PIXELS)
    with model.watch(*model.sites) as seen:
        assert torch.equal(model(PIXELS), plain)
    assert set(seen) == set(model.sites)
    with model.edit({SITE: lambda said: said}):
        assert torch.equal(model(PIXELS), plain)
    with model.edit({SITE: torch.clone}):
        assert torch.equal(model(PIXELS), plain), "what the dictionary cannot say of the value is kept"


def test_clamping_a_feature_moves_the_value_along_its_direction_alone(model: Model) -> None:
    before = model.look(PIXELS, "relu5", SITE)

    def clamp(said: torch.Tensor) -> torch.Tensor:
        said = said.clone()
        said[:, 100] = 3.0
        return said

    with model.edit({SITE: clamp}):
        after = model.look(PIXELS, "relu5", SITE)
        logits = model(PIXELS)
    direction = load_dictionary("alexnet", "relu5").decoder.weight[:, 100]
    moved = (3.0 - before[SITE][:, 100])[:, None] * direction.view(1, -1, 1, 1)
    torch.testing.assert_close(after["relu5"] - before["relu5"], moved, rtol=0, atol=1e-5)
    assert (after[SITE][:, 100] == 3).all(), "the edited value is the one that is seen"
    assert (logits - model(PIXELS)).abs().max() > 1e-3
    assert not model.taps.edits


def test_an_edit_before_the_features_is_what_they_see(model: Model) -> None:
    with model.edit({"relu5": torch.zeros_like}):
        said = model.look(PIXELS, SITE)[SITE]
    silent = load_dictionary("alexnet", "relu5").encode(torch.zeros(1, 256))[0]
    torch.testing.assert_close(said[0, :, 3, 3], silent)


def test_looking_at_the_features_computes_no_further(model: Model) -> None:
    reached: list[str] = []
    with model.edit({"pool5": lambda value: reached.append("pool5") or value}):
        model.look(PIXELS, SITE)
        model.look(PIXELS, SITE, "relu5")
    assert not reached


def test_gradients_flow_through_what_a_feature_says_and_past_an_edit(model: Model) -> None:
    model.look(PIXELS, SITE)  # whoever looks first does so without gradients
    picture = torch.zeros(1, 3, 128, 128).normal_(generator=torch.Generator().manual_seed(0)).requires_grad_()
    with model.watch(SITE, stop=True) as seen:
        model.network(picture)
    loudest = seen[SITE].amax((0, 2, 3)).argmax()
    seen[SITE][:, loudest].sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
    with torch.enable_grad(), model.edit({SITE: lambda said: said.detach().requires_grad_()}):
        logits = model.network(picture)
    (onwards,) = torch.autograd.grad(logits[0, 0], picture)
    assert onwards.abs().sum() > 0, "also what the dictionary leaves over leads on"


def test_it_is_small_where_nobody_looks(model: Model) -> None:
    assert set(model.taps.lenses) == {"relu5"}
    assert not load("tiny_alexnet", device="cpu").taps.lenses
    assert not any(site.endswith(".features") for site in load("tiny_alexnet", device="cpu").sites)


def test_only_a_site_of_features_has_a_dictionary(model: Model) -> None:
    assert isinstance(model.glass(SITE), Glass)
    with pytest.raises(Unknown) as unknown:
        load("tiny_alexnet", device="cpu").glass("relu5")
    assert unknown.value.field == "site"
    with pytest.raises(Unknown):
        model.glass("conv3")


def test_a_dictionary_that_is_not_installed_is_no_site(bundled: Path) -> None:
    add_dictionary(bundled, "alexnet")
    assert SITE in load("alexnet", device="cpu").sites
    (bundled / "alexnet/dictionary-relu5.safetensors").unlink()
    assert SITE not in load("alexnet", device="cpu").sites


def test_a_reader_of_text_has_features_too(bundled: Path) -> None:
    """A dictionary of the axes themselves, up and down, says all there is: silencing it silences the stream."""
    add_dictionary(bundled, "gpt")
    model, tokens = load("gpt", device="cpu"), np.arange(10)[None]
    site = "blocks.3.hook_resid_pre.features"
    assert model.site(site).axes == ("position", "feature")
    assert model.site(site).shape == (None, 2 * READER.width)
    seen = model.look(tokens, site, "blocks.3.hook_resid_pre")
    up, down = seen[site].split(READER.width, -1)
    torch.testing.assert_close(up - down, seen["blocks.3.hook_resid_pre"])
    with model.edit({site: torch.zeros_like}):
        left = model.look(tokens, "blocks.3.hook_resid_pre")["blocks.3.hook_resid_pre"]
    torch.testing.assert_close(left, torch.zeros_like(left), rtol=0, atol=1e-5)
