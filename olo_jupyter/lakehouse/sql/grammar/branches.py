"""CREATE, DROP, ALTER BRANCH and SHOW BRANCHES."""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.syntax import BranchText


def create(reader: Reader, *, replace: bool) -> BranchText:
    """What follows CREATE [OR REPLACE] BRANCH."""
    exists: Literal["error", "ignore", "replace"] = "replace" if replace else "error"
    if not replace and reader.take("IF", "NOT", "EXISTS"):
        exists = "ignore"
    branch = reader.identifier()
    if reader.sees("WITH"):
        raise reader.refuse("properties of a branch")
    name = _in_table(reader)
    return BranchText("create", name, branch, reader.identifier() if reader.take("FROM") else None, exists)


def drop(reader: Reader) -> BranchText:
    """What follows DROP BRANCH."""
    exists: Literal["error", "ignore"] = "ignore" if reader.take("IF", "EXISTS") else "error"
    branch = reader.identifier()
    return BranchText("drop", _in_table(reader), branch, exists=exists)


def alter(reader: Reader) -> BranchText:
    """What follows ALTER BRANCH."""
    branch = reader.identifier()
    name = _in_table(reader)
    reader.expect("FAST", "FORWARD", "TO")
    return BranchText("forward", name, branch, reader.identifier())


def show(reader: Reader) -> BranchText:
    """What follows SHOW BRANCHES."""
    if not reader.take("FROM") and not reader.take("IN"):
        raise reader.mismatch("'FROM', 'IN'")
    reader.expect("TABLE")
    return BranchText("show", reader.table_name())


def _in_table(reader: Reader) -> exp.Table:
    reader.expect("IN", "TABLE")
    return reader.table_name()
