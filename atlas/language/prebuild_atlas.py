"""How the bundled atlases of texts were made: `python -m lucarne.atlas.language.prebuild_atlas gpt --work DIR`.

They are of the stories that ship. Cut off, it goes on where it was.
"""

import argparse
import shutil
from datetime import date
from functools import partial
from pathlib import Path

from tqdm import tqdm

from lucarne.atlas.language.corpora import bundled
from lucarne.atlas.mapping.packing import record
from lucarne.atlas.mapping.shipped import BUNDLED
from lucarne.atlas.mapping.text_atlas import MANNER, build
from lucarne.atlas.mapping.text_packing import pack, recorded
from lucarne.models import load

SITES = ("blocks.2.hook_resid_pre", "blocks.5.hook_resid_pre")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a language model of the catalog")
    parser.add_argument("--sites", nargs="+", default=SITES)
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/lucarne/atlases", help="of stages; resumes")
    parser.add_argument("--out", type=Path, default=BUNDLED)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    model = load(given.model, device=given.device)
    corpus = bundled(model)
    for site in (model.site(each).name for each in given.sites):
        work = given.work / f"{given.model}-{model.weights[:12]}-{site}"
        progress = partial(tqdm, mininterval=10)
        atlas = build(model, site, corpus, work, edition=corpus.fingerprint[:12], progress=progress)
        folder = given.out / f"{given.model}-{site}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pages = [vars(page) for page in pack(atlas, folder)]
        record(folder, **recorded(model, atlas, corpus.title), manner=vars(MANNER), made=date.today().isoformat(),
               pages=pages)  # fmt: skip
        size = sum(file.stat().st_size for file in folder.iterdir())
        cells = " + ".join(f"{len(grid):,}" for grid in atlas.grids)
        print(f"{folder.name}: {len(atlas.positions):,} positions, {cells} cells, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
