"""What is on offer: models with the recipes that suit them, and a recipe made proper before anything is done for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import Field

from lucarne.models.card import Card, SiteCard
from lucarne.models.catalog import ALIASES
from lucarne.models.errors import Unknown, Unsuitable, WeightsMissing
from lucarne.recipe import Recipe

if TYPE_CHECKING:
    from lucarne.pictures import Pictures

AnyKind = TypeVar("AnyKind", bound=Recipe)


class ModelSite(SiteCard):
    recipes: tuple[str, ...] = Field(description="Kinds of recipe that can look at this site.")
    ships: tuple[str, ...] = Field(default=(), description="Those of them that are there at once.")


class ModelCard(Card):
    """A model of the bench, and what can be made of it."""

    sites: list[ModelSite] = Field(default=[])  # pyright: ignore[reportIncompatibleVariableOverride]
    recipes: tuple[str, ...] = Field(description="Kinds of recipe that suit the model.")


def kind_of(recipe: type[Recipe]) -> str:
    return recipe.model_fields["kind"].get_default()


class Reader:
    """Reads a recipe of any of these classes."""

    def __init__(self, recipes: Sequence[type[Recipe]]) -> None:
        self.kinds = {kind_of(each): each for each in recipes}

    def read(self, text: bytes | str, kind: object) -> Recipe:
        """Raises Unknown for the kind and ValidationError for anything else."""
        if not isinstance(kind, str):
            raise Unsuitable(f"A recipe is an object with a kind: {', '.join(self.kinds)}.", field="kind")
        if kind not in self.kinds:
            raise Unknown("kind of recipe", kind, self.kinds, field="kind")
        return self.kinds[kind].model_validate_json(text)


def offer(card: Card, recipes: Sequence[type[Recipe]]) -> ModelCard:
    sites = [_offered(card, site, recipes) for site in card.sites]
    suiting = tuple(kind_of(each) for each in recipes if each.suits(card.kind) and _has_a_site(each, card))
    return ModelCard(**card.model_dump(exclude={"sites"}), sites=sites, recipes=suiting)


def _offered(card: Card, site: SiteCard, recipes: Sequence[type[Recipe]]) -> ModelSite:
    suiting = [each for each in recipes if each.suits_axes and each.suits(card.kind, site)]
    ships = tuple(kind_of(each) for each in suiting if each.ships(card.name, site.name))
    return ModelSite(**site.model_dump(), recipes=tuple(kind_of(each) for each in suiting), ships=ships)


def settle(recipe: AnyKind, cards: Sequence[Card], pictures: "Pictures") -> tuple[AnyKind, Card]:
    """The recipe under the proper names of its model and site, so that one thing has one id, and the model's card.

    Raises Unknown, Unsuitable or WeightsMissing. Looks at names only; what a recipe costs it knows itself.
    """
    for field, said in recipe.model_dump().items():
        if isinstance(said, str) and not _is_plain(said):
            raise Unsuitable("Text must be Unicode without NUL and without half a surrogate pair.", field=field)
    known = {card.name: card for card in cards}
    card = known.get(ALIASES.get(recipe.model, recipe.model))
    if card is None:
        names = [name for name, card in known.items() if not card.for_tests]
        raise Unknown("model", recipe.model, names, field="model")
    proper: dict[str, str] = {"model": card.name}
    if not recipe.suits(card.kind):
        raise Unsuitable(f"Recipe {recipe.kind} is for {recipe.suits_kind} models.", field="kind")
    if (wanted := getattr(recipe, "site", None)) is not None:
        site = _site(card, wanted)
        if not recipe.suits(card.kind, site):
            raise Unsuitable(f"Recipe {recipe.kind} cannot look at site {site.name}.", field="site")
        proper["site"] = site.name
    for field in ("picture", "corrupt") if recipe.suits_kind == "vision" else ():
        if (picture := getattr(recipe, field, None)) is not None and not pictures.has(picture):
            raise Unknown("picture", f"{picture[:8]}…", field=field)
    if not card.available:
        raise WeightsMissing(card.how_to_get or "The weights of this model are not here.", field="model")
    return recipe.model_copy(update=proper), card


def _site(card: Card, name: str) -> SiteCard:
    for site in card.sites:
        if name == site.name or name in site.aliases:
            return site
    raise Unknown("site", name, [site.name for site in card.sites], field="site")


def _has_a_site(recipe: type[Recipe], card: Card) -> bool:
    return not recipe.suits_axes or any(recipe.suits(card.kind, site) for site in card.sites)


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
