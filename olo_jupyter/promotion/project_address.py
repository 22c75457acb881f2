"""``OLO_PROJECT`` may be the address of a repository: where it is, the project is brought and its folder named instead.

Every command and kernel asks this first, so what brings a project is imported only where there is one to bring.
"""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping

VARIABLE = "OLO_PROJECT"
_SCP = re.compile(r"[^@/\s:]+@[A-Za-z0-9.-]+:[^\s]+")


def is_address(project: str) -> bool:
    """Whether a project is named by an address and not by a folder.

    Example:
        >>> [is_address(text) for text in ("https://git.example.org/a/b.git", "git@example.org:a/b.git", "../flights")]
        [True, True, False]
    """
    return "://" in project or _SCP.fullmatch(project) is not None


def bring(environ: MutableMapping[str, str] = os.environ) -> None:
    """Where ``OLO_PROJECT`` is an address: have the project here, and name its folder in place of the address.

    Raises:
        PromotionError, GitError, OloError: As remote_project.brought.
    """
    named = environ.get(VARIABLE, "")
    if is_address(named):
        from olo_jupyter.promotion.remote_project import brought

        environ[VARIABLE] = str(brought(named, environ))
