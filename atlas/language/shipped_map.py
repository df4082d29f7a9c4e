"""The map of a network's token vectors that ships, so that nobody waits for UMAP.

`python -m lucarne.atlas.language.shipped_map gpt` makes it anew; needed when the weights change.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

FOLDER = Path(__file__).parent.parent / "bundled/texts"


def shipped_map(name: str, weights: str, folder: Path = FOLDER) -> NDArray[np.float32] | None:
    """Points (tokens, 2) in 0…1; None where none ships for these weights."""
    try:
        with safe_open(folder / f"{name}-map.safetensors", "numpy") as file:
            if (file.metadata() or {}).get("weights") != weights:
                return None
            return file.get_tensor("points").astype(np.float32) / 65535
    except (FileNotFoundError, SafetensorError):
        return None


def main() -> None:
    from lucarne.atlas.language.embeddings import laid_out, vectors_of
    from lucarne.models import load

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model")
    told = parser.parse_args()
    model = load(told.model, device="cpu")
    points = np.rint(laid_out(vectors_of(model)) * 65535).astype(np.uint16)
    file = FOLDER / f"{told.model}-map.safetensors"
    save_file({"points": points}, file, metadata={"weights": model.weights})
    file.chmod(0o644)  # the library leaves it to its owner alone
    print(json.dumps({"tokens": len(points), "bytes": file.stat().st_size}))


if __name__ == "__main__":
    main()
