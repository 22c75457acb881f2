"""``python -m olo_jobs.request``: an http task in its own process. The request comes in by OLO_HTTP_REQUEST, as JSON.

Only the standard library. A redirect is not followed: credentials of one host are no business of another.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from olo_jobs.commands import REQUEST_VARIABLE

TIMEOUT = 300.0
"""Seconds without a byte after which a request has failed; the task's own timeout ends it before."""
_SHOWN = 10_000
"""Bytes of an answer that the log shows."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def exchange(request: urllib.request.Request, seconds: float) -> tuple[int, Mapping[str, str], bytes]:
    """Send a request, following no redirect; status, headers and the beginning of the body, whatever the status.

    Raises:
        OSError: There was no answer.
    """
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as answer:
            return answer.status, dict(answer.headers), answer.read(_SHOWN)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read(_SHOWN)


def send(request: Mapping[str, Any]) -> tuple[int, bytes]:
    """Send the request of an http task; the status and the beginning of the body.

    Raises:
        OSError: There was no answer.
    """
    query = urllib.parse.urlencode(
        {name: value if isinstance(value, str) else json.dumps(value) for name, value in request["params"].items()}
    )
    url = request["url"] + (("&" if "?" in request["url"] else "?") + query if query else "")
    body, headers = None, {"User-Agent": "olo-jobs", **request["headers"]}
    if request["json"] is not None:
        body = json.dumps(request["json"]).encode()
        headers = {"Content-Type": "application/json", **headers}
    told = urllib.request.Request(url, body, headers, method=request["method"])  # noqa: S310 - the spec takes http(s) only
    status, _, answer = exchange(told, TIMEOUT)
    return status, answer


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Send the request and print the answer; 0 where its status is an expected one, else 1."""
    request = json.loads(environ[REQUEST_VARIABLE])
    sys.stdout.write(f"{request['method']} {request['url']}\n")
    try:
        status, body = send(request)
    except (OSError, ValueError) as error:
        sys.stdout.write(f"no answer: {getattr(error, 'reason', error)}\n")
        return 1
    expected = status in request["status"] if request["status"] else 200 <= status < 300
    sys.stdout.write(f"{status} {'' if expected else '(not expected)'}\n{body.decode('utf-8', 'replace')}\n")
    return 0 if expected else 1


if __name__ == "__main__":
    sys.exit(main())
