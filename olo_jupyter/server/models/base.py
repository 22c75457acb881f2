"""What all answers share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The base of all answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Failure(Answer):
    """What every error answers, whatever its status."""

    code: str
    message: str
    hint: str = ""
