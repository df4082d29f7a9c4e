"""Every shape an artifact can have. The browser has a component for each."""

from typing import Annotated

from pydantic import Field

from lucarne.artifact import AtlasMap, Change, Figure, ImageGrid, PictureList, PointMap, Ranking, Visits
from lucarne.artifact_embeddings import CorpusBatch, PositionVectors, TokenMap, TokenNeighbors
from lucarne.artifact_heads import InductionLab, MatrixPass, ScoreParts, Sum
from lucarne.artifact_lens import Contributions, LensGrid, TextChange
from lucarne.artifact_story import FeatureShelf, SteeredStories, Story
from lucarne.artifact_text import ScoreMatrix, TokenGrid
from lucarne.artifact_text_atlas import TextMap, TextWay
from lucarne.artifact_units import FiringUnits, UnitList, UnitTexts

AnyArtifact = Annotated[
    ImageGrid
    | PictureList
    | Figure
    | AtlasMap
    | PointMap
    | Visits
    | Ranking
    | Change
    | TokenGrid
    | ScoreMatrix
    | LensGrid
    | Contributions
    | TextChange
    | TextMap
    | TextWay
    | ScoreParts
    | InductionLab
    | MatrixPass
    | Sum
    | Story
    | SteeredStories
    | FeatureShelf
    | UnitList
    | UnitTexts
    | FiringUnits
    | TokenNeighbors
    | TokenMap
    | PositionVectors
    | CorpusBatch,
    Field(discriminator="shape"),
]
