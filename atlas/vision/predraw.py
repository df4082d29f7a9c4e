"""How the bundled dreams were drawn: `python -m lucarne.atlas.vision.predraw alexnet`, half an hour on two cores.

A site that is there for these weights already is left as it is, so that an interrupted run goes on.
"""

import argparse
from functools import partial
from pathlib import Path

from tqdm import tqdm

from lucarne.atlas.vision.sheets import BUNDLED, dreams_of, ship, shipped
from lucarne.models import load

SITES = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a vision model of the catalog")
    parser.add_argument("--sites", nargs="+", default=SITES)
    parser.add_argument("--out", type=Path, default=BUNDLED)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    model = load(given.model, device=given.device)
    for site in given.sites:
        if shipped(model, site, given.out) is None:
            ship(model, site, dreams_of(model, site, progress=partial(tqdm, desc=site, mininterval=5)), given.out)


if __name__ == "__main__":
    main()
