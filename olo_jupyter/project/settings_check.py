"""olo.yml as ``olo validate`` sees it: all its faults with their places, not the first one only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from olo_jobs.credentials import credentials
from olo_jobs.document import Document, read_document
from olo_jobs.explain import explain
from olo_jobs.problem import Location, Problem, SpecError
from olo_jupyter.config import CONFIG_FILE, Settings
from olo_jupyter.config_file import VARIABLE


def check_settings(root: Path, user: str, environ: Mapping[str, str] = os.environ) -> list[Problem]:
    """Everything that is wrong with a project's olo.yml.

    Args:
        root: The folder that holds it.
        user: The person's short name.
    """
    try:
        document = read_document(root / CONFIG_FILE, CONFIG_FILE)
    except SpecError as error:
        return error.problems
    values = document.value if document.value is not None else {}
    if not isinstance(values, dict):
        return [document.problem((), "config", "must hold keys and values", "E.g. version: 1")]
    problems = list(_secrets(document, values))
    known = {"user": user, "user.short_name": user, **environ}
    filled = _filled(values, known, (), document, problems)
    try:
        Settings.model_validate({"user": user, **filled, "root": root, "state": root}, context={"root": root})
    except ValidationError as error:
        for item in error.errors(include_url=False):
            said = explain(item, Settings, filled)
            hidden = said.message if "properties" not in said.place else said.message.partition(", not ")[0]
            problems.append(document.problem(said.place, said.code, hidden, said.hint))
    return sorted(set(problems))


def _secrets(document: Document, values: dict[str, Any]) -> list[Problem]:
    hint = "Write ${NAME}, and give the value by that environment variable."
    return [
        document.problem(at, "secret", f"looks like a credential ({what})", hint)
        for at, what in credentials(values)
        if at[-1] not in ("token_env",)
    ]


def _filled(value: Any, known: Mapping[str, str], at: Location, document: Document, problems: list[Problem]) -> Any:
    if isinstance(value, dict):
        return {
            _text(key, known, (*at, key), document, problems): _filled(item, known, (*at, key), document, problems)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_filled(item, known, (*at, index), document, problems) for index, item in enumerate(value)]
    return _text(value, known, at, document, problems) if isinstance(value, str) else value


def _text(text: str, known: Mapping[str, str], at: Location, document: Document, problems: list[Problem]) -> str:
    for match in VARIABLE.finditer(text):
        name, default = match.group(1), match.group(2)
        if known.get(name, default) is None:
            message = f"the environment variable {name} is not set"
            problems.append(document.problem(at, "variable", message, f"Set it, or write ${{{name}:-default}}."))
    return VARIABLE.sub(lambda match: known.get(match.group(1), match.group(2)) or "", text)
