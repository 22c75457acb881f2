"""Earlier results as WITH queries of the text that reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping


def with_inlined(body: str, inlined: Mapping[str, str]) -> str:
    """The body with earlier results as WITH queries before its own.

    Example:
        >>> with_inlined("with b as (select * from a) select * from b", {"a": "select 1 as x"}).split()[:4]
        ['with', 'a', 'as', '(']
    """
    if not inlined:
        return body
    queries = ",\n".join(f"{name} as (\n{text}\n)" for name, text in inlined.items())
    own = re.match(r"(?is)((?:\s|--[^\n]*\n|/\*.*?\*/)*)with(\s+recursive)?\s", body)
    if own:
        return f"{own.group(1)}with{own.group(2) or ''}\n{queries},\n{body[own.end() :]}"
    return f"with\n{queries}\n{body}"
