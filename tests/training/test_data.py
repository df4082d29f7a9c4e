"""Pictures and texts to train on come out of their packs whole, in order, and once."""

import io
import json
import lzma
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer

from lucarne.models import alexnet
from lucarne.models.gpt import GPT, Plan
from lucarne.models.loading import LABELS
from lucarne.models.training.alexnet import accuracy, resized, smooth_noise
from lucarne.models.training.corpus import END, documents, echoes, token_stream, trained_tokenizer
from lucarne.models.training.data import augmented, decoded, packed
from lucarne.models.training.gpt import MIXTURE, TRIAL, Corpus, bits_per_byte, sample, tokenizer_for

from .conftest import pack

DATA = Path(os.environ.get("LUCARNE_DATA", Path(__file__).parents[3] / "shared/data"))
with_data = pytest.mark.skipif(not DATA.is_dir(), reason="the training data is not here: set LUCARNE_DATA")


def test_a_pack_gives_its_parts_in_order_with_their_labels(pictures: Path) -> None:
    labels = [label for _, label in packed(pictures, "tiny-imagenet-train")]
    assert labels == [(part + i) % 6 for part in (1, 2) for i in range(20)]
    assert all(file.startswith(b"RIFF") for file, _ in packed(pictures, "tiny-imagenet-train"))


def test_a_pack_that_is_not_there_is_named(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="tiny-imagenot"):
        list(packed(pictures, "tiny-imagenot"))
    with pytest.raises(FileNotFoundError, match="tiny-imagenot"):
        decoded(pictures, "tiny-imagenot", 64, tmp_path)


