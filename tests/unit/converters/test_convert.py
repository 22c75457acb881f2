"""One promotion as a whole: kinds, targets, clashes, jobs, and input that nobody expects."""
# ruff: noqa: E501 - one case a line

from __future__ import annotations

import time

import pytest
import yaml

from olo_converters.capture import KnownModel, ProjectFacts
from olo_converters.findings import catalogue
from olo_converters.graph import build_graph
from olo_converters.slice import slice_for
from olo_jobs.load import parse_job
from tests.unit.converters.notebooks import codes, notebook, promoted, text_of

SQL = "%%olo sql days <<\nSELECT a FROM silver.days"


def test_auto_picks_dbt_for_sql_and_python_for_the_rest() -> None:
    assert promoted(SQL, name="days").kind == "dbt"
    assert promoted(SQL, "df = days.to_pandas()", name="df_table", source="df").kind == "python"
    assert promoted(SQL, name="days", options="kind: python").is_refused
    assert promoted(SQL, "df = days.to_pandas()", name="df_table", source="df", options="kind: dbt").is_refused


def test_the_target_is_named_or_of_that_name_or_the_result_above() -> None:
    assert promoted(SQL, "report = days.to_pandas()", "%olo promote report").kind == "python"
    above = promoted(SQL, "%%olo sql\nSELECT b FROM silver.other", "%olo promote report", at="c2")
    assert above.cells == ("c1",)
    assert "target-missing" in codes(promoted("x = 1", name="report"))
    near = promoted(SQL, name="report", source="dayz")
    assert near.findings[0].hint == "Did you mean days?"


@pytest.mark.parametrize("name", ["select", "../x", "Weird", ""])
def test_bad_names_are_findings(name: str) -> None:
    assert codes(promoted(SQL, name=name)) == {"bad-name"}


def test_clashes_are_refused() -> None:
    files = {"models/gold/report.sql": "select 1", "src/project/df_table.py": ""}
    project = ProjectFacts(files=files, models=(KnownModel("days", "silver", "days_table"),))
    assert "name-clash" in codes(promoted(SQL, name="report", project=project))
    assert "name-clash" in codes(promoted(SQL, "df = days.to_pandas()", name="df_table", source="df", project=project))
    assert "name-clash" in codes(promoted(SQL, name="days", project=project))


def test_job_specs_are_valid() -> None:
    conversion = promoted(SQL, name="days", options="owner: ana\ntags: [x]\nschedule: {every: 1h}")
    job = parse_job(text_of(conversion, "jobs/days.yml"))
    assert (job.owner, job.tasks[0].kind) == ("ana", "dbt")


def test_an_existing_job_keeps_what_people_wrote() -> None:
    text = "version: 1\nname: days\nsla: 30m  # agreed\ntasks:\n  - name: days\n    dbt: {select: 'days+'}\n    timeout: 5m\n"
    project = ProjectFacts(files={"jobs/days.yml": text})
    edited = text_of(promoted(SQL, name="days", project=project), "jobs/days.yml")
    assert "# agreed" in edited
    assert yaml.safe_load(edited)["tasks"] == [{"name": "days", "dbt": {"select": "days+"}, "timeout": "5m"}]
    broken = ProjectFacts(files={"jobs/days.yml": "tasks: 5"})
    assert "yaml" in codes(promoted(SQL, name="days", project=broken))


@pytest.mark.parametrize(("given", "told"), [("{least: 9}", True), ("{other: 9}", False)])
def test_a_job_that_gives_a_parameter_its_own_value_is_told(given: str, told: bool) -> None:
    cells = ("least = 5", "%%olo sql days <<\nSELECT a FROM silver.days WHERE a > :least")
    task = f"version: 1\nname: days\ntasks:\n  - name: days\n    dbt: {{select: +days, vars: {given}}}\n"
    made = promoted(*cells, name="days", project=ProjectFacts(files={"jobs/days.yml": task}))
    assert ("job-gives-values" in codes(made)) == told
    python = "version: 1\nname: df_table\ntasks:\n  - name: df_table\n    python: {function: 'project.df_table:main', arguments: %s}\n"
    project = ProjectFacts(files={"jobs/df_table.yml": python % given})
    made = promoted(*cells, "df = days.to_pandas()", name="df_table", source="df", project=project)
    assert made.kind == "python"
    assert ("job-gives-values" in codes(made)) == told


