"""`make bench`: our figure, the peer's or the limit, and the ratio; above 1 we are the faster."""

import platform
import sys

import torch

from tests.benchmarks import atlas, attention, features, generation, lens, mapping, neighbours, pictures


def main() -> None:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} threads"
    print(f"{platform.machine()}, {device}, Python {platform.python_version()}, torch {torch.__version__}")
    for module in (pictures, attention, generation, lens, features, neighbours, mapping, atlas):
        if len(sys.argv) > 1 and not module.__name__.endswith(tuple(sys.argv[1:])):
            continue
        print(f"\n{(module.__doc__ or '').splitlines()[0]}")
        for row in module.rows():
            print(row, flush=True)


if __name__ == "__main__":
    main()