def test_pictures_are_decoded_to_their_centre_square(tmp_path: Path) -> None:
    shapes = [(64, 64), (100, 64), (64, 90), (200, 128)]
    originals = pack(tmp_path, "odd", shapes, [3, 1, 2, 0])
    pictures, labels = decoded(tmp_path, "odd", 64, tmp_path / "cache")
    assert pictures.shape == (4, 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert labels.tolist() == [3, 1, 2, 0]
    for picture, original, (width, height) in zip(pictures, originals, shapes, strict=True):
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        square = Image.fromarray(original[top : top + side, left : left + side]).resize((64, 64))
        assert np.abs(picture.astype(int) - np.asarray(square)).mean() < 8


def test_decoding_is_done_once(tmp_path: Path) -> None:
    pack(tmp_path, "few", [(64, 64)] * 3, [0, 1, 2])
    first, _ = decoded(tmp_path, "few", 64, tmp_path / "cache")
    (tmp_path / "few.bin").unlink()
    second, labels = decoded(tmp_path, "few", 64, tmp_path / "cache")
    assert np.array_equal(first, second)
    assert labels.tolist() == [0, 1, 2]


def test_decoding_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    pack(tmp_path, "few", [(64, 64)] * 3, [0, 1, 2])
    whole = (tmp_path / "few.bin").read_bytes()
    (tmp_path / "few.bin").write_bytes(whole[:-40])
    with pytest.raises(Exception, match=r"."):
        decoded(tmp_path, "few", 64, tmp_path / "cache")
    (tmp_path / "few.bin").write_bytes(whole)
    pictures, _ = decoded(tmp_path, "few", 64, tmp_path / "cache")
    assert pictures[2].std() > 0


def test_augmented_pictures_are_pictures_and_follow_the_seed() -> None:
    pixels = torch.randint(256, (5, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    one, same, other = (augmented(pixels, 67, 0.35, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert one.shape == (5, 3, 67, 67)
    assert one.min() >= 0
    assert one.max() <= 1
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_augmenting_keeps_colours_and_flips_left_and_right_only() -> None:
    """Green on top, red below to the left: top stays top, left does not stay left."""
    pixels = torch.zeros(64, 64, 64, 3, dtype=torch.uint8)
    pixels[:, :32, :, 1] = 255
    pixels[:, 32:, :32, 0] = 255
    seen = augmented(pixels, 64, 0.9, torch.Generator().manual_seed(0))
    assert (seen[:, 1, :16].mean((1, 2)) > seen[:, 1, -16:].mean((1, 2)) + 0.3).all()
    left = seen[:, 0, -16:, :16].mean((1, 2)) > seen[:, 0, -16:, -16:].mean((1, 2))
    assert 10 < left.sum() < 54


def test_pictures_are_resized_as_a_picture_library_does() -> None:
    y, x = np.mgrid[:64, :64]
    smooth = np.stack([x * 4, y * 4, 255 - x * 2 - y * 2], -1).clip(0, 255).astype(np.uint8)
    ours = resized(torch.from_numpy(smooth)[None], 128)[0].numpy()
    theirs = np.asarray(Image.fromarray(smooth).resize((128, 128), Image.Resampling.BICUBIC))
    assert np.abs(ours.astype(int) - theirs).max() <= 2
    assert resized(torch.from_numpy(smooth)[None], 64)[0].numpy().tobytes() == smooth.tobytes()


def test_kernels_start_smooth() -> None:
    torch.manual_seed(0)
    kernels = smooth_noise(64)
    assert kernels.shape == (64, 3, 11, 11)
    assert kernels.std().item() == pytest.approx(0.02, rel=1e-3)
    power = torch.fft.fft2(kernels).abs().square().mean((0, 1))
    assert power[4:8, 4:8].mean() < 0.02 * power[:2, :2].mean()


def test_accuracy_counts_the_first_and_the_first_five() -> None:
    class Sure(alexnet.AlexNet):
        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            """Always 3, then 1, 4, 0, 5, and 2 last."""
            return torch.tensor([2.0, 4.0, 0.0, 9.0, 3.0, 1.0]).expand(len(picture), 6)

    network = Sure(alexnet.Plan(input_size=67, classes=6, kernels=(2, 2, 2, 2, 2), padding=2, hidden=2))
    pictures = np.zeros((8, 67, 67, 3), np.uint8)
    labels = np.array([3, 3, 1, 2, 2, 2, 0, 5])
    assert accuracy(network, pictures, labels, batch=3) == {"top1": 25.0, "top5": 62.5}


STORIES = ["One.\nTwo lines.", "Zoë 🙂", "", "The end"]


@pytest.mark.parametrize("name", ["stories.txt", "stories.txt.xz"])
@pytest.mark.parametrize("ending", ["", "\n", f"\n{END}\n"])
def test_documents_come_one_by_one(name: str, ending: str, tmp_path: Path) -> None:
    text = f"\n{END}\n".join(STORIES) + ending
    content = text.encode()
    (tmp_path / name).write_bytes(lzma.compress(content) if name.endswith(".xz") else content)
    assert list(documents(tmp_path / name)) == STORIES


def test_a_token_stream_is_every_document_behind_an_end_of_text(texts: Path, tmp_path: Path) -> None:
    tokenizer = tokenizer_for(texts, tmp_path, 300)
    stream = token_stream(texts / TRIAL, tokenizer, tmp_path)
    assert stream.dtype == np.uint16
    starts = np.flatnonzero(stream == 0)
    stories = list(documents(texts / TRIAL))
    assert starts[0] == 0
    parts = [tokenizer.decode(part[1:].tolist()) for part in np.split(stream, starts[1:])]
    assert parts == stories


def test_a_token_stream_is_made_once_for_every_vocabulary(texts: Path, tmp_path: Path) -> None:
    large, small = tokenizer_for(texts, tmp_path, 300), tokenizer_for(texts, tmp_path, 270)
    streams = [token_stream(texts / TRIAL, tokenizer, tmp_path) for tokenizer in (large, small)]
    assert len(streams[0]) < len(streams[1])
    for tokenizer, stream in zip((large, small), streams, strict=True):
        assert np.array_equal(token_stream(Path("gone") / TRIAL, tokenizer, tmp_path), stream)


def test_a_token_stream_half_written_is_made_again(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = tokenizer_for(texts, tmp_path, 300)
    with monkeypatch.context() as broken:
        broken.setattr(np, "save", lambda file, array: file.write(b"half") and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            token_stream(texts / TRIAL, tokenizer, tmp_path)
    assert len(token_stream(texts / TRIAL, tokenizer, tmp_path)) > 100


def test_a_tokenizer_is_the_same_whenever_it_is_trained(texts: Path) -> None:
    def train() -> Tokenizer:
        return trained_tokenizer((text for name in MIXTURE for text in documents(texts / name)), 300)

    assert train().to_str() == train().to_str()
    assert train().token_to_id(END) == 0


def test_batches_are_stretches_of_the_streams_as_often_as_the_mixture_says() -> None:
    streams = [np.arange(100, 117, dtype=np.uint16), np.arange(1000, 1200, dtype=np.uint16)]
    corpus = Corpus(streams, [0.75, 0.25])
    batch = corpus.batch(400, 16, np.random.default_rng(0))
    assert batch.shape == (400, 17)
    assert batch.dtype == torch.int64
    assert (batch[:, 1:] - batch[:, :-1] == 1).all()
    first = (batch[:, 0] < 1000).float().mean().item()
    assert first == pytest.approx(0.75, abs=0.08)
    starts = set(batch[batch[:, 0] >= 1000, 0].tolist())
    assert min(starts) >= 1000
    assert max(starts) <= 1183


def test_every_stretch_of_a_stream_can_be_drawn() -> None:
    corpus = Corpus([np.arange(20, dtype=np.uint16)], [1.0])
    starts = corpus.batch(300, 16, np.random.default_rng(0))[:, 0].unique().tolist()
    assert starts == [0, 1, 2, 3]


def test_a_network_that_knows_nothing_needs_all_bits() -> None:
    """Of 2⁶ tokens each of which stands for two bytes: six bits a token, three a byte."""
    network = GPT(Plan(vocabulary=64, context=16, layers=1, heads=1, width=8, hidden=8)).eval()
    network.wte.weight.data.zero_()
    for length in (17, 100, 33, 2):
        stream = np.random.default_rng(0).integers(64, size=length).astype(np.uint16)
        for windows in (None, 3):
            bits = bits_per_byte(network, stream, 2 * (length - 1), windows)
            assert bits == pytest.approx(3.0, rel=1e-5)


def test_bits_are_those_of_the_true_next_tokens() -> None:
    torch.manual_seed(0)
    network = GPT(Plan(vocabulary=64, context=16, layers=1, heads=1, width=8, hidden=8)).eval()
    for parameter in network.parameters():
        parameter.data += 0.5 * torch.randn_like(parameter)
    stream = np.random.default_rng(0).integers(64, size=17).astype(np.uint16)
    with torch.inference_mode():
        logits = network(torch.from_numpy(stream[:-1].astype(np.int64))[None])[0].double()
    odds = logits.log_softmax(-1)[range(16), stream[1:].astype(np.int64)]
    assert bits_per_byte(network, stream, 32) == pytest.approx(-odds.sum().item() / math.log(2) / 32, rel=1e-4)


def test_a_sample_continues_its_beginning_and_ends_where_the_text_does() -> None:
    network = GPT(Plan(vocabulary=8, context=4, layers=1, heads=1, width=8, hidden=8)).eval()
    random = torch.Generator().manual_seed(0)
    samples = [sample(network, [3, 1], 30, 1.0, random) for _ in range(20)]
    for tokens in samples:
        assert tokens[:2] == [3, 1]
        assert 0 not in tokens[2:-1]
        assert len(tokens) == 32 or tokens[-1] == 0
    assert len({tuple(tokens) for tokens in samples}) > 1


@with_data
@pytest.mark.parametrize(
    ("name", "count", "classes"), [("tiny-imagenet-val", 10_000, 200), ("photos-128-val", None, None)]
)
def test_the_real_packs_are_as_described(name: str, count: int | None, classes: int | None) -> None:
    labels = np.load(DATA / f"{name}.index.npz")["labels"]
    if count is not None:
        assert (len(labels), len(set(labels.tolist()))) == (count, classes)
    files = packed(DATA, name)
    file, label = next(files)
    assert label == labels[0]
    with Image.open(io.BytesIO(file)) as picture:
        assert picture.format == "WEBP"
        assert min(picture.size) in (64, 128)


@with_data
def test_the_real_labels_are_those_the_network_ships_with() -> None:
    told = json.loads((DATA / "tiny-imagenet-classes.json").read_text(encoding="utf-8"))
    ours = json.loads((LABELS / "tiny-imagenet.json").read_text(encoding="utf-8"))
    assert told["wnids"] == [wordnet for wordnet, _ in ours["classes"]]


@with_data
def test_the_real_texts_are_documents() -> None:
    for name in (*MIXTURE, TRIAL):
        assert (DATA / "text" / name).is_file(), name
    stories = list(documents(DATA / "text" / TRIAL))
    assert len(stories) > 100
    assert all(END not in story for story in stories)


def test_guesses_are_judged_from_every_token_that_is_said_again() -> None:
    rows, judged = echoes(20, 64, 100_000, np.random.default_rng(1))
    for row, counts in zip(rows.tolist(), judged.tolist(), strict=True):
        assert counts == [row[i] in row[:i] for i in range(64)]


def test_nothing_is_said_three_times() -> None:
    rows, judged = echoes(50, 64, 100_000, np.random.default_rng(2))
    assert all(row.count(token) <= 2 for row in rows.tolist() for token in row)
    assert 0.3 < judged.float().mean() < 0.5
