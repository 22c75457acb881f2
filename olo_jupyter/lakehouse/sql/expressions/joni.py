"""What Trino's engine of regular expressions (Joni) knows of Unicode: all of it was asked of a Trino 483."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

_DATA = resources.files("olo_jupyter.lakehouse.sql.expressions") / "data" / "joni.json"

FOLDED = "[À-ÖØ-Þà-öø-įĲ-ňŊ-žΆ-ΏΑ-Ωα-ωά-ώϊ-όЀ-џ]"
"""Letters whose cases both engines fold alike (each was compared with all others): of Latin, Greek and Cyrillic."""


@cache
def properties() -> Mapping[str, str]:
    """Joni's character properties as members of a class of RE2; ``word``: what makes a word to ``\\b`` beyond ASCII."""
    found: dict[str, str] = json.loads(_DATA.read_text(encoding="utf-8"))
    return found
