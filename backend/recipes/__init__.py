"""Every kind of recipe. A registry is a list you can read."""

from typing import Annotated

from pydantic import Field

from lucarne.recipe import Recipe
from lucarne.recipes.ablation import Ablation
from lucarne.recipes.activations import Activations
from lucarne.recipes.atlas import Atlas
from lucarne.recipes.attention import Attention
from lucarne.recipes.attribution import Attribution
from lucarne.recipes.direction import Direction
from lucarne.recipes.examples import Examples
from lucarne.recipes.expanded_weights import ExpandedWeights
from lucarne.recipes.feature import Feature
from lucarne.recipes.features import Features
from lucarne.recipes.histogram import Histogram
from lucarne.recipes.kernels import Kernels
from lucarne.recipes.neighbors import Neighbors
from lucarne.recipes.patching import Patching
from lucarne.recipes.predictions import Predictions
from lucarne.recipes.tokens import Tokens
from lucarne.recipes.trail import Trail
from lucarne.recipes.tuning import Tuning

RECIPES: list[type[Recipe]] = [
    Kernels, Activations, Predictions, Feature, Features, Examples, Histogram, Neighbors, Direction,
    Attribution, Ablation, Patching, Tuning, ExpandedWeights, Atlas, Trail, Tokens, Attention,
]  # fmt: skip

AnyRecipe = Annotated[
    Kernels | Activations | Predictions | Feature | Features | Examples | Histogram | Neighbors | Direction
    | Attribution | Ablation | Patching | Tuning | ExpandedWeights | Atlas | Trail | Tokens | Attention,
    Field(discriminator="kind"),
]  # fmt: skip
