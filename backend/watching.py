"""Galleries that follow a folder: whenever they are asked for, what has come, changed or gone there is made good.

`watched.json` beside the pack says which folder, and for each file its size, its time and its row (-1 for a file that
is no picture). Files of the same size and time are not read again.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.galleries.pack import About, one_line, replacing
from lucarne.atlas.galleries.sources import Found, source
from lucarne.atlas.galleries.squares import Skipped, squares
from lucarne.galleries import Galleries, put, stem_of
from lucarne.models.errors import Mistake, Unsuitable
from lucarne.models.progress import Progress

WATCHED = "watched.json"

Seen = dict[str, list[int]]  # by path within the folder: size in bytes, time in ns, row


def watch(
    galleries: Galleries, title: str, folder: Path, skip: Callable[[Skipped], None], progress: Progress = iter
) -> Gallery:
    """A gallery that follows `folder` from now on. Raises Unsuitable where there is no picture in it."""
    stem = stem_of(title)
    if not folder.is_dir():
        raise Unsuitable(f"{folder.name} is no folder.", field="path")
    told = _told(galleries, stem)
    if told is None and galleries.newest_rows(stem):
        raise Unsuitable("There is a gallery of that name that follows no folder. Choose another name.", field="name")
    with galleries.opened(stem, About(title=one_line(title.strip()))) as pack:
        before: Seen = told["files"] if told and told["folder"] == str(folder.resolve()) else {}
        now, fresh = _compared(folder, before)
        pack, rows = put(pack, squares(progress(fresh), skip))
        for found in fresh:
            now[found.name][2] = rows.get(found.name, -1)
        gallery = galleries.publish(stem, pack, (now[name][2] for name in sorted(now) if now[name][2] >= 0))
        with replacing(galleries.root / stem / WATCHED) as file:
            file.write_text(json.dumps({"folder": str(folder.resolve()), "files": now}), encoding="utf-8")
    return gallery


def refresh(galleries: Galleries, progress: Progress = iter) -> list[str]:
    """Bring every gallery that follows a folder up to date; answers the names of those that are other ones now.

    A folder that is gone, or holds no picture any more, leaves its gallery as it was.
    """
    changed = []
    for file in sorted(galleries.root.glob(f"*/{WATCHED}")):
        stem = file.parent.name
        told = _told(galleries, stem)
        if told is None or not Path(told["folder"]).is_dir():
            continue
        now, fresh = _compared(Path(told["folder"]), told["files"])
        if not fresh and now.keys() == told["files"].keys():
            continue
        try:
            changed.append(watch(galleries, stem, Path(told["folder"]), lambda _: None, progress).name)
        except Mistake:
            continue
    return changed


def _told(galleries: Galleries, stem: str) -> dict[str, Any] | None:
    """What is written down of the folder a gallery follows."""
    try:
        return json.loads((galleries.root / stem / WATCHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _compared(folder: Path, before: Seen) -> tuple[Seen, list[Found]]:
    """Every picture of the folder now, and those that are to be read."""
    now: Seen = {}
    fresh: list[Found] = []
    for found in source(folder):
        about = (folder / found.name).stat()
        known = before.get(found.name)
        now[found.name] = [about.st_size, about.st_mtime_ns, -1]
        if known and known[:2] == now[found.name][:2]:
            now[found.name] = known
        else:
            fresh.append(found)
    return now, fresh
