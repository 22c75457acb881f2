"""What SQL of other databases uses besides tables: files, functions and sequences that it made, its random state."""

from __future__ import annotations

import re
from dataclasses import dataclass

from olo_converters.graph.paths import DATA_FILE

_WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\(")
_CALLED = re.compile(r"([A-Za-z_][\w$]*)\"?\s*\(")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITES_FILES = re.compile(r"(?is)(^|;)\s*(copy|export|attach|unload|put)\b")
_NAMES_FILES = re.compile(r"(?is)(^|;)\s*(copy|export|import|attach|unload|put|get)\b")
_GLOB = re.compile(r"[*?\[{]")
_DRAWS = frozenset({"random", "rand", "randn", "uuid", "gen_random_uuid", "setseed", "randomblob"})
_REPEATABLE = re.compile(r"(?i)\brepeatable\b|\bsample\b[^;]*\([a-z]+\s*,\s*\d+\s*\)")
_CLOCK = re.compile(
    r"(?i)\b(now|today|getdate|sysdatetime|curdate|unix_timestamp|get_current_\w+)\s*\(\s*\)|'now'"
    r"|(?<![\w.\"])(current_(date|time|timestamp)|localtime|localtimestamp|sysdate)(?![\w.\"])"
)
_SAMPLES = re.compile(r"(?i)\b(using\s+sample|tablesample)\b")
_SEQUENCES = frozenset({"nextval", "currval", "setval", "lastval"})


@dataclass(frozen=True)
class Beside:
    """What a text of SQL uses besides tables.

    Args:
        files: Their paths, ``*`` for a pattern; ``writes_files``: whether they may be written.
        called: Functions by name, and sequences; ``advances``: whether a sequence goes on.
        seeds, draws: Whether it sets the random state of the connection, or draws from it.
    """

    files: tuple[str, ...] = ()
    writes_files: bool = False
    called: tuple[str, ...] = ()
    advances: bool = False
    seeds: bool = False
    draws: bool = False


def read_beside(text: str) -> Beside:
    """What SQL uses besides tables, by its words.

    Example:
        >>> read_beside("copy s.t to 'out.csv' (header)").files, read_beside("select nextval('ids')").called
        (('out.csv',), ('nextval', 'ids'))
    """
    plain = _COMMENT.sub(" ", text)
    texts = [found.replace("''", "'") for found in _TEXT.findall(plain)]
    words = [word.lower() for word in _WORD.findall(_TEXT.sub("''", plain))]
    names_files = _NAMES_FILES.search(plain) is not None
    paths = [one for one in texts if DATA_FILE.search(one) or (names_files and one.strip())]
    advances = not _SEQUENCES.isdisjoint(words)
    called = [word.lower() for word in _CALLED.findall(_plain(text))]  # by the last part of their names
    called += [one.rpartition(".")[2].lower() for one in texts] if advances else []
    return Beside(
        tuple(dict.fromkeys("*" if _GLOB.search(one) else one for one in paths)),
        _WRITES_FILES.search(plain) is not None,
        tuple(dict.fromkeys(called)),
        advances,
        "setseed" in words,
        draws_in(text),
    )


def draws_in(text: str) -> bool:
    """Whether SQL draws random numbers without a seed.

    Example:
        >>> [draws_in(text) for text in ("select rand()", "select 'rand()'", "tablesample (1 percent) repeatable (3)")]
        [True, False, False]
    """
    plain = _plain(text)
    words = {word.lower() for word in _WORD.findall(plain)}
    return not _DRAWS.isdisjoint(words) or (_SAMPLES.search(plain) is not None and _REPEATABLE.search(plain) is None)


def reads_clock(text: str) -> bool:
    """Whether SQL asks for the present time.

    Example:
        >>> [reads_clock(text) for text in ("select current_date", "select t.current_date from t", "select now()")]
        [True, False, True]
    """
    return _CLOCK.search(_plain(text, keeps="now")) is not None


def _plain(text: str, keeps: str = "") -> str:
    """SQL without its comments, and with its texts empty but those that ``keeps``."""
    return _TEXT.sub(lambda found: found[0] if found[1] == keeps else "''", _COMMENT.sub(" ", text))
