"""Language models, measured: what a held-out text costs them, what their heads do, and how they write."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lucarne.atlas.evaluation.data import stories
from lucarne.atlas.evaluation.dictionaries import measured_anew
from lucarne.atlas.evaluation.figures import Figures, rounded
from lucarne.models.card import Sample
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.heads import head_scores
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.tokenizer import BPE
from lucarne.models.training import gpt as train_gpt
from lucarne.models.training import shakespeare as train_shakespeare
from lucarne.models.training.corpus import Corpus
from lucarne.models.training.subjects import Stories

INDUCTION, PREVIOUS_TOKEN = 0.5, 0.6  # scores from which a head is called one
TEMPERATURE = 0.8


@dataclass(frozen=True)
class Reading:
    """What a model is given to read, and to continue."""

    text: str  # the file
    openings: tuple[str, ...]
    length: int  # tokens that are added to each
    letters: bool = False  # a token is a character; one long text, whose end was held out


STORIES = Reading(
    text=train_gpt.TRIAL,
    openings=(
        "Once upon a time there was a little girl who",
        "Tom and Lily went to the park.",
        "The king said to his daughter:",
        "“Where is my ball?” asked the dog.",
        "It was a cold winter night, and",
    ),
    length=200,
)
PLAYS = Reading(
    text=train_shakespeare.TEXT,
    openings=("ROMEO:\n", "KING RICHARD III:\n", "First Citizen:\n", "To be, or not to be", "O, what a night"),
    length=400,
    letters=True,
)
READINGS = {"shakespeare": PLAYS}  # of all others: stories


def figures_of(model: Model, data: Path, cache: Path, progress: Progress) -> Figures:
    """Nothing of a text is kept in `cache`: it is read faster than it could be mistaken for another."""
    reading = READINGS.get(model.card.name, STORIES)
    texts = stories(data, reading.text)
    network = model.network
    assert isinstance(network, GPT)
    stream, measured_on = held_out(model.tokenizer, reading, texts)
    if len(stream) <= network.plan.context + 1:
        raise Unsuitable(f"The text {reading.text} is shorter than what {model.card.name} reads at once.", field="data")
    if stream.max() >= network.plan.vocabulary:
        raise Unsuitable(f"The tokenizer of {model.card.name} has tokens that the network does not know.")
    if reading.letters:
        nats = train_shakespeare.nats_per_character(network, stream)
        metrics = {"nats_per_character": nats, "bits_per_byte": nats / math.log(2)}
    else:
        size = len("\n".join(texts).encode())
        metrics = {"bits_per_byte": train_gpt.bits_per_byte(network, stream, size, progress=progress)}
        metrics |= heads(network, model.tokenizer.end)
    return Figures(
        model=model.card.name,
        weights=model.weights,
        measured_on=measured_on,
        metrics=rounded(metrics),
        samples=[
            sample(model, opening, reading.length, seed) for seed, opening in enumerate(progress(reading.openings))
        ],
        dictionaries=measured_anew(
            model.card, lambda site: Stories(network.cpu(), Corpus([stream], [1.0]), stream, site), progress
        ),
    )


def held_out(tokenizer: BPE, reading: Reading, texts: list[str]) -> tuple[np.ndarray, str]:
    """The tokens to be guessed, int64 (tokens,), and in words what they are.

    Of stories all, each behind an end-of-text token where there is one; of a text in letters the end.
    """
    if reading.letters:
        whole = "\n\n".join(texts)
        tokens = np.array(tokenizer.tokenizer.encode(whole, add_special_tokens=False).ids, dtype=np.int64)
        if not whole.isascii() or len(tokens) != len(whole):
            raise Unsuitable(f"The text {reading.text} has characters this model cannot read.", field="data")
        tokens = tokens[round(len(tokens) * (1 - train_shakespeare.HELD_OUT)) :]
        return tokens, f"the last {len(tokens):,} characters of {reading.text}"
    begin = [] if tokenizer.end is None else [tokenizer.end]
    pieces = tokenizer.tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    tokens = np.array([token for piece in pieces for token in (*begin, *piece.ids)], dtype=np.int64)
    return tokens, f"the {len(texts):,} texts of {reading.text}, {len(tokens):,} tokens"


def heads(network: GPT, begin: int | None) -> dict[str, float]:
    """How many heads find again and how many look one back, and how well the best of them do."""
    scores = head_scores(network, length=50, seeds=range(4), begin=begin)
    return {
        "induction_heads": int((scores.induction >= INDUCTION).sum()),
        "best_induction": scores.induction.max().item(),
        "previous_token_heads": int((scores.previous_token >= PREVIOUS_TOKEN).sum()),
        "best_previous_token": scores.previous_token.max().item(),
    }


def sample(model: Model, opening: str, length: int, seed: int) -> Sample:
    """What the model adds to an opening, up to `length` tokens; the same for the same seed."""
    tokenizer, network = model.tokenizer, model.network
    assert isinstance(network, GPT)
    begin = [] if tokenizer.end is None else [tokenizer.end]
    tokens = [*begin, *tokenizer.ids(opening)]
    random = torch.Generator().manual_seed(seed)
    added = train_gpt.sample(network, tokens, length, TEMPERATURE, random, tokenizer.end)[len(tokens) :]
    text = b"".join(tokenizer.bytes_of(token) for token in added if token != tokenizer.end)
    return Sample(opening=opening, text=text.decode("utf-8", errors="replace"), temperature=TEMPERATURE, seed=seed)
