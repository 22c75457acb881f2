"""Promoting to a pull request on a local Gitea, and publishing from a repository of 50,000 files and 20,000 commits."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import httpx2 as httpx
import pyarrow as pa

from benchmarks.measure import Figure, seconds
from benchmarks.options import Options
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.promotion.promote import plan, promote
from olo_jupyter.promotion.publish import publish
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.worktree import open_worktree
from tests.integration.promotion.notebooks import Ran, run
from tests.large_repository import make
from tests.services import gitea

FILES, COMMITS = 50_000, 20_000
ROWS = 300_000
_SQL = "%%olo sql delays <<\nSELECT origin, count(*) AS flights, avg(delay) AS late FROM silver.flights GROUP BY origin"


def figures(options: Options) -> Iterator[Figure]:
    """Plan, promotion and re-promotion on Gitea; then the large repository."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = gitea.start(folder / "gitea")
        try:
            yield from _on_gitea(folder, server, 5 if options.full else 2)
        finally:
            server.stop()
        yield from _large(folder, 1 if options.full else 10)


def _on_gitea(folder: Path, server: gitea.Gitea, times: int) -> Iterator[Figure]:
    headers = {"Authorization": f"token {server.token}"}
    made = httpx.post(f"{server.uri}/api/v1/user/repos", json={"name": "flights"}, headers=headers, timeout=30)
    made.raise_for_status()
    os.environ.update({"OLO_GIT_TOKEN": server.token, "OLO_USER": "ana", "OLO_STATE": str(folder / "state")})
    root = folder / "project"
    root.mkdir()
    create(root, Answers("flights", sources={"silver": ("flights",)}, owner="ana"))
    _git(root, "init", "-q", "-b", "main")
    _git(root, "config", "user.name", "Ana")
    _git(root, "config", "user.email", "ana@example.org")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "chore: start")
    _git(root, "remote", "add", "origin", f"{server.uri}/ana/flights.git")
    signed = f"http.extraHeader=Authorization: token {server.token}"
    _git(root, "-c", signed, "push", "-q", "-u", "origin", "main")
    (folder / "lakehouse").mkdir()
    with Session(load_settings(root)) as session:
        session.catalogs.catalog("dev").create_namespace("silver")
        origins = pa.array(["EWR", "JFK", "LGA"] * (ROWS // 3))
        session.write("silver.flights", pa.table({"origin": origins, "delay": pa.array(range(ROWS))}))
        ran = run([("c1", _SQL)], session, root)
        plan(ran.request("delays"), session)  # once to warm up: what a kernel does in its first minute
        took = [_timed(lambda: plan(ran.request("delays"), session)) for _ in range(times)]
        yield _figure("Plan of a promotion, demo project", took, 1.0)
        opened = [_timed(partial(_proposed, ran, session, f"delays_{number}")) for number in range(times)]
        yield _figure("Promotion to the open pull request on Gitea, without verification", opened, 5.0)
        again = [_timed(lambda: _proposed(ran, session, "delays_0")) for _ in range(times)]
        yield _figure("The same again, unchanged: the pull request is found", again, 5.0)


def _proposed(ran: Ran, session: Session, name: str) -> None:
    request = replace(ran.request(name, open_pr=True), source="delays", verify=False)
    outcome = promote(request, session)
    if outcome.pull_request is None:
        raise SystemExit(f"no pull request: {[finding.message for finding in outcome.findings]}")


def _large(folder: Path, smaller: int) -> Iterator[Figure]:
    files, commits = FILES // smaller, COMMITS // smaller
    origin, root = folder / "origin.git", folder / "large"
    make(origin, files, commits, {"olo.yml": "version: 1\nname: flights\n", "models/gold/old.sql": "select 1\n"})
    first = _timed(lambda: _git(folder, "clone", "-q", str(origin), str(root)))
    _git(root, "config", "user.name", "Ana")
    _git(root, "config", "user.email", "ana@example.org")
    what = f"{files:,} files and {commits:,} commits"
    yield Figure(f"First clone of {what}", "", "", f"{first.clock:.1f} s", "", None)
    took = [_timed(partial(_published, root, folder / "state", number)) for number in range(3)]
    if _git(root, "status", "--porcelain"):
        raise SystemExit("the checkout was touched")
    yield _figure(f"Publish from {what}, after the first clone", took, 10.0)


def _published(root: Path, state: Path, number: int) -> None:
    repository = Repository(root)
    repository.refresh("olo/ana/")
    branch, path = f"olo/ana/delays{number}", "models/gold/delays.sql"
    with open_worktree(repository, state, f"delays{number}", repository.start(branch)) as tree:
        tree.write(path, f"select {number} as x\n")
        done = publish(tree, branch, [path], "feat(gold): promote delays\n\nOlo-Verification: unverified\n", state)
    if not done.pushed:
        raise SystemExit(f"not pushed: {done.findings}")


@dataclass(frozen=True)
class _Took:
    """Seconds on the clock, and of the processors: of this process and the git commands that it ran."""

    clock: float
    processor: float


def _figure(what: str, took: list[_Took], goal: float) -> Figure:
    clock = [one.clock for one in took]
    met = median(clock) <= goal
    busy = median(one.processor for one in took)
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    why = "" if met else f"{busy:.1f} s of work on a busy machine ({load})"
    shown = f"worst {max(clock):.2f} s; processor {busy:.2f} s"
    return Figure(what, seconds(clock), "", shown, f"≤ {goal:g} s", met, why)


def _timed(way: Callable[[], object]) -> _Took:
    begun, before = time.perf_counter(), os.times()
    way()
    clock, after = time.perf_counter() - begun, os.times()
    return _Took(clock, sum(after[:4]) - sum(before[:4]))


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout
