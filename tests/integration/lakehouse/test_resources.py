"""Limits hold, interrupts at any moment leave a session that works, and nothing is kept from query to query."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from olo_jupyter.config import EmbeddedSettings, Settings, load_settings
from olo_jupyter.config_file import ConfigError
from olo_jupyter.lakehouse.session import Session

STARTED = """
import os, signal, sys, threading
from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.session import Session

with Session(Settings.model_validate_json(sys.argv[1])) as session:
    engine = session.engine()
    for wait in (0.0, 0.01, 0.05, 0.1):
        timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
        try:
            timer.start()
            session.execute("SELECT 1 AS one")
            timer.join()
        except (QueryCancelled, KeyboardInterrupt):
            pass
    print(list(session.execute("SELECT 2 AS two").rows()))
"""


def settings_with(settings: Settings, **limits: object) -> Settings:
    return settings.model_copy(update={"embedded": EmbeddedSettings.model_validate(limits)})


def test_an_interrupt_while_the_engine_starts_leaves_a_session_that_works(settings: Settings) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STARTED, settings.model_dump_json()], capture_output=True, text=True, timeout=120
    )
    assert (ran.stdout, ran.returncode) == ("[(2,)]\n", 0), ran.stderr


def test_more_than_the_memory_limit_goes_to_the_spill_folder(settings: Settings, tmp_path: Path) -> None:
    spill = tmp_path / "a" / "spill"
    limited = settings_with(settings, threads=1, memory_limit="100MB", spill=str(spill))
    with Session(limited) as session:
        text = (
            "SELECT max(z) AS m FROM (SELECT x, row_number() OVER (ORDER BY z) AS n, z FROM (SELECT a.x, "
            "CAST(a.x * 9973 % 10007 + b.x AS varchar) || 'a text that takes some room in memory, row by row' AS z "
            "FROM UNNEST(sequence(1, 3000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 600)) AS b(x)))"
        )
        assert len(session.execute(text)) == 1
        assert spill.is_dir()


def test_limits_come_from_the_environment_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "olo.yml").write_text("version: 1\nembedded: {threads: 2, memory_limit: 4GB, spill: spilled}\n")
    assert load_settings(tmp_path, {}).embedded == EmbeddedSettings(
        threads=2, memory_limit="4GB", spill=tmp_path / "spilled"
    )
    named = {"OLO_THREADS": "3", "OLO_MEMORY_LIMIT": "512MiB", "OLO_SPILL": "/elsewhere"}
    assert load_settings(tmp_path, named).embedded == EmbeddedSettings(
        threads=3, memory_limit="512MiB", spill=Path("/elsewhere")
    )


@pytest.mark.parametrize(
    ("name", "value"), [("OLO_THREADS", "0"), ("OLO_THREADS", "two"), ("OLO_MEMORY_LIMIT", "lots")]
)
def test_a_limit_that_is_none_is_told(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load_settings(tmp_path, {name: value})


def test_no_file_stays_open(settings: Settings) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with Session(settings, namespace="silver") as session:
        session.execute("CREATE SCHEMA silver")
        session.execute("CREATE TABLE t AS SELECT x FROM UNNEST(sequence(1, 1000)) AS u(x)")
        for _ in range(3):
            session.sql("SELECT count(*) AS n FROM t")
        before = open_files()
        for _ in range(30):
            session.sql("SELECT x % 7 AS k, count(*) AS n FROM t GROUP BY 1")
        assert open_files() <= before
