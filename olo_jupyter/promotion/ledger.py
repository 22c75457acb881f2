"""Which promotions were made on this machine and how they ended: one JSON line each, for figures only."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from olo_jupyter.config import Settings
from olo_jupyter.promotion.outcome import Promotion

FILE = "promotions.jsonl"


def keep(outcome: Promotion, settings: Settings) -> None:
    """Add a promotion that ended. One short append: safe with threads and processes; a full disk fails no promotion."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"at": at, "name": outcome.name, "kind": outcome.kind, "status": outcome.status, "user": settings.user}
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(settings.state / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(line) + "\n").encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        warnings.warn(f"The promotion isn't counted: {error.strerror}.", stacklevel=2)


def counts(state: Path) -> Counter[str]:
    """How many promotions ended in each status; a line that was cut off isn't counted."""
    found: Counter[str] = Counter()
    if (state / FILE).is_file():
        for line in (state / FILE).read_text(encoding="utf-8").splitlines():
            try:
                found[json.loads(line)["status"]] += 1
            except (ValueError, KeyError):
                continue
    return found
