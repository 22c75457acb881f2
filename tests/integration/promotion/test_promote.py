"""Promotions from end to end: a real lakehouse, real repositories, real clean processes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from olo_converters.notebook import Notebook
from olo_converters.options import PromoteOptions, parse_options
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.sensitivity import property_name
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.promotion.capture import observed_in
from olo_jupyter.promotion.promote import PromotionRequest, plan, promote
from olo_jupyter.server.promotions import list_promotions

from .conftest import git, snapshot
from .notebooks import Ran, run

DELAYS = (
    "%%olo sql delays <<\n"
    "SELECT day, origin, count(*) AS flights, count_if(delay > :threshold) AS late,\n"
    "       avg(CAST(delay AS decimal(10, 2))) AS average_delay\n"
    "FROM silver.flights GROUP BY day, origin"
)
SCORE = (
    "import pandas as pd\n\n"
    "frame = delays.to_pandas()\n"
    "frame['share'] = frame['late'] / frame['flights']\n"
    "score = frame.sort_values(['day', 'origin']).reset_index(drop=True)"
)
PLAIN = "%%olo sql base <<\nSELECT day, origin, delay FROM silver.flights WHERE delay IS NOT NULL"
MEANS = "import pandas as pd\n\nmeans = base.to_pandas().groupby('origin', as_index=False)['delay'].mean()"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    root = tmp_path / "project"
    create(root, Answers("flights", sources={"silver": ("flights",)}))
    git(tmp_path, "init", "-q", "--bare", "origin.git")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "chore: start")
    git(root, "remote", "add", "origin", "../origin.git")
    git(root, "push", "-q", "-u", "origin", "main")
    monkeypatch.setenv("OLO_USER", "ana")
    monkeypatch.setenv("OLO_STATE", str(tmp_path / "state"))
    for name in ("OLO_PROJECT", "OLO_PINS", "OLO_CATALOG", "OLO_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "lakehouse").mkdir()
    draw = random.Random(7)
    rows = 400
    with Session(load_settings(root)) as opened:
        opened.catalogs.catalog("dev").create_namespace("silver")
        flights = {
            "day": [date(2026, 1, 1) + timedelta(days=draw.randrange(20)) for _ in range(rows)],
            "origin": [draw.choice(["EWR", "JFK", "LGA"]) for _ in range(rows)],
            "delay": pa.array([draw.choice([None, draw.randrange(-10, 90)]) for _ in range(rows)], pa.int32()),
            "tailnum": [f"N{draw.randrange(100, 999)}UA" for _ in range(rows)],
        }
        opened.write("silver.flights", pa.table(flights))
        table = opened.catalogs.load(opened.name("silver.flights"))
        with table.transaction() as change:
            change.set_properties({property_name("tailnum"): "restricted"})
        yield opened


def _root(session: Session) -> Path:
    return session.settings.root


def _committed(session: Session, branch: str) -> dict[str, str]:
    """The files that a promotion's branch adds, by path."""
    root = _root(session)
    names = git(root, "diff", "--name-only", f"main...{branch}").split("\n")
    return {name: git(root, "show", f"{branch}:{name}") for name in names}


