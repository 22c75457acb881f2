"""`make release-check`: builds the release in dist/ and refuses one that isn't right. See docs/runbooks/release.md.

Each check is a function that gives its faults; all run, and the exit code is 1 where there is any.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import npm_bill
import yaml
from audit import faults, normal  # they stand beside this file

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
UV = Path(sys.executable).with_name("uv")
EXTRAS = "dbt,lab,service,otel"
COMMANDS = (["--help"], ["schema"], ["sql", "SELECT 1 AS one", "--json"], ["doctor", "--json"])
"""What has to work in every environment, outside of a project."""

ALLOWED = re.compile(
    r"apache|bsd|mit\b|isc\b|python software foundation|psf|zlib|unlicense|public domain|cc0|mpl[- ]?2|mozilla public"
    r"|hpnd|0bsd|blueoak|boost|bsl-1.0",
    re.IGNORECASE,
)
"""Licences that an Apache-2.0 product may depend on. MPL 2 is file by file, and we change none of its files."""
READ_BY_HAND = {
    "psycopg2-binary": "LGPL-3.0 with exceptions: used as it is, by its import, replaceable by the user",
    "text-unidecode": "Artistic License, chosen over its GPL alternative",
    "docutils": "public domain and BSD; its one GPL file is an Emacs mode",
    "chardet": "0BSD since version 6",
}
"""Packages whose metadata says something else, or more than one thing: read, and why they may stay."""


def run(*words: str | Path, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program; nothing of the developer's own environment reaches Python."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OLO_", "PYTHON", "VIRTUAL"))}
    return subprocess.run([str(one) for one in words], cwd=cwd, env={**environ, **more}, capture_output=True, text=True)


def must(*words: str | Path, cwd: Path = ROOT, **more: str) -> str:
    """As run; a failure ends the check.

    Raises:
        SystemExit: The program failed.
    """
    done = run(*words, cwd=cwd, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def built(source: Path, into: Path) -> dict[str, str]:
    """Build wheels and source archives of a checkout; name → SHA-256."""
    into.mkdir(parents=True, exist_ok=True)
    epoch = must("git", "log", "-1", "--format=%ct").strip()
    for folder in (source / "jobs", source):
        build = (sys.executable, "-m", "hatchling", "build", "--directory", into)
        must(*build, cwd=folder, SKIP_JUPYTER_BUILDER="1", SOURCE_DATE_EPOCH=epoch)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(into.iterdir())}


def reproducible() -> list[str]:
    """Built here and in a copy elsewhere, with other file times and another umask: the same bytes."""
    shutil.rmtree(DIST, ignore_errors=True)
    first = built(ROOT, DIST)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "somewhere" / "else"
        listed = must("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
        before = os.umask(0o077)
        try:
            for name in [one for one in listed if one and (ROOT / one).is_file()]:
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, copy / name)
                (copy / name).chmod(0o700 if os.access(ROOT / name, os.X_OK) else 0o600)
            extension = Path("olo_jupyter") / "labextension"
            shutil.copytree(ROOT / extension, copy / extension, dirs_exist_ok=True)
            second = built(copy, Path(scratch) / "dist")
        finally:
            os.umask(before)
    return [f"{name} differs when it is built again" for name in first if first[name] != second.get(name)]


def versions() -> list[str]:
    """One version everywhere."""
    version = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"]
    chart = yaml.safe_load((ROOT / "charts" / "olo-jupyter" / "Chart.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    says = {
        "charts/olo-jupyter: version": chart["version"],
        "charts/olo-jupyter: appVersion": chart["appVersion"],
        "pyproject.toml: olo-jobs": next(one for one in project["dependencies"] if one.startswith("olo-jobs"))[10:],
    }
    says |= {f"dist/{path.name}": path.name.split("-")[1].removesuffix(".tar.gz") for path in DIST.glob("olo*")}
    faults = [f"{where} says {said}, package.json {version}" for where, said in says.items() if said != version]
    if not re.search(rf"^## (Unreleased|\[?{re.escape(version)}\b)", changelog, re.MULTILINE):
        faults.append(f"CHANGELOG.md has neither Unreleased nor {version}")
    return faults


def environments() -> list[str]:
    """The wheels in empty environments: each supported Python here, newest dependencies and lowest direct ones."""
    faults = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, python in enumerate(pythons()):
            for resolution in ("highest", "lowest-direct"):
                place = Path(scratch) / f"{resolution}-{number}"
                faults += [f"{python}, {resolution}: {one}" for one in _installed(place, python, resolution)]
                if not faults and number == 0 and resolution == "highest":
                    faults += [*_sbom(place / "bin" / "python"), *_licences(place / "bin" / "python")]
    return faults


def pythons() -> list[str]:
    """The supported Pythons that are installed here, pyenv's too, one a minor version, lowest first."""
    listed = json.loads(must(UV, "python", "list", "--only-installed", "--output-format", "json"))
    found: dict[tuple[int, int], str] = {}
    for one in listed:
        number = (one["version_parts"]["major"], one["version_parts"]["minor"])
        if one["implementation"] == "cpython" and number >= (3, 11):
            found.setdefault(number, str(Path(one["path"]).resolve()))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for path in sorted(pyenv.glob("3.*/bin/python3")):
        major, minor, *_ = path.parts[-3].split(".")
        if minor.isdecimal() and int(minor) >= 11:
            found.setdefault((int(major), int(minor)), str(path))
    return [found[number] for number in sorted(found)]


