"""Secrets are found, not repeated, and what the project knows or already has isn't reported."""

from __future__ import annotations

import hashlib
import json

import pytest

from olo_converters.artefact import Artefact
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.secrets_gate import secrets

KEY = "AKIA" + "IOSFODNN7EXAMPLE"
PATH = "src/flights/score.py"


def test_a_secret_is_found_and_not_repeated() -> None:
    found = secrets([Artefact("src/flights/score.py", f'x = 1\nkey = "{KEY}"\n', "module")])
    assert {finding.code for finding in found} == {"secret"}
    assert "src/flights/score.py:2" in found[0].message
    assert all(KEY not in finding.message + finding.hint for finding in found)


def test_ordinary_models_hold_no_secrets() -> None:
    text = "select carrier, count(*) as flights from {{ source('silver', 'flights') }} where delay > 15 group by 1\n"
    assert secrets([Artefact("models/gold/a.sql", text, "model")]) == []


def test_what_the_baseline_knows_is_no_news() -> None:
    known = {"type": "AWS Access Key", "hashed_secret": hashlib.sha1(KEY.encode()).hexdigest(), "line_number": 1}
    baseline = {"version": "1.5.0", "plugins_used": [{"name": "AWSKeyDetector"}], "results": {PATH: [known]}}
    artefact = Artefact(PATH, f'key = "{KEY}"\n', "module")
    assert secrets([artefact], json.dumps(baseline)) == []
    assert secrets([Artefact("other.py", artefact.text, "module")], json.dumps(baseline)) != []


def test_a_plugin_of_the_repository_does_not_run() -> None:
    plugins = [{"name": "AWSKeyDetector"}, {"name": "Mine", "path": "file://evil.py"}]
    artefact = Artefact(PATH, f'key = "{KEY}"\n', "module")
    assert len(secrets([artefact], json.dumps({"version": "1.5.0", "plugins_used": plugins, "results": {}}))) == 1


def test_lines_that_are_there_already_are_somebody_elses() -> None:
    shared = f'other = "{KEY}"\n'
    assert secrets([Artefact(PATH, shared + "x = 1\n", "module")], None, lambda _: shared) == []


@pytest.mark.parametrize("baseline", ["", "[]", "{}", '{"plugins_used": 3}'])
def test_a_broken_baseline_is_an_error(baseline: str) -> None:
    with pytest.raises(PromotionError) as raised:
        secrets([], baseline)
    assert raised.value.code == "baseline-invalid"
