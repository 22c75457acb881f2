"""Slices as Python modules: the generated functions give what the notebook gave."""
# ruff: noqa: E501 - one case a line

from __future__ import annotations

import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from olo_converters.capture import Capture, ColumnFact, ObservedValue, ProjectFacts, Promoted
from olo_converters.conversion import Conversion, Example
from tests.unit.converters.notebooks import captured, codes, promoted, text_of

MODULE = "src/project/report.py"
FRAME = Capture(values={"report": ObservedValue("report", "pandas.DataFrame", columns=(ColumnFact("a", "int64"),))})


class FakeResult:
    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def to_pandas(self) -> pd.DataFrame:
        return self.frame.copy()


class FakeSession:
    """Stands in for the lakehouse: the edge of a generated module."""

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        self.tables = tables
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.written: dict[str, pd.DataFrame] = {}

    def sql(self, text: str, *, parameters: dict[str, Any] | None = None) -> FakeResult:
        self.asked.append((text.strip(), parameters or {}))
        return FakeResult(next(frame for name, frame in self.tables.items() if name in text))

    def table(self, name: str) -> FakeResult:
        return FakeResult(self.tables[name])

    def write(self, name: str, frame: pd.DataFrame) -> None:
        self.written[name] = frame


def loaded(conversion: Conversion, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The generated module, with a session of our own at its edge."""
    assert not conversion.is_refused, conversion.findings
    fake = types.ModuleType("olo_jupyter.lakehouse.session")
    fake.Session = types.SimpleNamespace(from_environment=lambda: session)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "olo_jupyter.lakehouse.session", fake)
    module = types.ModuleType("report")
    exec(compile(text_of(conversion, MODULE), MODULE, "exec"), module.__dict__)
    return module


ANALYSIS = (
    "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt",
    "threshold = 2",
    "%%olo sql flights <<\nSELECT a, b FROM silver.flights WHERE a > :threshold",
    "def doubled(values):\n    return values * 2",
    "#md## Clean\n\nClean the flights.",
    "df = flights.to_pandas()\ndf['c'] = doubled(df['a'])\ndf.plot()\nprint(df)",
    "rng = np.random.default_rng(1)\nnoise = rng.normal(size=len(df))",
    "label = '''two\n   lines'''",
    "best = df[df['c'] > threshold]\nplt.hist(best['a'])",
    "report = best.assign(n=len(noise), label=label).reset_index(drop=True)\nreport.head()",
)


def test_the_function_gives_what_the_notebook_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    source = pd.DataFrame({"a": [3, 4, 0], "b": ["x", "y", "z"]})
    session = FakeSession({"silver.flights": source})
    conversion = promoted(*ANALYSIS, capture=FRAME)
    module = loaded(conversion, session, monkeypatch)
    given = source.copy()
    result = module.report(flights=given, threshold=2)
    expected = source.assign(c=source["a"] * 2)
    expected = expected[expected["c"] > 2].assign(n=3, label="two\n   lines").reset_index(drop=True)
    pd.testing.assert_frame_equal(result, expected)
    pd.testing.assert_frame_equal(given, source)  # an argument stays as it was
    module.main()
    pd.testing.assert_frame_equal(session.written["gold.report"], expected)
    assert session.asked == [("SELECT a, b FROM silver.flights WHERE a > :threshold", {"threshold": 2})]
    module.main(threshold=7)
    assert len(session.written["gold.report"]) == 1


def test_an_import_that_only_an_evaluated_text_names_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = ("import math\nimport pandas as pd", "side = eval('math.sqrt(9.0)')", "out = pd.DataFrame({'a': [side]})")
    module = loaded(promoted(*cells, source="out"), FakeSession({}), monkeypatch)
    pd.testing.assert_frame_equal(module.report(), pd.DataFrame({"a": [3.0]}))


def test_display_is_gone_and_steps_are_functions() -> None:
    text = text_of(promoted(*ANALYSIS, capture=FRAME), MODULE)
    for gone in ("plot", "plt", "print", "head", "matplotlib"):
        assert gone not in text
    assert text.count("\ndef ") >= 4
    assert "threshold: int = 2" in text
    assert "Clean the flights." in text
    assert "-> pd.DataFrame:" in text


def test_the_generated_test_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ({"a": 3, "b": "x"}, {"a": 4, "b": "it's"})
    capture = replace(FRAME, results=(captured("c2", "flights", "", "a bigint, b varchar", sample=rows),), values={
        "report": ObservedValue("report", "pandas.DataFrame", columns=tuple(ColumnFact(name) for name in ("a", "b", "c", "n", "label"))),
    })  # fmt: skip
    expected = tuple({**row, "c": row["a"] * 2, "n": 2, "label": "two\n   lines"} for row in rows)
    conversion = promoted(*ANALYSIS, capture=capture, example=Example({"flights": rows}, expected))
    module = loaded(conversion, FakeSession({}), monkeypatch)
    package = types.ModuleType("project")
    monkeypatch.setitem(sys.modules, "project", package)
    monkeypatch.setitem(sys.modules, "project.report", module)
    tests: dict[str, Any] = {}
    exec(compile(text_of(conversion, "tests/unit/test_report.py"), "test_report.py", "exec"), tests)
    tests["test_columns"]()
    tests["test_rows"]()
    tests["EXPECTED"][0]["c"] = 0
    with pytest.raises(AssertionError):
        tests["test_rows"]()


def test_a_promoted_model_is_read_as_a_table() -> None:
    project = ProjectFacts(
        promoted=(Promoted("daily", "dbt", "gold", "c0", "days"),),
        files={
            "jobs/daily.yml": "# by hand\nversion: 1\nname: daily\ntasks:\n  - name: daily  # first\n    dbt: {select: +daily}\n"
        },
    )
    conversion = promoted(
        "%%olo sql days <<\nSELECT * FROM silver.days",
        "report = days.to_pandas()[['a']]",
        capture=FRAME,
        project=project,
    )
    assert 'session.table("gold.daily").to_pandas()' in text_of(conversion, MODULE)
    assert conversion.depends_on == ("daily",)
    job = text_of(conversion, "jobs/daily.yml")
    assert "# by hand" in job
    assert "# first" in job
    assert yaml.safe_load(job)["tasks"][1] == {
        "name": "report", "python": {"function": "project.report:main"}, "depends_on": ["daily"],
    }  # fmt: skip


def test_results_read_by_sql_are_inlined() -> None:
    conversion = promoted(
        "%%olo sql a <<\nSELECT x FROM silver.a", "%%olo sql b <<\nSELECT x, count(*) AS n FROM a GROUP BY x",
        "report = b.to_pandas().head(3)", capture=FRAME,
    )  # fmt: skip
    assert [one.key for one in conversion.inputs] == ["b"]
    assert conversion.inputs[0].sql.startswith("with\na as (\nSELECT x FROM silver.a\n)")


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        (("import pandas as pd\nreport = pd.DataFrame({'a': [x]})",), "undefined-name"),
        (("%%olo sql q <<\nSELECT 1 AS a", "n = len(q.rows())", "%%olo sql r <<\nSELECT :n AS n", "report = r.to_pandas()"), "unsupported-construct"),
        (("%%olo sql\nINSERT INTO gold.t VALUES (1)", "%%olo sql r <<\nSELECT a FROM gold.t", "report = r.to_pandas()"), "unsupported-construct"),
        (("import asyncio", "report = await asyncio.sleep(0, 1)"), "unsupported-construct"),
        (("n = 0\ndef bump():\n    global n\n    n += 1\n    return n", "report = [bump(), n]"), "unsupported-construct"),
        (("files = !ls", "report = files"), "unsupported-construct"),
        (("report = input()",), "user-input"),
    ],
)  # fmt: skip
def test_what_has_no_same_meaning_is_refused(sources: tuple[str, ...], code: str) -> None:
    conversion = promoted(*sources, capture=FRAME)
    assert code in codes(conversion), conversion.findings
    assert conversion.artefacts == ()


def test_a_series_is_refused_with_the_way_out() -> None:
    capture = Capture(values={"report": ObservedValue("report", "pandas.Series")})
    conversion = promoted("import pandas as pd\nreport = pd.Series([1])", capture=capture)
    finding = next(one for one in conversion.findings if one.code == "no-frame")
    assert "to_frame()" in finding.hint


def test_requirements_are_pinned_and_others_stay() -> None:
    capture = replace(FRAME, packages={"pandas": "3.1.1"}, modules={"pandas": "pandas"})
    project = ProjectFacts(files={"requirements.txt": "# ours\nrequests==2.0"})
    conversion = promoted("import pandas as pd\nreport = pd.DataFrame({'a': [1]})", capture=capture, project=project)
    assert text_of(conversion, "requirements.txt") == "# ours\nrequests==2.0\npandas==3.1.1\n"


@pytest.mark.parametrize(
    ("sources", "given", "expected"),
    [
        # a helper that uses a parameter stays inside the step that calls it
        (("rate = 3", "def scaled(v):\n    return v * rate", "%%olo sql q <<\nSELECT a FROM silver.q", "report = q.to_pandas().assign(a=lambda d: scaled(d['a']))"), [1, 2], [3, 6]),
        # a cell that changes another's object in place stays with it
        (("%%olo sql q <<\nSELECT a FROM silver.q", "df = q.to_pandas()", "k = 10", "df['a'] = df['a'] + k", "other = df", "other['a'] *= 2", "report = df"), [1, 2], [22, 24]),
        # names bound on one way only
        (("%%olo sql q <<\nSELECT a FROM silver.q", "df = q.to_pandas()", "flag = False", "if flag:\n    df = df.head(1)", "report = df"), [1, 2], [1, 2]),
        # random draws that are lost elsewhere
        (("import numpy as np\nimport pandas as pd", "%%olo sql q <<\nSELECT a FROM silver.q", "np.random.seed(0)", "first = np.random.randint(0, 9, 2)", "second = np.random.randint(0, 9, 2)", "report = q.to_pandas().assign(a=second)"), [1, 2], [3, 3]),
        # strings over several lines keep their inside, byte columns are no characters
        (("%%olo sql q <<\nSELECT a FROM silver.q", "x = 'ä漢'; report = q.to_pandas(); y = 2", "report = report.assign(a=report['a'] + len(x))"), [1, 2], [3, 4]),
        # a comprehension's name is not the notebook's
        (("i = 7", "%%olo sql q <<\nSELECT a FROM silver.q", "parts = [i * 0 for i in range(2)]", "report = q.to_pandas().assign(a=lambda d: d['a'] + i + sum(parts))"), [1, 2], [8, 9]),
        # recursion and helpers of helpers go to the module
        (("def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)", "def twice(n):\n    return 2 * fact(n)", "%%olo sql q <<\nSELECT a FROM silver.q", "report = q.to_pandas().assign(a=lambda d: d['a'].map(twice))"), [1, 3], [2, 12]),
    ],
)  # fmt: skip
def test_values(
    sources: tuple[str, ...], given: list[int], expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession({"silver.q": pd.DataFrame({"a": given})})
    module = loaded(promoted(*sources, capture=FRAME), session, monkeypatch)
    module.main()
    assert session.written["gold.report"]["a"].tolist() == expected


CHECKED = (
    "import numpy as np",
    "%%olo sql flights <<\nSELECT a FROM silver.flights",
    "low = 1\nflights_df = flights.to_pandas()\nassert flights_df.a.notna().all()\nreport = flights_df[flights_df['a'] > low].reset_index(drop=True)",
)


def generated_tests(conversion: Conversion, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The generated test module's names, over the generated module."""
    module = loaded(conversion, FakeSession({}), monkeypatch)
    monkeypatch.setitem(sys.modules, "project", types.ModuleType("project"))
    monkeypatch.setitem(sys.modules, "project.report", module)
    tests: dict[str, Any] = {}
    exec(compile(text_of(conversion, "tests/unit/test_report.py"), "test_report.py", "exec"), tests)
    return tests


def test_asserts_about_the_target_become_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ({"a": 3}, {"a": 0})
    capture = replace(FRAME, results=(captured("c1", "flights", "", "a bigint", sample=rows),))
    conversion = promoted(
        *CHECKED,
        "assert report.a.min() > low, f'low: {report.a.min()}'\nassert len(report)",
        "assert np.isfinite(report['a']).all()",
        capture=capture,
        example=Example({"flights": rows}, ({"a": 3},)),
    )
    tests = generated_tests(conversion, monkeypatch)
    text = text_of(conversion, "tests/unit/test_report.py")
    assert "assert report.a.min() > low, f'low: {report.a.min()}'" in text.replace('"', "'")
    assert [name for name in tests if name.startswith("test_check")] == ["test_check_1", "test_check_2", "test_check_3"]
    for name in ("test_check_1", "test_check_2", "test_check_3"):
        tests[name]()
    with pytest.raises(AssertionError, match="low: 0"):
        tests["check_1"](pd.DataFrame({"a": [0]}))
    assert "check-not-tested" not in codes(conversion)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("assert len(report) == 1234", "all rows"),
        ("assert report.a.sum() > 100", "all rows"),
        ("assert len(report) == len(flights_df)", "all rows"),
        ("assert report.a.max() <= flights_df.a.max()", "uses flights_df"),
        ("assert report.a.min() > 1\nreport['b'] = 1", "another value"),
        ("def good(frame):\n    return True\nassert good(report)", "uses good"),
        ("assert (worst := report.a.min()) > 1", "more than compare"),
    ],
)
def test_asserts_that_cannot_be_tests_are_told(cell: str, why: str) -> None:
    rows = ({"a": 3}, {"a": 0})
    capture = replace(FRAME, results=(captured("c1", "flights", "", "a bigint", sample=rows),))
    conversion = promoted(*CHECKED, cell, capture=capture, example=Example({"flights": rows}, ({"a": 3},)))
    told = [one for one in conversion.findings if one.code == "check-not-tested"]
    assert len(told) == 1
    assert why in told[0].message
    assert (told[0].cell, told[0].severity) == ("c3", "info")
    assert "check_1" not in text_of(conversion, "tests/unit/test_report.py")


