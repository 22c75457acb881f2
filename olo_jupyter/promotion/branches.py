"""Rows for a model's second unit test: few of them, made so that each branch of its SQL changes what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from olo_converters.capture import ColumnFact, Row
from olo_converters.dbt.branches import Branch, branches, written
from olo_converters.dbt.variations import variations

QUERIES = 1500
"""For the search: a number, not a time, so that the same promotion gives the same rows. What isn't found by then is
told as not tested."""
MOST_ROWS = 24

Rows = Mapping[str, tuple[Row, ...]]
Run = Callable[[str, Rows], tuple[Row, ...] | None]
"""What a query gives on rows by input, in an order; None where it can't be run."""


@dataclass(frozen=True)
class Tested:
    """Rows and what they test.

    Args:
        rows: By input.
        covered, missed: Names of the branches that they do and don't make count.
    """

    rows: Rows
    covered: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass
class _Search:
    run: Run
    query: str
    left: int = QUERIES
    last: tuple[str, tuple[Row, ...] | None] = ("", None)

    def whole(self, rows: Rows) -> tuple[Row, ...] | None:
        """What the query itself gives: one branch after the other is looked at on the same rows."""
        key = repr(rows)  # 1, 1.0 and True are equal, but not the same rows
        if self.last[0] != key:
            self.last = (key, self.run(self.query, rows))
        return self.last[1]

    def tells(self, branch: Branch, rows: Rows) -> bool:
        """Whether the query gives something else on the rows without the branch."""
        self.left -= 2
        whole = self.whole(rows)
        return whole is not None and self.run(branch.without, rows) not in (None, whole)

    @property
    def is_over(self) -> bool:
        return self.left <= 0


def tested(
    query: str, inputs: Mapping[str, Sequence[ColumnFact]], rows: Rows, values: Mapping[str, object], run: Run
) -> Tested | None:
    """Rows that make each branch of a query count, or as many of them as there are rows for.

    From the rows and variations of them, all at first, halves are left out as long as a branch still tells.

    Args:
        inputs: Columns by input.
        rows: A few rows by input, without values of sensitive columns.
        values: Of the query's parameters.

    Returns:
        None where it has no branches, or can't be taken apart.
    """
    every = branches(query)
    if not every or any(not given for given in rows.values()):
        return None
    base = {key: tuple(given) for key, given in rows.items()}
    first = run(query, base)
    if first is None or run(written(query), base) != first:
        return None
    search = _Search(run, query)
    more = [(key, row) for key in inputs for row in variations(query, inputs[key], rows[key], values)]
    found: dict[str, list[Row]] = {key: list(given) for key, given in base.items()}
    covered: list[Branch] = []
    for branch in every:
        if search.is_over:
            break
        if search.tells(branch, _frozen(found)):
            covered.append(branch)
            continue
        added = _rows_for(search, branch, found, more)
        if added is not None and sum(map(len, found.values())) + len(added) <= MOST_ROWS:
            for key, row in added:
                found[key].append(row)
            covered.append(branch)
    covered = [one for one in covered if search.tells(one, _frozen(found))]
    _drop_idle(search, covered, found)
    names = [one.name for one in covered]
    return Tested(
        _frozen(found), tuple(dict.fromkeys(names)), tuple(dict.fromkeys(b.name for b in every if b not in covered))
    )


def _rows_for(
    search: _Search, branch: Branch, found: Mapping[str, list[Row]], more: Sequence[tuple[str, Row]]
) -> list[tuple[str, Row]] | None:
    """Rows to add, few of them, on which the branch tells; None where none of them, nor all, do."""

    def tells(added: Sequence[tuple[str, Row]]) -> bool:
        return search.tells(branch, _frozen(found, added))

    added = list(more)
    if not tells(added):
        # All of them together can hide a difference (a sum that cancels, a maximum of another row): one by one, then.
        for one in more:
            if search.is_over:
                return None
            if tells([one]):
                return [one]
        return None
    size = len(added)
    while size > 1 and not search.is_over:
        size = (size + 1) // 2
        at = 0
        while at < len(added) and len(added) > 1:
            fewer = added[:at] + added[at + size :]
            if fewer and tells(fewer):
                added = fewer
            else:
                at += size
        if size == 1:
            break
    return added if len(added) <= MOST_ROWS // 2 else None


def _drop_idle(search: _Search, covered: Sequence[Branch], found: dict[str, list[Row]]) -> None:
    """Leave out each row without which all covered branches still tell."""
    for key in found:
        for row in list(found[key]):
            if search.is_over or len(found[key]) == 1:
                break
            fewer = list(found[key])
            fewer.remove(row)
            rows = _frozen({**found, key: fewer})
            if search.whole(rows) and all(search.tells(one, rows) for one in covered):
                found[key] = fewer


def _frozen(found: Mapping[str, list[Row]], added: Sequence[tuple[str, Row]] = ()) -> dict[str, tuple[Row, ...]]:
    return {key: (*rows, *(row for to, row in added if to == key)) for key, rows in found.items()}
