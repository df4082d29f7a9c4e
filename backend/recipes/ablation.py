"""What a network says when channels are silenced, clamped or made louder."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field

from lucarne.artifact import Change, Frozen, Rank
from lucarne.recipe import PictureId, Recipe, SiteName, UnitNumber, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Edit(Frozen):
    """One channel's new values, everywhere in the picture."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    unit: UnitNumber
    action: Literal["zero", "clamp", "boost"] = "zero"
    value: Annotated[
        float,
        Field(ge=-1000, le=1000, description="What it is clamped to, or by how much it is multiplied."),
        AfterValidator(lambda value: value + 0.0),  # -0.0 is 0.0: one recipe, one id
    ] = 0.0


class Ablation(Recipe):
    """Predictions for a picture before and after channels of a site are changed."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["ablation"] = "ablation"
    site: SiteName
    picture: PictureId
    edits: Annotated[
        tuple[Edit, ...],
        Field(max_length=4096, strict=False, description="One for each channel that is changed."),  # lists will do
    ] = ()
    k: Annotated[int, Field(ge=1, le=50, description="How many classes of either.")] = 5

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Change:
        from lucarne.atlas.vision.ablation import Touch, ablation

        plan: Any = model.network.plan
        site = model.site(self.site)
        seen = shown(pictures.read(self.picture), plan.input_size, 0.0)  # (size, size, 3)
        changed = ablation(model, seen, site.name, [Touch(**edit.model_dump()) for edit in self.edits], self.k)
        what = "channel" if len(site.shape) == 3 else "unit"
        many = f"{len(self.edits) or 'no'} {what}{'s' if len(self.edits) != 1 else ''} of {site.name}"
        return Change(
            **self.signature(model),
            caption=f"What {model.card.title} takes the picture for before and after {many} "
            f"{'is' if len(self.edits) == 1 else 'are'} changed: its answer moves by {changed.moved:.3g} nats.",
            before=[Rank(**asdict(answer)) for answer in changed.before],
            after=[Rank(**asdict(answer)) for answer in changed.after],
            total=len(model.labels),
            moved=changed.moved,
        )
