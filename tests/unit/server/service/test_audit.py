"""The audit keeps what was done, what failed and what was refused, and nothing changes it afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.cli import main
from olo_jupyter.config import load_settings
from olo_jupyter.errors import OloError
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.base import Answer, Body
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import Route
from olo_jupyter.store.audit import Audit, AuditFilter, Entry, audited
from olo_jupyter.store.database import Database, store_url
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving


class Level(Body):
    """How much."""

    level: int


def _set(context: Context, *, name: str, body: Level) -> Answer:
    context.audit("set", f"level/{name}", {"level": 1}, {"level": body.level})
    if body.level > 9:
        raise OloError("Too much.", code="too-much")
    return Answer()


def _touch(context: Context, *, name: str) -> Answer:
    if name == "broken":
        raise RuntimeError("a bug")
    return Answer()


CHANGING = [
    Route("PUT", "/levels/{name}", "jobs", "write", _set, Answer, body=Level),
    Route("POST", "/levels/{name}", "jobs", "trigger", _touch, Answer),
]


@pytest.fixture
def service(project: Path, issuer: Issuer) -> Iterator[str]:
    with serving(project, issuer, [*ROUTES, *CHANGING]) as url:
        yield url


def _told(ask: Callable[..., httpx.Response], **params: Any) -> list[tuple[Any, ...]]:
    entries = ask("GET", "/olo/api/audit", "workspace-admin", params=params).json()["entries"]
    names = ("who", "action", "subject", "before", "after", "outcome", "detail")
    return [tuple(entry[name] for name in names) for entry in entries]


def test_done_failed_refused(ask: Callable[..., httpx.Response]) -> None:
    assert ask("PUT", "/olo/api/levels/a%2Fb", "data-engineer", json={"level": 2}).status_code == 200
    assert ask("PUT", "/olo/api/levels/x", "data-engineer", json={"level": 10}).status_code == 422
    assert ask("PUT", "/olo/api/levels/x", "analyst", json={"level": 2}).status_code == 403
    assert ask("POST", "/olo/api/levels/x", "analyst").status_code == 200
    assert ask("POST", "/olo/api/levels/broken", "analyst").status_code == 500
    assert ask("PUT", "/olo/api/levels/x", "data-engineer", json={"level": "no"}).status_code == 400
    assert _told(ask) == [
        ("ana", "write", "levels/x", None, None, "failed", "bad-parameter"),
        ("ana", "trigger", "levels/broken", None, None, "failed", "internal"),
        ("ana", "trigger", "levels/x", None, None, "done", ""),
        ("ana", "write", "levels/x", None, None, "denied", "forbidden"),
        ("ana", "set", "level/x", {"level": 1}, {"level": 10}, "failed", "too-much"),
        ("ana", "set", "level/a/b", {"level": 1}, {"level": 2}, "done", ""),
    ]
    assert [entry[2] for entry in _told(ask, subject="level/*", outcome="done")] == ["level/a/b"]


def test_reading_is_no_entry(ask: Callable[..., httpx.Response]) -> None:
    assert ask("GET", "/olo/api/jobs", "viewer").status_code == 200
    assert ask("GET", "/olo/api/audit", "viewer").status_code == 403
    assert _told(ask) == []


def test_nothing_is_done_that_could_not_be_kept(
    ask: Callable[..., httpx.Response], project: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir(exist_ok=True)
    for name in list(state.glob("olo.db*")):
        name.unlink()
    (state / "olo.db").write_bytes(b"this is no database, and long enough to be read as one" * 30)
    with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write("# changed, so that the store is opened again\n")
    response = ask("PUT", "/olo/api/levels/x", "data-engineer", json={"level": 2})
    assert (response.status_code, response.json()["code"]) == (503, "store")
    assert str(state) not in response.text


@pytest.mark.parametrize("statement", ["DELETE FROM olo_audit", "UPDATE olo_audit SET who = 'eve'"])
def test_an_entry_stays_as_it_is(project: Path, statement: str) -> None:
    settings = load_settings(project)
    with audited(settings, "tag", "table/dev.silver.flights"):
        pass
    with (
        sqlite3.connect(settings.state / "olo.db") as connection,
        pytest.raises(sqlite3.IntegrityError, match="append"),
    ):
        connection.execute(statement)


def test_an_entry_is_kept_once(project: Path) -> None:
    audit = Audit(Database(store_url(load_settings(project))))
    entry = Entry("ana", "tag", "table/x\0", after={"name": "\ud800"})
    audit.append(entry, entry)
    audit.append(entry)
    assert [kept.subject for kept in audit.entries()] == ["table/x\ufffd"]
    assert audit.entries(AuditFilter(who="eve")) == []


def test_the_command(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project)

    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return int(ended.value.code or 0), capsys.readouterr().out

    assert run("tag", "silver.flights", "closed")[0] == 0
    assert run("tag", "silver.flights", "closed")[0] == 1
    code, out = run("audit", "--json")
    assert code == 0
    first, second = map(json.loads, out.splitlines())
    assert (first["who"], first["action"], first["subject"]) == ("ana", "tag", "table/dev.silver.flights")
    assert (first["after"]["tag"], first["outcome"], second["outcome"]) == ("closed", "done", "failed")
    assert len(run("audit", "--json", "--outcome", "failed", "--since", "1h")[1].splitlines()) == 1
    assert "table/dev.silver.flights" in run("audit")[1]
    assert run("audit", "--since", "yesterdayish")[0] == 2
    assert run("audit", "--outcome", "dnoe", "--json")[0] == 2