def test_asserts_wait_for_rows_and_never_show_restricted_values() -> None:
    rows = ({"a": 3},)
    capture = replace(FRAME, results=(captured("c1", "flights", "", "a bigint", sample=rows),))
    conversion = promoted(*CHECKED, "assert report.a.min() > 1", capture=capture)
    assert "check-not-tested" in codes(conversion)
    secret = replace(
        capture,
        values={
            "report": ObservedValue("report", "pandas.DataFrame", columns=(ColumnFact("a", "int64", "", ("pii",)),))
        },
    )
    cell = "assert (report['a'] != 4711).all()"
    conversion = promoted(*CHECKED, cell, capture=secret, example=Example({"flights": rows}, rows))
    assert any("restricted" in one.message for one in conversion.findings)
    assert all("4711" not in artefact.text for artefact in conversion.artefacts)


HELPERS = (
    "from dataclasses import dataclass\nimport pandas as pd",
    "@dataclass\nclass Band:\n    low: float\n    def holds(self, value, /, *, open=False):\n        return value > self.low if open else value >= self.low\n    @staticmethod\n    def of(text):\n        return Band(float(text))",
    "def counted(*values, start=0, **named):\n    def one(value):\n        return value + start\n    return [one(value) for value in values]",
    "%%olo sql flights <<\nSELECT a FROM silver.flights",
    "df = flights.to_pandas()",
    "rows = []\nseen = {}\nkinds = set()\ndef note(value):\n    found = dict()\n    found['a'] = value\n    found = list(found)\n    return found",
    "for value in df['a']:\n    rows.append(note(value))\n    seen.setdefault(value, []).append(1)\n    kinds.add(value)",
    "df['n'] = len(rows) + len(seen) + len(kinds)",
    "band = Band.of('1')\nreport = df[df['a'].map(lambda value: band.holds(value))].assign(n=counted(3)[0])",
)


