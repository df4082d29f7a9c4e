"""Where two pictures differ for a network: one place of one swapped into the other at a time."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from lucarne.artifact import ImageGrid, Rank
from lucarne.recipe import ClassNumber, PictureId, Recipe, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Patching(Recipe):
    """How far each place of each layer, taken from one picture, brings the answer to another back. One map a site."""

    suits_kind: ClassVar = "vision"
    is_long: ClassVar = True

    kind: Literal["patching"] = "patching"
    picture: PictureId
    corrupt: PictureId
    class_: ClassNumber = None

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.pictures import encode_png
        from lucarne.atlas.vision.activations import in_bytes
        from lucarne.atlas.vision.attribution import likeliest
        from lucarne.atlas.vision.patching import MOST, patching, stages, stretched
        from lucarne.atlas.vision.predictions import predictions

        plan: Any = model.network.plan
        clean, corrupt = (shown(pictures.read(id), plan.input_size, 0.0) for id in (self.picture, self.corrupt))
        index = likeliest(model, clean, self.class_)
        ranks = {
            name: next(each for each in predictions(model, seen, len(model.labels)) if each.index == index)
            for name, seen in (("clean", clean), ("corrupt", corrupt))
        }
        parts = patching(model, clean, corrupt, index, stages(model), progress=progress)
        packed = in_bytes(torch.stack([stretched(each, plan.input_size) for each in parts.values()]))
        arrays.write(folder / "tiles.safetensors", tiles=packed.tiles, low=packed.low, high=packed.high)
        (folder / "input.png").write_bytes(encode_png(clean))
        return ImageGrid(
            **self.signature(model),
            caption=f"{model.card.title} gives “{ranks['clean'].label}” a logit of {ranks['clean'].logit:.3g} for this "
            f"picture and {ranks['corrupt'].logit:.3g} for the other. Each place shows which part of the difference "
            "comes back when it alone, in that layer, is taken over from this picture. Maps of more than "
            f"{MOST} × {MOST} cells are taken over in blocks.",
            count=len(parts),
            height=plan.input_size,
            width=plan.input_size,
            colour="signed",
            columns={
                "most": [float(each.max()) for each in parts.values()],
                "mean": [float(each.mean()) for each in parts.values()],
                "places": [float(each.numel()) for each in parts.values()],
            },
            units={"most": "part of the difference", "mean": "part of the difference"},
            labels=list(parts),
            picture="input.png",
            input_size=plan.input_size,
            answer=Rank(**asdict(ranks["clean"])),
        )
