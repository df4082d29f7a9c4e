"""Where a vector lies among others whose places are known."""

import numpy as np

NEAREST = 4  # places between which a vector is placed
SHARP = 24.0  # how much more the nearer of them counts: exp(SHARP · cosine)


def place(vectors: np.ndarray, points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where vectors (n, channels) lie among `others` (m, channels) at `points` (m, 2): points (n, 2) in 0…1, and the
    cosine to the nearest of them (n,).

    Between the nearest few, the nearer the more. UMAP itself would do it in the same way and then move them a little.
    """
    unit, known = (each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9) for each in (vectors, others))
    cosines = unit @ known.T  # (n, m)
    near = np.argsort(-cosines, axis=1, kind="stable")[:, : min(NEAREST, len(others))]
    close = np.take_along_axis(cosines, near, 1)
    weight = np.exp(SHARP * (close - close[:, :1]))
    places = (points[near] * (weight / weight.sum(1, keepdims=True))[..., None]).sum(1)
    return places.astype(np.float32), close[:, 0]
