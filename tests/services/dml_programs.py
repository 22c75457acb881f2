"""Random programs of INSERT, DELETE, UPDATE and MERGE whose answer is one for every order in which rows come."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

COLUMNS = "id integer, v varchar, n bigint, d decimal(10,2), day date, r row(a integer, b varchar)"
_PREDICATES = (
    "id = {id}",
    "id BETWEEN {id} AND {id} + 3",
    "id IS NULL",
    "n IS NULL OR n > {n}",
    "v IN ('a', '{text}')",
    "v LIKE '%{text}%'",
    "d < {n} / 2",
    "day >= DATE '2024-01-{day:02}'",
    "id IN (SELECT id FROM {table} WHERE n > {n})",
    "id NOT IN (SELECT id FROM {table} WHERE id IS NOT NULL AND n < {n})",
    "EXISTS (SELECT 1 FROM {table} x WHERE x.id = {name}.id + 1)",
    "r.a > {n}",
    "NOT (n < {n} AND v <> '{text}')",
    "NULL",
    "true",
)
_ASSIGNMENTS = (
    "v = '{text}'",
    "v = upper(v)",
    "n = n + id",
    "n = {n}.5",
    "n = (SELECT max(n) FROM {table})",
    "d = d * 2",
    "d = {n}",
    "id = id + {n}",
    "id = NULL",
    "day = day + INTERVAL '1' DAY",
    "r = ROW(id, v)",
    "n = CASE WHEN id > {id} THEN NULL ELSE id END",
)
_CONDITIONS = ("", " AND s.n > {n}", " AND s.v = '{text}'", " AND s.id IS NOT NULL", " AND {n} < 10")


def program(random: Random, table: str, length: int) -> Iterator[str]:
    """Statements on ``table`` (its full name), which has :data:`COLUMNS`."""
    kinds = ("insert", "delete", "update", "merge", "merge", "merge")
    yield _insert(random, table)
    for _ in range(length):
        yield {"insert": _insert, "delete": _delete, "update": _update, "merge": _merge}[random.choice(kinds)](
            random, table
        )


def _filled(random: Random, text: str, table: str) -> str:
    return text.format(
        id=random.randint(0, 12),
        n=random.randint(-3, 20),
        text=random.choice(("a", "b", "ä😀", "")),
        day=random.randint(1, 28),
        table=table,
        name=table.rpartition(".")[2],
    )


def _row(random: Random, key: str) -> str:
    text = random.choice(("'a'", "'b'", "'ä😀'", "''", "NULL"))
    number = random.choice(("NULL", str(random.randint(-5, 20))))
    decimal = random.choice(("NULL", f"{random.randint(-99, 99)}.{random.randint(0, 99):02}"))
    day = random.choice(("NULL", f"DATE '2024-01-{random.randint(1, 28):02}'"))
    row = random.choice(("NULL", f"CAST(ROW({random.randint(0, 9)}, {text}) AS row(a integer, b varchar))"))
    return f"({key}, {text}, CAST({number} AS bigint), CAST({decimal} AS decimal(10,2)), CAST({day} AS date), {row})"


def _rows(random: Random, *, double: bool) -> str:
    keys = [str(key) for key in random.sample(range(14), random.randint(1, 6))]
    keys += random.choice(([], [], ["NULL"], ["NULL", "NULL"]))
    keys += keys[:1] if double else []
    return ", ".join(_row(random, f"CAST({key} AS integer)") for key in keys)


def _insert(random: Random, table: str) -> str:
    if random.random() < 0.2:
        where = _filled(random, random.choice(_PREDICATES), table).replace(f"{table.rpartition('.')[2]}.id", "t.id")
        return f"INSERT INTO {table} SELECT id + 1, v, n, d, day, r FROM {table} t WHERE {where}"
    return f"INSERT INTO {table} VALUES {_rows(random, double=False)}"


def _delete(random: Random, table: str) -> str:
    if random.random() < 0.03:
        return f"DELETE FROM {table}"
    return f"DELETE FROM {table} WHERE {_filled(random, random.choice(_PREDICATES), table)}"


def _update(random: Random, table: str) -> str:
    return f"UPDATE {table} SET {_set(random, table)} WHERE {_filled(random, random.choice(_PREDICATES), table)}"


def _set(random: Random, table: str) -> str:
    chosen: dict[str, str] = {}
    for _ in range(random.randint(1, 3)):
        text = random.choice(_ASSIGNMENTS)
        chosen.setdefault(text.partition(" ")[0], text)
    return ", ".join(_filled(random, text, table) for text in chosen.values())


def _merge(random: Random, table: str) -> str:
    # One branch for matched rows at most has no condition, and none follows it. Two branches never take one row: the
    # source has each key once, but now and then one twice, which both engines must refuse.
    source = f"(VALUES {_rows(random, double=random.random() < 0.15)}) AS s(id, v, n, d, day, r)"
    cases = []
    for _ in range(random.randint(0, 2)):
        condition = _filled(random, random.choice(_CONDITIONS), table)
        # Only the source is in the conditions, and each key has one row there: one case for each row of the table.
        action = random.choice(
            ("DELETE", "UPDATE SET v = s.v, n = s.n", "UPDATE SET n = coalesce(t.n, 0) + 1, d = s.d")
        )
        cases.append(f"WHEN MATCHED{condition} THEN {action}")
    if random.random() < 0.7 or not cases:
        condition = _filled(random, random.choice(_CONDITIONS), table)
        insert = random.choice(
            (
                "INSERT VALUES (s.id, s.v, s.n, s.d, s.day, s.r)",
                "INSERT (n, id) VALUES (s.id, s.n)",
                "INSERT (id) VALUES (7)",
            )
        )
        cases.append(f"WHEN NOT MATCHED{condition} THEN {insert}")
    on = random.choice(("t.id = s.id", "t.id = s.id", "t.id = s.id AND t.v = s.v", "t.id = s.id AND t.n > 3"))
    return f"MERGE INTO {table} AS t USING {source} ON {on} {' '.join(cases)}"
