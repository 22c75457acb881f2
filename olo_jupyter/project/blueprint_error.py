"""What is said where a blueprint can't be rendered or merged."""

from __future__ import annotations

from olo_jupyter.errors import OloError


class BlueprintError(OloError):
    """A project can't be created or updated as asked; nothing was written."""

    default_code = "init"
