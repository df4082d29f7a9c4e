"""Dose and response: what becomes of a text as one feature is pushed harder and harder."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import torch
from torch import Tensor

from lucarne.atlas.language.bench import gpt
from lucarne.atlas.language.concepts import Concept, concept
from lucarne.atlas.language.generation import Sampling, Writer
from lucarne.atlas.language.loudness import maxima
from lucarne.atlas.language.steering import Hands, Measures, Push, check_pushes, check_room, measures
from lucarne.atlas.language.tokens import tokens
from lucarne.models.model import Model
from lucarne.models.progress import Progress

ABREAST = 128  # stories that grow in step


@dataclass(frozen=True)
class Responses:
    """The mean story at each strength, and the one nobody has pushed."""

    strengths: list[float]
    pushed: list[Measures]
    plain: Measures
    maximum: float  # of the feature: what strength 1 stands for
    concept: Concept  # of the feature


@torch.inference_mode()
def dose_response(
    model: Model,
    site: str,
    unit: int,
    text: str,
    *,
    mode: Literal["clamp", "add"] = "clamp",
    strengths: Sequence[float] = (0, 0.5, 1, 2, 4, 8),
    stories: int = 8,
    begin: bool = True,
    first: int = 1,
    length: int = 40,
    sampling: Sampling = Sampling(),
    seed: int = 0,
    progress: Progress = iter,
) -> Responses:
    """Stories behind a text at each strength, the same seeds at all of them, measured over their new tokens.

    The concept rate is the part of new tokens that are of the feature's concept, a token right behind itself not
    counted; perplexity is that of the new tokens for the network left alone; repetition the part of
    their runs of four said before. (What the feature itself says cannot tell: it is held.) Raises as `steering` does.
    """
    rising = sorted(strengths)
    name = check_pushes(model, site, [Push(unit)])
    prompt = [piece.id for piece in tokens(model, text, begin)]
    new = check_room(model, len(prompt), length)
    most = maxima(model, name)
    rows: list[list[Push]] = [[] for _ in range(stories)]
    rows += [[Push(unit, mode, strength)] for strength in rising for _ in range(stories)]
    seeds = [seed + story for _ in range(len(rising) + 1) for story in range(stories)]
    written = stories_of(model, name, prompt, rows, seeds, most, first, new, sampling, progress)
    words = concept(model, name, [unit], most)
    each = measures(model, prompt, written, [{token for token, _ in words}] * len(written))
    plain, *pushed = [mean(each[i : i + stories]) for i in range(0, len(each), stories)]
    return Responses(rising, pushed, plain, float(most[unit]), words)


@torch.inference_mode()
def stories_of(
    model: Model,
    site: str,
    prompt: Sequence[int],
    rows: Sequence[Sequence[Push]],
    seeds: Sequence[int],
    most: Tensor,
    first: int,
    length: int,
    sampling: Sampling,
    progress: Progress = iter,
) -> list[list[int]]:
    """A story behind the prompt for each row of pushes, with its seed: the new tokens, an end of text included."""
    network, end = gpt(model), model.tokenizer.end
    found: list[list[int]] = [[] for _ in rows]
    groups = range(0, len(rows), ABREAST)
    writer, is_open = Writer(network, seeds[:1], 1), torch.ones(1, dtype=torch.bool)
    last = torch.zeros(1, 1)
    with model.undisturbed():
        for start, step in progress([(start, step) for start in groups for step in range(length)]):
            mine = slice(start, start + ABREAST)
            if step == 0:
                writer = Writer(network, seeds[mine], len(prompt) + length)
                is_open = torch.ones(len(writer.chances), dtype=torch.bool)
                last = torch.tensor([list(prompt)] * len(is_open))  # (story, position)
            if is_open.any():
                with model.edit({site: Hands(rows[mine], most, first, writer)}):
                    writer.read(last)
                last = writer.draw(sampling)[:, None]
                for row in is_open.nonzero()[:, 0].tolist():
                    found[start + row].append(int(last[row]))
                is_open &= last[:, 0] != (-1 if end is None else end)
    return found


def mean(found: Sequence[Measures]) -> Measures:
    """Of several stories: perplexities are averaged as logarithms, so that one wild story does not drown the rest."""
    logs = torch.tensor([each.perplexity for each in found], dtype=torch.float64).log()
    return Measures(
        fmean(each.concept for each in found), float(logs.mean().exp()), fmean(each.repetition for each in found)
    )
