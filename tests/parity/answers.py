"""The recorded answers: one JSON file an area, one case a line, in the order of the cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def answer_file(kind: str, area: str) -> Path:
    """Where the answers of an area are."""
    return HERE / "answers" / kind / f"{area}.json"


def load(path: Path) -> dict[str, Any]:
    """Case → answer: ``[type, value]`` of an expression, columns and rows of a query, or the name of an error."""
    if not path.is_file():
        return {}
    answers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return answers


def save(path: Path, answers: dict[str, Any]) -> None:
    """Write the answers, one case a line."""
    lines = [
        f"{json.dumps(case, ensure_ascii=False)}: {json.dumps(answers[case], ensure_ascii=False)}" for case in answers
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n", encoding="utf-8")
