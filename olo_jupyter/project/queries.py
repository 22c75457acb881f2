"""Saved queries: .sql files in the project's queries/, with a header of comments that says what they need.

::

    -- description: Late flights by carrier
    -- as_of: 2026-01-31 00:00:00 UTC
    -- parameters: {threshold: 15}
    SELECT carrier, count(*) FROM silver.flights WHERE dep_delay > :threshold GROUP BY 1

The header is YAML behind ``--``; every key may be missing, and a file without one is a query too. Any editor and any
engine reads the file as it is.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from olo_converters.names import check_artefact_name
from olo_jobs.explain import message_of
from olo_jupyter.config import CONFIG_FILE, Settings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.masking import known_secrets, masked, masked_values

FOLDER = "queries"
_HEADER = re.compile(r"\s*--\s?(.*)")
_KEY = re.compile(r"(description|engine|as_of|parameters)\s*:")


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    description: str = ""
    engine: Literal["", "embedded", "trino", "spark"] = ""
    as_of: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True)
class SavedQuery:
    """A query of the project.

    Args:
        name: Its file's name without ``.sql``.
        sql: The statement.
        engine, as_of: What it runs on and the pin that holds, '' for the session's own.
        parameters: Values for ``:name`` where none are given.
        path: The file, relative to the project.
    """

    name: str
    sql: str
    description: str = ""
    engine: str = ""
    as_of: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""

    def text(self) -> str:
        """What the file holds."""
        header: dict[str, Any] = {}
        for key in ("description", "engine", "as_of"):
            if getattr(self, key):
                header[key] = getattr(self, key)
        if self.parameters:
            header["parameters"] = {name: _storable(name, value) for name, value in self.parameters.items()}
        dumped = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=10_000) if header else ""
        lines = [f"-- {line}" for line in dumped.splitlines()]
        return "\n".join([*lines, self.sql.strip(), ""])

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` shows it."""
        return {**vars(self), "parameters": dict(self.parameters)}


def saved_queries(settings: Settings) -> tuple[list[SavedQuery], list[OloError]]:
    """All queries of the project, by name, and the faults of the files that can't be read."""
    found, faults = [], []
    for path in sorted((settings.root / FOLDER).glob("*.sql")):
        try:
            found.append(_read(path))
        except OloError as error:
            faults.append(error)
    return found, faults


def saved_query(settings: Settings, name: str) -> SavedQuery:
    """A query of the project.

    Raises:
        OloError: ``query-not-found``, with the nearest name; ``query-invalid``, with file and line.
    """
    plain = name.removesuffix(".sql")
    path = settings.root / FOLDER / f"{plain}.sql"
    if "/" in plain or not path.is_file():
        known = [each.stem for each in sorted((settings.root / FOLDER).glob("*.sql"))]
        close = get_close_matches(plain, known, n=1)
        offer = f"Did you mean {close[0]}?" if close else f"There is: {', '.join(known)}." if known else ""
        raise OloError(
            f"There is no query {plain} in {FOLDER}/.",
            code="query-not-found",
            hint=offer or "Save one: %olo save NAME after the cell that ran it.",
        )
    return _read(path)


def save_query(settings: Settings, query: SavedQuery, *, replace: bool = False) -> Path:
    """Write a query into the project; gives the file's path.

    Raises:
        OloError: ``no-project``; ``query-exists``; ``secret-found``: nothing that looks like a secret goes into Git.
        ArtefactNameError: The name can't be a file's.
    """
    if not (settings.root / CONFIG_FILE).is_file():
        raise OloError(
            f"There is no {CONFIG_FILE} in {settings.root} or above it: a query is saved in a project.",
            code="no-project",
            hint="Make a project: olo init FOLDER.",
        )
    check_artefact_name(query.name)
    known = known_secrets(settings)
    if masked(query.sql, known) != query.sql or masked_values(query.parameters, known) != dict(query.parameters):
        raise OloError(
            "The query, or a value bound to it, looks like a secret: it isn't saved.",
            code="secret-found",
            hint="Bind it as :name from a variable that the environment gives, and save with --no-values.",
        )
    path = settings.root / FOLDER / f"{query.name}.sql"
    text = query.text()
    if path.is_file() and not replace and path.read_text(encoding="utf-8") != text:
        raise OloError(
            f"{FOLDER}/{query.name}.sql is there already.",
            code="query-exists",
            hint="Choose another name, or add --replace.",
        )
    path.parent.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{query.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _storable(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | datetime | date):
        return value
    if isinstance(value, list | tuple):
        return [_storable(name, item) for item in value]
    if isinstance(value, Decimal):
        raise OloError(
            f"The value of :{name} is a Decimal, which a header can't hold exactly.",
            code="query-invalid",
            hint="Save with --no-values, or cast in the SQL: CAST(:name AS decimal(10,2)) with a text.",
        )
    raise OloError(
        f"The value of :{name} is a {type(value).__name__}, which a header can't hold.",
        code="query-invalid",
        hint="Save with --no-values.",
    )


def _read(path: Path) -> SavedQuery:
    place = f"{FOLDER}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OloError(f"{place} can't be read: {error}.", code="query-invalid", hint="Save it as UTF-8.") from error
    head, sql = _split(text)
    try:
        values = yaml.safe_load("\n".join(head)) or {}
        header = _Header.model_validate(values)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise OloError(
            f"{place}:{line}: the header is not valid YAML: {error.problem}.", code="query-invalid", hint=_HINT
        ) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise OloError(
            f"{place}: {'.'.join(map(str, first['loc']))}: {message_of(first)}.", code="query-invalid", hint=_HINT
        ) from error
    if not sql.strip():
        raise OloError(f"{place} holds no SQL.", code="query-invalid", hint="Write the query below the header.")
    return SavedQuery(path.stem, sql.strip(), header.description, header.engine, header.as_of, header.parameters, place)


_HINT = "Keys: description, engine, as_of, parameters; each line begins with --"


def _split(text: str) -> tuple[list[str], str]:
    """The header's lines without their dashes, and the rest. A comment that begins with no key of ours is SQL's."""
    lines = text.splitlines()
    head: list[str] = []
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None or not (head or _KEY.match(match.group(1))):
            break
        if head and not _KEY.match(match.group(1)) and not match.group(1).startswith((" ", "-")):
            break
        head.append(match.group(1))
    return head, "\n".join(lines[len(head) :])
