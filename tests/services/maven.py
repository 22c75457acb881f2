"""Jars from Maven, in the registry that this machine's Maven is set to."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.services.debian import ensure_command
from tests.services.process import ServiceError

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_COPY = f"{_PLUGIN}:copy-dependencies"


def copy_jars(sets: Mapping[str, Sequence[str]], into: Path, *, bom: str = "", transitive: bool = True) -> None:
    """Copy each set of artifacts, with what they need at run time, into a folder of its own.

    Args:
        sets: Folder under ``into`` → coordinates ``group:artifact[:version[:classifier]]`` (no version where ``bom``
            gives it).
        into: An existing folder.
        bom: ``group:artifact:version`` of a pom whose managed versions hold.
        transitive: Whether to bring what the artifacts need, too.

    Raises:
        ServiceError: Maven is missing and can't be installed, or it failed.
    """
    ensure_command("mvn", "maven")
    with tempfile.TemporaryDirectory(prefix="olo-maven-") as scratch:
        root = Path(scratch)
        modules = {f"set{number}": target for number, target in enumerate(sets)}
        names = "".join(f"<module>{name}</module>" for name in modules)
        managed = _dependency(bom, "<type>pom</type><scope>import</scope>") if bom else ""
        (root / "pom.xml").write_text(
            _project(
                "all",
                f"<packaging>pom</packaging><modules>{names}</modules>"
                f"<dependencyManagement><dependencies>{managed}</dependencies></dependencyManagement>",
            )
        )
        parent = "<parent><groupId>olo.services</groupId><artifactId>all</artifactId><version>1</version></parent>"
        for name, target in modules.items():
            (root / name).mkdir()
            wanted = "".join(_dependency(coordinate) for coordinate in sets[target])
            (root / name / "pom.xml").write_text(_project(name, f"{parent}<dependencies>{wanted}</dependencies>"))
        command = ["mvn", "--batch-mode", "--quiet", "--file", str(root / "pom.xml"), _COPY, "-DincludeScope=runtime"]
        command += [] if transitive else ["-DexcludeTransitive=true"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"Maven failed:\n{(done.stdout + done.stderr)[-3000:]}")
        for name, target in modules.items():
            (into / target).mkdir(parents=True, exist_ok=True)
            for jar in (root / name / "target" / "dependency").iterdir():
                shutil.move(jar, into / target / jar.name)


def copy_artifact(coordinate: str, into: Path) -> Path:
    """Copy one file that is no jar, ``group:artifact:version:type``, into a folder; where it is then.

    Raises:
        ServiceError: Maven is missing and can't be installed, or it failed.
    """
    ensure_command("mvn", "maven")
    copy = [f"{_PLUGIN}:copy", f"-Dartifact={coordinate}", f"-DoutputDirectory={into}"]
    for goal in ([f"{_PLUGIN}:get", f"-Dartifact={coordinate}", "-Dtransitive=false"], copy):
        done = subprocess.run(
            ["mvn", "--batch-mode", "--quiet", *goal], cwd=into, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServiceError(f"Maven failed:\n{(done.stdout + done.stderr)[-3000:]}")
    _, artifact, version, kind = coordinate.split(":")
    return into / f"{artifact}-{version}.{kind}"


def _project(name: str, body: str) -> str:
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>olo.services</groupId><artifactId>{name}</artifactId><version>1</version>{body}</project>"
    )


def _dependency(coordinate: str, more: str = "") -> str:
    group, artifact, *version = coordinate.split(":")
    given = f"<version>{version[0]}</version>" if version else ""
    given += f"<classifier>{version[1]}</classifier>" if len(version) > 1 else ""
    return f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>{given}{more}</dependency>"