def test_the_module_and_its_tests_are_clean_for_mypy(tmp_path: Path) -> None:
    for cells, query in ((ANALYSIS, "c2"), (HELPERS, "c3")):
        rows = ({"a": 3, "b": "x"}, {"a": 0, "b": "z"})
        ran = captured(query, "flights", "", "a bigint, b varchar", sample=rows)
        seen = {name: ObservedValue(name, "pandas.DataFrame") for name in ("df", "best")}
        conversion = promoted(*cells, capture=replace(FRAME, results=(ran,), values={**FRAME.values, **seen}))
        assert not conversion.is_refused, conversion.findings
        folder = tmp_path / str(len(cells))
        for artefact in conversion.artefacts:
            path = folder / artefact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artefact.text, encoding="utf-8")
        config = folder / "mypy.ini"
        config.write_text(
            "[mypy]\nstrict = true\nmypy_path = src\n"
            "[mypy-olo_jupyter.*,matplotlib.*,numpy.*]\nfollow_imports = skip\nignore_missing_imports = true\n"
        )
        words = [
            sys.executable,
            "-m",
            "mypy",
            "--cache-dir",
            str(tmp_path / "cache"),
            "--config-file",
            str(config),
            "src",
            "tests",
        ]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=250, check=False)
        assert done.returncode == 0, done.stdout


