"""The published JSON Schema says of files what the loader says: good ones pass both, badly formed ones neither."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from olo_jobs.document import parse_document
from olo_jobs.load import SpecError, parse_job
from olo_jobs.reference import written
from olo_jobs.schema import json_schema, target_schema

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

FULL = """\
version: 1
name: everything
description: All that a job may say
owner: ana
tags: [a, b]
schedule: {cron: "0 6 * * mon-fri", timezone: Europe/Berlin, start: "2026-01-31", catchup: true}
parameters:
  day: {type: date, default: "{{ logical_date }}", description: The day}
  size: {type: integer, default: 3, minimum: 1, maximum: 9}
  kind: {enum: [a, b], default: a}
retries: {attempts: 3, backoff: constant, initial: 10s, max: 1h30m, jitter: false}
timeout: 1h
sla: 30m
max_active_runs: 2
notify:
  on_start: [{teams: {secret: teams-webhook}}]
  on_success: [{webhook: {url: "https://example.org/hook", headers: {X-Key: {secret: key}}}}]
  on_failure: [{slack: data-alerts}, {slack: {channel: ops, secret: slack-ops}}, {pagerduty: {secret: pd, severity: critical}}]
  on_retry: [{email: [a@example.org, b@example.org]}]
  on_sla_miss: [{email: a@example.org}, {webhook: {url: {secret: hook}}}]
resources: small
tasks:
  - {name: models, dbt: {command: build, select: "+m", exclude: n, full_refresh: true, vars: {day: "{{ day }}"}}}
  - {name: clean, sql: {file: queries/clean.sql, parameters: {day: "{{ day }}"}}, depends_on: [models]}
  - {name: inline, sql: {text: "SELECT 1"}}
  - name: score
    python: {function: "shop.score:main", arguments: {day: "{{ day }}"}, requirements: requirements.txt}
    env: {MODE: fast, TOKEN_OF: {secret: api-token}}
    retries: {attempts: 2}
    timeout: 10m
    resources: {cpu: 0.5, memory: 2Gi, spark_conf: {a: b}, trino_resource_group: global.etl, pool: etl, slots: 2}
  - {name: big, spark: {application: scripts/a.py, arguments: ["{{ day }}"], conf: {a: b}, packages: ["a:b:1"], py_files: [x.py]}}
  - {name: script, shell: {command: "echo ${HOME}"}}
  - {name: call, http: {url: "https://example.org", method: POST, json: {day: "{{ day }}"}, params: {a: 1}, status: [200, 202]}}
targets:
  prod:
    retries: {attempts: 5}
    sla: null
    schedule: {every: 1h, cron: null}
    tasks: [{name: score, resources: large}, {name: script, shell: {command: [ls]}}]
"""  # noqa: E501


def test_the_schema_is_one() -> None:
    for schema in (SCHEMA, target_schema()):
        Draft202012Validator.check_schema(schema)


def test_a_job_that_says_everything_passes_both() -> None:
    job = parse_job(FULL)
    assert VALIDATOR.is_valid(parse_document(FULL, "a.yml").value), list(
        VALIDATOR.iter_errors(parse_document(FULL, "a.yml").value)
    )
    again = job.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert VALIDATOR.is_valid(again)
    assert parse_job(json.dumps(again)).model_dump() == job.model_dump()


def test_every_key_is_described_for_editors() -> None:
    for definition in (SCHEMA, *SCHEMA["$defs"].values()):
        for name, key in definition.get("properties", {}).items():
            assert key.get("description"), (definition["title"], name)


WRONG: list[tuple[list[str | int], Any]] = [
    (["version"], 2),
    (["version"], "1"),
    (["name"], "Bad Name"),
    (["name"], 5),
    (["nmae"], "x"),
    (["tags"], "a"),
    (["timeout"], "soon"),
    (["timeout"], 60),
    (["schedule", "crn"], "x"),
    (["schedule", "every"], "1h"),
    (["schedule"], {}),
    (["schedule", "catchup"], "yes"),
    (["schedule", "on_update"], []),
    (["parameters", "day", "type"], "datum"),
    (["parameters", "Day"], {}),
    (["retries", "attempts"], 0),
    (["retries", "attempts"], "3"),
    (["retries", "backoff"], "linear"),
    (["retries", "initial"], "-5s"),
    (["max_active_runs"], 0),
    (["notify", "on_failure", 0], {}),
    (["notify", "on_failure", 0, "email"], "a@b.c"),
    (["notify", "on_failure", 0, "slack"], "https://hooks"),
    (["notify", "on_fail"], []),
    (["notify", "on_retry", 0, "email"], "nobody"),
    (["resources"], 3),
    (["resources"], {"cpu": -1}),
    (["resources"], {"memory": "lots"}),
    (["tasks"], []),
    (["tasks", 0], {"name": "x"}),
    (["tasks", 0, "sql"], {"text": "select 1"}),
    (["tasks", 0, "dbt", "command"], "compile"),
    (["tasks", 1, "sql", "text"], "select 1"),
    (["tasks", 1, "sql"], {}),
    (["tasks", 3, "python", "function"], "nothing"),
    (["tasks", 3, "env", "MODE"], 5),
    (["tasks", 3, "env", "1A"], "x"),
    (["tasks", 3, "env", "TOKEN_OF"], {"secrt": "x"}),
    (["tasks", 3, "timeout"], "ten"),
    (["tasks", 3, "depends_on"], "clean"),
    (["tasks", 5, "shell", "command"], []),
    (["tasks", 6, "http", "url"], "ftp://example.org"),
    (["tasks", 6, "http", "method"], "get"),
    (["tasks", 6, "http", "status"], [99]),
    (["targets", "prod", "name"], "x"),
    (["targets", "prod", "retries", "attempts"], 0),
    (["targets", "prod", "tasks", 0], {"resources": "large"}),
    (["targets", "Prod"], {}),
]


@pytest.mark.parametrize(("place", "value"), WRONG, ids=lambda one: str(one)[:60])
def test_a_badly_formed_job_passes_neither(place: list[str | int], value: Any) -> None:
    values = copy.deepcopy(parse_document(FULL, "a.yml").value)
    here = values
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = value
    with pytest.raises(SpecError):
        parse_job(json.dumps(values))
    assert not VALIDATOR.is_valid(values)


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ({"catalog": "dev"}, True),
        ({"catalog": "dev", "resources": {"small": {"cpu": 1}}, "variables": {"a": 1}, "production": True}, True),
        ({}, False),
        ({"catalog": "dev", "engine": "presto"}, False),
        ({"catalog": "dev", "resources": {"small": {"cpus": 1}}}, False),
        ({"catalog": "dev", "servce_account": "x"}, False),
    ],
)
def test_targets_too(values: dict[str, Any], good: bool) -> None:
    assert Draft202012Validator(target_schema()).is_valid(values) is good


def test_the_reference_in_the_docs_is_of_these_models() -> None:
    page = (Path(__file__).parents[3] / "docs" / "jobs.md").read_text(encoding="utf-8")
    assert written(page) == page, "python -m olo_jobs.reference docs/jobs.md"
