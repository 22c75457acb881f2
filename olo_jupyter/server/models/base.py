"""The bases of everything that routes take and answer, and the answer of every error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """The base of all answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Query(BaseModel):
    """The base of what a route takes in its query string; a field that is a list may be given several times."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(BaseModel):
    """The base of what a route takes as its JSON body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Failure(Answer):
    """What every error answers, whatever its status."""

    code: str
    message: str
    hint: str = ""
