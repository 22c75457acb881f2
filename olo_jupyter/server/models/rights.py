"""What the one who asks may do."""

from __future__ import annotations

from pydantic import Field

from olo_jupyter.server.models.base import Answer


class Rights(Answer):
    """Somebody's roles and rights."""

    name: str
    roles: list[str]
    rights: list[str] = Field(description="area:action, e.g. jobs:trigger.")
