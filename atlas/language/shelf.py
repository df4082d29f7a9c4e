"""The shelf: features that steer well, chosen by trying: `python -m lucarne.atlas.language.shelf gpt`.

Tried out are the `TRIED` features whose concepts (`concepts.py`) change most of what the network says, unless one word
alone has more than `ALONE` of the rise. Each is clamped to each of `STRENGTHS` times its maximum in `STORIES` stories
behind the network's likeliest opening, and judged at the strength where it does best: by how far the concept rate (the
part of new tokens that are of its concept, a token right behind itself not counted) rises above that of the same
stories left alone. Left out is what costs more than `COSTLY` times the perplexity of the network left alone, what
repeats more than `STUCK` of its runs of four tokens, what makes up more than `USUAL` of all tokens anyway, and what
shares more than a third of its concept, or a word of its label, with a better feature. The ten best are kept.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from tqdm import tqdm

from lucarne.atlas.language.bench import gpt
from lucarne.atlas.language.concepts import WORDS, Concept, concept, is_word, telling
from lucarne.atlas.language.dose import mean, stories_of
from lucarne.atlas.language.generation import Sampling, Writer
from lucarne.atlas.language.loudness import dictionary_of, own_words, shelf_file, shipped
from lucarne.atlas.language.steering import Measures, Push, measures, spoken
from lucarne.models import load
from lucarne.models.model import Model
from lucarne.models.progress import Progress, note
from lucarne.models.taps import FEATURES

KEPT, TRIED, ALONE = 10, 200, 0.3
STRENGTHS, STORIES, LENGTH, OPENING = (0.75, 1.0, 1.5), 8, 40, 6
SAMPLING = Sampling(temperature=0.8)
COSTLY, STUCK, USUAL, SHARED = 2.5, 0.2, 0.04, WORDS // 3
RULE = (
    f"Of the {TRIED} features that change most what the network says, the ten whose words become most frequent when "
    f"they are clamped to {', '.join(map(str, STRENGTHS[:-1]))} or {STRENGTHS[-1]:g} times their maximum, at no more "
    f"than {COSTLY:g} times the usual perplexity and with little repetition."
)


@dataclass(frozen=True)
class Found:
    """A feature that steers well."""

    unit: int
    label: str
    maximum: float
    often: float
    strength: float
    concept: Concept
    plain_rate: float
    rate: float
    perplexity: float
    repetition: float


@dataclass(frozen=True)
class Shelved:
    """The shelf of a site, and what the network is like when nobody steers it."""

    features: list[Found]
    maxima: list[float]  # of all features of the dictionary
    alive: int
    tried: int
    plain_perplexity: float
    plain_repetition: float


def shelf(model: Model, site: str, progress: Progress = iter) -> Shelved:
    """The shelf that ships for these weights, or else one that is measured, which takes some minutes."""
    name = model.site(site).name
    told = shipped(model.card.name, model.weights, name, dictionary_of(model, name))
    if told is None:
        return measured(model, name, progress)
    features = [Found(**{**each, "concept": [tuple(pair) for pair in each["concept"]]}) for each in told["features"]]
    numbers = {each: told[each] for each in ("maxima", "alive", "tried", "plain_perplexity", "plain_repetition")}
    return Shelved(features, **numbers)


@torch.inference_mode()
def measured(model: Model, site: str, progress: Progress = iter) -> Shelved:
    """Try features of a site out, as the head of this file says. Raises Unknown for a site without a dictionary."""
    name = model.site(site).name
    note(progress, "Measuring how loud features get")
    loud = own_words(model, name, progress)
    alive = loud.most.nonzero()[:, 0].tolist()
    note(progress, "Holding each to see what it makes the network say")
    concepts = telling_most(model, {unit: concept(model, name, [unit], loud.most) for unit in progress(alive)})
    tried = list(concepts)
    note(progress, "Trying features out")
    prompt = opening(model)
    length = min(LENGTH, gpt(model).plan.context - len(prompt))
    rows: list[list[Push]] = [[] for _ in range(STORIES)]
    rows += [[Push(unit, "clamp", strength)] for unit in tried for strength in STRENGTHS for _ in range(STORIES)]
    seeds = [row % STORIES for row in range(len(rows))]
    stories = stories_of(model, name, prompt, rows, seeds, loud.most, 1, length, SAMPLING, progress)
    plain = measured_in_parts(model, prompt, stories[:STORIES], [set()] * STORIES)
    usual = mean(plain)
    each = measured_in_parts(
        model, prompt, stories[STORIES:],
        [{token for token, _ in words} for words in concepts.values() for _ in range(len(STRENGTHS) * STORIES)],
    )  # fmt: skip
    found: list[tuple[float, Found]] = []
    for at, (unit, words) in enumerate(concepts.items()):
        ids = {token for token, _ in words}
        rate = fmean(spoken(story, ids) / max(1, len(story)) for story in stories[:STORIES])
        for number, strength in enumerate(STRENGTHS):
            start = (at * len(STRENGTHS) + number) * STORIES
            pushed = mean(each[start : start + STORIES])
            gain, is_fluent = pushed.concept - rate, pushed.perplexity <= COSTLY * usual.perplexity
            if gain > 0 and rate <= USUAL and is_fluent and pushed.repetition <= STUCK:
                found.append((gain, Found(
                    unit, label_of(model, words), float(loud.most[unit]), float(loud.often[unit]), strength, words,
                    rate, pushed.concept, pushed.perplexity, pushed.repetition,
                )))  # fmt: skip
    kept = different([each for _, each in sorted(found, key=lambda each: (-each[0], each[1].unit))])
    return Shelved(kept, loud.most.tolist(), len(alive), len(tried), usual.perplexity, usual.repetition)


def telling_most(model: Model, concepts: dict[int, Concept]) -> dict[int, Concept]:
    """The `TRIED` features whose concepts change most of what is said, the most first."""
    broad = {
        unit: words
        for unit, words in concepts.items()
        if words and words[0][1] <= ALONE * sum(rise for _, rise in words)
    }
    return dict(sorted(broad.items(), key=lambda each: -telling(model, each[1]))[:TRIED])


def opening(model: Model) -> list[int]:
    """The likeliest beginning of a text, begin token first; what a model without one begins with is its token 0."""
    network, end = gpt(model), model.tokenizer.end
    writer = Writer(network, [0], 1 + OPENING)
    tokens = [torch.tensor([end or 0])]
    for _ in range(OPENING):
        writer.read(tokens[-1][:, None])
        tokens.append(writer.draw(Sampling(temperature=0)))
    return torch.cat(tokens).tolist()


def measured_in_parts(
    model: Model, prompt: list[int], stories: list[list[int]], concepts: list[set[int]]
) -> list[Measures]:
    """As `measures`, without all the logits in memory at once."""
    parts = range(0, len(stories), 64)
    return [
        each
        for start in parts
        for each in measures(model, prompt, stories[start : start + 64], concepts[start : start + 64])
    ]


def label_of(model: Model, concept: list[tuple[int, float]]) -> str:
    """The first three different words of a concept: whole ones (a blank before three letters or more) first."""
    texts = [model.tokenizer.text_of(token) for token, _ in concept]
    whole = [text.strip() for text in texts if is_word(text)]
    others = [text.strip() for text in texts if text.strip() and "\ufffd" not in text]
    return " · ".join(list({word.lower(): word for word in reversed([*whole, *others][:3])}.values())[::-1])


def different(found: list[Found]) -> list[Found]:
    """The best, without those that say much the same as a better one."""
    kept: list[Found] = []
    for each in found:
        own, words = {token for token, _ in each.concept}, set(each.label.lower().split(" · "))
        if all(
            len(own & {token for token, _ in other.concept}) <= SHARED
            and not words & set(other.label.lower().split(" · "))
            for other in kept
        ):
            kept.append(each)
    return kept[:KEPT]


def ship(model: Model, site: str, file: Path, progress: Progress = iter) -> Shelved:
    """Measure a shelf and write it where it ships from, with the hashes of what it was made of."""
    made = measured(model, site, progress)
    told: dict[str, Any] = {
        "site": site,
        "weights": model.weights,
        "dictionary": dictionary_of(model, site),
        "rule": RULE,
        **{name: value for name, value in asdict(made).items() if name != "features"},
        "maxima": [float(f"{value:.4g}") for value in made.maxima],
        "features": [_rounded(asdict(each)) for each in made.features],
    }
    file.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
    return made


def _rounded(told: dict[str, Any]) -> dict[str, Any]:
    short = {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in told.items()}
    return {**short, "concept": [[token, float(f"{rise:.4g}")] for token, rise in told["concept"]]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a language model of the catalog that ships with a dictionary")
    given = parser.parse_args()
    model = load(given.model, device="cpu")
    sites = [site for site in model.sites if site.endswith(FEATURES)]
    if not sites:
        raise SystemExit(f"{model.card.name} has no dictionary: there are no features to choose from.")
    for site in sites:
        made = ship(model, site, shelf_file(model.card.name, site), tqdm)
        alone = f"left alone: perplexity {made.plain_perplexity:.2f}"
        print(f"{site}: {made.tried} of {made.alive} features tried; {alone}")
        for each in made.features:
            rates = f"{100 * each.plain_rate:5.1f} % → {100 * each.rate:5.1f} %"
            print(f"  {each.unit:>5} ×{each.strength:g}  {rates}  perplexity {each.perplexity:6.2f}  {each.label}")


if __name__ == "__main__":
    main()
