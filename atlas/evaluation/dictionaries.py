"""The dictionaries that ship with a network, measured anew on what neither of them has learned from."""

from collections.abc import Callable

from lucarne.atlas.evaluation.figures import rounded
from lucarne.models.card import Card, DictionaryCard
from lucarne.models.dictionary import file_of, load_dictionary
from lucarne.models.errors import WeightsMissing
from lucarne.models.progress import Progress
from lucarne.models.training.dictionary import fidelity
from lucarne.models.training.subjects import Subject

POSITIONS = 200_000  # vectors of the site: how many decide which features are called dead
EXAMPLES = 64  # whose loss is compared


def measured_anew(card: Card, subject: Callable[[str], Subject], progress: Progress) -> list[DictionaryCard]:
    """What the card says of its dictionaries, with fresh figures; `subject` makes one for the name of a site.

    Raises WeightsMissing, or WeightsDamaged for a dictionary that is not the one the card speaks of.
    """
    found: list[DictionaryCard] = []
    for known in progress(card.dictionaries) if card.dictionaries else ():
        if not file_of(card.name, known.site).exists():
            raise WeightsMissing(f"The dictionary of {card.name} at {known.site} is not in this installation.")
        dictionary = load_dictionary(card.name, known.site)
        figures = fidelity(subject(known.site), dictionary, POSITIONS, EXAMPLES)
        found.append(known.model_copy(update=rounded(figures)))
    return found
