"""CAST from and to json: Trino's own reading of JSON into its types, and its writing of them."""

from __future__ import annotations

import re

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.casts import INTEGERS, as_text, cast, register
from olo_jupyter.lakehouse.sql.expressions.duck import bound, duck_type, field_names, identifier, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import JSON, VARCHAR, TrinoType

_READABLE = ("boolean", *INTEGERS, "real", "double", "decimal", "varchar", "json")
_NESTED = ("array", "map", "row")
_WRITABLE = (*_READABLE, "date", "timestamp", "unknown")
_KEYS = ("boolean", *INTEGERS, "real", "double", "decimal", "varchar")
_SCALARS = (*INTEGERS, "boolean", "real", "double", "decimal", "varchar")


def _mismatch(source: TrinoType, target: TrinoType) -> QueryError:
    return QueryError(f"Cannot cast {source} to {target}", code="type-mismatch")


def _deep(type_: TrinoType, scalars: tuple[str, ...]) -> bool:
    """Whether a type is made of these scalars only."""
    if type_.base in _NESTED:
        return all(_deep(element, scalars) for element in type_.elements)
    return type_.base in scalars


_PARSED = re.compile(r"olo_json_parse_or_refuse\((.*)\)", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def _holds_json(type_: TrinoType) -> bool:
    return type_.base == "json" or any(_holds_json(element) for element in type_.elements)


@register(("json",), _SCALARS)
def _to_scalar(sql: str, source: TrinoType, target: TrinoType) -> str:
    return bound(sql, "j", lambda j: _scalar(j, target))


def _scalar(j: str, target: TrinoType) -> str:
    kind = text(str(target))
    match target.base:
        case "boolean":
            return f"olo_json_to_boolean({j})"
        case "real":
            return f"olo_json_to_real_or_refuse({j})"
        case "double":
            return f"olo_json_to_double({j})"
        case "decimal":
            return f"CAST(olo_json_to_decimal({j}, {kind}) AS {duck_type(target)})"
        case "varchar" if target.parameters:
            return f"olo_json_fitted({j}, olo_json_to_text({j}, {kind}), {target.parameters[0]})"
        case "varchar":
            return f"olo_json_to_text({j}, {kind})"
    return f"CAST(olo_json_to_integer({j}, {kind}) AS {duck_type(target)})"


@register(("json",), _NESTED)
def _to_nested(sql: str, source: TrinoType, target: TrinoType) -> str:
    if not _deep(target, _READABLE):  # Trino finds it later in a map and a row
        code = "type-mismatch" if target.base == "array" else "invalid-cast-argument"
        raise QueryError(f"Cannot cast {source} to {target}", code=code)
    parsed = _PARSED.fullmatch(sql)
    if parsed and _holds_json(target) and not _LITERAL.fullmatch(parsed.group(1)):
        sql = f"olo_json_parse_or_refuse(olo_json_ordered_or_refuse({parsed.group(1)}))"
    return bound(sql, "j", lambda j: _read(j, target, 0))


def _read(sql: str, target: TrinoType, depth: int) -> str:
    """Text of JSON as a value of ``target``; lambdas at each depth have a name of their own."""
    each, kind = f"j{depth}", text(str(target))
    match target.base:
        case "json":
            return f"olo_json_rewritten({sql})"
        case "array":
            item = _read(each, target.elements[0], depth + 1)
            return f"list_transform(olo_json_to_items({sql}, {kind}), lambda {each}: {item})"
        case "map":
            return _read_map(sql, target, depth)
        case "row":
            return _read_row(sql, target, depth)
    return _scalar(sql, target)


def _read_map(sql: str, target: TrinoType, depth: int) -> str:
    each, entries = f"j{depth}", f"olo_json_to_entries({sql}, {text(str(target))})"
    if target.elements[0].base not in _KEYS:
        raise _mismatch(JSON, target)
    key = cast(Typed(f"{each}[1]", VARCHAR), target.elements[0]).sql
    item = _read(f"{each}[2]", target.elements[1], depth + 1)

    def whole(e: str) -> str:
        keys, items = (f"list_transform({e}, lambda {each}: {one})" for one in (key, item))
        return f"CASE WHEN {e} IS NOT NULL THEN map(olo_keys({keys}), {items}) END"

    return bound(entries, f"{each}m", whole)


def _read_row(sql: str, target: TrinoType, depth: int) -> str:
    each, kind = f"j{depth}", text(str(target))
    named = all(target.names)
    source = f"olo_json_to_row({sql}, {kind})"
    if not named:
        source = f"olo_json_no_object({source}, {kind})"
    by_place = f"olo_json_exactly(olo_json_items({each}), {len(target.elements)}, {kind})"
    fields = []
    for index, (inner, type_) in enumerate(zip(field_names(target), target.elements, strict=True)):
        value = f"{each}a[{index + 1}]"
        fields.append(f"{identifier(inner)} := {_read(value, type_, depth + 1)}")
    items = by_place
    if named:
        members = (f"olo_json_member({each}e, {text(name.lower())}, {kind})" for name in target.names)
        by_name = f"list_transform([olo_json_to_entries({each}, {kind})], lambda {each}e: [{', '.join(members)}])[1]"
        items = f"CASE WHEN {each}[1] = '[' THEN {by_place} ELSE {by_name} END"
    whole = f"list_transform([{items}], lambda {each}a: struct_pack({', '.join(fields)}))[1]"
    return f"list_transform([{source}], lambda {each}: CASE WHEN {each} IS NOT NULL THEN {whole} END)[1]"


@register((*_WRITABLE, *_NESTED), ("json",))
def _to_json(sql: str, source: TrinoType, target: TrinoType) -> str:
    if not _deep(source, _WRITABLE):
        raise _mismatch(source, target)
    return bound(sql, "w", lambda w: _write(w, source, 0))


def _write(sql: str, source: TrinoType, depth: int) -> str:
    each = f"w{depth}"
    match source.base:
        case "json" | "unknown":
            return sql if source.base == "json" else f"CAST({sql} AS VARCHAR)"
        case "varchar" | "date" | "timestamp":
            return f"olo_json_quoted({sql if source.base == 'varchar' else as_text(sql, source)})"
        case "double":
            return f"olo_java_double({sql})"
        case "real":
            return f"olo_json_real({sql})"
        case "array":
            item = _write(each, source.elements[0], depth + 1)
            return f"olo_json_list(list_transform({sql}, lambda {each}: {item}))"
        case "map":
            return _write_map(sql, source, depth)
        case "row":
            return _write_row(sql, source, depth)
    return as_text(sql, source)


def _write_map(sql: str, source: TrinoType, depth: int) -> str:
    each, (key_type, item_type) = f"w{depth}", source.elements
    if key_type.base == "unknown":
        return f"CASE WHEN {sql} IS NOT NULL THEN '{{}}' END"
    if key_type.base not in _KEYS:
        raise QueryError(f"Cannot cast {source} to JSON", code="invalid-cast-argument")
    if key_type.base in ("real", "double"):
        raise unsupported(f"cast from {source} to json")
    key = f"olo_json_key_or_refuse({each}.key)" if key_type.base == "varchar" else as_text(f"{each}.key", key_type)
    item = _write(f"{each}.value", item_type, depth + 1)
    entries = f"list_transform(map_entries({sql}), lambda {each}: [{key}, {item}])"
    return f"CASE WHEN {sql} IS NOT NULL THEN olo_json_object({entries}) END"


def _write_row(sql: str, source: TrinoType, depth: int) -> str:
    each, pieces = f"w{depth}", []
    for name, inner, type_ in zip(source.names, field_names(source), source.elements, strict=True):
        item = _write(f"struct_extract({each}, {text(inner)})", type_, depth + 1)
        pieces.append(f"olo_json_quoted({text(name)}) || ':' || coalesce({item}, 'null')")
    body = " || ',' || ".join(pieces)
    return f"list_transform([{sql}], lambda {each}: CASE WHEN {each} IS NOT NULL THEN '{{' || {body} || '}}' END)[1]"
