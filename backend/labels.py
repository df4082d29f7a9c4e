"""What people have called units, in one file: `<data>/labels.json`, by weights, site and unit."""

import json
import threading
from pathlib import Path

from lucarne.atlas.galleries.pack import replacing
from lucarne.models.card import Card
from lucarne.models.errors import TooMuch, Unsuitable

FEATURES = ".features"  # of a site, as `lucarne.models.taps` has it, which loads torch

LONGEST = 80  # characters of a label
MOST = 10_000  # labels in all

Told = dict[str, dict[str, dict[str, str]]]  # weights, site, unit: label

_writing = threading.Lock()


class Labels:
    """All methods may be called from any thread. OSError means the disk."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def of(self, card: Card, site: str) -> dict[int, str]:
        """The labels of a site's units, by number."""
        return {int(unit): label for unit, label in self._read().get(_key(card, site), {}).get(site, {}).items()}

    def put(self, card: Card, site: str, unit: int, label: str) -> None:
        """Call a unit something; an empty label takes what it was called away.

        Raises Unsuitable for a label with what cannot be printed, TooMuch for one too long or one too many.
        """
        label = label.strip()
        if len(label) > LONGEST:
            raise TooMuch(f"A label has at most {LONGEST} characters.", LONGEST, field="label")
        if not label.isprintable():
            raise Unsuitable("A label is one line of letters that can be printed.", field="label")
        with _writing:
            told = self._read()
            units = told.setdefault(_key(card, site), {}).setdefault(site, {})
            units.pop(str(unit), None)
            if label:
                if sum(len(each) for sites in told.values() for each in sites.values()) >= MOST:
                    raise TooMuch(f"There are {MOST:,} labels already. Take some away first.", MOST, field="label")
                units[str(unit)] = label
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self.file) as half:
                half.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def _read(self) -> Told:
        try:
            told = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


def _key(card: Card, site: str) -> str:
    """Of features the dictionary's weights, of all else the network's: trained anew they are other units."""
    own = {each.site: each.weights for each in card.dictionaries}
    return (own.get(site.removesuffix(FEATURES), "") if site.endswith(FEATURES) else card.weights)[:32]