@pytest.mark.timeout(900)
def test_a_sql_result_and_a_frame_made_of_it(session: Session) -> None:
    """The whole path: a dbt model, then a module on top of it, both proved, one job, the checkout untouched."""
    root = _root(session)
    (root / "README.md").write_text("edited, not committed\n")
    before = snapshot(root)
    ran = run([("c0", "threshold = 15"), ("c1", DELAYS), ("c2", SCORE)], session, root)
    options = parse_options("unique_key: [day, origin]\nschedule: {cron: '0 6 * * *'}")
    # The table changes after the notebook read it: only at the captured snapshot is the result the same.
    late = {"day": [date(2026, 2, 1)], "origin": ["EWR"], "delay": pa.array([500], pa.int32()), "tailnum": ["N1UA"]}
    session.write("silver.flights", pa.table(late), mode="append")

    model = promote(ran.request("delays", options=options), session)
    assert (model.status, model.succeeded, model.kind) == ("verified", True, "dbt"), model.findings
    assert model.verification is not None
    assert model.verification.failed == ()
    assert any("unique_key" in test for test in model.verification.tests)
    assert any("example_rows" in test for test in model.verification.tests)

    module = promote(ran.request("score"), session)
    assert (module.status, module.succeeded, module.kind) == ("verified", True, "python"), module.findings
    assert module.publication is not None
    assert model.publication is not None
    assert git(root, "rev-parse", f"{module.publication.commit}^") == model.publication.commit

    files = _committed(session, "olo/ana/score")
    evidence = json.loads(files[".olo/evidence/score.json"])
    assert (evidence["status"], evidence["rows"]) == ("verified", len(ran.observed.variables["score"]))
    assert evidence["pins"] == {k: str(v) for k, v in ran.observed.results[0].result.provenance.snapshots.items()}
    assert "EXPECTED" in files["tests/unit/test_score.py"]
    job = files["jobs/delays.yml"]
    assert job.index("select: +delays") < job.index("flights.score:main")
    assert "depends_on" in job
    from_both = "From notebooks/flights.ipynb, cells c0, c1, c2, by olo promote score."
    for path in ("src/flights/score.py", "tests/unit/test_score.py"):
        assert files[path].startswith(f"# {from_both}\n"), files[path]
    from_one = "From notebooks/flights.ipynb, cell c1, by olo promote delays."
    for path in ("models/gold/delays.yml", "jobs/delays.yml"):
        assert files[path].startswith(f"# {from_one}\n"), files[path]
    assert files["models/gold/delays.sql"].startswith(f"-- {from_one}\n")
    assert "From notebooks" not in git(root, "show", "olo/ana/score:models/sources.yml")
    message = git(root, "log", "-1", "--format=%B", model.publication.commit)
    assert message.startswith("feat(gold): promote delays")
    assert "Olo-Verification: verified" in message
    assert snapshot(root) == before
    assert not list((session.settings.state / "verify").iterdir())


@pytest.mark.timeout(600)
def test_keys_and_bounds_are_proposed_and_hold(session: Session) -> None:
    """Proposed from the data at the pins, and run as dbt's tests on what the model gives there."""
    airports = {"origin": ["EWR", "JFK", "LGA", "SFO"], "name": ["Newark", "Kennedy", "LaGuardia", "San Francisco"]}
    session.write("silver.airports", pa.table(airports))
    sql = (
        "SELECT f.day, f.origin, a.name, count(*) AS flights\n"
        "FROM silver.flights f JOIN silver.airports a ON a.origin = f.origin GROUP BY 1, 2, 3"
    )
    ran = run([("c1", f"%%olo sql busy <<\n{sql}")], session, _root(session))
    done = promote(ran.request("busy"), session)
    assert done.status == "verified", done.findings
    text = next(artefact.text for artefact in done.artefacts if artefact.path == "models/gold/busy.yml")
    pin = ran.observed.results[0].result.provenance.snapshots["dev.silver.airports"]
    rows = len(ran.observed.results[0].result)
    assert f"100 % of {rows} rows are found among 4 keys of dev.silver.airports at {pin}" in " ".join(text.split())
    assert done.verification is not None
    assert done.verification.failed == ()
    assert any("relationships" in test for test in done.verification.tests), done.verification.tests
    assert any("olo_range" in test for test in done.verification.tests), done.verification.tests


@pytest.mark.timeout(600)
def test_the_same_promotion_again_changes_nothing(session: Session) -> None:
    ran = run([("c1", PLAIN), ("c2", MEANS)], session, _root(session))
    first, second = (promote(ran.request("means"), session) for _ in range(2))
    assert first.status == second.status == "verified", second.findings
    assert first.publication is not None
    assert second.publication is not None
    assert (first.publication.changed, second.publication.changed) == (True, False)
    assert first.publication.commit == second.publication.commit


