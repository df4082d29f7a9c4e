"""Every kind of recipe. A registry is a list you can read."""

from typing import Annotated

from pydantic import Field

from lucarne.recipe import Recipe
from lucarne.recipes.activations import Activations
from lucarne.recipes.attention import Attention
from lucarne.recipes.feature import Feature
from lucarne.recipes.kernels import Kernels
from lucarne.recipes.predictions import Predictions
from lucarne.recipes.tokens import Tokens

RECIPES: list[type[Recipe]] = [Kernels, Activations, Predictions, Tokens, Attention, Feature]

AnyRecipe = Annotated[Kernels | Activations | Predictions | Tokens | Attention | Feature, Field(discriminator="kind")]
