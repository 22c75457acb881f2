"""``python -m tests.parity.record``: ask a real Trino what the cases give, and keep its answers.

Only cases without an answer are asked, unless ``--all``; answers of cases that are gone are dropped. Expressions go
many to a query; where one of them fails the batch is halved until it stands alone.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.parity import answers, cases, tpcds
from tests.parity.protocol import CATALOG, SCHEMA, ask
from tests.parity.server import server
from tests.parity.tables import prepare

BATCH = 64
# Trino takes 0.0 and -0.0 in one query for one constant, so that one answer would stand for both.
_ALONE = re.compile(r"-0(\.0*)?(e0|')")


def ask_expressions(uri: str, batch: Sequence[str]) -> dict[str, Any]:
    """Trino's answer to each expression: ``[type, value]``, or the error's name."""
    listed = ",\n".join(f"{expression} AS c{number}" for number, expression in enumerate(batch))
    answer = ask(uri, f"SELECT {listed}")
    if not answer.error:
        if len(answer.columns) == len(batch):
            values = answer.rows[0]
            return {case: [type_, value] for case, (_, type_), value in zip(batch, answer.columns, values, strict=True)}
    elif len(batch) == 1:
        return {batch[0]: answer.error}
    if len(batch) == 1:
        raise ValueError(f"not one expression: {batch[0]}")
    half = len(batch) // 2
    return {**ask_expressions(uri, batch[:half]), **ask_expressions(uri, batch[half:])}


def batches(expressions: Sequence[str]) -> Iterator[list[str]]:
    """The expressions in the lists that may be asked in one query each."""
    together = [case for case in expressions if not _ALONE.search(case)]
    yield from (together[start : start + BATCH] for start in range(0, len(together), BATCH))
    yield from ([case] for case in expressions if _ALONE.search(case))


def ask_query(uri: str, sql: str, *, catalog: str = CATALOG, schema: str = SCHEMA) -> Any:
    """Trino's answer to a query: columns, rows (sorted where the query doesn't order them), or the error's name."""
    answer = ask(uri, sql, catalog=catalog, schema=schema)
    if answer.error:
        return answer.error
    ordered = is_ordered(sql)
    rows = answer.rows if ordered else sorted(answer.rows, key=repr)
    return {"columns": [list(column) for column in answer.columns], "ordered": ordered, "rows": rows}


def is_ordered(sql: str) -> bool:
    """Whether the outermost query fixes the order of its rows: an ORDER BY outside all parentheses."""
    depth, text = 0, re.sub(r"'(?:[^']|'')*'", "''", sql)
    outer = []
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            outer.append(character)
    return re.search(r"\border\s+by\b", "".join(outer), re.IGNORECASE) is not None


def record(uri: str, everything: bool, chosen: Collection[str] = ()) -> int:
    """Bring the answers of all areas (or the ``chosen`` ones) up to date; the number of cases asked."""
    asked = 0
    for path in _areas("expressions", chosen):
        wanted, target = cases.expressions(path), answers.answer_file("expressions", path.stem)
        known = {} if everything else answers.load(target)
        missing = [case for case in wanted if case not in known]
        for batch in batches(missing):
            known.update(ask_expressions(uri, batch))
        answers.save(target, {case: known[case] for case in wanted})
        asked += _tell("expressions", path.stem, wanted, missing)
    for path in _areas("queries", chosen):
        asked += _record_queries(uri, path, everything, CATALOG, SCHEMA)
    lake = [path for path in _areas("lake", chosen) if _missing(path, everything)]
    catalog = tpcds.prepare(uri) if lake else ""
    return asked + sum(_record_queries(uri, path, everything, catalog, tpcds.SCHEMA) for path in lake)


def _areas(kind: str, chosen: Collection[str]) -> list[Path]:
    return [path for path in cases.areas(kind) if not chosen or path.stem in chosen]


def _missing(path: Path, everything: bool) -> list[str]:
    known = {} if everything else answers.load(answers.answer_file(path.parent.name, path.stem))
    return [case for case in cases.queries(path) if case not in known]


def _record_queries(uri: str, path: Path, everything: bool, catalog: str, schema: str) -> int:
    kind = path.parent.name
    wanted, target = cases.queries(path), answers.answer_file(kind, path.stem)
    missing, known = _missing(path, everything), answers.load(target)
    for case in missing:
        known[case] = ask_query(uri, case, catalog=catalog, schema=schema)
    answers.save(target, {case: known[case] for case in wanted})
    return _tell(kind, path.stem, wanted, missing)


def _tell(kind: str, area: str, wanted: list[str], missing: list[str]) -> int:
    print(f"{kind}/{area}: {len(wanted)} cases, {len(missing)} asked", flush=True)
    return len(missing)


def main(arguments: list[str] | None = None) -> int:
    """Record; 0 done."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.record", description=__doc__.splitlines()[0])
    parser.add_argument("areas", nargs="*", metavar="AREA", help="these areas only (default: all)")
    parser.add_argument("--all", action="store_true", help="ask every case again")
    parser.add_argument("--trino", help="a running Trino, e.g. http://127.0.0.1:8080 (default: one is started)")
    options = parser.parse_args(arguments)
    with server(options.trino) as uri:
        prepare(uri)
        print(f"{record(uri, options.all, options.areas)} cases asked")
    return 0


if __name__ == "__main__":
    sys.exit(main())
