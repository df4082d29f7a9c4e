"""The making of one artifact, as the browser sees it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lucarne.errors import Problem

State = Literal["waiting", "running", "done", "failed", "cancelled"]


class Job(BaseModel):
    """Its id is that of the artifact it makes."""

    model_config = ConfigDict(frozen=True)

    id: str
    state: State
    done: int = Field(default=0, description="Steps done of the stage at work.")
    total: int | None = Field(default=None, description="Steps of the stage, where they can be counted.")
    note: str = ""
    seconds_left: float | None = Field(default=None, description="Of this stage, estimated.")
    ahead: int = Field(default=0, description="Jobs that come before it.")
    error: Problem | None = None


class Preview(BaseModel):
    """Something to look at already: a file at `/api/artifacts/{id}/{file}` while the job runs. It may change."""

    model_config = ConfigDict(frozen=True)

    file: str


class JobEvents(BaseModel):
    """The events of `GET /api/jobs/{id}/events` by name, with what their `data` holds. `end` comes once and last."""

    progress: Job
    preview: Preview
    end: Job
