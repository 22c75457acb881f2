"""Notebooks whose artefacts are proved, and twenty artefacts that somebody broke: every one is caught."""
# ruff: noqa: E501 - one case a line

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from olo_converters.options import parse_options
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.promotion.draft import draft
from olo_jupyter.promotion.proof import prepare, verified
from olo_jupyter.promotion.verify import Verification

from .conftest import git
from .notebooks import run

ROWS = 300
TELLING = (15, 16, 26)
"""Delays at the bounds of the notebooks' comparisons: without them the data couldn't tell > from >=, or 15 from 16."""
BASE = "%%olo sql base <<\nSELECT day, origin, delay FROM silver.flights WHERE delay IS NOT NULL"
FRAME = "import pandas as pd\nimport numpy as np\ndf = base.to_pandas().sort_values(['day', 'origin', 'delay'])"
NEW_INDEX = "report = df.groupby('origin', as_index=False)['delay'].mean()"
NOTEBOOKS: dict[str, tuple[str, ...]] = {
    "sql_count": ("%%olo sql report <<\nSELECT origin, count(*) AS n FROM silver.flights GROUP BY origin",),
    "sql_parameter": (
        "limit = 15",
        "%%olo sql report <<\nSELECT day, count_if(delay > :limit) AS late FROM silver.flights GROUP BY day",
    ),
    "sql_window": (
        "%%olo sql report <<\nSELECT origin, day, sum(n) OVER (PARTITION BY origin ORDER BY day) AS so_far\n"
        "FROM (SELECT origin, day, count(*) AS n FROM silver.flights GROUP BY origin, day) AS daily",
    ),
    "sql_earlier_result": (BASE, "%%olo sql report <<\nSELECT origin, max(delay) AS worst FROM base GROUP BY origin"),
    "sql_duplicate_rows": (
        "%%olo sql report <<\nSELECT origin FROM silver.flights UNION ALL SELECT origin FROM silver.flights",
    ),
    "sql_case_and_cast": (
        "%%olo sql report <<\nSELECT CASE WHEN delay > 30 THEN 'late' WHEN delay IS NULL THEN 'unknown' ELSE 'fine' END"
        " AS kind, avg(CAST(delay AS decimal(10, 2))) AS mean, count(*) AS n FROM silver.flights GROUP BY 1",
    ),
    "sql_no_rows": ("%%olo sql report <<\nSELECT day, origin FROM silver.flights WHERE delay > 100000",),
    "sql_script": (
        "%%olo sql\nCREATE OR REPLACE TABLE dev.silver.limits (origin varchar, above integer)",
        "%%olo sql\nINSERT INTO dev.silver.limits VALUES ('EWR', 15), ('JFK', 16)",
        "%%olo sql report <<\nSELECT f.day, count(*) AS n FROM silver.flights f JOIN dev.silver.limits l"
        " ON f.origin = l.origin WHERE f.delay > l.above GROUP BY f.day",
    ),
    "incremental": (
        "%%olo sql report <<\nSELECT day, count(*) AS n, sum(amount) AS total FROM silver.arrivals GROUP BY day",
    ),
    "mean": (BASE, FRAME, NEW_INDEX),
    "merged": (
        BASE,
        FRAME,
        "names = pd.DataFrame({'origin': ['EWR', 'JFK', 'LGA'], 'city': ['Newark', 'New York', 'New York']})",
        "report = df.merge(names, on='origin').groupby('city', as_index=False)['delay'].sum()",
    ),
    "rows_in_a_loop": (
        BASE,
        FRAME,
        "rows = []\nfor origin, part in df.groupby('origin'):\n    rows.append({'origin': origin, 'n': len(part)})",
        "report = pd.DataFrame(rows)",
    ),
    "own_function": (
        BASE,
        FRAME,
        "def share(values, above=20):\n    return float((values > above).mean())",
        "report = pd.DataFrame([{'origin': o, 'share': share(p.delay)} for o, p in df.groupby('origin')])",
    ),
    "own_class": (
        BASE,
        FRAME,
        "class Tally:\n    def __init__(self):\n        self.seen = {}\n    def add(self, key):\n"
        "        self.seen[key] = self.seen.get(key, 0) + 1",
        "tally = Tally()",
        "for key in df['origin']:\n    tally.add(key)",
        "report = pd.DataFrame(sorted(tally.seen.items()), columns=['origin', 'n'])",
    ),
    "seeded_noise": (
        BASE,
        FRAME,
        "rng = np.random.default_rng(7)",
        "shift = rng.normal()",
        "report = df.assign(noisy=df['delay'] + shift + rng.random(len(df)))",
    ),
    "in_place": (
        BASE,
        FRAME,
        "df.drop_duplicates(inplace=True)",
        "df['late'] = df['delay'] > 15",
        "df.loc[df['origin'] == 'EWR', 'delay'] = 0",
        "report = df.reset_index(drop=True)",
    ),
    "closure": (
        BASE,
        FRAME,
        "def numbered():\n    n = 0\n    def step(_):\n        nonlocal n\n        n += 1\n        return n\n    return step",
        "number = numbered()",
        "first = number(None)",
        "report = df.assign(position=[number(v) for v in df['delay']])",
    ),
    "pivoted": (
        BASE,
        FRAME,
        "wide = df.pivot_table(index='day', columns='origin', values='delay', aggfunc='sum', fill_value=0)",
        "report = wide.reset_index().melt(id_vars='day', value_name='delay')",
    ),
    "parameter": (BASE, FRAME, "above = 25", "report = df[df['delay'] > above].reset_index(drop=True)"),
    "out_argument": (
        BASE,
        FRAME,
        "values = df['delay'].to_numpy().astype(float)",
        "scaled = np.empty_like(values)",
        "np.multiply(values, 2.5, out=scaled)",
        "report = df.assign(scaled=scaled)",
    ),
    "polars": (
        BASE,
        "import polars as pl\nframe = base.to_polars()",
        "report = frame.group_by('origin').agg(pl.col('delay').max().alias('worst')).sort('origin')",
    ),
    "text": (
        BASE,
        FRAME,
        "df['label'] = df['origin'].str.lower() + '-' + df['delay'].astype(str)",
        "report = df[['label']].drop_duplicates().reset_index(drop=True)",
    ),
}
OPTIONS = {"sql_window": "unique_key: [origin, day]", "incremental": "unique_key: day\ntime_column: day"}
MODEL, MODULE = "models/gold/report.sql", "src/flights/report.py"
RETURN = "    return report\n"
BROKEN: dict[str, tuple[str, str, str, str]] = {
    "another_comparison": ("sql_parameter", MODEL, "> cast", ">= cast"),
    "another_default": ("sql_parameter", MODEL, "15", "16"),
    "another_aggregate": ("sql_count", MODEL, "count(*)", "count(delay)"),
    "a_lost_row": ("sql_count", MODEL, "group by origin", "group by origin having origin <> 'EWR'"),
    "rows_once": ("sql_duplicate_rows", MODEL, "union all", "union"),
    "another_order_of_columns": ("sql_count", MODEL, "origin, count(*) as n", "count(*) as n, origin"),
    "another_type": ("sql_count", MODEL, "count(*) as n", "cast(count(*) as double) as n"),
    "another_name": ("mean", MODULE, RETURN, "    return report.rename(columns={'delay': 'mean'})\n"),
    "rows_where_none_were": ("sql_no_rows", MODEL, "100000", "10"),
    "one_row_less": ("in_place", MODULE, RETURN, "    return report.iloc[1:]\n"),
    "another_default_of_a_module": ("parameter", MODULE, "above: int = 25", "above: int = 26"),
    "rows_that_cancel": ("parameter", MODULE, RETURN, "    return pd.concat([report.iloc[1:], report.iloc[-1:]])\n"),
    "a_small_difference": ("mean", MODULE, RETURN, "    return report.assign(delay=report['delay'] * (1 + 1e-6))\n"),
    "values_swapped": ("rows_in_a_loop", MODULE, RETURN, "    return report.assign(n=list(report['n'])[::-1])\n"),
    "a_lost_draw": ("seeded_noise", MODULE, "rng.random(len(df))", "np.random.default_rng(7).random(len(df))"),
    "null_for_a_value": ("own_function", MODULE, RETURN, "    return report.assign(share=report['share'].where(report['share'] < 0))\n"),
    "another_case": ("text", MODULE, ".str.lower()", ".str.upper()"),
    "the_newest_day_is_not_read_again": ("incremental", MODEL, "day >= (", "day > ("),
    "appended_twice": ("incremental", MODEL, 'incremental_strategy="merge"', 'incremental_strategy="append"'),
    "it_fails": ("own_class", MODULE, RETURN, "    raise ValueError('broken')\n"),
    "another_table": ("mean", MODULE, "silver.flights", "silver.flights_copy"),
    "it_writes_elsewhere": ("mean", MODULE, "    session.write(", "    session.write('dev.silver.stolen', table)\n    session.write("),
}  # fmt: skip
UNFINISHED = {"it_fails", "another_table", "it_writes_elsewhere"}
"""Broken ones that give no rows to compare."""
ALWAYS = {"closure", "sql_script", "another_default", "incremental", "the_newest_day_is_not_read_again"}
"""What `make test` runs of them; `-m "full or not full"` runs all."""


