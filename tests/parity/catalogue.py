"""``python -m tests.parity.catalogue``: Trino's functions, as Trino lists them, into data that the translator reads.

Writes ``olo_jupyter/lakehouse/sql/expressions/data/functions.json``: name → overloads, each
``{"arguments": […], "returns": …, "kind": "scalar"|"aggregate"|"window"|"table", "deterministic": …}``, in Trino's type
notation (``decimal(p,s)``, ``array(T)``, ``function(T,boolean)``). Type parameters keep Trino's letters. Trino's list
doesn't tell which overloads repeat their last argument.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tests.parity.protocol import ask
from tests.parity.server import server

DATA = Path(__file__).parents[2] / "olo_jupyter" / "lakehouse" / "sql" / "expressions" / "data"


def functions(uri: str) -> dict[str, list[dict[str, Any]]]:
    """The catalogue of the Trino at ``uri``."""
    found: dict[str, list[dict[str, Any]]] = {}
    answer = ask(uri, "SHOW FUNCTIONS")
    if answer.error:
        raise RuntimeError(answer.message)
    names = [name for name, _ in answer.columns]
    for row in answer.rows:
        entry = dict(zip(names, row, strict=True))
        signature = {
            "arguments": split_types(entry["Argument Types"]),
            "returns": entry["Return Type"],
            "kind": entry["Function Type"],
            "deterministic": entry["Deterministic"],
        }
        known = found.setdefault(entry["Function"], [])
        # Each catalog of a connector lists its table functions again.
        if signature["kind"] != "table" or signature not in known:
            known.append(signature)
    return {name: sorted(found[name], key=json.dumps) for name in sorted(found)}


def split_types(text: str) -> list[str]:
    """Split a list of types at its outer commas.

    Example:
        >>> split_types("map(K,V), function(K,V,boolean)")
        ['map(K,V)', 'function(K,V,boolean)']
    """
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def write(catalogue: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """One overload a line, so that a change of Trino's is a readable diff."""
    blocks = []
    for name, overloads in catalogue.items():
        lines = ",\n".join(f"  {json.dumps(overload)}" for overload in overloads)
        blocks.append(f"{json.dumps(name)}: [\n{lines}\n]")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Write the catalogue."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.catalogue", description=__doc__.splitlines()[0])
    parser.add_argument("--trino", help="a running Trino, e.g. http://127.0.0.1:8080 (default: one is started)")
    options = parser.parse_args(arguments)
    with server(options.trino) as uri:
        catalogue = functions(uri)
    write(catalogue, DATA / "functions.json")
    print(f"{DATA / 'functions.json'}: {len(catalogue)} functions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
