"""Airflow 3.3 in an environment of its own: API server, scheduler and DAG processor on loopback, on PostgreSQL.

olo-jobs is installed into it as a user would; the packages before and after are kept, so that a test can compare them.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services.cache import installed
from tests.services.postgres import Postgres
from tests.services.process import Process, ServiceError, finished, free_port, http_answers
from tests.services.pypi import UV

VERSION = "3.3.2"
_REQUIREMENTS = (
    f"apache-airflow=={VERSION}",
    "apache-airflow-providers-git==1.0.1",
    "apache-airflow-providers-openlineage==2.20.3",
    # On SQLite its parts lock each other out: "Database is locked" where two of them write.
    "asyncpg>=0.30",
    "psycopg2-binary>=2.9",
)
_JOBS = Path(__file__).parents[2] / "jobs"
DEPLOY_BRANCH = "deploy/prod"
"""The branch that the Git DAG bundle ``project`` follows."""
_PARTS = {
    "api": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dags": ("dag-processor",),
}


@dataclass
class Airflow:
    """A running Airflow. DAG files go to ``dags``; the bundle ``project`` follows a branch of ``repository``.

    Its accounts are ``admin`` and ``viewer``, each with a password of its own.
    """

    port: int
    folder: Path
    passwords: Mapping[str, str]
    packages_before: frozenset[str]
    packages: frozenset[str]
    environ: Mapping[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """The endpoint, e.g. ``http://127.0.0.1:8080``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def dags(self) -> Path:
        """The folder of the local DAG bundle."""
        return self.folder / "dags"

    @property
    def repository(self) -> Path:
        """The bare repository whose DEPLOY_BRANCH the bundle ``project`` follows."""
        return self.folder / "project.git"

    @property
    def lake(self) -> Path:
        """What ``OLO_LAKEHOUSE`` names for its tasks."""
        return self.folder / "lake"

    @property
    def lineage(self) -> Path:
        """Where the OpenLineage provider writes its events, an object a line."""
        return self.folder / "lineage" / "events.jsonl"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        shown = {"AIRFLOW_URL": self.uri, "dags": str(self.dags), "bundle": f"{self.repository} {DEPLOY_BRANCH}"}
        return {**shown, **{f"password of {name}": word for name, word in self.passwords.items()}}

    def run(self, *arguments: str) -> str:
        """An ``airflow`` command in this environment, to its end; what it printed."""
        return finished([str(_python(self.folder)), "-m", "airflow", *arguments], self.folder, self.environ)

    def python(self, *arguments: str) -> str:
        """Airflow's own Python, to its end; what it printed."""
        return finished([str(_python(self.folder)), *arguments], self.folder, self.environ)

    def stop(self) -> None:
        """Stop all parts, each with its process group."""
        for process in self.processes.values():
            process.stop()


def install() -> Path:
    """The folder with the environment ``env``, made at the first call (about a minute).

    Raises:
        ServiceError: Packages could not be had.
    """
    return installed(f"airflow-{VERSION}", " ".join(_REQUIREMENTS), _build)


def start(folder: Path, postgres: Postgres, **environ: str) -> Airflow:
    """Start an Airflow whose files are all in ``folder``.

    Args:
        postgres: Holds its database.
        environ: More variables for its processes.

    Raises:
        ServiceError: It didn't come up in time; the message carries the end of its log.
    """
    source, port = install(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source / "env", folder / "env", symlinks=True, copy_function=_link)
    for name in ("dags", "lineage", "lake"):
        (folder / name).mkdir(exist_ok=True)
    _repository(folder / "project.git")
    before = _packages(folder)
    finished([*_pip("install", folder), "--quiet", str(_JOBS)], folder)
    passwords = {name: secrets.token_hex(12) for name in ("admin", "viewer")}
    (folder / "passwords.json").touch(mode=0o600)
    (folder / "passwords.json").write_text(json.dumps(passwords))
    settings = {**_settings(folder, port, postgres.create(f"airflow_{port}")), **environ}
    airflow = Airflow(port, folder, passwords, before, _packages(folder), settings)
    airflow.run("db", "migrate")
    try:
        for name, words in _PARTS.items():
            command = [str(_python(folder)), "-m", "airflow", *words]
            process = Process(command, folder / f"{name}.log", environ=settings, cwd=folder)
            airflow.processes[name] = process
            if name == "api":  # the scheduler's tasks fail while nobody answers them
                process.wait_until(http_answers(f"{airflow.uri}/api/v2/version"), 240, "Airflow's API")
        process.wait_until(http_answers(f"{airflow.uri}/api/v2/monitor/health", _all_healthy), 240, "Airflow")
    except ServiceError:
        airflow.stop()
        raise
    return airflow


