"""The border to a host: its JSON becomes our own values here or is refused."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from olo_jobs.explain import message_of
from olo_jupyter.backends.hosts.base import HostError


class Answer(BaseModel):
    """A part of a host's JSON that is looked at; the rest is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


A = TypeVar("A", bound=Answer)


def read(kind: type[A], value: Any) -> A:
    """``value`` as ``kind``.

    Raises:
        HostError: host-protocol: the answer hasn't what this host's API promises.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise HostError(
            f"The host's answer isn't what its API promises: {where}: {message_of(first)}.",
            code="host-protocol",
            hint="Is the right kind of host configured? git.host in olo.yml: github, gitlab or gitea.",
        ) from error
