"""Which atlases ship. Asked without a network, so nothing here loads one."""

from pathlib import Path

BUNDLED = Path(__file__).parent.parent / "bundled" / "atlases"
RECORD = "atlas.json"
STREAM = ("hook_resid_pre", "hook_resid_mid", "hook_resid_post")  # what can be read as words


def rectified(site: str) -> str:
    """The site whose atlas stands for a site's: of a layer what comes out of its ReLU, and the next layer is told."""
    return f"relu{site[-1]}" if site.startswith(("conv", "fc", "norm")) else site


def is_stream(site: str) -> bool:
    """Whether a site is a place of the residual stream of a language model."""
    return site.endswith(STREAM)


def ships(model: str, site: str, bundled: Path = BUNDLED) -> bool:
    """Whether an atlas ships for a site, as it is called, of the model of that name."""
    return any((bundled / f"{model}-{each}" / RECORD).is_file() for each in (rectified(site), site))
