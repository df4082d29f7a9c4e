"""The sites of a network, found by letting a network walk through itself."""

import torch
from torch import Tensor, nn

from lucarne.models.alexnet import TORCHVISION_NAMES, AlexNet
from lucarne.models.card import SiteCard
from lucarne.models.gpt import GPT
from lucarne.models.taps import FEATURES, Taps

ALEXNET_ABOUT = {
    "input": "The picture as the network reads it, normalised.",
    "conv": "What the kernels answer, before the ReLU: signed.",
    "relu": "After the ReLU: nothing is below zero.",
    "norm": "After local response normalisation.",
    "pool": "The largest of each 3×3 neighbourhood, every second position.",
    "fc": "A fully connected layer, before the ReLU: signed.",
}
GPT_ABOUT = {
    "hook_embed": "The vector of each token.",
    "hook_pos_embed": "The vector of each position, added to the token's.",
    "hook_resid_pre": "The residual stream as the block reads it.",
    "hook_resid_mid": "The residual stream after attention.",
    "hook_resid_post": "The residual stream as the block leaves it.",
    "hook_scale": "Standard deviation that the layer norm divides by.",
    "hook_normalized": "Normalised, before the layer norm's own weight and bias.",
    "hook_q": "What each position asks for, by head.",
    "hook_k": "What each position offers to be found by, by head.",
    "hook_v": "What each position hands over when attended to, by head.",
    "hook_attn_scores": "Scaled query·key before the softmax; -inf ahead.",
    "hook_pattern": "Attention: how much each query takes from each key; rows add up to 1.",
    "hook_z": "The values each head has gathered.",
    "hook_attn_out": "What attention adds to the residual stream.",
    "hook_pre": "The MLP's neurons before the GELU.",
    "hook_post": "The MLP's neurons after the GELU.",
    "hook_mlp_out": "What the MLP adds to the residual stream.",
    "logits": "The score of every token of the vocabulary as the next one.",
}
GPT_AXES = {
    "hook_q": ("position", "head", "head_width"),
    "hook_k": ("position", "head", "head_width"),
    "hook_v": ("position", "head", "head_width"),
    "hook_z": ("position", "head", "head_width"),
    "hook_attn_scores": ("head", "query", "key"),
    "hook_pattern": ("head", "query", "key"),
    "hook_pre": ("position", "neuron"),
    "hook_post": ("position", "neuron"),
    "hook_scale": ("position", "one"),
    "logits": ("position", "token"),
}


class Census(Taps):
    """Taps that note every site with the shape of its value, and want all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: dict[str, tuple[int, ...]] = {}

    def __call__(self, site: str, value: Tensor) -> Tensor:
        self.shapes[site] = tuple(value.shape[1:])
        return value

    def wants(self, site: str) -> bool:
        return True


def alexnet_sites(network: AlexNet) -> list[SiteCard]:
    size = network.plan.input_size
    shapes = _census(network, torch.zeros(1, 3, size, size))
    sites = []
    for name, shape in shapes.items():
        axes = ("colour" if name == "input" else "channel", "y", "x") if len(shape) == 3 else ("unit",)
        dotted = TORCHVISION_NAMES.get(name)
        aliases = (dotted, dotted.replace(".", "_")) if dotted else ()
        about = ALEXNET_ABOUT[name.rstrip("0123456789")]
        sites.append(SiteCard(name=name, axes=axes, shape=shape, about=about, aliases=aliases))
    return sites


def gpt_sites(network: GPT) -> list[SiteCard]:
    """Sizes that follow the text's length are None."""
    shapes = _census(network, torch.zeros(1, 2, dtype=torch.long))
    sites = []
    for name, shape in shapes.items():
        last = name.rsplit(".", 1)[-1]
        axes = GPT_AXES.get(last, ("position", "width"))
        free = {"position", "query", "key"}
        open_shape = tuple(None if axis in free else side for axis, side in zip(axes, shape, strict=True))
        sites.append(SiteCard(name=name, axes=axes, shape=open_shape, about=GPT_ABOUT[last]))
    return sites


def feature_site(site: SiteCard, features: int) -> SiteCard:
    """The site of what the features of a dictionary say of another one."""
    at = channels_axis(site)
    return SiteCard(
        name=site.name + FEATURES,
        axes=(*site.axes[:at], "channel" if site.axes[at] == "channel" else "feature", *site.axes[at + 1 :]),
        shape=(*site.shape[:at], features, *site.shape[at + 1 :]),
        about=f"What the features of a dictionary say of {site.name}: few at a time, and nothing is below zero.",
    )


def channels_axis(site: SiteCard) -> int:
    """Which of a site's axes a dictionary takes apart."""
    return next(i for i, axis in enumerate(site.axes) if axis in ("channel", "width"))


def _census(network: nn.Module, inputs: Tensor) -> dict[str, tuple[int, ...]]:
    census = Census()
    for module in network.modules():
        if isinstance(getattr(module, "tap", None), Taps):
            setattr(module, "tap", census)  # noqa: B010 (a module types its attributes as tensors)
    with torch.inference_mode():
        network.eval()(inputs)
    return census.shapes
