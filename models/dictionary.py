"""Dictionaries: sparse autoencoders that write the values at a site as sums of a few features out of many.

Gao et al.: "Scaling and evaluating sparse autoencoders", 2024 (TopK). Features have directions of length one in the
site's own units, so that what a feature says is how far the value goes in its direction.
"""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

from lucarne.models.catalog import ALIASES
from lucarne.models.errors import Unknown, WeightsDamaged
from lucarne.models.unfilled import empty
from lucarne.models.weights import BUNDLED, bundled_card, checked, read_tensors


class Dictionary(nn.Module):
    """`features` directions of a site with `width` channels, of which at most `active` speak at one position."""

    def __init__(self, width: int, features: int, active: int) -> None:
        super().__init__()
        self.active = active
        self.encoder = nn.Linear(width, features)
        self.decoder = nn.Linear(features, width, bias=False)
        self.centre = nn.Parameter(torch.zeros(width))

    def before(self, value: Tensor) -> Tensor:
        """What each feature would say before the choice of the loudest, (…, features), of values (…, width)."""
        return self.encoder(value - self.centre)

    def encode(self, value: Tensor) -> Tensor:
        """What the loudest `active` features say, ≥ 0, and 0 for all others: (…, features) of values (…, width)."""
        return loudest(self.before(value), self.active)

    def decode(self, said: Tensor) -> Tensor:
        """The value (…, width) that features saying `said` (…, features) stand for."""
        return self.decoder(said) + self.centre

    def forward(self, value: Tensor) -> Tensor:
        return self.decode(self.encode(value))


class Glass:
    """A dictionary held before a site, read from its file when somebody first looks through it.

    What it cannot say of a value stays as it is: only what is changed about the features is added, along their
    directions. `axis` is the one of the site's channels, counted with the batch in front.
    """

    def __init__(self, fetch: Callable[[], Dictionary], axis: int) -> None:
        self._fetch, self._axis = fetch, axis

    @cached_property
    def dictionary(self) -> Dictionary:
        with torch.inference_mode(False):  # whoever looks first: weights read in that mode let no gradient through
            return self._fetch()

    def read(self, value: Tensor) -> Tensor:
        """What the features say at each position, float32, in place of the channels."""
        dictionary = self.dictionary.to(value.device)
        return dictionary.encode(value.float().movedim(self._axis, -1)).movedim(-1, self._axis)

    def before(self, value: Tensor) -> Tensor:
        """What they would say before the choice of the loudest."""
        dictionary = self.dictionary.to(value.device)
        return dictionary.before(value.float().movedim(self._axis, -1)).movedim(-1, self._axis)

    def write(self, value: Tensor, change: Tensor) -> Tensor:
        """The value with features saying more by `change`."""
        added = self.dictionary.to(value.device).decoder(change.movedim(self._axis, -1)).movedim(-1, self._axis)
        return value + added.to(value.dtype)


def loudest(said: Tensor, count: int) -> Tensor:
    """`said` (…, features) with all but its `count` largest positive values set to 0."""
    top = said.topk(count, dim=-1)
    return torch.zeros_like(said).scatter(-1, top.indices, top.values.relu())


def file_of(name: str, site: str) -> Path:
    """Where the bundled dictionary of a model's site lies, if there is one."""
    return BUNDLED / ALIASES.get(name, name) / f"dictionary-{site}.safetensors"


def load_dictionary(name: str, site: str) -> Dictionary:
    """The dictionary that ships with model `name` for `site`; raises Unknown and names the sites that have one."""
    cards = {card["site"]: card for card in bundled_card(ALIASES.get(name, name)).get("dictionaries", [])}
    if site not in cards:
        raise Unknown("dictionary at site", site, cards, field="site")
    file = checked(file_of(name, site), cards[site]["weights"])
    tensors = read_tensors(file)
    try:
        features, width = tensors["encoder.weight"].shape
        dictionary = empty(lambda: Dictionary(width, features, active_in(file)))
        dictionary.load_state_dict(tensors)
    except (RuntimeError, KeyError, ValueError) as error:
        raise WeightsDamaged(f"{file.name} is damaged: it is no dictionary.") from error
    return dictionary.eval().requires_grad_(False)


def active_in(file: Path) -> int:
    """How many features may speak at one position, as the file's own metadata say."""
    with safe_open(file, "pt") as opened:
        return int(json.loads(opened.metadata()["dictionary"])["active"])
