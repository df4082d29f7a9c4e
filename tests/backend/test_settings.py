"""Settings: from the environment, checked."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from lucarne.settings import Settings, user_data


def test_the_environment_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LUCARNE_PORT", "9000")
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path))
    monkeypatch.setenv("LUCARNE_ALLOWED_HOSTS", '["lab.example"]')
    settings = Settings()
    assert (settings.port, settings.artifacts, settings.allowed_hosts) == (
        9000,
        tmp_path / "artifacts",
        ("lab.example",),
    )


@pytest.mark.parametrize("wrong", [{"port": 70000}, {"device": "tpu"}, {"queue_limit": -1}, {"resident_models": 0}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.8.8.8", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("lab.example", False),
    ],
)
def test_what_is_this_machine(host: str, local: bool) -> None:
    assert Settings(host=host).is_local is local


def test_data_lies_where_the_platform_wants_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_data() == tmp_path / "lucarne"


def test_the_token_is_not_shown() -> None:
    assert "hush" not in repr(Settings(token="hush"))  # pyright: ignore[reportArgumentType]
