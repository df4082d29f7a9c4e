"""A network on the bench: its card, its sites, and the ways to watch and edit what happens at them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lucarne.models.card import Card, SiteCard
from lucarne.models.dictionary import Glass
from lucarne.models.errors import Unknown, WeightsMissing
from lucarne.models.taps import FEATURES, Edit, Taps
from lucarne.models.tokenizer import BPE

Site = SiteCard


class Model:
    """A network with the names people know it by. Watching and editing live exactly as long as their `with` block.

    model = load("alexnet")
    with model.watch("conv3") as seen:
        model(pixels)
    seen["conv3"].shape  # (1, 384, 7, 7)
    """

    def __init__(
        self,
        card: Card,
        network: nn.Module,
        *,
        labels: list[str] | None = None,
        tokenizer: BPE | None = None,
        device: str = "cpu",
    ) -> None:
        self.card = card
        self.network = network.to(device).eval().requires_grad_(False)
        self.labels = labels or []
        self._tokenizer = tokenizer
        self.device = device
        self.sites: dict[str, Site] = {site.name: site for site in card.sites}

    def on(self, device: str) -> "Model":
        """This model on a device: itself where it is there, else a copy. `auto` is a GPU where there is one."""
        there = placed(device)
        if there == self.device:
            return self
        return Model(self.card, deepcopy(self.network), labels=self.labels, tokenizer=self._tokenizer, device=there)

    def __getstate__(self) -> dict[str, Any]:
        """To another process, where there may be no GPU, it travels as it is on a CPU."""
        return vars(self.on("cpu"))

    @property
    def kind(self) -> str:
        return self.card.kind

    @property
    def weights(self) -> str:
        """sha256 of the weights."""
        return self.card.weights

    @property
    def tokenizer(self) -> BPE:
        if self._tokenizer is None:
            raise WeightsMissing("This model came without a tokenizer.json: it reads numbers, not text.")
        return self._tokenizer

    @property
    def taps(self) -> Taps:
        taps = self.network.tap
        assert isinstance(taps, Taps)
        return taps

    def site(self, name: str) -> Site:
        """The site of that name or alias (torchvision's `features.0`, lucent's `features_0`); raises Unknown."""
        if name in self.sites:
            return self.sites[name]
        for site in self.card.sites:
            if name in site.aliases:
                return site
        raise Unknown("site", name, self.sites, field="site")

    def glass(self, site: str) -> Glass:
        """The dictionary at a site of features, `relu5.features`; raises Unknown where there is none."""
        found = self.taps.lenses.get(self.site(site).name.removesuffix(FEATURES))
        if not isinstance(found, Glass):
            raise Unknown("dictionary at site", site, self.taps.lenses, field="site")
        return found

    @contextmanager
    def watch(self, *sites: str, stop: bool = False) -> Iterator[dict[str, Tensor]]:
        """Keep the values at `sites` of the passes made inside the block, under their proper names.

        With `stop` a pass ends as soon as all of them were seen, and so does the block.
        """
        names = [self.site(site).name for site in sites]
        with self.taps.watch(*names, stop=stop) as seen:
            yield seen

    @contextmanager
    def edit(self, edits: Mapping[str, Edit]) -> Iterator[None]:
        """Replace the values at sites by what a function makes of them, inside the block."""
        with self.taps.edit({self.site(site).name: change for site, change in edits.items()}):
            yield

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Inside the block the network is as it was loaded, whatever is watched and edited around it."""
        with self.taps.aside():
            yield

    def look(self, inputs: Tensor | np.ndarray, *sites: str) -> dict[str, Tensor]:
        """The values at `sites` for these inputs; the pass ends where the last of them is seen.

        `inputs` are what calling the model takes.
        """
        with self.watch(*sites, stop=True) as seen:
            self(inputs)
        return seen

    @torch.inference_mode()
    def __call__(self, inputs: Tensor | np.ndarray) -> Tensor:
        """Logits. Pictures come as uint8 RGB (batch, size, size, 3), tokens as int64 (batch, position).

        Without gradients; for gradients call `model.network` on `model.network.read(pixels)`.
        """
        given = inputs if isinstance(inputs, Tensor) else torch.from_numpy(np.array(inputs, order="C"))
        given = given.to(self.device)
        if self.kind == "vision" and given.dtype == torch.uint8:
            given = self.network.read(given)  # pyright: ignore[reportCallIssue]
        return self.network(given)


def placed(device: str) -> str:
    """The device that is meant: `auto` is a GPU where there is one."""
    return ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
