"""Keys and values of tokens that were read before: what follows is computed without reading them again.

Positions are learned, so a text ends where the network's context does: nothing slides out of a cache to make room.
"""

import torch
from torch import Tensor

from lucarne.models.errors import TooMuch


class Cache:
    """Room for what `layers` attentions have found out of `batch` texts that grow in step, up to `positions` tokens.

    cache = Cache(layers=6, heads=6, head_width=32, positions=256)
    network(tokens, cache)  # as without it
    network(following, cache)  # the logits of these tokens alone, as if all were read at once
    """

    def __init__(
        self, *, layers: int, heads: int, head_width: int, positions: int, batch: int = 1, device: str = "cpu"
    ) -> None:
        self.positions = positions
        self.length = 0  # tokens kept, the same in every layer between two passes
        self._kept = torch.empty(layers, 2, batch, heads, positions, head_width, device=device)

    def before(self, new: int) -> int:
        """How many tokens stand before so many new ones. Raises TooMuch where these have no room."""
        if self.length + new > self.positions:
            detail = f"The text would be {self.length + new} tokens long: there is room for {self.positions}."
            raise TooMuch(detail, self.positions)
        return self.length

    def add(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Keep those of new tokens, two of (batch, head, new, d_head); answers all so far."""
        end = self.length + key.shape[2]
        keys, values = self._kept[layer]
        keys[:, :, self.length : end] = key
        values[:, :, self.length : end] = value
        return keys[:, :, :end], values[:, :, :end]
