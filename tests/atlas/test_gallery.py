"""What is there before anything is uploaded."""

import string
import subprocess
import sys

import numpy as np
import pytest

from lucarne.atlas import gallery
from lucarne.atlas.gallery import Sample
from lucarne.atlas.pictures import Picture


def test_the_cat_comes_first() -> None:
    names = [sample.name for sample in gallery.samples()]
    assert names[0] == "Cat" and len(names) == len(set(names)) >= 20


@pytest.mark.parametrize("sample", gallery.samples(), ids=lambda sample: sample.name)
def test_a_sample_is_small_credited_and_always_the_same(sample: Sample) -> None:
    pixels = sample.load()
    assert pixels.dtype == np.uint8 and pixels.shape[2] == 3
    assert 200 < max(pixels.shape) <= gallery.LONGEST
    assert Picture.of(pixels) == Picture.of(sample.load())
    assert sample.credit and sample.licence and sample.about.endswith((".", "?"))


def test_samples_differ() -> None:
    ids = {Picture.of(sample.load()).id for sample in gallery.samples()}
    assert len(ids) == len(gallery.samples())


def test_listing_imports_no_heavy_package() -> None:
    script = (
        "import sys; from lucarne.atlas.gallery import samples; assert len(samples()) > 20; samples()[0].load();"
        "print([name for name in ('torch', 'skimage', 'sklearn', 'scipy') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_a_photograph_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "find_spec", lambda name: None)
    assert gallery.samples()[0].name == "Grating"


def test_sentences_fit_a_small_context_and_say_what_they_show() -> None:
    texts = [sentence.text for sentence in gallery.sentences() if not sentence.models]
    assert len(texts) == len(set(texts)) == 11
    assert all(text.isascii() and len(text.split()) <= 100 for text in texts)
    assert max(len(text.split()) for text in texts) > 80
    assert all(sentence.about.endswith((".", "?")) or ")" in sentence.about for sentence in gallery.sentences())


def test_a_network_that_knows_65_characters_is_offered_nothing_else() -> None:
    known = set(string.ascii_letters + " \n!$&',-.3:;?")
    assert len(known) == 65
    texts = [sentence.text for sentence in gallery.sentences() if "shakespeare" in sentence.models]
    assert len(set(texts)) == len(texts) >= 5
    assert all(set(text) <= known and len(text) <= 256 for text in texts)
