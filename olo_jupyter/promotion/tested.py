"""``python -m olo_jupyter.promotion.tested FILE [ROWS]``: a generated test module, in a process of its own.

Runs every ``test_`` function of FILE; with ROWS, writes what its ``result()`` gives to that Arrow file instead.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa

from olo_jupyter.lakehouse.frames import to_arrow


def main(argv: list[str]) -> None:
    """Run the tests (the first that fails raises), or write the rows."""
    module = _load(Path(argv[0]))
    if len(argv) > 1:
        table = to_arrow(module.result())
        with pa.ipc.new_file(argv[1], table.schema) as writer:
            writer.write_table(table)
        return
    for name, function in vars(module).copy().items():
        if name.startswith("test_"):
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()
            function()


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(sys.argv[1:])
