"""A runner of Gitea's Actions: takes a job by the runner's own protocol and runs its commands on this machine.

Gitea's runner itself is in no registry. This one does what the blueprint's workflows need: the `run` steps with their
environment, outputs between steps and jobs, `if` of jobs and steps. Of `uses` steps it does the checkout; programs that
other actions would install are on the PATH already.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LABEL = "ubuntu-latest"
_INSTALLED = "Install"
"""The step that installs what is installed here already."""
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Done:
    """A job that was run: its name, whether its `if` held and all its steps succeeded, what it printed."""

    workflow: str
    job: str
    result: str
    log: str
    outputs: dict[str, str] = field(default_factory=dict)


class Runner:
    """A runner of one repository.

    Args:
        uri: Gitea's address.
        token: What registers a runner, from the repository's API.
        folder: Where jobs work; each has a folder of its own.
        environ: The environment of their commands.
    """

    def __init__(self, uri: str, token: str, folder: Path, environ: Mapping[str, str]) -> None:
        self._uri, self._folder, self._environ = uri, folder, dict(environ)
        self._headers: dict[str, str] = {}
        runner = self._call("Register", name="tests", token=token, version="v0.3.0", labels=[LABEL])["runner"]
        self._headers = {"x-runner-uuid": runner["uuid"], "x-runner-token": runner["token"]}
        self._call("Declare", version="v0.3.0", labels=[LABEL])

    def next(self, seconds: float = 30, *, passed: tuple[str, ...] = ()) -> Done:
        """Wait for a job, run it, tell Gitea.

        Args:
            passed: Workflows whose jobs are taken as passed, without being run.

        Raises:
            TimeoutError: There was none in time.
        """
        end = time.monotonic() + seconds
        while not (task := self._call("FetchTask", tasksVersion="0").get("task")):
            if time.monotonic() > end:
                raise TimeoutError(f"no job within {seconds} s")
            time.sleep(0.3)
        job = _Job(task, self._folder / task["id"], self._environ)
        done = Done(job.workflow, job.name, "success", "") if job.workflow in passed else job.run()
        rows = [{"time": _now(), "content": line} for line in done.log.splitlines()]
        self._call("UpdateLog", taskId=task["id"], index="0", rows=rows, noMore=True)
        state = {"id": task["id"], "result": f"RESULT_{done.result.upper()}", "startedAt": _now(), "stoppedAt": _now()}
        self._call("UpdateTask", state=state, outputs=done.outputs)
        return done

    def _call(self, method: str, **told: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._uri}/api/actions/runner.v1.RunnerService/{method}",
            json.dumps(told).encode(),
            {"Content-Type": "application/json", **self._headers},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


class _Job:
    def __init__(self, task: Mapping[str, Any], folder: Path, environ: Mapping[str, str]) -> None:
        workflow = yaml.safe_load(base64.b64decode(task["workflowPayload"]))
        ((name, self._job),) = workflow["jobs"].items()
        self.name: str = name
        self.workflow: str = workflow["name"]
        self._values: dict[str, Any] = {
            "github": task["context"],
            "secrets": task.get("secrets", {}),
            "vars": task.get("vars", {}),
            "needs": task.get("needs", {}),
            "steps": {},
        }
        self._folder = folder
        self._folder.mkdir(parents=True)
        github = task["context"]
        self._environ = {
            **environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            **{
                f"GITHUB_{name.upper()}": str(github.get(name, ""))
                for name in ("repository", "server_url", "api_url", "sha", "ref", "run_id", "run_number", "actor")
            },
        }
        self._log: list[str] = []

    def run(self) -> Done:
        if not self._holds(self._job.get("if", "true")):
            return Done(self.workflow, self.name, "skipped", "")
        self._environ |= self._filled(self._job.get("env", {}))
        failed = False
        for step in self._job["steps"]:
            wanted = self._holds(step["if"], failed=failed) if "if" in step else not failed
            if wanted and not self._step(step):
                failed = True
        outputs = self._filled(self._job.get("outputs", {}))
        return Done(self.workflow, self.name, "failure" if failed else "success", "\n".join(self._log), outputs)

    def _step(self, step: Mapping[str, Any]) -> bool:
        uses = step.get("uses", "")
        if uses.startswith("actions/checkout@"):
            return self._checkout(self._filled(step.get("with", {})))
        if uses or step.get("name") == _INSTALLED:
            return True
        files = {name: self._folder / f".{name.lower()}" for name in ("GITHUB_OUTPUT", "GITHUB_ENV")}
        for file in files.values():
            file.write_text("")
        environ = {**self._environ, **self._filled(step.get("env", {})), **{k: str(v) for k, v in files.items()}}
        command = ["bash", "-eo", "pipefail", "-c", step["run"]]
        done = self._started(command, self._folder / "work", environ)
        if "id" in step:
            self._values["steps"][step["id"]] = {"outputs": _pairs(files["GITHUB_OUTPUT"])}
        self._environ |= _pairs(files["GITHUB_ENV"])
        return done

    def _checkout(self, told: Mapping[str, str]) -> bool:
        """As actions/checkout does: its token stays in the clone's configuration, and later pushes go by it."""
        github = self._values["github"]
        server = github["server_url"].rstrip("/")
        url, ref = f"{server}/{github['repository']}.git", told.get("ref") or github["sha"]
        token = told.get("token") or self._values["secrets"]["GITHUB_TOKEN"]
        header = f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{token}'.encode()).decode()}"
        signed = ["-c", f"http.{server}/.extraheader={header}"]
        work = self._folder / "work"
        return (
            self._started(["git", *signed, "clone", "-q", url, str(work)], self._folder, self._environ)
            and self._started(["git", "config", f"http.{server}/.extraheader", header], work, self._environ)
            # A pull request's commit may be a fork's: no branch here has it.
            and self._started(["git", "fetch", "-q", url, github["ref"]], work, self._environ)
            and self._started(["git", "checkout", "-q", ref], work, self._environ)
        )

    def _started(self, command: list[str], cwd: Path, environ: Mapping[str, str]) -> bool:
        done = subprocess.run(command, cwd=cwd, env=dict(environ), capture_output=True, text=True, check=False)
        self._log += [*done.stdout.splitlines(), *done.stderr.splitlines()]
        return done.returncode == 0

    def _filled(self, told: Mapping[str, Any]) -> dict[str, str]:
        return {
            name: _EXPRESSION.sub(lambda found: _text(self._value(found[1])), str(text)) for name, text in told.items()
        }

    def _holds(self, text: Any, *, failed: bool = False) -> bool:
        """An `if`: names, `==` with a text, `&&`, `failure()`, all that the blueprint's files have."""
        for part in re.sub(r"^\$\{\{|\}\}$", "", str(text)).split("&&"):
            left, equals, right = (one.strip() for one in part.partition("=="))
            if left in ("failure()", "true"):
                holds = failed if left == "failure()" else True
            else:
                value = self._value(left)
                holds = _text(value) == right.strip("'") if equals else bool(value)
            if not holds:
                return False
        return True

    def _value(self, name: str) -> Any:
        first, _, other = name.partition("||")
        if other:
            return self._value(first.strip()) or self._value(other.strip())
        found: Any = self._values
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