def _all_healthy(body: bytes) -> bool:
    try:
        health: dict[str, Any] = json.loads(body)
    except ValueError:
        return False
    return all(
        health.get(part, {}).get("status") == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")
    )


def _settings(folder: Path, port: int, database: str) -> dict[str, str]:
    bundles = [
        {
            "name": "dags-folder",
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {"path": str(folder / "dags"), "refresh_interval": 15},
        },
        {
            "name": "project",
            "classpath": "airflow.providers.git.bundles.git.GitDagBundle",
            "kwargs": {
                "repo_url": str(folder / "project.git"), "tracking_ref": DEPLOY_BRANCH, "refresh_interval": 2,
            },
        },
    ]  # fmt: skip
    transport = {"type": "file", "log_file_path": str(folder / "lineage" / "events.jsonl"), "append": True}
    values = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__INTERNAL_API_SECRET_KEY": secrets.token_hex(16),
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_hex(16),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "4",
        "DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
        "DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        "DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(folder / "bundles"),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "OPENLINEAGE__NAMESPACE": "airflow",
        "TRACES__OTEL_ON": "False",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        "AIRFLOW_HOME": str(folder),
        "HOME": str(folder),
        "PATH": f"{folder / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
        "VIRTUAL_ENV": "",
        "OLO_PYTHON": sys.executable,  # the environment of dbt, SQL and Python tasks is that of the tests
        "OLO_LAKEHOUSE": str(folder / "lake"),
        **{f"AIRFLOW__{name}": value for name, value in values.items()},
    }


def _build(target: Path) -> None:
    environment = str(target / "env")
    finished([str(UV), "venv", "--quiet", "--relocatable", "--python", sys.executable, environment], target)
    finished([*_pip("install", target), "--quiet", *_REQUIREMENTS], target)
    # Each airflow command costs twice the time without.
    finished([str(_python(target)), "-m", "compileall", "-q", environment], target)


def _repository(path: Path) -> None:
    """A bare repository with an empty first commit on the branch that the bundle follows."""
    finished(["git", "init", "--quiet", "--bare", "--initial-branch", "main", str(path)], path.parent)
    who = ["-c", "user.name=olo", "-c", "user.email=olo@example.org"]
    tree = finished(["git", "hash-object", "-w", "-t", "tree", "/dev/null"], path).strip()
    commit = finished(["git", *who, "commit-tree", tree, "-m", "chore: nothing deployed yet"], path).strip()
    finished(["git", "update-ref", f"refs/heads/{DEPLOY_BRANCH}", commit], path)


def _packages(folder: Path) -> frozenset[str]:
    listed = finished([*_pip("list", folder), "--format", "json"], folder)
    return frozenset(f"{package['name']}=={package['version']}" for package in json.loads(listed))


def _link(source: str, target: str) -> str:
    """Hard links where the file system allows: the environment is 300 MB, and nothing in it is edited in place."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _python(folder: Path) -> Path:
    return folder / "env" / "bin" / "python"


def _pip(command: str, folder: Path) -> list[str]:
    return [str(UV), "pip", command, "--python", str(_python(folder))]
