"""No secret is committed: detect-secrets looks at everything that would be, with the project's own baseline."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from olo_converters.artefact import Artefact
from olo_converters.findings import Finding
from olo_jupyter.promotion.paths import PromotionError

BASELINE = ".secrets.baseline"
_DIGEST = "Hex High Entropy String"
"""What fingerprints and hashes look like, of which evidence and records are full."""


def secrets(
    artefacts: Sequence[Artefact], baseline: str | None = None, committed: Callable[[str], str | None] = lambda _: None
) -> list[Finding]:
    """What detect-secrets finds; a finding names kind and place, never the value.

    Args:
        baseline: Text of the project's ``.secrets.baseline``: its plugins and filters are used, and what it knows isn't
            reported. None where there is none.
        committed: The text of a path as the repository has it: lines that are there already aren't reported.

    Raises:
        PromotionError: baseline-invalid.
    """
    from detect_secrets.core.secrets_collection import SecretsCollection

    settings = _read(baseline)
    known = {
        (path, entry["hashed_secret"]) for path, entries in settings.get("results", {}).items() for entry in entries
    }
    findings = []
    with tempfile.TemporaryDirectory() as name, _using(settings):
        for number, artefact in enumerate(artefacts):
            # The suffix decides how the file is read.
            path = Path(name) / f"{number}{Path(artefact.path).suffix}"
            path.write_text(artefact.text, encoding="utf-8")
            lines, there = artefact.text.split("\n"), set((committed(artefact.path) or "").split("\n"))
            collection = SecretsCollection()
            collection.scan_file(str(path))
            for _, secret in sorted(collection, key=lambda item: item[1].line_number):
                is_new = lines[secret.line_number - 1] not in there
                own = artefact.kind == "evidence" and secret.type == _DIGEST
                if is_new and not own and (artefact.path, secret.secret_hash) not in known:
                    findings.append(_finding(artefact.path, secret.line_number, secret.type))
    return findings


def _finding(path: str, line: int, kind: str) -> Finding:
    return Finding(
        "secret",
        "error",
        f"{path}:{line} looks like a secret ({kind}).",
        hint="Take it out of the cell: read it from the environment, or pass it as a parameter. If it is none, "
        f"add it to the project's {BASELINE}.",
    )


def _read(baseline: str | None) -> dict[str, Any]:
    if baseline is None:
        return {}
    try:
        settings = json.loads(baseline)
        plugins, filters = settings["plugins_used"], settings.get("filters_used", [])
        # Plugins and word lists of the repository's own would run its code here.
        settings["plugins_used"] = [plugin for plugin in plugins if "path" not in plugin]
        settings["filters_used"] = [
            one
            for one in filters
            if one["path"].startswith("detect_secrets.filters.") and not {"file_name", "model"} & set(one)
        ]
        for entries in settings.get("results", {}).values():
            for entry in entries:
                entry["hashed_secret"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PromotionError(
            f"{BASELINE} is no baseline of detect-secrets: {error}",
            code="baseline-invalid",
            hint=f"Make it anew: detect-secrets scan > {BASELINE}",
        ) from error
    assert isinstance(settings, dict)
    return settings


@contextmanager
def _using(settings: dict[str, Any]) -> Iterator[None]:
    from detect_secrets.settings import default_settings, transient_settings

    with transient_settings(settings) if settings else default_settings():
        yield
