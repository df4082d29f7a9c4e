"""What an evaluation finds, under the names that a card uses, and what each number means."""

from dataclasses import dataclass, field

from lucarne.models.card import Confusion, DictionaryCard, Sample

MEANINGS = {
    "top1": "percent of the pictures whose class is the first guess",
    "top5": "percent of the pictures whose class is among the first five guesses",
    "clear_kernels": "kernels of conv1 with a clear orientation or colour",
    "noise_kernels": "kernels of conv1 that look like noise",
    "dead_conv2": "percent of conv2's channels that are positive nowhere in any picture",
    "dead_conv3": "the same of conv3",
    "dead_conv4": "the same of conv4",
    "dead_conv5": "the same of conv5",
    "bits_per_byte": "bits that a byte of held-out text costs; less is better",
    "nats_per_character": "mean loss on held-out text; less is better",
    "induction_heads": "heads with an induction score of 0.5 or more, on random tokens said twice",
    "best_induction": "the best induction score of a head, 0…1",
    "previous_token_heads": "heads that give 0.6 or more of their attention to the token before",
    "best_previous_token": "the most that a head gives to the token before, 0…1",
}


@dataclass(frozen=True)
class Figures:
    """What was measured of one network; lists that do not apply to it are empty."""

    model: str
    weights: str  # sha256 of what was measured
    measured_on: str  # in words: which data, how much of them
    metrics: dict[str, float]  # by the names in MEANINGS
    worst: list[Confusion] = field(default_factory=list)  # the class that is least often recognised first
    samples: list[Sample] = field(default_factory=list)
    dictionaries: list[DictionaryCard] = field(default_factory=list)


def rounded(metrics: dict[str, float]) -> dict[str, float]:
    """Four digits after the point: more than repeats on another machine. Counts stay whole."""
    return {name: value if isinstance(value, int) else round(value, 4) for name, value in metrics.items()}
