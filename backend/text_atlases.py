"""Where atlases of texts are: those that ship, and those that were built here, beside those of pictures.

<data>/atlases/<model>-<weights>-<site>/samples/   what the network says at each position, whatever corpus it is in
<data>/atlases/<model>-<weights>-<site>/<corpus>/  where the samples lie, and `packed`: the finished atlas
"""

from pathlib import Path

from lucarne.atlas.language.corpora import bundled
from lucarne.atlas.mapping.bundled import Packed, shipped
from lucarne.atlas.mapping.engine import Engine
from lucarne.atlas.mapping.packing import record
from lucarne.atlas.mapping.text_atlas import build
from lucarne.atlas.mapping.text_packing import pack, recorded
from lucarne.atlases import compiled_in, finished, folder_of, put, root_of
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.pictures import Pictures


def text_atlas_of(
    model: Model, site: str, pictures: Pictures, progress: Progress = iter, engine: Engine | None = None
) -> Packed:
    """The atlas of a site over the stories that ship; made if it is not there, from where it was cut off if it was.

    Raises Unknown and Unsuitable for a site, WeightsMissing where the stories are not here.
    """
    site = model.site(site).name
    if ready := shipped(model, site):
        return ready
    corpus = bundled(model)
    work, edition = folder_of(model, site, pictures), f"{corpus.name}-{corpus.fingerprint[:12]}"
    if ready := finished(work / edition, model):
        return ready
    compiled_in(root_of(pictures))
    atlas = build(model, site, corpus, work, edition=edition, progress=progress, engine=engine)

    def write(fresh: Path) -> None:
        pages = [vars(page) for page in pack(atlas, fresh)]
        record(fresh, **recorded(model, atlas, corpus.title), corpus=edition, pages=pages)

    return put(work / edition, model, write)
