"""The atlas of texts: a map of what the residual stream says at many places, drawn as words."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_text import Guess
from lucarne.artifact_text_atlas import TextMap, TextPage
from lucarne.recipe import Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class TextAtlas(Recipe):
    """A map of what a site of the residual stream says at every token of the stories that ship."""

    suits_kind: ClassVar = "language"
    of_what_ships: ClassVar = True
    suits_axes: ClassVar = (("position", "width"),)

    kind: Literal["text_atlas"] = "text_atlas"
    site: SiteName = "blocks.2.hook_resid_pre"

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return not self.ships(self.model, self.site)

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        from lucarne.atlas.mapping.shipped import is_stream

        return super().suits(kind, site) and (site is None or is_stream(site.name))

    @classmethod
    def ships(cls, model: str, site: str) -> bool:
        from lucarne.atlas.mapping.shipped import ships

        return ships(model, site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> TextMap:
        from lucarne.text_atlases import text_atlas_of

        packed = text_atlas_of(model, self.site, pictures, progress)
        packed.copy(folder)
        vocabulary = [model.tokenizer.text_of(token) for token in range(int(model.card.plan["vocabulary"]))]
        (folder / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        said = packed.said
        cells = ", ".join(f"{page['cells']:,}" for page in said["pages"])
        return TextMap(
            **self.signature(model),
            caption=f"What {said['site']} of {model.card.title} says at {said['samples']:,} places of texts "
            f"({said['credit']}). Near to each other lies what it finds alike; a cell is drawn as the tokens that its "
            f"mean would have the network say. {cells} cells.",
            site=said["site"],
            title=said["credit"],
            samples=said["samples"],
            first=said["first"],
            pages=[TextPage(**page) for page in said["pages"]],
            common=[Guess(id=token, text=vocabulary[token], probability=odds) for token, odds in said["common"]],
        )
