"""All tokens' vectors on a map."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_embeddings import MappedToken
from lucarne.artifact_embeddings import TokenMap as Found
from lucarne.recipe import Recipe

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class EmbeddingMap(Recipe):
    """The vectors of a vocabulary's first 4,096 tokens laid out in two dimensions by UMAP, on cosines."""

    suits_kind: ClassVar = "language"
    of_what_ships: ClassVar = True
    is_long: ClassVar = True

    kind: Literal["embedding_map"] = "embedding_map"

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Found:
        import numpy as np

        os.environ.setdefault("NUMBA_CACHE_DIR", str(pictures.root.parent / "numba"))  # before anything imports UMAP
        from lucarne.atlas import arrays
        from lucarne.atlas.language.embeddings import embedding_map
        from lucarne.models.progress import note

        note(progress, "Laying out the tokens")
        found = embedding_map(model, self.seed, progress)
        note(progress, "")
        arrays.write(folder / "map.safetensors", points=np.rint(found.points * 65535).astype(np.uint16))
        vocabulary = int(model.card.plan["vocabulary"])
        what = "all" if len(found.ids) == vocabulary else "the first"
        return Found(
            **self.signature(model),
            caption=f"The vectors of {what} {len(found.ids):,} tokens of {model.card.title}, laid out by UMAP: near to "
            "each other lie tokens whose vectors point the same way. Distances across the map mean little.",
            tokens=[
                MappedToken(id=token, text=model.tokenizer.text_of(token), count=count)
                for token, count in zip(found.ids.tolist(), found.counts.tolist(), strict=True)
            ],
            vocabulary=vocabulary,
        )
