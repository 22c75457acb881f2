"""The reference in docs/jobs.md, from the models: ``python -m olo_jobs.reference docs/jobs.md`` writes it anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from olo_jobs.schema import json_schema, target_schema

MARK = "<!-- From here on generated: python -m olo_jobs.reference docs/jobs.md -->"
_HIDDEN = "Override"


def reference() -> str:
    """Every key of jobs and targets, as Markdown tables."""
    return schema_tables([("A job", json_schema()), ("A target", target_schema())])


def schema_tables(schemas: list[tuple[str, dict[str, Any]]]) -> str:
    """Every key of some JSON Schemas as Markdown tables, definitions that several share once.

    Args:
        schemas: Title and schema of each.
    """
    parts: list[str] = []
    seen: set[str] = set()
    for title, schema in schemas:
        parts.append(_section(title, schema))
        for name, definition in sorted(schema.get("$defs", {}).items()):
            if not name.endswith(_HIDDEN) and name not in seen and definition.get("properties"):
                seen.add(name)
                parts.append(_section(name, definition))
    return "\n".join(parts)


def written(text: str) -> str:
    """A page with its reference renewed."""
    return f"{text.partition(MARK)[0]}{MARK}\n\n{reference()}"


def _section(title: str, schema: dict[str, Any]) -> str:
    lines = [f"### {title}", "", schema.get("description", "").partition("\n\n")[0].replace("\n", " "), ""]
    lines += ["| key | takes | default | what |", "|---|---|---|---|"]
    required = schema.get("required", [])
    for name, key in schema.get("properties", {}).items():
        default = "required" if name in required else _default(key)
        cells = (f"`{name}`", _takes(key), default, _what(key))
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _takes(key: dict[str, Any]) -> str:
    if "$ref" in key:
        name = str(key["$ref"]).rsplit("/", 1)[-1]
        return "changes" if name.endswith(_HIDDEN) else f"[{name}](#{name.lower()})"
    if "enum" in key or "const" in key:
        return ", ".join(f"`{one}`" for one in key.get("enum", [key.get("const")]))
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in key:
            return " or ".join(dict.fromkeys(_takes(one) for one in key[alternatives] if one.get("type") != "null"))
    if key.get("type") == "array":
        return f"list of {_takes(key['items'])}" if key.get("items") else "list"
    if key.get("type") == "object":
        inner = next(iter([*key.get("patternProperties", {}).values(), key.get("additionalProperties")]))
        return f"keys with {_takes(inner)}" if isinstance(inner, dict) else "keys and values"
    return {"string": "text", "boolean": "true, false", None: "any value"}.get(key.get("type"), str(key.get("type")))


def _default(key: dict[str, Any]) -> str:
    value = key.get("default")
    return "" if value in (None, "", [], {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _what(key: dict[str, Any]) -> str:
    examples = ", ".join(f"`{one}`" for one in key.get("examples", []))
    return str(key.get("description", "")) + (f" E.g. {examples}" if examples else "")


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
