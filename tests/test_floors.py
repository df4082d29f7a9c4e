"""Arrows only point down: backend → atlas → models. And no module grows beyond one idea."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OWN = [file for folder in ("backend", "atlas", "models") for file in sorted((ROOT / folder).rglob("*.py"))]


def test_no_floor_imports_the_one_above(tmp_path: Path) -> None:
    package = tmp_path / "lucarne"  # the three folders as the one package they are
    package.mkdir()
    for each in (*(ROOT / "backend").iterdir(), ROOT / "models", ROOT / "atlas"):
        (package / each.name).symlink_to(each)
    linter = Path(sys.executable).parent / "lint-imports"
    command = [str(linter), "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    ran = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "PATH": ""}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("file", OWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_says_what_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not text.strip() or text.startswith('"""'), "the first line says what the file is"
    assert text.count("\n") <= 400, "one idea per file"


def test_no_pickle_is_loaded() -> None:
    for file in OWN:
        text = file.read_text(encoding="utf-8")
        assert "import pickle" not in text and "joblib.load" not in text, file
        for line in text.splitlines():
            assert "torch.load(" not in line or "weights_only=True" in line, f"{file}: {line}"
