"""The shared service for a team: its routes, many who look, many who tell; the extension's memory."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2 as httpx

from benchmarks.measure import Figure, seconds, together
from benchmarks.options import Options
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore
from tests.authority import serving
from tests.issuer import AUDIENCE, Issuer
from tests.openlineage import event
from tests.services.process import free_port
from tests.shop import lay_out

MEMORY_GOAL, ROUTE_GOAL = 80, 0.150
USERS, JOBS, WATCHED = 50, 100, 20.0
_OLO = """
service:
  oidc: {{issuer: '{issuer}', audience: {audience}}}
  groups: {{all: platform-admin}}
  requests_per_minute: 1000000
orchestrators:
  flow: {{type: airflow, url: '{airflow}', targets: [far], token_env: PATH}}
"""
READ = (
    "jobs", "jobs?target=far", "runs", "runs?target=far", "jobs/daily", "targets", "health", "workspaces", "audit",
    "lineage/namespaces", "lineage/search?text=t", "lineage/graph?node=dataset:lake:t1&depth=3", "experiments",
)  # fmt: skip
OWN = (
    "catalogs", "catalogs/dev/namespaces", "catalogs/dev/namespaces/silver/tables", "queries/history", "queries/saved",
    "promotions", "tables?match=f",
)  # fmt: skip
"""What a person's own server answers."""


def figures(options: Options) -> Iterator[Figure]:
    """One replica on a file; Airflow is a server that answers at once and counts."""
    asked: list[str] = []

    def airflow(method: str, path: str, *_: object) -> tuple[int, dict[str, str], bytes]:
        asked.append(f"{method} {urlsplit(path).path}")
        told = {"dags": [], "dag_runs": [], "task_instances": [], "total_entries": 0}
        return 200, {}, json.dumps(told).encode()

    issuer = Issuer()
    with tempfile.TemporaryDirectory() as folder, serving(airflow) as url:
        root = lay_out(Path(folder))
        with (root / "olo.yml").open("a", encoding="utf-8") as olo_yml:
            olo_yml.write(_OLO.format(issuer=issuer.url, audience=AUDIENCE, airflow=url))
        (root / "targets").mkdir(exist_ok=True)
        (root / "targets" / "far.yml").write_text("catalog: dev\nsources: dev\n", encoding="utf-8")
        store = RunStore(root.parent / "state" / "runs.db")
        for number in range(200):
            store.save(RunRecord(id=f"r{number}", job="daily", target="dev", state="success"))
        with _service(root) as service:
            headers = {"Authorization": f"Bearer {issuer.token('ana', 'all', exp=int(time.time()) + 3600)}"}
            yield _events(service, headers)
            yield _routes(service, headers, 100 if options.full else 30)
            yield from _watching(service, headers, asked)
            yield from _memory(root, service, headers["Authorization"].split()[1])
    issuer.stop()


@contextlib.contextmanager
def _service(root: Path) -> Iterator[str]:
    port = free_port()
    environ = {**os.environ, "OLO_PROJECT": str(root), "OLO_USER": "olo"}
    command = [sys.executable, "-m", "olo_jupyter.cli", "serve", "--port", str(port)]
    with _running(command, environ, f"http://127.0.0.1:{port}/ready", root):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str], environ: dict[str, str], ready: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environ, stdout=quiet, stderr=quiet, cwd=cwd)
    try:
        for _ in range(400):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(ready, timeout=5).status_code == 200:
                    break
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(command[2:5])} ended with {process.returncode}")
            time.sleep(0.25)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _events(service: str, headers: dict[str, str]) -> Figure:
    """Jobs that all tell their events at the same time; then what is there."""
    taken: list[float] = []

    def tell(job: int) -> bool:
        begun = time.perf_counter()
        good = True
        with httpx.Client(base_url=service, headers=headers, timeout=120) as http:
            for step in range(10):
                kind = "START" if step == 0 else "COMPLETE" if step == 9 else "RUNNING"
                told = event(kind, step, f"job{job}", f"{job}", [f"t{job}"], [f"t{job + 1}"])
                good &= http.post("/olo/api/v1/lineage", json=told).status_code == 200
        taken.append(time.perf_counter() - begun)
        return good

    with ThreadPoolExecutor(JOBS) as pool:
        told = sum(pool.map(tell, range(JOBS)))
    found = httpx.get(f"{service}/olo/api/lineage/namespaces", headers=headers, timeout=60).json()["namespaces"]
    jobs = next((one["jobs"] for one in found if one["name"] == "shop"), 0)
    return together("jobs at once tell 10 events each", taken, min(told, jobs), JOBS)


