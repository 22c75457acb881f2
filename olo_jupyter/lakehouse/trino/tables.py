"""What the names in a statement stand for: which catalog, which snapshot; and how Trino is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.information_schema import answers
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.pins import HeadPin, Pin, RefPin, SnapshotPin, TimestampPin
from olo_jupyter.lakehouse.reading import PinnedTable, Reading
from olo_jupyter.lakehouse.sql.analyze.pins import metadata_of, pin_of
from olo_jupyter.lakehouse.sql.grammar.tokens import Token
from olo_jupyter.lakehouse.sql.parse import fail, parse_query, placed
from olo_jupyter.lakehouse.sql.table_places import TablePlace
from olo_jupyter.lakehouse.trino.views import as_subquery
from olo_jupyter.lakehouse.views import find_view

Edit = tuple[int, int, str]
ValueOf = Callable[[exp.Placeholder], Any]

_TIMELESS = ("snapshots", "history", "refs", "metadata_log_entries", "properties", "all_entries", "all_manifests")
"""Metadata tables that say the same whatever snapshot is looked at."""


class Tables:
    """The names of one statement.

    Tables of olo.yml's catalogs get their snapshot written into the text, so that nothing changes under a running
    query and the result can say what it read. A governed catalog (``access: trino``) is never opened here: its pins are
    written as they are, and Trino finds the snapshot.

    Args:
        request: The statement, for its catalog, namespace, pins.
        catalogs: The project's catalogs.
        names: Catalog of olo.yml → its name in Trino, where they differ.
        in_full: Write all names in full, for a text that is put into another one.
        inside: Views whose text this is, the outer one first.
    """

    def __init__(
        self,
        request: Request,
        catalogs: Catalogs,
        names: Mapping[str, str],
        *,
        in_full: bool = False,
        inside: tuple[TableName, ...] = (),
    ) -> None:
        self.catalogs = catalogs
        self.names = names
        self.reading = Reading(catalogs, request.pins, request.as_of)
        self._request = request
        self._ours = {theirs: ours for ours, theirs in names.items()}
        self._in_full = in_full
        self.inside = inside
        self._unfixed: dict[TableName, PinnedTable] = {}
        self.unknown: list[TablePlace] = []
        """Tables that aren't there, as far as can be seen from here."""

    def trino_name(self, catalog: str) -> str:
        """A catalog's name in Trino."""
        return self.names.get(catalog, catalog)

    def catalog_of(self, name: str) -> str | None:
        """The catalog of olo.yml that a name means, ours or Trino's of it; None for Trino's other catalogs."""
        if name in self.catalogs.settings.catalogs:
            return name
        return self._ours.get(name)

    def edits(self, place: TablePlace, tokens: Sequence[Token], value_of: ValueOf) -> list[Edit]:
        """How the text changes where it names a table.

        Raises:
            QueryError: No such snapshot, ref or time.
            Unsupported: A pin holds for a table that can't be pinned.
        """
        parts = [part.name.lower() for part in place.node.parts]
        if place.role in ("schema", "catalog"):
            full = len(parts) == (2 if place.role == "schema" else 1)
            return self._catalog_edit(place) if full else []
        try:
            if place.role == "read" and (target := self._target(parts)) is not None:
                return self._read(place, target, tokens, value_of)
        except QueryError as error:
            raise placed(error, place.node) from error
        return self._catalog_edit(place) if len(parts) == 3 else []

    def edits_by_words(self, tokens: Sequence[Token], reason: QueryError) -> list[Edit]:
        """As :meth:`edits`, for a statement that the grammar doesn't read: names behind FROM, JOIN and commas.

        None of them is pinned. Those that are the same before and after the statement count as read.

        Args:
            reason: Why the grammar doesn't read it.

        Raises:
            QueryError: A pin holds, or an earlier result is named: it can't be told where it would have to stand.
        """
        if self._request.as_of is not None or self._request.pins:
            raise self._unread(
                reason, "be read as of another time", "Write FOR … AS OF behind the tables, without --as-of."
            )
        edits: list[Edit] = []
        for at, token in enumerate(tokens[:-1]):
            chain = _chain(tokens, at + 1)
            if not chain or token.mark not in ("FROM", "JOIN", "TABLE", ",", "INTO", "UPDATE", "IN"):
                continue
            names = [_name(part) for part in chain]
            if len(names) == 1 and any(names[0] == earlier.lower() for earlier in self._request.results):
                raise self._unread(reason, f"use the earlier result {names[0]}", "Name it in a query of its own.")
            if len(names) == 3 and (ours := self.catalog_of(names[0])) and self.trino_name(ours) != names[0]:
                edits.append((chain[0].start, chain[0].end, quoted(self.trino_name(ours))))
            target = self._target(names)
            if target is not None and token.mark in ("FROM", "JOIN", ","):
                self._seen_unpinned(target)
        return edits

    @staticmethod
    def _unread(reason: QueryError, wanted: str, hint: str) -> QueryError:
        if not isinstance(reason, Unsupported):
            return reason
        what = reason.message.removeprefix("The embedded engine doesn't have ").rstrip(".")
        message = f"A statement with {what} can't {wanted} here."
        return Unsupported(message, hint=hint, line=reason.line, column=reason.column)

    def confirm(self) -> dict[str, int]:
        """The snapshots that were read. To be called when the statement is through.

        A table that couldn't be pinned in the text counts where its newest snapshot is the same as before.
        """
        later = Reading(self.catalogs)
        for name, before in self._unfixed.items():
            try:
                now = later.pinned(name, None)
            except QueryError:
                continue  # gone meanwhile: what was read isn't known
            if now.snapshot is not None and now.snapshot == before.snapshot:
                self.reading.note(before, None)
        return dict(self.reading.snapshots)

    def _target(self, parts: Sequence[str]) -> TableName | None:
        """The table of olo.yml's catalogs that a name means; None for a table of Trino's others."""
        request = self._request
        if len(parts) == 1 and not request.namespace:
            return None
        catalog, namespace, table = [*(request.catalog, request.namespace)[: 3 - len(parts)], *parts]
        ours = self.catalog_of(catalog)
        name = TableName(ours or catalog, namespace, table)
        if ours is None or answers(name):
            return None if ours is None and not self._pinned_elsewhere(name) else name
        return name

    def _pinned_elsewhere(self, name: TableName) -> bool:
        if self._request.as_of is None or answers(name):
            return False
        raise Unsupported(
            f"{name} can't be read as of another time: {quoted(name.catalog)} is no Iceberg catalog of olo.yml.",
            hint="Leave out --as-of (%olo as-of --clear), or read that table in a query of its own.",
        )

    def _read(self, place: TablePlace, name: TableName, tokens: Sequence[Token], value_of: ValueOf) -> list[Edit]:
        if answers(name):
            return self._named(place, name)
        version = place.node.args.get("version")
        pin = pin_of(version, value_of) if version is not None else None
        base, metadata = metadata_of(name.table)
        table = TableName(name.catalog, name.namespace, base)
        if metadata is not None:
            return self._metadata(place, table, metadata, pin)
        if self.catalogs.settings.catalogs[name.catalog].access == "trino":
            return self._governed(place, table, pin, tokens)
        found = self._found(place, table, pin)
        if isinstance(found, str):
            return [(place.start, place.end, found)]
        if found is None:
            return self._named(place, name)
        table = found.name
        chosen = pin or self._chosen(table)
        if found.snapshot is None:
            return self._named(place, table)
        now = found.table.metadata.current_schema_id
        if chosen is None and found.snapshot.schema_id not in (None, now):
            # Changed columns without a new snapshot: a read of that snapshot would have the old ones.
            self._unfixed[table] = found
            return self._named(place, table)
        self.reading.note(found, pin)
        return self._pinned(place, table, f"VERSION AS OF {found.snapshot.snapshot_id}", tokens)

    def _found(self, place: TablePlace, table: TableName, pin: Pin | None) -> PinnedTable | str | None:
        """The table at its pin, in its own catalog or in ``sources``; None for what isn't there.

        Of a view the text that stands for it where a pin holds, else None.
        """
        for name in self._candidates(place, table):
            if self.catalogs.find(name) is not None:
                return self.reading.pinned(name, pin)
            view = find_view(self.catalogs, name)
            if view is not None:
                if pin is not None:
                    raise QueryError(
                        f"View {name} has no snapshots of its own: it can't be read FOR VERSION or TIMESTAMP AS OF.",
                        code="not-supported",
                        hint="Pin the tables in its text, or the whole notebook with --as-of.",
                    )
                if self._request.as_of is not None or self._request.pins:
                    return as_subquery(view, name, place, self._request, self)
                self._inside_view(view.sql, view.catalog or name.catalog, view.namespace)
                return None
        if self._chosen(table) is not None:
            self.reading.table(table)  # tells that it isn't there: what isn't known can't be pinned
        self.unknown.append(place)
        return None

    def _candidates(self, place: TablePlace, table: TableName) -> list[TableName]:
        sources = self._request.sources
        if not sources or len(place.parts) == 3 or sources == table.catalog:
            return [table]
        return [table, TableName(sources, table.namespace, table.table)]

    def _inside_view(self, sql: str, catalog: str, namespace: str) -> None:
        """The tables that a view reads: Trino reads them as they are now."""
        try:
            tree = parse_query(sql)
        except QueryError:
            return
        for node in tree.find_all(exp.Table):
            parts = [part.name.lower() for part in node.parts]
            filled = [*(catalog, namespace)[: 3 - len(parts)], *parts]
            ours = self.catalog_of(filled[0])
            if ours is not None and filled[1]:
                self._seen_unpinned(TableName(ours, filled[1], filled[2]))

    def _seen_unpinned(self, name: TableName) -> None:
        if answers(name) or self.catalogs.settings.catalogs[name.catalog].access == "trino":
            return
        try:
            if self.catalogs.find(name) is not None:
                self._unfixed[name] = Reading(self.catalogs).pinned(name, None)
        except QueryError:
            return  # no such catalog or schema: Trino says so

    def _chosen(self, table: TableName) -> Pin | None:
        """The pin that holds for a table without one in the text."""
        if table in self._request.pins:
            return SnapshotPin(self._request.pins[table])
        return self._request.as_of

    def _metadata(self, place: TablePlace, table: TableName, metadata: str, pin: Pin | None) -> list[Edit]:
        if metadata not in _TIMELESS and pin is None and self._chosen(table) is not None:
            raise fail(
                f'"{table.table}${metadata}" can\'t be read as of another time on Trino', "unsupported", place.node
            )
        return self._named(place, TableName(table.catalog, table.namespace, f"{table.table}${metadata}"))

    def _governed(self, place: TablePlace, table: TableName, pin: Pin | None, tokens: Sequence[Token]) -> list[Edit]:
        if pin is not None:
            return self._named(place, table)
        match self._chosen(table):
            case SnapshotPin(snapshot_id):
                period = f"VERSION AS OF {snapshot_id}"
            case RefPin(ref):
                period = "VERSION AS OF '" + ref.replace("'", "''") + "'"
            case TimestampPin(at):
                period = f"TIMESTAMP AS OF TIMESTAMP '{at:%Y-%m-%d %H:%M:%S.%f} UTC'"
            case HeadPin() | None:
                return self._named(place, table)
        return self._pinned(place, table, period, tokens)

    def _pinned(self, place: TablePlace, table: TableName, period: str, tokens: Sequence[Token]) -> list[Edit]:
        edits = self._named(place, table)
        if place.period is not None:
            return [*edits, (*place.period, f"FOR {period}")]
        at = next(index for index, token in enumerate(tokens) if token.start == place.start)
        if at and tokens[at - 1].mark == "TABLE":  # TABLE t takes no FOR … AS OF
            edits.append((tokens[at - 1].start, tokens[at - 1].end, "SELECT * FROM"))
        return [*edits, (place.end, place.end, f" FOR {period}")]

    def _named(self, place: TablePlace, table: TableName) -> list[Edit]:
        """The name as Trino needs it: in full where it is read from elsewhere, else with Trino's own catalog."""
        if self._in_full or (len(place.parts) < 3 and table.catalog != self._request.catalog):
            names = (self.trino_name(table.catalog), table.namespace, table.table)
            return [(place.start, place.end, ".".join(map(quoted, names)))]
        return self._catalog_edit(place) if len(place.parts) == 3 else []

    def _catalog_edit(self, place: TablePlace) -> list[Edit]:
        start, end = place.parts[0]
        written = place.node.parts[0].name.lower()
        ours = self.catalog_of(written)
        if ours is None or self.trino_name(ours) == written:
            return []
        return [(start, end, quoted(self.trino_name(ours)))]


def _chain(tokens: Sequence[Token], at: int) -> list[Token]:
    """The parts of a dotted name that begins at a token, at most three."""
    parts: list[Token] = []
    while at < len(tokens) and tokens[at].kind in ("word", "quoted"):
        parts.append(tokens[at])
        if at + 1 >= len(tokens) or tokens[at + 1].text != ".":
            break
        at += 2
    return parts if len(parts) <= 3 else []


def _name(token: Token) -> str:
    text = token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.text
    return text.lower()
