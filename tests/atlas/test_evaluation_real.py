"""The networks that ship, evaluated on some of the real data: as good as their cards say."""

import lzma
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lucarne.atlas.evaluation import dictionaries, evaluate, language
from lucarne.models import load
from lucarne.models.training.corpus import END, documents

DATA = Path(os.environ.get("LUCARNE_DATA", Path(__file__).parents[3] / "shared/data"))
with_data = pytest.mark.skipif(not DATA.is_dir(), reason="the training data is not here: set LUCARNE_DATA")


@with_data
def test_the_real_alexnet_is_as_good_as_its_card_says_on_some_of_the_real_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionaries, "POSITIONS", 2000)
    index = np.load(DATA / "tiny-imagenet-val.index.npz")
    offsets, count = index["offsets"], 400
    with (DATA / "tiny-imagenet-val.bin").open("rb") as whole:
        (tmp_path / "tiny-imagenet-val.bin").write_bytes(whole.read(int(offsets[count])))
    np.savez(tmp_path / "tiny-imagenet-val.index.npz", offsets=offsets[: count + 1], labels=index["labels"][:count])
    found = evaluate("alexnet", tmp_path, tmp_path / "cache", device="cpu")
    card = load("alexnet", device="cpu").card
    for figure in ("top1", "top5"):
        assert found.metrics[figure] == pytest.approx(card.metrics[figure], abs=10)  # four standard errors
    assert found.metrics["clear_kernels"] + found.metrics["noise_kernels"] <= 96
    assert found.metrics["clear_kernels"] > 48
    assert len(found.worst) == 10


@with_data
def test_the_real_gpt_is_as_good_as_its_card_says_on_some_of_the_real_stories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionaries, "POSITIONS", 2000)
    monkeypatch.setattr(language, "STORIES", replace(language.STORIES, length=20))
    whole = f"\n{END}\n".join(documents(DATA / "text" / language.STORIES.text))
    some = [whole[start : start + 4000] for start in range(0, len(whole), 40_000)]  # a tenth of each: some are books
    with lzma.open(tmp_path / language.STORIES.text, "wt", encoding="utf-8") as file:
        file.write(f"\n{END}\n".join(some))
    found = evaluate("gpt", tmp_path, tmp_path, device="cpu")
    card = load("gpt", device="cpu").card
    assert found.metrics["bits_per_byte"] == pytest.approx(card.metrics["bits_per_byte"], abs=0.1)
    assert all(sample.text for sample in found.samples)
