"""Which atlases ship. Asked without a network, so nothing here loads one."""

from pathlib import Path

BUNDLED = Path(__file__).parent.parent / "bundled" / "atlases"
RECORD = "atlas.json"


def rectified(site: str) -> str:
    """The site whose atlas stands for a site's: of a layer what comes out of its ReLU, and the next layer is told."""
    return f"relu{site[-1]}" if site.startswith(("conv", "fc", "norm")) else site


def ships(model: str, site: str, bundled: Path = BUNDLED) -> bool:
    """Whether an atlas ships for a site, as it is called, of the model of that name."""
    return any((bundled / f"{model}-{each}" / RECORD).is_file() for each in (rectified(site), site))
