"""MLflow's tracking server and model registry in an environment of its own, on SQLite, on loopback."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.services.cache import installed
from tests.services.process import Process, finished, free_port, http_answers
from tests.services.pypi import UV

VERSION = "3.17.2"


@dataclass
class MLflow:
    """A running MLflow."""

    port: int
    folder: Path
    process: Process

    @property
    def uri(self) -> str:
        """The endpoint, e.g. ``http://127.0.0.1:5000``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"MLFLOW_TRACKING_URI": self.uri}

    def python(self, program: str) -> str:
        """Run a program with MLflow's own client against this server; what it printed."""
        environ = {**_environ(self.folder), "MLFLOW_TRACKING_URI": self.uri}
        return finished([str(_python()), "-c", program], self.folder, environ)

    def stop(self) -> None:
        """Stop it with its workers."""
        self.process.stop()


def install() -> Path:
    """The folder with the environment ``env``, made at the first call.

    Raises:
        ServiceError: Packages could not be had.
    """
    return installed(f"mlflow-{VERSION}", f"mlflow=={VERSION}", _build)


def start(folder: Path, *, port: int = 0, more: Sequence[str] = ()) -> MLflow:
    """Start an MLflow whose files are all in ``folder``; its runs survive a stop and a start at the same place.

    Raises:
        ServiceError: It didn't come up in time; the message carries the end of its log.
    """
    install()
    port = port or free_port()
    command = [
        str(_python()), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"), *more,
    ]  # fmt: skip
    process = Process(command, folder / "mlflow.log", environ=_environ(folder), cwd=folder)
    mlflow = MLflow(port, folder, process)
    process.wait_until(http_answers(f"{mlflow.uri}/health"), 180, "MLflow")
    return mlflow


def _environ(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "PATH": f"{_python().parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": "",
        "VIRTUAL_ENV": "",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_JOB_EXECUTION": "false",
        "GIT_PYTHON_REFRESH": "quiet",
    }


def _build(target: Path) -> None:
    environment = str(target / "env")
    finished([str(UV), "venv", "--quiet", "--relocatable", "--python", sys.executable, environment], target)
    python = str(target / "env" / "bin" / "python")
    finished([str(UV), "pip", "install", "--python", python, "--quiet", f"mlflow=={VERSION}"], target)
    finished([python, "-m", "compileall", "-q", environment], target)


def _python() -> Path:
    return install() / "env" / "bin" / "python"
