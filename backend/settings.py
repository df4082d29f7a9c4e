"""What can be set about the server: arguments of `lucarne serve`, else environment variables `LUCARNE_…`."""

import os
import sys
from ipaddress import ip_address
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MiB = 1 << 20
GiB = 1 << 30


def user_data() -> Path:
    """Where this platform keeps what a program may write down for its user."""
    if given := os.environ.get("XDG_DATA_HOME"):
        return Path(given) / "lucarne"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/lucarne"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "lucarne"
    return Path.home() / ".local/share/lucarne"


class Settings(BaseSettings):
    """Frozen; times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix="LUCARNE_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    token: SecretStr | None = Field(default=None, description="What a visitor must show; required beyond this machine.")
    allowed_hosts: tuple[str, ...] = Field(default=(), description="Host names, besides loopback, we answer to.")

    data: Path = Field(default_factory=user_data, description="Folder of pictures and finished artifacts.")
    weights: Path | None = Field(default=None, description="Folder of pulled weights, where not the usual one.")
    checkpoints: tuple[Path, ...] = Field(default=(), description="GPT-2-shaped Hugging Face folders to offer as well.")
    store_limit: int = Field(default=4 * GiB, ge=0, description="The longest unused artifacts make room beyond this.")
    disk_reserve: int = Field(default=GiB, ge=0, description="Free disk below which we are not ready.")

    device: str = Field(default="auto", pattern="^(auto|cpu|cuda(:[0-9]+)?|mps)$")
    resident_models: int = Field(default=3, ge=1, description="How many models the bench keeps in memory.")
    bench_memory: int | None = Field(default=None, ge=1, description="A bench that takes more than this is stopped.")
    bench_niceness: int = Field(default=10, ge=0, le=19)
    cancel_grace: float = Field(default=5.0, gt=0, description="A job that has not stopped by then is killed.")
    model_wait: float = Field(default=60.0, gt=0, description="How long a request waits for the bench to wake up.")

    queue_limit: int = Field(
        default=16, ge=0, description="Jobs that may wait behind the running one, of long and of short ones each."
    )
    quick: float = Field(default=2.0, ge=0, description="A recipe made within this time is answered at once.")
    abandon_after: float = Field(default=30.0, gt=0, description="A job nobody asks after is cancelled after this.")
    remembered_jobs: int = Field(default=256, ge=0)
    drain: float = Field(default=15.0, ge=0, description="How long the running job may go on after SIGTERM.")

    body_limit: int = Field(default=MiB, ge=1)
    body_timeout: float = Field(default=60.0, gt=0, description="A request must have arrived by then.")
    send_timeout: float = Field(default=60.0, gt=0, description="A client must take a piece of an answer by then.")
    test_models: bool = Field(default=False, description="Show the tiny models that exist for tests.")

    @property
    def artifacts(self) -> Path:
        return self.data / "artifacts"

    @property
    def pictures(self) -> Path:
        return self.data / "pictures"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach us."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