def test_a_module_that_the_notebook_writes_goes_along() -> None:
    conversion = promoted("%%writefile score.py\ndef up(x):\n    return x + 1", "import score\nreport = [score.up(1)]")
    assert not conversion.is_refused
    assert "def up(x)" in text_of(conversion, "src/score.py")
    assert "import score" in text_of(conversion, MODULE)


@pytest.mark.parametrize("line", ["%%writefile -a score.py", "%%writefile json.py"])
def test_a_file_that_is_no_module_of_its_own_is_refused(line: str) -> None:
    assert promoted(f"{line}\ndef up(x):\n    return x + 1", "import score, json\nreport = [score.up(1)]").is_refused


def test_a_number_is_told_to_be_no_table_and_its_test_holds() -> None:
    conversion = promoted("xs = [1, 2]", "worst = len(xs)", name="worst")
    assert "not-a-table" in codes(conversion)
    assert not conversion.is_refused
    assert "assert result() is not None" in text_of(conversion, "tests/unit/test_worst.py")


def test_steps_are_told_by_what_they_do_and_a_description_once() -> None:
    conversion = promoted(
        "#md Load the orders.",
        "import pandas as pd\norders = pd.DataFrame({'a': [1, 2]})",
        "orders['b'] = 1",
        "big = orders[orders.a > 1]",
        name="large",
        source="big",
    )
    text = text_of(conversion, "src/project/large.py")
    assert (
        text.count("Load the orders.") == text.count('"""Load the orders. (Notebook cell c1.)"""') + 2
    )  # module, entry
    assert "def update_orders(" in text
    assert '"""Update orders. (Notebook cell c2.)"""' in text
    assert '"""Compute big from orders. (Notebook cell c3.)"""' in text


