"""A governed catalog as the panel shows it: read by Trino as the person, so what they may not see isn't there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.masking import known_secrets, masked_values
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.server.browse import SNAPSHOTS_LISTED, table_page
from olo_jupyter.server.models.catalog import (
    ColumnDetail,
    NamespaceList,
    RefDetail,
    SnapshotDetail,
    TableDetail,
    TableList,
    TablesQuery,
)
from olo_jupyter.server.models.tables import (
    ColumnStatistics,
    HistoryQuery,
    TableChange,
    TableFacts,
    TableHistory,
    TableStatistics,
)
from olo_jupyter.server.table_facts import compaction_text, page_address, retention_text

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.session import Session

_OF_TRINO = "information_schema"
_KINDS = {"BASE TABLE": "table", "VIEW": "view"}
_CHANGES = """\
SELECT s.snapshot_id, s.parent_id, s.committed_at, s.operation, s.summary, h.is_current_ancestor
FROM {snapshots} s LEFT JOIN {history} h ON h.snapshot_id = s.snapshot_id ORDER BY s.committed_at DESC"""


def governed_namespaces(session: Session, catalog: str) -> NamespaceList:
    """The namespaces that the person sees.

    Raises:
        QueryError: No Trino is set up, it can't be reached, or it doesn't know the catalog.
    """
    rows = _rows(session, f"SELECT schema_name FROM {quoted(catalog)}.{_OF_TRINO}.schemata ORDER BY 1")
    return NamespaceList(namespaces=[name for (name,) in rows if name != _OF_TRINO])


def governed_tables(session: Session, catalog: str, namespace: str, query: TablesQuery) -> TableList:
    """The tables and views of a namespace that the person sees, by name, a page of them.

    Raises:
        QueryError: As ``governed_namespaces``.
    """
    rows = _rows(
        session,
        f"SELECT table_name, table_type FROM {quoted(catalog)}.{_OF_TRINO}.tables WHERE table_schema = :namespace",
        namespace=namespace,
    )
    return table_page(catalog, namespace, {name: _KINDS.get(kind, "table") for name, kind in rows}, query)


def governed_search(session: Session, catalog: str, words: Sequence[str], limit: int) -> list[tuple[TableName, str]]:
    """The first tables and views that the person sees, with their kinds, whose full name has all words, in lower case.

    Raises:
        QueryError: As ``governed_namespaces``.
    """
    named = "lower(table_catalog || '.' || table_schema || '.' || table_name)"
    found = "".join(f" AND strpos({named}, :word_{at}) > 0" for at in range(len(words)))
    rows = _rows(
        session,
        f"SELECT table_schema, table_name, table_type FROM {quoted(catalog)}.{_OF_TRINO}.tables"
        f" WHERE table_schema <> '{_OF_TRINO}'{found} ORDER BY 1, 2 LIMIT {limit:d}",
        **{f"word_{at}": word for at, word in enumerate(words)},
    )
    return [(TableName(catalog, namespace, name), _KINDS.get(kind, "table")) for namespace, name, kind in rows]


def describe_governed(session: Session, name: TableName) -> TableDetail:
    """Columns, and the snapshots, branches and tags as far as the person may see them.

    Raises:
        QueryError: As ``governed_namespaces``; the table isn't there, or not for this person.
    """
    columns = [
        ColumnDetail(name=column, sql_name=quoted(column), type=type_, required=False, comment=comment or "")
        for column, type_, _, comment in _rows(session, f"SHOW COLUMNS FROM {name}")
    ]
    (kind,) = next(
        _rows(
            session,
            f"SELECT table_type FROM {quoted(name.catalog)}.{_OF_TRINO}.tables"
            " WHERE table_schema = :namespace AND table_name = :table",
            namespace=name.namespace,
            table=name.table,
        ),
        ("BASE TABLE",),
    )
    listed = f"SELECT snapshot_id, committed_at, operation, summary FROM {name.metadata('snapshots')} ORDER BY 2 DESC"
    changes = list(_shown(session, listed)) if _KINDS.get(kind) == "table" else []
    pointing = f"SELECT name, type, snapshot_id FROM {name.metadata('refs')} ORDER BY 1"
    refs = list(_shown(session, pointing)) if changes else []
    return TableDetail.model_validate(
        {
            "catalog": name.catalog,
            "namespace": name.namespace,
            "name": name.table,
            "sql_name": str(name),
            "kind": _KINDS.get(kind, "table"),
            "comment": "",
            "columns": columns,
            "snapshots": [
                SnapshotDetail(id=str(id_), at=at, operation=operation or "", rows=_count(summary, "total-records"))
                for id_, at, operation, summary in changes[:SNAPSHOTS_LISTED]
            ],
            "snapshot_count": len(changes),
            "refs": [RefDetail(name=ref, kind=kind.lower(), snapshot=str(at)) for ref, kind, at in refs],
        }
    )


def governed_history(session: Session, name: TableName, query: HistoryQuery) -> TableHistory:
    """The snapshots, newest first, a page of them.

    Raises:
        QueryError: As ``governed_namespaces``; Trino doesn't show this person the table's history.
    """
    pointing: dict[int, list[str]] = {}
    for ref, at in _rows(session, f"SELECT name, snapshot_id FROM {name.metadata('refs')} ORDER BY 1"):
        pointing.setdefault(at, []).append(ref)
    rows = list(_rows(session, _CHANGES.format(snapshots=name.metadata("snapshots"), history=name.metadata("history"))))
    ids = [str(row[0]) for row in rows]
    first = ids.index(query.before) + 1 if query.before in ids else 0
    page = rows[first : first + query.limit]
    return TableHistory(
        snapshots=[
            TableChange(
                id=str(id_),
                parent=str(parent) if parent is not None else None,
                at=at,
                operation=operation or "",
                rows=_count(summary, "total-records"),
                added_rows=_count(summary, "added-records"),
                removed_rows=_count(summary, "deleted-records"),
                added_files=_count(summary, "added-data-files"),
                removed_files=_count(summary, "deleted-data-files"),
                size=_count(summary, "total-files-size"),
                writer="Trino" if "trino_query_id" in _texts(summary) else "",
                current="main" in pointing.get(id_, []),
                ancestor=bool(ancestor),
                refs=pointing.get(id_, []),
            )
            for id_, parent, at, operation, summary, ancestor in page
        ],
        count=len(rows),
        next=str(page[-1][0]) if page and first + len(page) < len(rows) else None,
    )


def governed_statistics(session: Session, name: TableName, snapshot: str = "") -> TableStatistics:
    """What Trino estimates of the columns (``SHOW STATS``) of what the person may see of them.

    Args:
        snapshot: '' for the current one.

    Raises:
        QueryError: As ``governed_namespaces``; the table isn't there, or not for this person.
    """
    at = f" FOR VERSION AS OF {int(snapshot)}" if snapshot else ""
    types = {column: type_ for column, type_, *_ in _rows(session, f"SHOW COLUMNS FROM {name}")}
    told = {row[0]: row[1:] for row in _rows(session, f"SHOW STATS FOR (SELECT * FROM {name}{at})")}
    nothing = (None,) * 6
    columns = []
    for column, type_ in types.items():
        size, distinct, nulls, _, low, high = told.get(column, nothing)
        columns.append(
            ColumnStatistics(
                name=column,
                type=type_,
                nulls=None,
                null_share=nulls,
                nans=None,
                smallest=low,
                largest=high,
                distinct=_whole(distinct),
                size=_whole(size),
            )
        )
    rows = told.get(None, nothing)[3]
    return TableStatistics(
        snapshot=snapshot or None,
        rows=_whole(rows),
        files=None,
        deletes=None,
        columns=columns,
        estimated_by="Trino",
    )


def governed_facts(session: Session, name: TableName, pages: Mapping[str, str]) -> TableFacts:
    """Location, partitioning, size, retention, properties, as Trino tells them.

    Raises:
        QueryError: As ``governed_namespaces``; Trino doesn't show this person how the table is made.
    """
    ((made,),) = _rows(session, f"SHOW CREATE TABLE {name}")
    _, _, options = made.rpartition("\nWITH (")
    properties = dict(_rows(session, f"SELECT key, value FROM {name.metadata('properties')}"))
    newest = next(
        _rows(session, f"SELECT committed_at, summary FROM {name.metadata('snapshots')} ORDER BY 1 DESC LIMIT 1"), None
    )
    updated, summary = newest or (None, {})
    version = re.search(r"^   format_version = (\d+)", options, re.MULTILINE)
    location = re.search(r"^   location = '(.*)'", options, re.MULTILINE)
    hidden = known_secrets(session.settings)
    names = {"catalog": name.catalog, "namespace": name.namespace, "table": name.table}
    return TableFacts(
        format_version=int(version[1]) if version else 2,
        location=str(masked_values({"location": location[1] if location else ""}, hidden)["location"]),
        partitioning=_listed(options, "partitioning"),
        sorted_by=_listed(options, "sorted_by"),
        rows=_count(summary, "total-records") if newest else 0,
        size=_count(summary, "total-files-size") if newest else 0,
        files=_count(summary, "total-data-files") if newest else 0,
        updated=updated,
        retention=retention_text(properties),
        compaction=compaction_text(properties),
        properties=masked_values(dict(sorted(properties.items())), hidden),
        links={title: page_address(page, names) for title, page in pages.items()},
    )


def _listed(options: str, name: str) -> list[str]:
    """The texts of an option such as ``partitioning = ARRAY['day(at)','carrier']`` of SHOW CREATE TABLE."""
    found = re.search(rf"^   {name} = ARRAY\[(.*)\]", options, re.MULTILINE)
    return [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", found[1])] if found else []


def _rows(session: Session, sql: str, **parameters: str) -> Iterator[tuple[Any, ...]]:
    result = session.execute(sql, engine="trino", parameters=parameters, recorded=False)
    return iter(result.rows())


def _shown(session: Session, sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a metadata table; none where its own rights hide it from who may read the table."""
    try:
        return _rows(session, sql)
    except QueryError as error:
        if error.code != "permission-denied":
            raise
        return iter(())


def _whole(figure: float | None) -> int | None:
    return None if figure is None else round(figure)


def _texts(summary: Any) -> dict[str, str]:
    return dict(summary or {})


def _count(summary: Any, key: str) -> int | None:
    value = _texts(summary).get(key, "")
    return int(value) if value.isdigit() else None
