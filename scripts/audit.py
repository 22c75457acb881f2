"""`make audit`: constraints.txt and yarn.lock against advisories in OSV's format (https://ossf.github.io/osv-schema).

``OLO_ADVISORIES`` names a folder with one JSON file an advisory, such as a mirror of OSV's exports. It works
offline; without the folder it says that it compared nothing, and does not fail.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[1]


def pinned() -> dict[tuple[str, str], set[str]]:
    """Every pinned package: (ecosystem, name) → versions."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"([\w.-]+)(?:\[[^\]]*\])?==(\S+)", line.strip()):
            found.setdefault(("PyPI", normal(match[1])), set()).add(match[2])
    for match in re.finditer(r'^  resolution: "(@?[^@"]+)@npm:([^":]+)"', (ROOT / "yarn.lock").read_text(), re.M):
        found.setdefault(("npm", match[1]), set()).add(match[2])
    return found


def faults(folder: str | None) -> list[str]:
    """The advisories that apply, a line each; [] where there is none, or no folder."""
    if not folder:
        sys.stdout.write("  no advisories to compare with: OLO_ADVISORIES names no folder\n")
        return []
    packages = pinned()
    found = []
    for path in sorted(Path(folder).rglob("*.json")):
        advisory = json.loads(path.read_text(encoding="utf-8"))
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", []):
            package = affected.get("package", {})
            ecosystem = package.get("ecosystem", "")
            name = normal(package.get("name", "")) if ecosystem == "PyPI" else package.get("name", "")
            for version in sorted(packages.get((ecosystem, name), set())):
                if applies(affected, version):
                    found.append(f"{name} {version}: {advisory['id']} {advisory.get('summary', '')}".rstrip())
    return found


def applies(affected: dict[str, Any], version: str) -> bool:
    """Whether an advisory's entry is about a version, by its list of versions or its ranges.

    Example:
        >>> entry = {"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.1"}]}]}
        >>> applies(entry, "2.0.0"), applies(entry, "2.0.1")
        (True, False)
    """
    if version in affected.get("versions", []):
        return True
    here = _order(version)
    for span in affected.get("ranges", []):
        inside = False
        for event in span.get("events", []) if span.get("type") != "GIT" else []:
            if "introduced" in event:
                inside = inside or event["introduced"] == "0" or here >= _order(event["introduced"])
            elif "fixed" in event:
                inside = inside and here < _order(event["fixed"])
            elif "last_affected" in event:
                inside = inside and here <= _order(event["last_affected"])
        if inside:
            return True
    return False


def _order(version: str) -> Version:
    """A version that can be compared; of npm's, what Python can read of it."""
    try:
        return Version(version)
    except InvalidVersion:
        match = re.match(r"\d+(?:\.\d+)*", version)
        return Version(match[0] if match else "0")


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    wrong = faults(os.environ.get("OLO_ADVISORIES"))
    sys.stdout.write("".join(f"{one}\n" for one in wrong))
    sys.exit(int(bool(wrong)))