def test_every_code_that_is_used_is_catalogued() -> None:
    assert all(entry.means.endswith(".") for entry in catalogue().values())


ODD = [
    "",
    "   ",
    "%%",
    "%",
    "!",
    "?",
    "%%olo",
    "%%olo nope",
    "%%olo sql --nope\nselect 1",
    "%%olo promote\n",
    "%%olo promote x\n: :",
    "%%nosuchmagic\nx = 1",
    "%nosuchmagic",
    "print 'python 2'",
    "exec 'x = 1'",
    "type X = int",
    "def f[T](x: T) -> T: return x",
    "x = " + "(" * 3000 + ")" * 3000,
    "x = " + "-" * 5000 + "1",
    "x = " + " + ".join(["1"] * 5000),
    "x = '''" + "a" * 100_000 + "'''",
    "match x:\n    case {'a': 1, **rest}: pass",
    "x = f'{y!r:>{w}} {{}}'",
    "async for x in y: pass",
    "\ufeffx = 1",
    "x = 1\\",
    "'''open",
    "    x = 1\n    y = 2",
    "lambda: (yield)",
    "class A(A): pass",
    "def f(): return f()\nf()",
    "x = x",
    "del nothing",
    "import a.b.c as d, e.f",
    "from . import x",
    "from __future__ import annotations",
    "%%sql res <<\nselect * from x; drop table y",
    "x = %sql select 1",
    "x = !ls *.csv",
    "df?",
    "?df.head",
    "%%bash\nrm -rf /",
    "%cd /tmp\n%env A=1",
    "%run other.ipynb",
    "get_ipython().run_line_magic('time', 'x = 1')",
    "select 1",
    "%%olo sql\n" + "select " + "(" * 2000 + "1" + ")" * 2000,
    "%%olo sql\nselect 'unterminated",
    "%%olo sql x <<\nselect :",
    "%%olo sql x <<\n{{ }}",
    "%%olo sql x <<\n{{ a | ident }} {{ b | upper }}",
    "%%R\nx <- 1",
    "\x0c\nx = 1",
    "x: int",
    "a = b = c = []",
    "[x, *y] = z = [1, 2]",
    "for i in i: i = i",
    "with a as (b, c), d: pass",
    "try:\n    pass\nexcept* ValueError as e:\n    raise",
    "global x; x = 1",
    "nonlocal x",
    "return 5",
    "await x",
    "@d\nclass A: x = [i for i in range(3)]",
]


@pytest.mark.parametrize("source", ODD)
def test_odd_cells_never_raise(source: str) -> None:
    for sources in ((source,), ("import pandas as pd\nx = y = z = 1", source, "report = pd.DataFrame({'a': [x]})")):
        conversion = promoted(*sources)
        assert conversion.findings or conversion.artefacts


def test_odd_cells_together() -> None:
    conversion = promoted(*ODD, "import pandas as pd\nreport = pd.DataFrame({'a': [1]})")
    assert conversion.is_refused


def test_a_hundred_cells_are_planned_in_half_a_second() -> None:
    cells = ["import pandas as pd", "df = pd.DataFrame({'a': [1, 2]})"]
    cells += [f"df['c{n}'] = df['a'] * {n}\nprint(df.head())\nx{n} = df.groupby('a').sum()" for n in range(98)]
    book = notebook(*cells)
    began = time.process_time()
    slice_for(build_graph(book), "df")
    assert time.process_time() - began < 3.0  # the goal is 0.5 s on an idle machine


def test_ten_thousand_cells_end() -> None:
    cells = [f"x{n} = x{n - 1} + [1]" if n else "x0 = [0]" for n in range(10_000)]
    began = time.process_time()
    cut = slice_for(build_graph(notebook(*cells)), "x9999")
    assert len(cut.cells) == 10_000
    assert time.process_time() - began < 60
