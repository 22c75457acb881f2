"""Job files: the design's example is read, and each mistake is named at its place."""

import pytest

from olo_jobs.load import SpecError, load_job, parse_job
from olo_jobs.schema import json_schema

EXAMPLE = """\
version: 1
name: daily_delays
owner: ana
schedule: {cron: "0 6 * * *", timezone: UTC}
parameters: {day: {type: date, default: "{{ logical_date }}"}}
retries: {attempts: 3, backoff: exponential, initial: 30s, max: 10m}
sla: 30m
notify: {on_failure: [{slack: data-alerts}, {email: team@example.org}]}
tasks:
  - name: delays
    dbt: {select: "+daily_delays"}
    resources: small
  - name: score
    python: {function: "delays.score:main", arguments: {day: "{{ day }}"}}
    depends_on: [delays]
"""


def test_example_is_read() -> None:
    job = parse_job(EXAMPLE)
    assert job.order() == ["delays", "score"]
    assert job.tasks[1].kind == "python"


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ("owner: ana", "ownr: ana", 3, 1, "Did you mean 'owner'"),
        ("name: delays\n", "name: Delays!\n", 10, 11, "is not a name"),
        ("depends_on: [delays]", "depends_on: [delay]", 15, 18, "'delay', which is no task"),
        ("initial: 30s", "initial: soon", 6, 55, "not a duration"),
        ("{{ day }}", "{{ dya }}", 14, 62, "{{ dya }} is no parameter"),
        ("timezone: UTC", "timezone: Mars", 4, 41, "not a time zone"),
        ("version: 1\n", "", 1, 1, "version is missing"),
        ("sla: 30m", "sla: 30m\nsla: 40m", 8, 1, "twice"),
        ("sla: 30m", "sla: [30m", 8, 1, ""),
        ('select: "+daily_delays"', "selct: x", 11, 11, "Did you mean 'select'"),
    ],
)
def test_mistake_is_named_at_its_place(old: str, new: str, line: int, column: int, words: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(SpecError) as caught:
        parse_job(EXAMPLE.replace(old, new), "jobs/daily_delays.yml")
    problem = caught.value.problems[0]
    assert words in str(problem)
    if words:
        assert (problem.line, problem.column) == (line, column)


def test_all_problems_of_a_file_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        parse_job("version: 2\nname: x y\ntasks: []\n")
    assert len(caught.value.problems) == 3


def test_circle_is_refused() -> None:
    task = "- {{name: {0}, shell: {{command: [ls]}}, depends_on: [{1}]}}\n"
    text = "version: 1\nname: a\ntasks:\n" + task.format("x", "y") + task.format("y", "x")
    with pytest.raises(SpecError, match="circle"):
        parse_job(text)


def test_file_name_is_the_job_name(tmp_path) -> None:
    path = tmp_path / "other.yml"
    path.write_text(EXAMPLE)
    with pytest.raises(SpecError, match=r"daily_delays\.yml"):
        load_job(path)
    with pytest.raises(SpecError, match="can't be read"):
        load_job(tmp_path / "none.yml")


def test_schema_names_the_keys() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert {"version", "name", "tasks"} <= set(schema["required"])
