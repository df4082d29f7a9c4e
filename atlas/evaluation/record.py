"""Figures go into the card beside the weights they were measured on; whatever else the card says stays."""

import json
import os
from pathlib import Path
from typing import Any

from lucarne.atlas.evaluation.figures import Figures
from lucarne.models import weights
from lucarne.models.errors import Unsuitable
from lucarne.models.loading import entry_of

MEASURED = ("explained_variance", "active", "dead", "loss_recovered")  # of a dictionary


def card_file(name: str) -> Path:
    """The card that figures of the model `name` belong in; raises Unsuitable for a model that does not ship."""
    entry = entry_of(name)
    if entry.files or entry.random or entry.folder is not None:
        raise Unsuitable("Only a network that ships with Lucarne has a card that figures can be recorded in.")
    return weights.BUNDLED / name / "card.json"


def record(figures: Figures) -> None:
    """Put the figures into the card, whole or not at all; raises Unsuitable where it cannot be written."""
    file = card_file(figures.model)
    card: dict[str, Any] = weights.bundled_card(figures.model)
    if card["weights"] != figures.weights:
        raise Unsuitable(f"The card of {figures.model} speaks of other weights by now: evaluate them again.")
    card["metrics"] = {**card.get("metrics", {}), **figures.metrics}
    for part in ("worst", "samples"):
        if found := getattr(figures, part):
            card[part] = [each.model_dump() for each in found]
    for fresh in figures.dictionaries:
        for known in card.get("dictionaries", []):
            if known["site"] == fresh.site and known["weights"] == fresh.weights:
                known.update({name: getattr(fresh, name) for name in MEASURED})
    part = file.with_name(f"card.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise Unsuitable(f"The card of {figures.model} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
