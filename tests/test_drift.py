"""What is generated and committed is what would be generated now."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_openapi_json_is_what_the_server_says() -> None:
    from lucarne.schema import document

    kept = json.loads((ROOT / "backend/openapi.json").read_text(encoding="utf-8"))
    assert kept == document(), "The routes or shapes have changed: run `make schema` and commit what it writes."


def test_schema_d_ts_is_what_openapi_json_says(tmp_path: Path) -> None:
    tool = ROOT / "frontend/node_modules/.bin/openapi-typescript"
    if not tool.exists():
        pytest.skip("the front end's packages are not installed (make test does it)")
    node = shutil.which("node") or str(ROOT / ".make/tools/bin/node")
    fresh = tmp_path / "schema.d.ts"
    subprocess.run(
        [node, str(tool), str(ROOT / "backend/openapi.json"), "-o", str(fresh)], check=True, capture_output=True
    )
    kept = (ROOT / "frontend/src/api/schema.d.ts").read_text(encoding="utf-8")
    assert kept == fresh.read_text(encoding="utf-8"), "backend/openapi.json has changed: run `make schema`."


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "frontend/package-lock.json"])
def test_locks_name_no_hosts(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert '"resolved"' not in text and "index-url" not in text and "find-links" not in text
    assert "://" not in text or lock.endswith(".json")  # npm notes where packages ask for donations
