"""Names that nobody should choose and somebody does: HTML with a script in it, emoji, 500 characters."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from openlineage.client.uuid import generate_new_uuid
from pyiceberg.catalog import load_catalog

from olo_jobs.activity import Activity
from olo_jupyter.backends.lineage.file import LineageFile

SCRIPT = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script> 🛫é'
NAME = f"{SCRIPT} {'long ' * 100}"[:500]
_JOB = """\
version: 1
name: odd_names
description: {text}
owner: {text}
tags: [{text}]
tasks:
  - {{name: say, shell: {{command: [echo, {text}]}}}}
"""


def make_odd(root: Path, folder: Path) -> None:
    """A table, columns, a comment, a job, lineage, a saved query and one that ran, all of odd names."""
    quoted = "'" + NAME + "'"
    (root / "jobs" / "odd_names.yml").write_text(_JOB.format(text=quoted), encoding="utf-8")
    saved = f"-- description: {NAME}\nSELECT '{SCRIPT}' AS {chr(34)}<b>x</b>{chr(34)}\n"
    (root / "queries" / "odd_names.sql").write_text(saved, encoding="utf-8")
    lake = folder / "lakehouse"
    catalog = load_catalog("dev", type="sql", uri=f"sqlite:///{lake}/dev.db", warehouse=f"file://{lake}/dev")
    catalog.create_namespace("odd")
    rows = pa.table({NAME: [NAME], "plain": ["\x00\x01 binary"]})
    table = catalog.create_table(
        ("odd", NAME), schema=rows.schema, location=f"file://{lake}/dev/odd/1", properties={"comment": NAME}
    )
    table.append(rows)
    told = LineageFile(folder / "state" / "lineage" / "events.jsonl", "flights")
    activity = Activity(reads={f"dev.odd.{NAME}": 11}, writes={f"dev.gold.{NAME}": 21})
    run = str(generate_new_uuid())
    told.emit("START", job=f"odd_names.{NAME}", run_id=run)
    told.emit("FAIL", job=f"odd_names.{NAME}", run_id=run, activity=activity, error=NAME)
