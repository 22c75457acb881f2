"""What ``${target}``, ``${user.short_name}``, ``${git.branch}`` and ``${var.x}`` stand for in a project."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from olo_jobs.variables import Scalar, Variables
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError

_BRANCH_OF_CI = ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME")
"""Where CI systems, which check out a commit without a branch, tell the branch."""


class VariableError(OloError):
    """A value was given for a variable that the project doesn't have, or not as NAME=VALUE."""

    default_code = "bad-parameter"


def given_variables(settings: Settings, items: list[str]) -> dict[str, str]:
    """The values of ``--var NAME=VALUE``.

    Raises:
        VariableError: No NAME=VALUE, or olo.yml has no such variable.
    """
    given: dict[str, str] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals:
            raise VariableError(f"--var takes NAME=VALUE, not {item!r}.", hint="E.g. --var region=eu")
        if name not in settings.variables:
            near = get_close_matches(name, settings.variables, n=1)
            known = ", ".join(sorted(settings.variables)) or "none; declare it in olo.yml under variables"
            hint = f"Did you mean {near[0]!r}?" if near else f"Variables: {known}."
            raise VariableError(f"olo.yml has no variable {name!r}.", hint=hint)
        given[name] = value
    return given


def project_variables(
    settings: Settings,
    target: str,
    *,
    of_target: Mapping[str, Scalar] | None = None,
    given: Mapping[str, str] | None = None,
    branch: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Variables:
    """The variables for one target.

    Their values, the first that there is: ``--var``, ``OLO_VAR_<NAME>``, the target's file, the default in olo.yml. A
    value given as text takes the type of the one that it replaces, where that is a number or true/false.

    Args:
        of_target: The values in the target's file.
        given: The values of ``--var``.
        branch: The Git branch, None where the checkout is on none.
    """
    values: dict[str, Scalar | None] = {"target": target, "user.short_name": settings.user, "git.branch": branch}
    hints = {"git.branch": "The checkout is on no branch: git switch BRANCH."}
    for name, variable in settings.variables.items():
        written = (of_target or {}).get(name, variable.default)
        text = (given or {}).get(name, environ.get(f"OLO_VAR_{name.upper()}"))
        values[f"var.{name}"] = written if text is None else _typed_as(text, written)
        hints[f"var.{name}"] = (
            f"Give it: --var {name}=…, OLO_VAR_{name.upper()}, variables of the target, a default in olo.yml."
        )
    return Variables(values, hints)


def _typed_as(text: str, like: Scalar | None) -> Scalar:
    try:
        if isinstance(like, bool):
            return {"true": True, "false": False}[text.lower()]
        if isinstance(like, int | float):
            return type(like)(text)
    except (KeyError, ValueError):
        return text  # the field that it stands in says what it must be
    return text


def git_branch(root: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """The branch that is checked out; in CI the one that it runs for; None where there is none."""
    try:
        found = subprocess.run(
            ["git", "symbolic-ref", "--quiet", "--short", "HEAD"],
            cwd=root, capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if found.returncode == 0:
        return found.stdout.strip()
    return next((environ[name] for name in _BRANCH_OF_CI if environ.get(name)), None)
