"""What the recipes of neurons and of dictionary features have in common: a page of one, and labels of all."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lucarne.artifact_units import UnitContext, UnitLabel, UnitNeighbor, UnitRow, UnitTexts, WrittenToken
from lucarne.corpora import Corpora

if TYPE_CHECKING:
    from torch import Tensor

    from lucarne.atlas.language.corpora import Corpus
    from lucarne.atlas.language.indexing import Index
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

LISTED = 6  # tokens a unit reads and writes, in a list of units
TENTHS = ("lowest", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "highest")
GROUPS = {"top": "largest answer"} | {
    f"decile {tenth}": f"answer in the {TENTHS[tenth]} tenth of the range" for tenth in range(9, -1, -1)
}


def unit_texts(
    model: "Model", said: str, unit: int, name: str, k: int, pictures: "Pictures", progress: "Progress",
    signature: dict[str, Any],
) -> UnitTexts:  # fmt: skip
    """The page of a unit. Raises Unknown and Unsuitable for a site, a unit or a corpus that does not fit."""
    from lucarne.atlas.language import units
    from lucarne.atlas.language.indexing import BINS, check_unit, threshold_of

    site = check_unit(model, said, unit)
    corpus, whole = Corpora.beside(pictures).index(name, model, progress)
    found = whole.of(site)
    written = units.rises(model, units.directions(model, site)[[unit]])[0]  # (vocabulary,)
    labels = _labels(model, site, found, corpus)
    largest = float(found.values[unit, 0])
    rows = units.contexts(model, site, unit, found, corpus, k)
    noun = units.noun_of(site, unit)
    threshold = threshold_of(site)
    over = "above zero" if threshold == 0 else f"above {threshold:g}"
    often = f"active ({over}) at {found.density[unit]:.2%} of {found.positions:,} tokens"
    caption = f"Texts of “{corpus.title}” to which {noun} of {model.card.title} answers most; {often}."
    if not found.active[unit]:
        caption = f"None of the {found.positions:,} tokens of “{corpus.title}” excites {noun} of {model.card.title}."
    spoken = model.tokenizer.text_of
    return UnitTexts(
        **signature,
        caption=caption,
        site=site,
        unit=unit,
        units=len(found.top),
        corpus=name,
        title=corpus.title,
        positions=found.positions,
        threshold=threshold,
        density=float(found.density[unit]),
        largest=largest,
        edges=np.linspace(0, largest if largest > 0 else 1, BINS + 1).tolist(),
        counts=found.counts[unit].tolist(),
        groups=GROUPS,
        contexts=[
            UnitContext(
                group=row.group, document=row.document, place=row.place, tokens=[spoken(int(t)) for t in row.tokens],
                values=np.round(row.values, 4).tolist(), peak=row.peak,
            )
            for row in rows
        ],
        raises=_written(model, written, units.WRITTEN),
        lowers=_written(model, -written, units.WRITTEN, -1),
        neighbors=[
            UnitNeighbor(unit=other, cosine=cosine, label=labels[other])
            for other, cosine in units.neighbors(model, site, unit)
        ],
        label=labels[unit],
    )  # fmt: skip


def unit_rows(model: "Model", site: str, found: "Index", corpus: "Corpus") -> list[UnitRow]:
    """Every unit of a site in a line each; `found` is the site's index."""
    from lucarne.atlas.language import units

    spoken = model.tokenizer.text_of
    labels = _labels(model, site, found, corpus)
    rises = units.rises(model, units.directions(model, site))  # (units, vocabulary)
    best = rises.topk(min(LISTED, rises.shape[1])).indices.tolist()
    rows: list[UnitRow] = []
    for unit, tokens in enumerate(best):
        peaks = dict.fromkeys(corpus.tokens[found.top[unit][found.top[unit] >= 0]].tolist())
        rows.append(
            UnitRow(
                label=labels[unit],
                density=float(found.density[unit]),
                largest=float(found.values[unit, 0]),
                reads=[spoken(token) for token in list(peaks)[:LISTED]],
                writes=[spoken(token) for token in tokens],
            )
        )
    return rows


def _labels(model: "Model", site: str, found: "Index", corpus: "Corpus") -> list[UnitLabel]:
    return _labelled(_Key(model, site, found, corpus))


class _Key:
    """Stands for what labels are made of: equal for equal weights, site and corpus."""

    def __init__(self, model: "Model", site: str, found: "Index", corpus: "Corpus") -> None:
        from lucarne.atlas.language.indexing import identity

        self.model, self.site, self.found, self.corpus = model, site, found, corpus
        self._said = (identity(model, corpus), site)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)


@lru_cache(maxsize=4)
def _labelled(key: _Key) -> list[UnitLabel]:
    from lucarne.atlas.language import units

    model, site = key.model, key.site
    best = units.rises(model, units.directions(model, site)).argmax(-1)  # (units,)
    spoken = model.tokenizer.text_of
    return [
        UnitLabel.model_validate({"rule": rule, "text": spoken(token) if token >= 0 else ""})
        for rule, token in units.labels(model, site, key.found, key.corpus, best)
    ]


def _written(model: "Model", rises: "Tensor", count: int, sign: int = 1) -> list[WrittenToken]:
    best = rises.topk(min(count, len(rises)))
    return [
        WrittenToken(id=token, text=model.tokenizer.text_of(token), rise=sign * rise)
        for token, rise in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]
