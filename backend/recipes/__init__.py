"""Every kind of recipe. A registry is a list you can read."""

from typing import Annotated

from pydantic import Field

from lucarne.recipe import Recipe
from lucarne.recipes.ablation import Ablation
from lucarne.recipes.activations import Activations
from lucarne.recipes.atlas import Atlas
from lucarne.recipes.attention import Attention
from lucarne.recipes.attribution import Attribution
from lucarne.recipes.caricature import Caricature
from lucarne.recipes.corpus import Corpus
from lucarne.recipes.dictionary import Dictionary
from lucarne.recipes.direct_logits import DirectLogits
from lucarne.recipes.direction import Direction
from lucarne.recipes.dose_response import DoseResponse
from lucarne.recipes.embedding_map import EmbeddingMap
from lucarne.recipes.embeddings import Embeddings
from lucarne.recipes.examples import Examples
from lucarne.recipes.expanded_weights import ExpandedWeights
from lucarne.recipes.feature import Feature
from lucarne.recipes.features import Features
from lucarne.recipes.firing import Firing
from lucarne.recipes.generation import Generation
from lucarne.recipes.head_metrics import HeadMetrics
from lucarne.recipes.head_score import HeadScore
from lucarne.recipes.histogram import Histogram
from lucarne.recipes.induction import Induction
from lucarne.recipes.kernels import Kernels
from lucarne.recipes.lens import Lens
from lucarne.recipes.matrix import Matrix
from lucarne.recipes.mix import Mix
from lucarne.recipes.multiply import Multiply
from lucarne.recipes.neighbors import Neighbors
from lucarne.recipes.neurons import Neurons
from lucarne.recipes.patching import Patching
from lucarne.recipes.positions import Positions
from lucarne.recipes.predictions import Predictions
from lucarne.recipes.shelf import Shelf
from lucarne.recipes.steering import Steering
from lucarne.recipes.text_ablation import TextAblation
from lucarne.recipes.text_atlas import TextAtlas
from lucarne.recipes.text_patching import TextPatching
from lucarne.recipes.text_trail import TextTrail
from lucarne.recipes.tokens import Tokens
from lucarne.recipes.trail import Trail
from lucarne.recipes.tuning import Tuning
from lucarne.recipes.units import Units
from lucarne.recipes.visitors import Visitors

RECIPES: list[type[Recipe]] = [
    Kernels, Activations, Predictions, Feature, Features, Mix, Caricature, Examples, Histogram, Neighbors,
    Direction, Attribution, Ablation, Patching, Tuning, ExpandedWeights, Atlas, Trail, Visitors, Tokens, Attention,
    HeadScore, HeadMetrics, Induction, Matrix, Multiply,
    Lens, DirectLogits, TextAblation, TextPatching, TextAtlas, TextTrail,
    Generation, Steering, DoseResponse, Shelf,
    Units, Neurons, Dictionary, Firing, Embeddings, EmbeddingMap, Positions, Corpus,
]  # fmt: skip

AnyRecipe = Annotated[
    Kernels | Activations | Predictions | Feature | Features | Mix | Caricature | Examples | Histogram | Neighbors
    | Direction | Attribution | Ablation | Patching | Tuning | ExpandedWeights | Atlas | Trail | Visitors
    | Tokens | Attention | HeadScore | HeadMetrics | Induction | Matrix | Multiply
    | Lens | DirectLogits | TextAblation | TextPatching | TextAtlas | TextTrail
    | Generation | Steering | DoseResponse | Shelf
    | Units | Neurons | Dictionary | Firing | Embeddings | EmbeddingMap | Positions | Corpus,
    Field(discriminator="kind"),
]  # fmt: skip
