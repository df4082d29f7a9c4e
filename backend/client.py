"""Lucarne from Python: the same recipes as the page, over HTTP."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx2
import numpy as np
from pydantic import TypeAdapter
from safetensors.numpy import load

from lucarne.artifact import Artifact
from lucarne.artifacts import AnyArtifact

PATIENCE = 60.0  # seconds in which weights that have come are to be read


class Refused(Exception):
    """The server said no: `problem` is its `application/problem+json`."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or "The server refused.")
        self.problem = problem


class Client:
    """A running Lucarne.

    Example: `client = Client(); cat = client.upload("cat.jpg")`, then
    `maps = client.make("activations", model="alexnet", site="conv3", picture=cat)` and
    `client.arrays(maps, "tiles.safetensors")["tiles"]  # uint8 (384, 7, 7)`.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", token: str | None = None, timeout: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def models(self) -> list[dict[str, Any]]:
        """The cards of all models."""
        return self._asked("GET", "/api/models").json()["models"]

    def upload(self, picture: str | Path | bytes) -> str:
        """Send a JPEG, PNG or WebP; answers its id."""
        content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
        return self._asked("POST", "/api/pictures", files={"file": ("picture", content)}).json()["id"]

    def corpora(self) -> list[dict[str, Any]]:
        """Every corpus: its name, title, and how many documents it has."""
        return self._asked("GET", "/api/corpora").json()["corpora"]

    def add_corpus(self, name: str, *files: str | Path) -> str:
        """Send .txt files in UTF-8 as one corpus; answers what recipes call it."""
        sent = [("file", (Path(file).name, Path(file).read_bytes())) for file in files]
        return self._asked("POST", "/api/corpora", data={"name": name}, files=sent).json()["name"]

    def remove_corpus(self, name: str) -> None:
        """Throw away a corpus that was added."""
        self._asked("DELETE", f"/api/corpora/{name}")

    def datasets(self) -> list[dict[str, Any]]:
        """Sets of pictures that can be fetched: name, title, size in bytes, and whether they are here."""
        return self._asked("GET", "/api/datasets").json()["all"]

    def fetch(self, name: str, *, told: Callable[[dict[str, Any]], None] | None = None) -> str:
        """Have the server fetch a data set; answers the gallery it has become. `told` hears how far it is.

        Cut off, it goes on where it was. Raises Refused.
        """
        return self._fetched(f"/api/datasets/{quote(name, safe='')}", told)["gallery"]

    def pull(self, model: str, *, told: Callable[[dict[str, Any]], None] | None = None) -> None:
        """Have the server fetch a model's weights and wait until it can be used, as `fetch` does a data set."""
        self._fetched(f"/api/weights/{quote(model, safe='')}", told)
        until = time.monotonic() + PATIENCE
        while not (card := next(card for card in self.models() if card["name"] == model))["available"]:
            if time.monotonic() > until:
                raise Refused({"detail": card["how_to_get"]})
            time.sleep(0.2)

    def _fetched(self, path: str, told: Callable[[dict[str, Any]], None] | None) -> dict[str, Any]:
        thing = self._asked("POST", path).json()
        while thing["state"] == "running":
            time.sleep(0.2)
            thing = self._asked("GET", path).json()
            if told:
                told(thing)
        if thing["state"] != "here":
            raise Refused(thing["error"] or {"detail": f"Fetching {thing['title']} was stopped."})
        return thing

    def labels(self, model: str, site: str) -> dict[int, str]:
        """What people have called the units of a site, by number."""
        told = self._asked("GET", f"/api/labels/{quote(model, safe='')}/{quote(site, safe='')}").json()["labels"]
        return {int(unit): label for unit, label in told.items()}

    def label(self, model: str, site: str, unit: int, label: str) -> None:
        """Call a unit something; an empty label takes away what it was called."""
        path = f"/api/labels/{quote(model, safe='')}/{quote(site, safe='')}/{unit}"
        self._asked("PUT", path, json={"label": label})

    def make(self, kind: str, *, told: Callable[[dict[str, Any]], None] | None = None, **fields: Any) -> Artifact:
        """The artifact of a recipe, waited for; `told` hears of the job's progress. Raises Refused."""
        answer = self._asked("POST", "/api/artifacts", json={"kind": kind, **fields})
        if answer.status_code == 202:
            job = answer.json()
            while job["state"] in ("waiting", "running"):
                time.sleep(0.2)
                job = self._asked("GET", f"/api/jobs/{job['id']}").json()
                if told:
                    told(job)
            if job["state"] != "done":
                raise Refused(job["error"] or {"detail": f"The job was {job['state']}."})
            answer = self._asked("GET", f"/api/artifacts/{job['id']}")
        return TypeAdapter[Artifact](AnyArtifact).validate_json(answer.content)

    def file(self, artifact: Artifact, name: str) -> bytes:
        """One of the artifact's files."""
        return self._asked("GET", f"/api/artifacts/{artifact.id}/{name}").content

    def arrays(self, artifact: Artifact, name: str) -> dict[str, np.ndarray]:
        """The arrays of one of the artifact's `.safetensors` files, by name."""
        return load(self.file(artifact, name))

    def _asked(self, method: str, path: str, **given: Any) -> httpx2.Response:
        answer = self._http.request(method, path, **given)
        if answer.is_error:
            is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
            unsaid = {"title": answer.reason_phrase, "status": answer.status_code}
            raise Refused(answer.json() if is_problem else unsaid)
        return answer
