"""Wishes put together: several units in one picture, several pictures that differ.

Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017, "Diversity" and "Interaction between neurons".
"""

from collections.abc import Sequence

from torch import Tensor

from lucarne.atlas.vision.objectives import Objective, Seen, channel, diversity
from lucarne.models.model import Model


def mixed(model: Model, parts: Sequence[tuple[str, int, float]]) -> Objective:
    """The activations of (site, unit, weight), added up by weight. Raises Unknown or Unsuitable."""
    first, *others = [weight * channel(model, site, unit) for site, unit, weight in parts]
    return sum(others, first)


def together(model: Model, site: str, objective: Objective, pictures: int, apart: float) -> Objective:
    """`objective` for each of several pictures, which are also to be unlike each other at a site.

    Likeness is measured in cosines, an activation in whatever the network counts: so that `apart` means the same
    everywhere, a picture's share of it is multiplied by how much the objective says of the pictures at the moment.
    """
    unlike = diversity(model, site, pictures)

    def measure(seen: Seen) -> Tensor:
        value = objective(seen)  # (pictures,)
        scale = value.detach().abs().mean().clamp(min=1e-3) / max(1, pictures - 1)
        return value + apart * scale * unlike(seen)

    return Objective(objective.sites | unlike.sites, measure, pictures)