def _installed(place: Path, python: str, resolution: str) -> list[str]:
    must(UV, "venv", "--quiet", "--python", python, place)
    inside = place / "bin" / "python"
    wheel = next(DIST.glob("olo_jupyter-*.whl"))
    what = (*DIST.glob("olo_jobs-*.whl"), f"olo-jupyter[{EXTRAS}] @ {wheel.as_uri()}")
    done = run(UV, "pip", "install", "--quiet", "--python", inside, "--resolution", resolution, *what)
    if done.returncode:
        return [done.stderr.strip().splitlines()[-1]]
    home = place / "home"
    home.mkdir()
    faults = []
    for words in COMMANDS:
        done = run(place / "bin" / "olo", *words, cwd=home, HOME=str(home), OLO_STATE=str(home / "state"))
        if done.returncode not in ((0, 1) if words[0] == "doctor" else (0,)) or "Traceback" in done.stderr:
            faults.append(f"olo {' '.join(words)} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    check = run(inside, "-m", "dbt.cli.main", "--no-send-anonymous-usage-stats", "--version", cwd=home)
    if "olo" not in check.stdout + check.stderr:
        faults.append("dbt doesn't find the adapter olo")
    return [*faults, *_untraced(place / "bin" / "olo", home)]


def _untraced(olo: Path, home: Path) -> list[str]:
    """A statement's spans arrive at a collector of OpenTelemetry, which is here for as long as that takes."""
    asked: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path if self.rfile.read(int(self.headers["Content-Length"])) else "nothing")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on the screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        told = {"HOME": str(home), "OLO_STATE": str(home / "state"), "OTEL_EXPORTER_OTLP_ENDPOINT": address}
        done = run(olo, "sql", "SELECT 1 AS one", "--json", cwd=home, **told)
        server.shutdown()
    if done.returncode or asked[:1] != ["/v1/traces"]:
        return [f"no span arrived: {done.stderr.strip()[-300:] or asked}"]
    return []


def _sbom(python: Path) -> list[str]:
    """dist/sbom.json: every package of an installation with the usual extras."""
    out = DIST / "sbom.json"
    make = (sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--of", "JSON")
    must(*make, "--sv", "1.6", "-o", out, python)
    listed = {normal(one["name"]) for one in json.loads(out.read_text())["components"]}
    there = {normal(one["name"]) for one in _packages(python)}
    return [f"sbom.json lacks {name}" for name in sorted(there - listed)]


def _licences(python: Path) -> list[str]:
    """dist/licences.json: every package with its licence; one that isn't allowed is a fault."""
    options = ("--from=mixed", "--format=json", "--with-urls", f"--python={python}")
    found = json.loads(must(Path(sys.executable).with_name("pip-licenses"), *options))
    (DIST / "licences.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return unfit(found)


def extension() -> list[str]:
    """dist/sbom-npm.json and dist/licences-npm.json: the npm packages inside the built extension."""
    version = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["version"]
    made = npm_bill.bill(ROOT, version)
    (DIST / "sbom-npm.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    listed = npm_bill.shipped(ROOT)
    report = [{"Name": one["name"], "Version": one["versionInfo"], "License": one["licenseId"]} for one in listed]
    (DIST / "licences-npm.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return [*npm_bill.faults(ROOT, made), *unfit(report)]


def unfit(listed: Sequence[dict[str, str]]) -> list[str]:
    """The packages whose licence doesn't fit Apache-2.0, or isn't known to."""
    return [
        f"{one['Name']} {one['Version']}: licence {one['License']!r} is not known to fit Apache-2.0"
        for one in listed
        if one["Name"].lower() not in READ_BY_HAND
        and (not ALLOWED.search(one["License"]) or re.search(r"\bA?GPL", one["License"]))
    ]


def _packages(python: Path) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads(must(UV, "pip", "list", "--python", python, "--format", "json"))
    return listed


def audit() -> list[str]:
    """The pinned packages against advisories in OSV's format, from the folder ``OLO_ADVISORIES``."""
    return faults(os.environ.get("OLO_ADVISORIES"))


CHECKS: Sequence[tuple[str, Callable[[], list[str]]]] = (
    ("the same bytes twice", reproducible),
    ("one version", versions),
    ("empty environments, SBOM, licences", environments),
    ("npm packages in the extension: SBOM, licences", extension),
    ("advisories", audit),
)


def main() -> None:
    """Run all checks; exit code 1 where one has a fault."""
    failed = False
    for name, check in CHECKS:
        faults = check()
        failed = failed or bool(faults)
        sys.stdout.write("".join([f"{'✗' if faults else '✓'} {name}\n", *(f"  {fault}\n" for fault in faults)]))
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
