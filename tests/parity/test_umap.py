"""Our layout keeps neighbours together as well as umap-learn's own does, from the same numbers."""

import warnings

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from lucarne.atlas.mapping.layout import Manner, layout


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_stay_as_near_as_umap_learn_keeps_them(metric: str) -> None:
    random = np.random.default_rng(0)
    things = random.normal(size=(20, 8))[random.integers(20, size=1500)] + 0.5 * random.normal(size=(1500, 8))
    vectors = np.maximum(things @ random.normal(size=(8, 40)), 0).astype(np.float32)
    manner = Manner(15, 0.1, metric, 100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one seed means one thread is known
        from umap import UMAP

        theirs = UMAP(n_neighbors=15, min_dist=0.1, metric=metric, n_epochs=100, random_state=0).fit_transform(vectors)
    kept = [
        trustworthiness(vectors, points, n_neighbors=15, metric=metric)
        for points in (layout(vectors, manner), np.asarray(theirs))
    ]
    assert kept[0] > kept[1] - 0.005 and kept[1] > 0.9
