"""Which channels and which places speak for a class."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import ImageGrid, Rank, ReceptiveField
from lucarne.recipe import ClassNumber, PictureId, Recipe, SiteName, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Attribution(Recipe):
    """What argues for a class in a picture: every channel of a site, or every place of the picture."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["attribution"] = "attribution"
    site: SiteName
    picture: PictureId
    class_: ClassNumber = None
    method: Annotated[
        Literal["gradient_activation", "grad_cam", "occlusion"],
        Field(description="Gradient × activation of each channel; Grad-CAM or occlusion as one map of the picture."),
    ] = "gradient_activation"
    window: Annotated[
        int | None,
        Field(ge=1, le=512, description="Occlusion: side of the square in pixels; a quarter of the input if not told."),
    ] = None
    stride: Annotated[
        int | None, Field(ge=1, le=512, description="Occlusion: how far it moves; a quarter of the square if not told.")
    ] = None

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.pictures import encode_png
        from lucarne.atlas.vision import attribution
        from lucarne.atlas.vision.activations import in_bytes
        from lucarne.atlas.vision.predictions import predictions
        from lucarne.atlas.vision.receptive_field import receptive_field

        plan: Any = model.network.plan
        site = model.site(self.site)
        seen = shown(pictures.read(self.picture), plan.input_size, 0.0)  # (size, size, 3)
        index = attribution.likeliest(model, seen, self.class_)
        answer = next(each for each in predictions(model, seen, len(model.labels)) if each.index == index)
        field = receptive_field(plan, site.name)
        if self.method == "gradient_activation":
            values, said = attribution.gradient_activation(model, seen, site.name, index)  # (channels, height, width)
            columns = {"attribution": values.sum((1, 2)).tolist(), "activation": said.amax((1, 2)).tolist()}
            each = f"the {len(values)} {'maps' if len(site.shape) == 3 else 'units'} of {site.name}"
            how = f"How much {each} speak for (orange) or against (blue) %s: gradient × activation, cell by cell."
        elif self.method == "grad_cam":
            values = attribution.grad_cam(model, seen, site.name, index)[None]  # (1, height, width)
            columns = {"max": values.amax((1, 2)).tolist(), "mean": values.mean((1, 2)).tolist()}
            how = f"Where {site.name} finds what speaks for %s: Grad-CAM. Bright is much."
        else:
            window = self.window or plan.input_size // 4
            stride = self.stride or max(1, window // 4)
            values = attribution.occlusion(model, seen, index, window, stride, progress)[None]  # (1, size, size)
            columns = {"max": values.amax((1, 2)).tolist(), "mean": values.mean((1, 2)).tolist()}
            field = attribution.PIXEL
            how = f"How far the logit of %s falls (orange) or rises (blue) while a grey square of {window} × {window}"
            how += " pixels covers each place: the mean over all squares that do."
        packed = in_bytes(values)
        arrays.write(folder / "tiles.safetensors", tiles=packed.tiles, low=packed.low, high=packed.high)
        (folder / "input.png").write_bytes(encode_png(seen))
        return ImageGrid(
            **self.signature(model),
            caption=f"{how % f'“{answer.label}”'} {model.card.title} gives it a logit of {answer.logit:.3g}, "
            f"{answer.probability:.1%}.",
            count=values.shape[0],
            height=values.shape[1],
            width=values.shape[2],
            colour="sequential" if self.method == "grad_cam" else "signed",
            columns=columns,
            units={name: "logits" for name in columns if name != "activation"} if self.method != "grad_cam" else {},
            labels=model.labels if site.name == "fc8" and len(values) > 1 else [],
            picture="input.png",
            input_size=plan.input_size,
            field=ReceptiveField(**asdict(field)) if field else None,
            answer=Rank(**asdict(answer)),
        )