def test_a_session_of_the_notebook_is_no_lakehouse() -> None:
    conversion = promoted(
        "from sqlalchemy.orm import Session", "opened = Session()", "rows = list(opened)", name="report", source="rows"
    )
    text = text_of(conversion, "src/project/report.py")
    assert "from olo_jupyter.lakehouse.session import Session as LakehouseSession" in text
    assert "session = LakehouseSession.from_environment()" in text
    assert "from sqlalchemy.orm import Session" in text


def test_a_function_that_is_handed_on_sees_what_its_names_are_later() -> None:
    conversion = promoted(
        "handlers = []\nk = 2",
        "handlers.append(lambda x: x * k)",
        "k = 10",
        "v = [one(3) for one in handlers]",
        name="report",
        source="v",
    )
    names: dict[str, Any] = {"__name__": "report"}
    exec(text_of(conversion, "src/project/report.py"), names)
    assert names["report"]() == [30]


def test_a_step_that_gives_nothing_ends_without_a_return_and_keeps_no_unused_name() -> None:
    cells = (
        "import pandas as pd\ncalls = []\ndef keep(x):\n    calls.append(x)\n    return x",
        "kept = pd.Series([1, 2]).map(keep)",
        "out = pd.DataFrame({'a': calls})",
    )
    text = text_of(promoted(*cells, source="out"), MODULE)
    assert "return None" not in text
    assert "kept" not in text
    assert "\n    pd.Series([1, 2]).map(" in text


def test_an_import_of_what_the_notebook_writes_is_refused() -> None:
    cells = ("open('made_here.py', 'w').write('K = 5')", "import made_here", "out = made_here.K + 1")
    conversion = promoted(*cells, source="out")
    assert conversion.is_refused
    assert any("writes while it runs" in one.message for one in conversion.findings)