def cases(names: dict[str, object]) -> list[object]:
    return [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.full) for name in names]


@pytest.fixture(scope="module")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("proof")
    root = folder / "project"
    create(root, Answers("flights", sources={"silver": ("flights",)}))
    git(root, "init", "-q")
    git(root, "config", "user.name", "Ana")
    git(root, "config", "user.email", "ana@example.org")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "chore: start")
    (folder / "lakehouse").mkdir()
    draw = random.Random(3)
    flights = {
        "day": [date(2026, 1, 1) + timedelta(days=draw.randrange(9)) for _ in range(ROWS)],
        "origin": [draw.choice(["EWR", "JFK", "LGA"]) for _ in range(ROWS)],
        "delay": pa.array(
            [*TELLING, *(draw.choice([None, draw.randrange(-10, 90)]) for _ in range(ROWS - len(TELLING)))], pa.int32()
        ),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLO_USER", "ana")
        patch.setenv("OLO_STATE", str(folder / "state"))
        for name in ("OLO_PROJECT", "OLO_PINS", "OLO_CATALOG", "OLO_NAMESPACE"):
            patch.delenv(name, raising=False)
        with Session(load_settings(root)) as session:
            session.catalogs.catalog("dev").create_namespace("silver")
            for table in ("silver.flights", "silver.flights_copy"):
                session.write(table, pa.table(flights))
            for month in (1, 2, 3, 4):  # the last day of a month goes on arriving in the next one's load
                days = [date(2026, month, 1), date(2026, month, 28), date(2026, max(month - 1, 1), 28)]
                arrived = pa.table({"day": days, "amount": pa.array([month, 10 * month, 100], pa.int64())})
                session.write("silver.arrivals", arrived, mode="replace" if month == 1 else "append")
            yield session


def proved(notebook: str, session: Session, folder: Path, broken: tuple[str, str, str] | None = None) -> Verification:
    """The proof of a notebook's ``report`` on a copy of the project; ``broken``: a file, and what to replace in it."""
    root = session.settings.root
    ran = run([(f"c{at}", text) for at, text in enumerate(NOTEBOOKS[notebook])], session, root)
    made = draft(ran.request("report", options=parse_options(OPTIONS.get(notebook, ""))), session, remote=False)
    assert not made.is_stopped, made.findings
    tree = folder / "tree"
    shutil.copytree(root, tree)
    for artefact in made.conversion.artefacts:
        text = artefact.text
        if broken is not None and artefact.path == broken[0]:
            assert broken[1] in text, text
            text = text.replace(broken[1], broken[2])
        (tree / artefact.path).parent.mkdir(parents=True, exist_ok=True)
        (tree / artefact.path).write_text(text)
    proof = prepare(made, made.known.facts.package, {})
    assert proof.expected is not None, proof.reason
    assert not proof.reason
    return verified(tree, proof, made.conversion, (), session)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("notebook", cases(dict(NOTEBOOKS)))
def test_what_a_notebook_gave_its_artefact_gives(notebook: str, lakehouse: Session, tmp_path: Path) -> None:
    done = proved(notebook, lakehouse, tmp_path)
    assert (done.status, done.failed) == ("verified", ()), done.reason
    assert done.comparison is not None
    assert done.comparison.same
    assert len(done.stepped) == (4 if notebook == "incremental" else 0)


@pytest.mark.timeout(900)
def test_an_incremental_model_of_a_table_with_few_snapshots_is_not_verified(lakehouse: Session, tmp_path: Path) -> None:
    NOTEBOOKS["short"] = ("%%olo sql report <<\nSELECT day, count(*) AS n FROM silver.flights GROUP BY day",)
    OPTIONS["short"] = OPTIONS["incremental"]
    try:
        done = proved("short", lakehouse, tmp_path)
    finally:
        del NOTEBOOKS["short"], OPTIONS["short"]
    assert (done.status, done.stepped) == ("unverified", ())
    assert "has 1 snapshots to step through, and 3 are needed" in done.reason


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", cases(dict(BROKEN)))
def test_a_broken_artefact_is_caught(case: str, lakehouse: Session, tmp_path: Path) -> None:
    notebook, *broken = BROKEN[case]
    done = proved(notebook, lakehouse, tmp_path, (broken[0], broken[1], broken[2]))
    assert done.reason
    if done.failed:  # what fails its own tests isn't published; dbt doesn't even build a model whose unit test fails
        assert done.status != "verified"
    else:
        assert done.status == ("unverified" if case in UNFINISHED else "different"), done.reason


def test_there_are_twenty_of_each() -> None:
    assert (len(NOTEBOOKS), len(BROKEN)) == (22, 22)
