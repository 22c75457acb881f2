"""Access rules for Trino, from the targets: its file-based system access control
(https://trino.io/docs/current/security/file-system-access-control.html).

Each person owns the schema gold of their sandbox and reads dev's bronze and silver; each service account owns its
target's catalog and reads its sources. Nothing else is allowed: a direct write to dev is denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from olo_jupyter.project.project import Project
from olo_jupyter.project.targets import SANDBOX

_ALL = ["SELECT", "INSERT", "DELETE", "UPDATE", "OWNERSHIP", "GRANT_SELECT"]
READABLE = ("bronze", "silver")
Rule = dict[str, Any]


def access_rules(project: Project, users: Sequence[str]) -> dict[str, list[Rule]]:
    """The rules, for Trino's ``security.config-file``.

    Args:
        users: The people, by their names in Trino, which are their short names.

    Raises:
        TargetError: A target isn't valid.
    """
    catalogs: list[Rule] = []
    schemas: list[Rule] = []
    tables: list[Rule] = []
    for user, catalog, schema in _owners(project, users):
        catalogs.append({"user": user, "catalog": catalog, "allow": "all"})
        schemas.append({"user": user, "catalog": catalog, "schema": schema, "owner": True})
        tables.append({"user": user, "catalog": catalog, "schema": schema, "privileges": _ALL})
    for user, catalog, schema in _readers(project, users):
        catalogs.append({"user": user, "catalog": catalog, "allow": "read-only"})
        tables.append({"user": user, "catalog": catalog, "schema": schema, "privileges": ["SELECT"]})
    everybody = "|".join(sorted({rule["user"] for rule in catalogs})) or "-"
    catalogs.append({"user": everybody, "catalog": "system", "allow": "read-only"})
    tables.append({"user": everybody, "catalog": "system", "privileges": ["SELECT"]})
    # Trino takes the first rule that fits, and denies where none does.
    return {"catalogs": catalogs, "schemas": [*schemas, {"owner": False}], "tables": [*tables, {"privileges": []}]}


def _owners(project: Project, users: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Who owns what: user, catalog, schema, each as a regular expression."""
    for user in users:
        yield re.escape(user), re.escape(f"{user}_sandbox"), "gold"
    for name in project.targets:
        if name == SANDBOX:
            continue
        target = project.target(name)
        if target.spec is not None and target.spec.service_account is not None:
            yield re.escape(target.spec.service_account), re.escape(target.catalog), ".*"


def _readers(project: Project, users: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if SANDBOX in project.targets:
        sources = project.target(SANDBOX).sources
        for user in users:
            yield re.escape(user), re.escape(sources), "|".join(READABLE)
    for name in project.targets:
        if name == SANDBOX:
            continue
        target = project.target(name)
        if target.spec is not None and target.spec.service_account is not None and target.sources != target.catalog:
            yield re.escape(target.spec.service_account), re.escape(target.sources), ".*"
