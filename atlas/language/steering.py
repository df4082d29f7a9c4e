"""Steering: features of a dictionary held, added or silenced while a network writes, beside the text it writes anyway.

A clamp is a true one: the feature says what it is told, all others say what they said, and what the dictionary cannot
say of the value is kept (Templeton et al.: "Scaling Monosemanticity", 2024, section "Influence on Behavior").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lucarne.atlas.language.bench import gpt
from lucarne.atlas.language.concepts import Concept, concept
from lucarne.atlas.language.generation import Ended, Sampling, Told, Writer, told_of
from lucarne.atlas.language.loudness import maxima
from lucarne.atlas.language.tokens import tokens
from lucarne.models.errors import TooMuch, Unknown, Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.taps import FEATURES
from lucarne.models.tokenizer import Piece

GRAM = 4  # tokens in a row that are looked for again


@dataclass(frozen=True)
class Push:
    """What becomes of one feature, at every position from some on.

    `clamp` sets it to `strength` times its maximum, `add` adds so much to what it says, `ablate` silences it.
    """

    unit: int
    mode: Literal["clamp", "add", "ablate"] = "clamp"
    strength: float = 1.0


@dataclass(frozen=True)
class Measures:
    """A story in three numbers, over its new tokens."""

    concept: float  # part of them that are of the pushed features' concept, and not just said, 0…1
    perplexity: float  # of them, for the network left alone
    repetition: float  # part of its runs of four tokens that it has said before, 0…1


@dataclass(frozen=True)
class Steered:
    """The story the network writes anyway, and the one it writes when it is pushed."""

    pieces: list[Piece]
    plain: list[Told]
    pushed: list[Told]
    ended: tuple[Ended, Ended]
    measures: tuple[Measures, Measures]
    maxima: list[float]  # of each push's feature
    concept: Concept  # of the features


class Hands:
    """The edit of a site of features: in each text of a batch its own pushes, from position `first` on."""

    def __init__(self, rows: Sequence[Sequence[Push]], maxima: Tensor, first: int, writer: Writer) -> None:
        found = [(row, push) for row, pushes in enumerate(rows) for push in pushes]
        self._sets = _indices([each for each in found if each[1].mode != "add"], maxima)
        self._adds = _indices([each for each in found if each[1].mode == "add"], maxima)
        self._first, self._writer = first, writer

    def __call__(self, said: Tensor) -> Tensor:
        """What the features are made to say, of what they say, (text, position, feature)."""
        start = max(0, self._first - self._writer.cache.length)
        said = said.clone()
        for (rows, units, values), is_set in ((self._sets, True), (self._adds, False)):
            if len(rows):
                before = 0.0 if is_set else said[rows, start:, units]  # (push, position)
                said[rows, start:, units] = before + values[:, None].to(said.device)
        return said


def _indices(found: list[tuple[int, Push]], maxima: Tensor) -> tuple[list[int], list[int], Tensor]:
    values = [0.0 if push.mode == "ablate" else push.strength * float(maxima[push.unit]) for _, push in found]
    return [row for row, _ in found], [push.unit for _, push in found], torch.tensor(values)


@torch.inference_mode()
def steering(
    model: Model,
    site: str,
    text: str,
    pushes: Sequence[Push],
    *,
    begin: bool = True,
    first: int = 1,
    length: int = 40,
    sampling: Sampling = Sampling(),
    seed: int = 0,
    tell: Callable[[Told | None, Told | None], None] = lambda *_: None,
    progress: Progress = iter,
) -> Steered:
    """Write on behind a text twice with one seed: left alone, and with features pushed from position `first` on.

    `tell` hears of each pair of tokens; None stands for a story that has ended. Raises Unknown for a site without a
    dictionary, Unsuitable for a feature that is not there or is pushed twice, TooMuch for what does not fit.
    """
    network, name = gpt(model), check_pushes(model, site, pushes)
    pieces = tokens(model, text, begin)
    prompt, end = [piece.id for piece in pieces], model.tokenizer.end
    new = check_room(model, len(prompt), length)
    most = maxima(model, name, progress) if pushes else torch.zeros(0)
    writer = Writer(network, [seed, seed], len(prompt) + new)
    stories: tuple[list[Told], list[Told]] = ([], [])
    is_open = [True, True]
    with model.undisturbed(), model.edit({name: Hands([(), pushes], most, first, writer)}):
        writer.read(torch.tensor([prompt, prompt]))
        for _ in progress(range(new)):
            drawn = writer.draw(sampling)  # (2,)
            fresh = [
                told_of(writer.logits[row], int(drawn[row]), False, sampling, 0) if is_open[row] else None
                for row in range(2)
            ]
            for story, each in zip(stories, fresh, strict=True):
                story.extend([each] if each else [])
            tell(fresh[0], fresh[1])
            is_open = [each is not None and each.id != end for each in fresh]
            if not any(is_open):
                break
            writer.read(drawn[:, None])
    pushed = concept(model, name, [push.unit for push in pushes if push.mode != "ablate"], most)
    ids = [[each.id for each in story] for story in stories]
    measured = measures(model, prompt, ids, [{token for token, _ in pushed}] * 2)
    full = len(prompt) + new == network.plan.context
    ended: list[Ended] = [
        "end" if each and each[-1] == end else "context" if full and len(each) == new else "length" for each in ids
    ]
    return Steered(
        pieces, *stories, (ended[0], ended[1]), (measured[0], measured[1]),
        [float(most[push.unit]) for push in pushes], pushed,
    )  # fmt: skip


def check_pushes(model: Model, site: str, pushes: Sequence[Push]) -> str:
    """The proper name of a site of features; raises Unknown, or Unsuitable for a feature."""
    name = model.site(site).name
    if not name.endswith(FEATURES):
        raise Unknown("site of features", name, [each for each in model.sites if each.endswith(FEATURES)], field="site")
    count = model.glass(name).dictionary.encoder.out_features
    for push in pushes:
        if not 0 <= push.unit < count:
            raise Unsuitable(f"{name} has {count} features, numbered 0 to {count - 1}.", field="edits")
    if len({push.unit for push in pushes}) < len(pushes):
        raise Unsuitable("A feature is pushed twice. Say once what becomes of it.", field="edits")
    return name


def check_room(model: Model, prompt: int, length: int) -> int:
    """How many of `length` tokens fit behind the prompt; raises TooMuch for none."""
    context = gpt(model).plan.context
    if prompt >= context:
        raise TooMuch(f"The text fills the context of {context} tokens: nothing can follow.", context, field="text")
    return min(length, context - prompt)


@torch.inference_mode()
def measures(
    model: Model, prompt: Sequence[int], stories: Sequence[Sequence[int]], concepts: Sequence[set[int]]
) -> list[Measures]:
    """Stories behind one prompt, and what each is to speak of, measured by the network left alone."""
    network = gpt(model)
    longest = max((len(story) for story in stories), default=0)
    if not longest:
        return [Measures(0.0, 1.0, 0.0) for _ in stories]
    padded = torch.tensor([[*prompt, *story, *[0] * (longest - len(story))] for story in stories])  # (story, position)
    with model.undisturbed():
        logits = network(padded[:, :-1].to(network.wte.weight.device), None, longest)  # (story, new, vocabulary)
    logs = logits.float().log_softmax(-1).cpu().gather(-1, padded[:, len(prompt) :, None])[..., 0]  # (story, new)
    found: list[Measures] = []
    for row, story, words in zip(logs, stories, concepts, strict=True):
        count = max(1, len(story))
        said = spoken(story, words) / count
        found.append(Measures(said, float((-row[: len(story)].double().sum() / count).exp()), repetition(story)))
    return found


def spoken(story: Sequence[int], concept: set[int]) -> int:
    """How many tokens are of a concept; one that only says again what stands right before it does not count."""
    before = (None, *story[:-1])
    return sum(token in concept and token != last for last, token in zip(before, story, strict=True))


def repetition(story: Sequence[int], gram: int = GRAM) -> float:
    """Part of the runs of `gram` tokens that stood in the story before, 0…1."""
    runs = [tuple(story[i : i + gram]) for i in range(len(story) - gram + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0
