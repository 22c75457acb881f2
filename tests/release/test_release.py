"""A release: the same bytes twice, one version everywhere, advisories that apply are found."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import audit  # noqa: E402 - a script, not a package
import npm_bill  # noqa: E402
import release_check  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def _dist(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The release is built beside the checkout, not in its dist/."""
    release_check.DIST = tmp_path_factory.mktemp("release") / "dist"


@pytest.mark.slow
def test_it_is_built_twice_with_the_same_bytes_and_one_version() -> None:
    assert release_check.reproducible() == []
    names = sorted(path.name.split("-")[0] + path.suffix for path in release_check.DIST.iterdir())
    assert names == ["olo_jobs.gz", "olo_jobs.whl", "olo_jupyter.gz", "olo_jupyter.whl"]
    assert release_check.versions() == []


@pytest.mark.full
@pytest.mark.timeout(900)
def test_it_works_in_empty_environments_its_licences_fit_and_the_sbom_is_whole() -> None:
    assert release_check.environments() == []


@pytest.mark.slow
def test_what_the_extension_carries_is_listed_and_may_be_shipped(tmp_path: Path) -> None:
    release_check.DIST.mkdir(exist_ok=True)
    assert release_check.extension() == []
    made = json.loads((release_check.DIST / "sbom-npm.json").read_text())
    assert made == npm_bill.bill(ROOT, made["metadata"]["component"]["version"])
    names = {f"{one.get('group', '')}/{one['name']}".lstrip("/") for one in made["components"]}
    assert {"@xyflow/react", "apache-arrow"} <= names
    made["components"][0]["type"] = "thing"
    assert npm_bill.faults(ROOT, made)[0].startswith("sbom-npm.json is no CycloneDX 1.6")
    listed = tmp_path / npm_bill.SHIPPED
    listed.parent.mkdir(parents=True)
    alien = {"name": "alien", "versionInfo": "1.0.0", "licenseId": "GPL-3.0-only", "extractedText": ""}
    listed.write_text(json.dumps({"packages": [alien]}))
    assert [one.split(":")[0].split(" is ")[0] for one in npm_bill.faults(tmp_path, npm_bill.bill(tmp_path, "1"))] == [
        "alien 1.0.0",
        "alien 1.0.0",
    ]
    report = [{"Name": "alien", "Version": "1", "License": "GPL-3.0"}, {"Name": "b", "Version": "1", "License": "MIT"}]
    assert len(release_check.unfit(report)) == 1


def test_licences() -> None:
    fine = ["Apache Software License", "BSD-3-Clause", "MIT License", "MPL-2.0", "PSF-2.0", "Apache-2.0 OR MIT"]
    assert all(release_check.ALLOWED.search(one) for one in fine)
    assert not any(release_check.ALLOWED.search(one) for one in ["GPL-3.0", "AGPL-3.0-only", "UNKNOWN", "SSPL", ""])


def test_an_advisory_that_applies_is_found(tmp_path: Path) -> None:
    (name, (version, *_)) = next((key[1], sorted(found)) for key, found in audit.pinned().items() if key[0] == "PyPI")
    (npm, (theirs, *_)) = next((key[1], sorted(found)) for key, found in audit.pinned().items() if key[0] == "npm")

    def advisory(id: str, ecosystem: str, package: str, **affected: object) -> None:
        entry = {"package": {"ecosystem": ecosystem, "name": package}, **affected}
        (tmp_path / f"{id}.json").write_text(json.dumps({"id": id, "summary": "a hole", "affected": [entry]}))

    span = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}
    advisory("PYSEC-1", "PyPI", name.upper(), ranges=[span])
    advisory("PYSEC-2", "PyPI", name, ranges=[{**span, "events": [{"introduced": "0"}, {"fixed": "0.0.0.1"}]}])
    advisory("GHSA-1", "npm", npm, versions=[theirs])
    advisory("GHSA-2", "npm", "not-ours", ranges=[span])
    assert audit.faults(str(tmp_path)) == [f"{npm} {theirs}: GHSA-1 a hole", f"{name} {version}: PYSEC-1 a hole"]


def test_without_advisories_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.faults(None) == []
    assert "OLO_ADVISORIES" in capsys.readouterr().out