def _routes(service: str, headers: dict[str, str], rounds: int) -> Figure:
    """Each route asked for in turn by one person, the first time left out; what the others took, all together."""
    times: dict[str, list[float]] = {}
    with httpx.Client(base_url=f"{service}/olo/api/", headers=headers, timeout=60) as http:
        for path in READ:
            http.get(path)
            for _ in range(rounds):
                time.sleep(0.02)
                begun = time.perf_counter()
                http.get(path)
                times.setdefault(path, []).append(time.perf_counter() - begun)
    worst = {path: sorted(found)[int(len(found) * 0.95)] for path, found in times.items()}
    slowest = max(worst, key=lambda path: worst[path])
    every = [one for found in times.values() for one in found]
    return Figure(
        f"{len(READ)} routes of the shared service, {rounds} times each, warm",
        seconds(every),
        "",
        f"95 % of the slowest ({slowest}) ≤ {worst[slowest] * 1000:.0f} ms",
        f"95 % ≤ {ROUTE_GOAL * 1000:.0f} ms",
        worst[slowest] <= ROUTE_GOAL,
        f"on a machine at load {os.getloadavg()[0]:.0f}",
    )


def _watching(service: str, headers: dict[str, str], asked: list[str]) -> Iterator[Figure]:
    """Questions to Airflow while one person has the panels open, and while fifty have."""
    counts: dict[int, int] = {}
    for users in (1, USERS):
        stop = threading.Event()

        def look(stop: threading.Event = stop) -> None:
            """A page: it reads what it shows, hangs on the events, and reads again every few seconds as if told to."""
            with (
                contextlib.suppress(httpx.HTTPError),
                httpx.Client(base_url=f"{service}/olo/api/", headers=headers, timeout=60) as http,
                http.stream("GET", "events"),
            ):
                while not stop.wait(4.0):
                    for path in ("jobs?target=far", "runs?target=far", "health"):
                        http.get(path)

        threads = [threading.Thread(target=look, daemon=True) for _ in range(users)]
        for thread in threads:
            thread.start()
        time.sleep(5.0)  # all are there
        before = len(asked)
        time.sleep(WATCHED)
        counts[users] = len(asked) - before
        stop.set()
        for thread in threads:
            thread.join(30)
    ratio = counts[USERS] / max(counts[1], 1)
    yield Figure(
        f"questions to Airflow in {WATCHED:.0f} s: {USERS} people with panels open, over one",
        f"{counts[USERS]}",
        f"{counts[1]}",
        f"{ratio:.2f} ×",
        "as with one (≤ 2 ×: they don't read at the same moments)",
        ratio <= 2.0,
    )


def _memory(root: Path, service: str, token: str) -> Iterator[Figure]:
    """A person's server without the extension and with it, beside the shared service, after panels were used."""
    beside, alone = "beside the shared service", "alone, without one"
    ways = {
        "": (service, ()),
        f"of the service, {beside}": (service, READ),
        f"of tables and queries, too, {beside}": (service, (*READ, *OWN)),
        f"of everything, {alone}": ("", (*READ, *OWN)),
    }
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(2):
        for way, (url, paths) in ways.items():
            found[way].append(_used(root, url, token, paths))
    without = statistics.median(server for server, _ in found.pop(""))
    for way, values in found.items():
        with_it = statistics.median(server for server, _ in values)
        apart = statistics.median(worker for _, worker in values)
        yield Figure(
            f"memory (RSS) of a person's server after the panels {way}: with the extension over without",
            f"{with_it:.0f} MB",
            f"{without:.0f} MB",
            f"+{with_it - without:.0f} MB"
            + (f"; the process that reads tables, while it lasts: {apart:.0f} MB" if apart else ""),
            f"≤ {MEMORY_GOAL} MB",
            with_it - without <= MEMORY_GOAL,
        )


def _used(root: Path, service: str, token: str, paths: Sequence[str]) -> tuple[float, float]:
    """Megabytes of the server, and of the process apart that it started, 0 for none."""
    ours = bool(paths)
    port, secret = free_port(), uuid4().hex
    settings = root.parent / f"jupyter-{ours}"
    settings.mkdir(exist_ok=True)
    chosen = {"ServerApp": {"jpserver_extensions": {"olo_jupyter": ours}}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(chosen), encoding="utf-8")
    environ = {
        **os.environ, "OLO_PROJECT": str(root), "OLO_SERVICE_TOKEN": token, "JUPYTER_CONFIG_DIR": str(settings),
        **({"OLO_SERVICE_URL": service} if service else {}),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={secret}", f"--ServerApp.root_dir={root}",
    ]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    with _running(command, environ, f"{base}/api", root) as process:
        headers = {"Authorization": f"token {secret}"}
        for path in ("api/status", "api/contents", "api/kernelspecs", "lab/api/settings"):
            httpx.get(f"{base}/{path}", headers=headers, timeout=60)
        if ours:
            for _ in range(3):
                for path in paths:
                    httpx.get(f"{base}/olo/api/{path}", headers=headers, timeout=60)
        time.sleep(2)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return _megabytes(process.pid), sum(_megabytes(int(child)) for child in children)


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024
