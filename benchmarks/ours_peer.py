"""This product as a peer: a session, as a notebook has it, on the settings that it is given.

The fingerprint of the rows, which a notebook gets besides, is timed apart: the other engines make none.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.session import Session


def main() -> None:
    """Answer each line of standard input; the arguments are the settings as JSON and the namespace."""
    with Session(Settings.model_validate_json(sys.argv[1]), namespace=sys.argv[2]) as session:
        for line in sys.stdin:
            print(json.dumps(_answer(session, json.loads(line)["sql"])), flush=True)


def _answer(session: Session, sql: str) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        rows = session.execute(sql)
    except QueryError as error:
        return {"error": str(error)}
    seconds = time.perf_counter() - started
    fingerprint(rows.arrow)
    proof = time.perf_counter() - started - seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "rows": len(rows), "peak": peak, "fingerprint": proof}


if __name__ == "__main__":
    main()
