"""requirements.txt: the packages that a module imports, at the versions of the session."""

from __future__ import annotations

import ast
import re
import sys

from olo_converters.artefact import Artefact
from olo_converters.conversion import Request
from olo_converters.findings import Finding, finding

PATH = "requirements.txt"
_OWN = {"olo_jupyter"}
# Top-level modules whose distribution has another name; used where the session didn't tell.
_DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
    "PIL": "pillow",
    "cv2": "opencv-python",
    "bs4": "beautifulsoup4",
}


def with_requirements(request: Request, source: str) -> tuple[Artefact | None, list[Finding]]:
    """The project's requirements.txt with what ``source`` imports; lines that are there stay as they are."""
    modules = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    modules -= {*sys.stdlib_module_names, *_OWN, request.project.package, "__future__", ""}
    if not modules:
        return None, []
    text = request.project.files.get(PATH, "")
    present = {
        _canonical(match.group(1)) for line in text.splitlines() if (match := re.match(r"\s*([A-Za-z0-9._-]+)", line))
    }
    lines: list[str] = []
    problems: list[Finding] = []
    for module in sorted(modules):
        distribution = request.capture.modules.get(module, _DISTRIBUTIONS.get(module, module))
        if _canonical(distribution) in present:
            continue
        version = request.capture.packages.get(distribution)
        if version is None:
            problems.append(
                finding("unpinned-package", f"the version of {distribution} isn't known", hint=f"Pin it in {PATH}.")
            )
        lines.append(f"{distribution}=={version}" if version else distribution)
    if not lines:
        return None, problems
    base = text if not text or text.endswith("\n") else f"{text}\n"
    return Artefact(PATH, base + "\n".join(lines) + "\n", "requirements"), problems


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
