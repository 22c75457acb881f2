"""Writers that race and writers that are killed; ``benchmarks/writes.py`` has the full counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.session import Session
from tests.writers import NAMESPACE, race

WRITERS = int(os.environ.get("OLO_WRITERS", "4"))
KILLS = int(os.environ.get("OLO_KILLS", "3"))

_KILLING = """
import sys
from olo_jupyter.config import Settings
from tests.writers import kill
result = kill(Settings.model_validate_json(sys.argv[1]), "UPDATE t SET n = n + 1", 2_000, int(sys.argv[2]))
assert not result.between, result.between
print(result.old + result.new)
"""


def test_every_acknowledged_commit_is_there_once(settings: Settings) -> None:
    result = race(settings, WRITERS, 4)
    assert result.wrong == []
    assert result.refused == 0
    assert len(result.inserted) == WRITERS * 2


def test_a_killed_write_leaves_the_old_rows_or_the_new_ones(settings: Settings) -> None:
    with Session(settings, namespace=NAMESPACE) as session:
        session.catalogs.catalog("dev").create_namespace(NAMESPACE)
        session.execute("CREATE TABLE t (k bigint, n bigint) WITH (partitioning = ARRAY['bucket(k, 4)'])")
        session.execute(
            "INSERT INTO t SELECT a * 100 + b, 0 FROM UNNEST(sequence(0, 19)) x(a), UNNEST(sequence(0, 99)) y(b)"
        )
    # A process of its own: it forks, which a process with pytest's and DuckDB's threads must not.
    done = subprocess.run(
        [sys.executable, "-c", _KILLING, settings.model_dump_json(), str(KILLS)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, str(KILLS)), done.stderr