@pytest.mark.timeout(600)
def test_a_result_that_the_artefact_does_not_give_is_not_published(session: Session) -> None:
    root = _root(session)
    ran = run([("c1", PLAIN), ("c2", MEANS)], session, root)
    frame = ran.observed.variables["means"].copy()
    frame.loc[0, "delay"] += 1.0  # changed by hand: no cell says so
    ran.observed = replace(ran.observed, variables={**ran.observed.variables, "means": frame})
    done = promote(ran.request("means"), session)
    assert (done.status, done.succeeded, done.publication) == ("different", False, None)
    assert [finding.code for finding in done.findings if finding.severity == "error"] == ["result-differs"]
    assert done.evidence["comparison"]["only_in_notebook"]
    assert git(root, "branch", "--list", "olo/*") == ""
    asked = promote(ran.request("means", publish_different=True), session)
    assert (asked.status, asked.succeeded) == ("different", True)
    assert json.loads(_committed(session, "olo/ana/means")[".olo/evidence/means.json"])["status"] == "different"
    assert asked.publication is not None
    assert "Olo-Verification: different" in git(root, "log", "-1", "--format=%B", asked.publication.commit)


def test_a_plan_writes_nothing(session: Session) -> None:
    root = _root(session)
    ran = run([("c0", "threshold = 15"), ("c1", DELAYS)], session, root)
    before, refs = snapshot(root), git(root, "for-each-ref")
    done = plan(ran.request("delays"), session)
    assert (done.status, done.publication) == ("planned", None), done.findings
    assert "models/gold/delays.sql" in {artefact.path for artefact in done.artefacts}
    model = next(change for change in done.changes if change.path == "models/gold/delays.sql")
    assert (model.before, model.conflict, model.after is not None) == (None, False, True)
    assert (snapshot(root), git(root, "for-each-ref")) == (before, refs)


def test_restricted_values_reach_no_artefact(session: Session) -> None:
    cells = [("c1", "%%olo sql planes <<\nSELECT tailnum AS plane, count(*) AS n FROM silver.flights GROUP BY 1")]
    ran = run(cells, session, _root(session))
    done = plan(ran.request("planes"), session)
    assert done.status == "planned", done.findings
    values = {plane for plane, _ in ran.observed.results[0].result.rows()}
    assert not [value for value in values for artefact in done.artefacts if value in artefact.text]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("%%olo sql x <<\nSELECT day FROM silver.flights WHERE tailnum = '{tail}'", "sensitive-value"),
        ("%%olo sql x <<\nSELECT day, 'AKIA" + "IOSFODNN7EXAMPLE' AS key FROM silver.flights", "secret"),
    ],
)
def test_what_must_not_be_published_stops_the_promotion(session: Session, cell: str, code: str) -> None:
    tail = next(session.sql("SELECT min(tailnum) FROM silver.flights").rows())[0]
    ran = run([("c1", cell.format(tail=tail))], session, _root(session))
    done = promote(ran.request("x"), session)
    assert done.status == "refused"
    assert code in {finding.code for finding in done.findings}
    assert git(_root(session), "branch", "--list", "olo/*") == ""


def test_a_cell_that_was_edited_after_it_ran_is_refused(session: Session) -> None:
    ran = run([("c1", PLAIN), ("c2", MEANS)], session, _root(session))
    edited = tuple(
        replace(cell, source=cell.source.replace("mean()", "max()")) if cell.id == "c2" else cell
        for cell in ran.notebook.cells
    )
    ran.notebook = replace(ran.notebook, cells=edited)
    done = promote(ran.request("means"), session)
    assert (done.status, "edited-after-run" in {f.code for f in done.findings}) == ("refused", True)


