"""Faults that a real Airflow can't be made to show: down, of version 2, overloaded, broken answers, lost answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import httpx2 as httpx
import pytest

from olo_jupyter.backends.airflow import AirflowClient, AirflowError
from olo_jupyter.backends.upstream.client import ATTEMPTS
from olo_jupyter.jobs.airflow import AirflowOrchestrator
from olo_jupyter.jobs.orchestrator import OrchestratorError

PASSWORD = "planted-password"
TOKEN = "planted-token"
Answer = httpx.Response | Exception
DAG = {"dag_id": "daily", "is_paused": False}
RUN = {"dag_id": "daily", "dag_run_id": "r1", "state": "queued"}


class Fake:
    """Answers by a function of the request; keeps what was asked, and how long the client waited."""

    def __init__(self, answer: Callable[[httpx.Request], Answer]) -> None:
        self.asked: list[tuple[str, str]] = []
        self.waits: list[float] = []
        self._answer = answer

    def client(self, **told: object) -> AirflowClient:
        def handle(request: httpx.Request) -> httpx.Response:
            self.asked.append((request.method, request.url.path))
            if request.url.path == "/auth/token":
                return httpx.Response(201, json={"access_token": TOKEN})
            found = self._answer(request)
            if isinstance(found, Exception):
                raise found
            return found

        return AirflowClient(
            "http://airflow.test", username="ana", password=lambda: PASSWORD,
            transport=httpx.MockTransport(handle), sleep=self.waits.append, **told,
        )  # fmt: skip

    def count(self, method: str, path: str) -> int:
        return self.asked.count((method, path))


def refused(client: AirflowClient, method: str = "GET") -> AirflowError:
    with pytest.raises(AirflowError) as error:
        if method == "GET":
            client.get("dags")
        else:
            client.send(method, "dags", {})
    shown = json.dumps(error.value.as_json())
    assert PASSWORD not in shown
    assert TOKEN not in shown
    return error.value


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [
        (401, "airflow-unauthorized", 1),
        (403, "airflow-forbidden", 1),
        (404, "airflow-not-found", 1),
        (409, "airflow-conflict", 1),
        (422, "airflow-invalid", 1),
        (429, "airflow-rate-limited", ATTEMPTS),
        (500, "airflow-unavailable", ATTEMPTS),
        (503, "airflow-unavailable", ATTEMPTS),
    ],
)
def test_each_refusal_is_told_and_tried_again_where_that_helps(status: int, code: str, tries: int) -> None:
    fake = Fake(lambda request: httpx.Response(404 if "v1" in request.url.path else status, json={"detail": "because"}))
    error = refused(fake.client())
    assert error.code == code
    assert "because" in error.message
    assert fake.count("GET", "/api/v2/dags") == tries


@pytest.mark.parametrize("status", [500, 502, 504])
def test_what_may_have_been_done_is_not_sent_twice(status: int) -> None:
    fake = Fake(lambda request: httpx.Response(status))
    refused(fake.client(), "POST")
    assert fake.count("POST", "/api/v2/dags") == 1
    lost = Fake(lambda request: httpx.ReadTimeout("no answer"))
    refused(lost.client(), "POST")
    assert lost.count("POST", "/api/v2/dags") == 1


def test_retry_after_is_waited_for_and_too_long_a_wait_is_told() -> None:
    answers = iter([httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, json={"dags": []})])
    fake = Fake(lambda request: next(answers))
    assert fake.client().get("dags") == {"dags": []}
    assert fake.waits == [7.0]
    long = Fake(lambda request: httpx.Response(429, headers={"Retry-After": "3600"}))
    assert refused(long.client()).code == "airflow-rate-limited"
    assert long.waits == []


def test_down() -> None:
    fake = Fake(lambda request: httpx.ConnectError("refused"))
    error = refused(fake.client(), "POST")
    assert "can't be reached" in error.message
    assert fake.count("POST", "/api/v2/dags") == ATTEMPTS  # nothing was sent: again is safe


def test_nobody_listens() -> None:
    client = AirflowClient("http://127.0.0.1:9", username="ana", password=lambda: PASSWORD, sleep=lambda _: None)
    assert "can't be reached" in refused(client).message


def test_version_2_is_named() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/version":
            return httpx.Response(200, json={"version": "2.11.0"})
        return httpx.Response(404, json={"detail": "Not Found"})

    def handle(request: httpx.Request) -> httpx.Response:
        return answer(request)

    client = AirflowClient(
        "http://airflow.test", username="ana", password=lambda: PASSWORD, transport=httpx.MockTransport(handle)
    )
    error = refused(client)
    assert error.code == "airflow-too-old"
    assert "2.11.0" in error.message
    with_token = AirflowClient("http://airflow.test", token=TOKEN, transport=httpx.MockTransport(handle))
    assert refused(with_token).code == "airflow-too-old"


@pytest.mark.parametrize(
    "refusal", [httpx.Response(401), httpx.Response(403, json={"detail": "Invalid JWT token"})], ids=["401", "403"]
)
def test_a_token_that_ran_out_is_renewed_once(refusal: httpx.Response) -> None:
    answers = iter([refusal, httpx.Response(200, json={"dags": []})])
    fake = Fake(lambda request: next(answers))
    client = fake.client()
    client._token = "old"
    assert client.get("dags") == {"dags": []}
    assert fake.count("POST", "/auth/token") == 1


def test_an_empty_answer_of_one_that_starts_up_is_asked_again() -> None:
    answers = iter([httpx.Response(200, content=b""), httpx.Response(200, json={"dags": []})])
    assert Fake(lambda request: next(answers)).client().get("dags") == {"dags": []}


def test_a_sign_in_page_is_no_airflow() -> None:
    fake = Fake(lambda request: httpx.Response(200, text="<html>Sign in</html>"))
    assert refused(fake.client()).code == "airflow-protocol"


def test_a_redirect_is_not_followed() -> None:
    fake = Fake(lambda request: httpx.Response(302, headers={"Location": "http://elsewhere.test/"}))
    refused(fake.client())
    assert all(path.startswith(("/api", "/auth")) for _, path in fake.asked)


def test_pages() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        items = [{"n": n} for n in range(offset, min(offset + limit, 250))]
        return httpx.Response(200, json={"dags": items, "total_entries": 250})

    client = Fake(answer).client()
    assert [item["n"] for item in client.pages("dags", "dags", limit=1000)] == list(range(250))
    assert len(list(client.pages("dags", "dags", limit=120))) == 120


def test_a_lost_answer_starts_no_second_run() -> None:
    """The first POST is done, but its answer lost; the second is a conflict: one run, and it is found."""
    made: list[str] = []

    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if request.method == "POST" and path.endswith("/dagRuns"):
            body = json.loads(request.content)
            assert body["logical_date"] is None
            if body["dag_run_id"] in made:
                return httpx.Response(409, json={"detail": "there already"})
            made.append(body["dag_run_id"])
            return httpx.ReadTimeout("lost")
        if path.endswith("/tasks"):
            return httpx.Response(200, json={"tasks": []})
        if path.endswith("/taskInstances"):
            return httpx.Response(200, json={"task_instances": [], "total_entries": 0})
        if "/dagRuns/" in path:
            return httpx.Response(200, json={**RUN, "dag_run_id": made[0]})
        return httpx.Response(200, json=DAG)

    orchestrator = AirflowOrchestrator(Fake(answer).client(), "prod", "ana")
    assert orchestrator.trigger("daily", {"day": "2026-01-31"}).id == f"daily/{made[0]}"
    assert len(made) == 1


def test_a_pool_that_is_missing_is_made() -> None:
    made: list[str] = []

    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if path.endswith("/pools") and request.method == "POST":
            made.append(json.loads(request.content)["name"])
            return httpx.Response(201, json={})
        if path.endswith("/pools"):
            return httpx.Response(
                200, json={"pools": [{"name": "default_pool"}, {"name": "large"}], "total_entries": 2}
            )
        if path.endswith("/tasks"):
            return httpx.Response(
                200, json={"tasks": [{"task_id": "a", "pool": name} for name in ("small", "large", "default_pool")]}
            )
        if path.endswith("/taskInstances"):
            return httpx.Response(200, json={"task_instances": [], "total_entries": 0})
        return httpx.Response(200, json=RUN if "dagRuns" in path else DAG)

    AirflowOrchestrator(Fake(answer).client(), "prod", "ana").trigger("daily", {})
    assert made == ["small"]


def test_wrong_parameters_are_the_users_error() -> None:
    def answer(request: httpx.Request) -> Answer:
        if request.method == "POST":
            return httpx.Response(
                400, json={"detail": "Invalid input for param count: 0 is less than the minimum of 1"}
            )
        return httpx.Response(200, json={"tasks": []} if request.url.path.endswith("/tasks") else DAG)

    with pytest.raises(OrchestratorError, match="less than the minimum") as error:
        AirflowOrchestrator(Fake(answer).client(), "prod", "ana").trigger("daily", {"count": 0})
    assert error.value.code == "bad-parameter"


@pytest.mark.parametrize("left", [["2026-01-02T06:00:00Z"], []])
def test_a_backfill_is_previewed_with_what_succeeded_before_and_not_made_where_nothing_is_left(left: list[str]) -> None:
    made: list[bytes] = []
    noted: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if path.endswith("/backfills/dry_run"):
            return httpx.Response(200, json={"backfills": [{"logical_date": at} for at in left]})
        if path.endswith("/backfills"):
            made.append(request.content)
            return httpx.Response(200, json={"id": 7})
        if path.endswith("/dagRuns"):
            if request.method == "PATCH":
                noted.extend(json.loads(request.content)["actions"])
                return httpx.Response(200, json={"update": {"success": ["daily.r2"], "errors": []}})
            params = request.url.params
            if "state" not in params:  # which runs were made
                assert params["logical_date_gte"] == params["logical_date_lte"] == "2026-01-02T06:00:00+00:00"
                run = {**RUN, "dag_run_id": "r2", "logical_date": left[0], "note": "olo: cancelled by eve\nSee #3."}
                return httpx.Response(200, json={"dag_runs": [run], "total_entries": 1})
            assert params["logical_date_gte"] == "2026-01-01T00:00:00+01:00"
            assert params["logical_date_lte"] == "2026-01-02T23:59:59+01:00"
            assert (params["state"], params.get_list("run_type")) == ("success", ["scheduled", "backfill"])
            done = {**RUN, "state": "success", "logical_date": "2026-01-01T06:00:00Z"}
            return httpx.Response(200, json={"dag_runs": [done], "total_entries": 1})
        if path.endswith("/tasks"):
            return httpx.Response(200, json={"tasks": []})
        return httpx.Response(200, json={**DAG, "timezone": "Europe/Berlin"})

    orchestrator = AirflowOrchestrator(Fake(answer).client(), "prod", "ana")
    found = orchestrator.preview("daily", date(2026, 1, 1), date(2026, 1, 2))
    assert [moment.day for moment in found.moments] == [1, 2][: 1 + len(left)]
    assert found.runs == {found.moments[0]: "daily/r1"}
    asked = orchestrator.backfill("daily", date(2026, 1, 1), date(2026, 1, 2), {}, by="zoe")
    assert asked.id == ("7" if left else "")
    assert len(made) == len(left)
    told = {"dag_id": "daily", "dag_run_id": "r2", "note": "olo: started by zoe\nSee #3."}
    assert noted == [{"action": "update", "entities": [told], "update_mask": ["note"]}] * len(left)


def test_a_backfill_whose_runs_can_t_be_noted_is_under_way_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if path.endswith("/backfills/dry_run"):
            return httpx.Response(200, json={"backfills": [{"logical_date": "2026-01-02T06:00:00Z"}]})
        if path.endswith("/backfills"):
            return httpx.Response(200, json={"id": 7})
        if request.method == "PATCH":
            return httpx.Response(403, json={"detail": "Forbidden"})
        if path.endswith("/dagRuns"):
            return httpx.Response(200, json={"dag_runs": [], "total_entries": 0})
        return httpx.Response(200, json={"tasks": []} if path.endswith("/tasks") else DAG)

    orchestrator = AirflowOrchestrator(Fake(answer).client(), "prod", "ana")
    assert orchestrator.backfill("daily", date(2026, 1, 1), date(2026, 1, 2), {}).id == "7"
    assert "backfill 7 of daily don't say who started them" in caplog.text


def test_notes_keep_what_people_wrote_and_say_who_did_what() -> None:
    run = {**RUN, "state": "failed", "note": "olo: started by ana\nSee #3.", "triggering_user_name": "svc-olo"}
    sent: list[str] = []

    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if request.method == "PATCH":
            run.update(json.loads(request.content))
            sent.append(str(run["note"]))
        if path.endswith("/taskInstances"):
            return httpx.Response(200, json={"task_instances": [], "total_entries": 0})
        return httpx.Response(200, json=run)

    orchestrator = AirflowOrchestrator(Fake(answer).client(), "prod", "ana")
    assert orchestrator.rerun("daily/r1", by="ben\r\nolo: started by eve").user == "ana"
    run["state"] = "running"
    found = orchestrator.cancel("daily/r1", by="zoe")
    assert sent == [
        "olo: started by ana\nolo: run again by ben olo: started by eve\nSee #3.",
        "olo: started by ana\nolo: run again by ben olo: started by eve\nolo: cancelled by zoe\nSee #3.",
    ]
    assert (found.state, found.user, found.cancelled_by) == ("cancelled", "ana", "zoe")
    run["note"] = "x" * 1000
    run["state"] = "running"
    orchestrator.cancel("daily/r1", by="zoe")
    assert sent[-1].startswith("olo: cancelled by zoe\nxxx") and len(sent[-1]) == 1000


@pytest.mark.parametrize("refusal", [None, 403, 404, 500])
def test_a_run_that_ended_tells_what_its_tasks_used_where_the_account_may_see_it(refusal: int | None) -> None:
    run = {**RUN, "state": "running"}
    keys = ["olo_usage:1.500:4096:10", "olo_usage:odd", "return_value"]
    entries = [{"key": key, "dag_id": "daily", "task_id": "load"} for key in keys]

    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if path.endswith("/xcomEntries"):
            told = {"xcom_entries": entries, "total_entries": len(entries)}
            return httpx.Response(refusal or 200, json={"detail": "no"} if refusal else told)
        if path.endswith("/taskInstances"):
            tasks = [{"task_id": name, "state": "success"} for name in ("load", "check")]
            return httpx.Response(200, json={"task_instances": tasks, "total_entries": 2})
        return httpx.Response(200, json=run)

    fake = Fake(answer)
    orchestrator = AirflowOrchestrator(fake.client(), "prod", "ana")
    orchestrator.run("daily/r1")
    entries_path = "/api/v2/dags/daily/dagRuns/r1/taskInstances/~/xcomEntries"
    assert fake.count("GET", entries_path) == 0, "nothing is told before the end"
    run["state"] = "success"
    if refusal == 500:
        with pytest.raises(AirflowError):
            orchestrator.run("daily/r1")
        return
    tasks = {task.name: task for task in orchestrator.run("daily/r1").tasks}
    used = (tasks["load"].cpu_seconds, tasks["load"].memory_bytes, tasks["load"].bytes_scanned)
    assert used == ((None, None, None) if refusal else (1.5, 4096, 10))
    assert tasks["check"].cpu_seconds is None
    assert fake.count("GET", entries_path) == 1


def test_runs_are_those_of_the_targets_jobs() -> None:
    """Another project or target in the same Airflow has runs, too."""

    def answer(request: httpx.Request) -> Answer:
        path = request.url.path
        if path.endswith("/dags/~/dagRuns/list"):
            body = json.loads(request.content)
            assert body["dag_ids"] == ["mine_a", "mine_b"]
            count = min(body["page_limit"], 250 - body["page_offset"])
            return httpx.Response(200, json={"dag_runs": [{**RUN, "dag_id": "mine_a"}] * count, "total_entries": 250})
        assert (path, request.url.params["tags"]) == ("/api/v2/dags", "target:prod")
        dags = [{"dag_id": name, "is_paused": False} for name in ("mine_b", "mine_a", "other_a")]
        return httpx.Response(200, json={"dags": dags, "total_entries": 3})

    orchestrator = AirflowOrchestrator(Fake(answer).client(), "prod", "ana", prefix="mine_")
    assert [len(orchestrator.runs(limit=limit)) for limit in (20, 120, 1000)] == [20, 120, 250]
    assert {run.job for run in orchestrator.runs()} == {"a"}
