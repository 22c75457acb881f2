"""A team's project for a Hub: a lakehouse that all may read, sandboxes in homes, a job."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyiceberg.catalog import load_catalog

from olo_jupyter.project.blueprint import Answers, create
from tests.services.process import finished

ROWS = 5_000
LAKEHOUSE, HOME = "${OLO_LAKEHOUSE:-../lakehouse}", "${HOME}/lakehouse"
JOB = """\
version: 1
name: daily_delays
description: Delays by carrier, every morning.
owner: ana
schedule: {cron: "0 6 * * *"}
tasks:
  - name: report
    shell: {command: [echo, done]}
"""


def make_project(folder: Path) -> Path:
    """A project with a shared lakehouse that people may read, as a bare repository and a checkout; the repository."""
    checkout, repository = folder / "project", folder / "flights.git"
    create(checkout, Answers(name="flights"))
    config = checkout / "olo.yml"
    text = config.read_text()
    own, after = text.index("  ${user.short_name}_sandbox:"), text.index("variables:\n")
    parts = [text[:own], text[own:after].replace(LAKEHOUSE, HOME), text[after:]]
    own_place = f'  own: {{default: "{HOME}", description: Folder of a person\'s own catalog}}\n'
    config.write_text("".join(parts).replace(LAKEHOUSE, "${OLO_SHARED_LAKEHOUSE}").rstrip() + "\n" + own_place)
    sandbox = checkout / "targets" / "sandbox.yml"
    sandbox.write_text(sandbox.read_text().replace("${var.lakehouse}", "${var.own}"))
    (checkout / "jobs" / "daily_delays.yml").write_text(JOB, encoding="utf-8")
    make_lake(folder / "lakehouse")
    git = ["git", "-c", "user.name=olo", "-c", "user.email=olo@example.org", "-c", "commit.gpgsign=false"]
    for words in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "--all"],
        ["commit", "-qm", "feat: project"],
    ):
        finished([*git, *words], checkout)
    finished(["git", "clone", "--quiet", "--bare", str(checkout), str(repository)], folder)
    return repository


def make_lake(folder: Path) -> None:
    """Catalog dev with silver.flights, and an empty gold."""
    (folder / "dev").mkdir(parents=True)
    catalog = load_catalog("dev", type="sql", uri=f"sqlite:///{folder}/dev.db", warehouse=f"file://{folder}/dev")
    for namespace in ("bronze", "silver", "gold"):
        catalog.create_namespace(namespace)
    rows = pa.table({"flight": pa.array(range(ROWS), pa.int64()), "carrier": ["UA", "DL"] * (ROWS // 2)})
    catalog.create_table("silver.flights", schema=rows.schema).append(rows)