@pytest.mark.timeout(600)
def test_a_hand_edited_file_is_merged_and_a_conflict_overwrites_nothing(session: Session, tmp_path: Path) -> None:
    root = _root(session)
    ran = run([("c1", PLAIN), ("c2", MEANS)], session, root)
    assert promote(ran.request("means"), session).succeeded
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "-b", "olo/ana/means", "origin.git", str(clone))
    module = clone / "src/flights/means.py"
    by_hand = module.read_text().replace("groupby(", "groupby(sort=True, by=")
    module.write_text(by_hand)
    git(clone, "commit", "-q", "-am", "fix: by hand")
    git(clone, "push", "-q")

    kept = promote(ran.request("means"), session)
    assert kept.status == "verified", kept.findings
    assert _committed(session, "olo/ana/means")["src/flights/means.py"] == by_hand.rstrip("\n")

    other = run([("c1", PLAIN), ("c2", MEANS.replace("mean()", "max()"))], session, root)
    planned = plan(other.request("means"), session)
    change = next(change for change in planned.changes if change.path == "src/flights/means.py")
    assert (planned.status, change.conflict, change.before) == ("refused", True, by_hand)
    assert "<<<<<<< repository" in str(change.after)
    standing = list_promotions(session.settings, root, host=False).promotions[0]
    assert (standing.name, standing.state, standing.path) == ("means", "pushed", "notebooks/flights.ipynb")
    assert {cell.id: cell.state for cell in standing.cells} == {"c1": "promoted", "c2": "promoted"}
    done = promote(other.request("means"), session)
    assert (done.status, "merge-conflict" in {f.code for f in done.findings}) == ("refused", True)
    marked = [Path(path).read_text() for path in done.conflicts]
    assert len(marked) == 1
    assert "<<<<<<< repository" in marked[0]
    assert "max()" in marked[0]
    assert "sort=True" in marked[0]
    assert _committed(session, "olo/ana/means")["src/flights/means.py"] == by_hand.rstrip("\n")


@pytest.mark.timeout(600)
def test_what_cannot_be_proved_says_so(session: Session) -> None:
    ran = run(
        [("c1", PLAIN.replace("base <<", "base << --limit 10")), ("c2", "import pandas as pd\nx = 1")],
        session,
        _root(session),
    )
    done = promote(ran.request("base", options=PromoteOptions(kind="dbt")), session)
    assert (done.status, done.succeeded) == ("unverified", True)
    assert "--limit" in done.evidence["reason"]
    files = _committed(session, "olo/ana/base")
    assert json.loads(files[".olo/evidence/base.json"])["status"] == "unverified"
    assert files[".olo/evidence/base.md"].startswith("# base: unverified")


def _stored(ran: Ran) -> Notebook:
    """The notebook as its file keeps it: with the outputs that the magics display."""
    from olo_magics.render import result_bundle

    outputs = {}
    for done in ran.observed.results:
        data, metadata = result_bundle(done.result)
        outputs[done.cell] = ({"output_type": "display_data", "data": data, "metadata": metadata},)
    return replace(
        ran.notebook,
        cells=tuple(replace(cell, outputs=outputs.get(cell.id, ())) for cell in ran.notebook.cells),
    )


def test_a_notebook_file_alone_tells_what_its_queries_gave(session: Session) -> None:
    ran = run([("c0", "threshold = 15"), ("c1", DELAYS), ("c2", SCORE)], session, _root(session))
    notebook = _stored(ran)
    known = observed_in(notebook).results
    assert [item.name for item in known] == ["delays"]
    assert known[0].result.provenance.fingerprint == ran.observed.results[0].result.provenance.fingerprint
    assert known[0].result.provenance.snapshots == ran.observed.results[0].result.provenance.snapshots
    done = plan(PromotionRequest("delays", notebook, ran.path), session)
    assert (done.status, done.kind) == ("planned", "dbt"), done.findings
    frame = promote(PromotionRequest("score", notebook, ran.path), session)
    assert (frame.status, frame.succeeded) == ("unverified", True), frame.findings
    assert "live notebook" in frame.evidence["reason"]


@pytest.mark.timeout(900)
def test_a_cell_that_changed_after_its_promotion_is_no_reference(session: Session) -> None:
    """The module takes the cell as it is now and says so; the record and the trailers tell the cells' hashes."""
    root = _root(session)
    first = run([("c1", PLAIN), ("c2", MEANS)], session, root)
    model = promote(first.request("base"), session)
    assert model.publication is not None
    assert "Olo-Sources: c1:" in git(root, "log", "-1", "--format=%B", model.publication.commit)
    assert "gold.base" in "".join(artefact.text for artefact in plan(first.request("means"), session).artefacts)

    changed = run([("c1", PLAIN + " AND delay > 0"), ("c2", MEANS)], session, root)
    planned = plan(changed.request("means"), session)
    assert "promoted-before-change" in [finding.code for finding in planned.findings]
    text = "".join(artefact.text for artefact in planned.artefacts)
    assert "delay > 0" in text
    assert "gold.base" not in text
