"""Every shape an artifact can have. The browser has a component for each."""

from typing import Annotated

from pydantic import Field

from lucarne.artifact import AtlasMap, Change, Figure, ImageGrid, PictureList, PointMap, Ranking
from lucarne.artifact_text import TokenGrid

AnyArtifact = Annotated[
    ImageGrid | PictureList | Figure | AtlasMap | PointMap | Ranking | Change | TokenGrid, Field(discriminator="shape")
]
