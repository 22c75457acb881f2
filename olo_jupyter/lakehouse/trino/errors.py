"""What goes wrong at a Trino server → QueryError, in the user's own text, with what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

import requests
from trino import exceptions

from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError

ON_THE_WAY = (exceptions.Error, exceptions.HttpError, requests.exceptions.RequestException)
"""What the trino client raises where an answer doesn't come, or isn't one."""

Place = Callable[[int, int], tuple[int, int] | None]
"""Line and column that Trino tells → those in the user's text."""

_WHERE = re.compile(r"^line \d+:\d+: ")
_HINTS = {
    "catalog-not-found": "SHOW CATALOGS lists those there are. Another name there? engines.trino.catalogs in olo.yml.",
    "permission-denied": "Trino's access control decides that: ask whoever runs it for the right to this.",
    "exceeded-time-limit": "Narrow the query, or raise query_max_run_time: engines.trino.session_properties.",
    "exceeded-global-memory-limit": "Narrow the query: fewer columns, a filter, a smaller GROUP BY or JOIN.",
    "exceeded-local-memory-limit": "Narrow the query: fewer columns, a filter, a smaller GROUP BY or JOIN.",
    "cluster-out-of-memory": "The cluster is full: run it again later, or narrow the query.",
    "query-queue-full": "Too many queries wait on the server: run it again later.",
    "no-nodes-available": "A worker of the cluster was lost. Nothing was returned: run it again.",
    "remote-host-gone": "A worker of the cluster was lost. Nothing was returned: run it again.",
    "remote-task-error": "A worker of the cluster was lost or failed. Nothing was returned: run it again.",
    "remote-task-mismatch": "A worker of the cluster restarted. Nothing was returned: run it again.",
    "too-many-requests-failed": "A worker of the cluster was lost. Nothing was returned: run it again.",
    "page-transport-error": "A worker of the cluster was lost. Nothing was returned: run it again.",
    "page-transport-timeout": "A worker of the cluster doesn't answer. Nothing was returned: run it again.",
    "abandoned-query": "The server heard nothing from this kernel for too long, and gave the query up: run it again.",
    "administratively-killed": "Somebody who runs the server ended the query.",
    "administratively-preempted": "Somebody who runs the server ended the query.",
    "server-shutting-down": "The server is shutting down: run it again when it is back.",
    "server-starting-up": "The server is starting: run it again in a minute.",
}


def from_query(error: exceptions.TrinoQueryError, place: Place) -> QueryError:
    """An error of Trino's own, under its own name, at its place in the user's text."""
    code = (error.error_name or "query-failed").lower().replace("_", "-")
    message = _WHERE.sub("", error.message)
    at = place(*error.error_location) if error.error_location else None
    line, column = at or (None, None)
    kind = QueryCancelled if code == "user-canceled" else QueryError
    return kind(message, code=code, hint=_HINTS.get(code, ""), line=line, column=column)


def from_http(error: Exception, address: str, user: str) -> QueryError:
    """A fault on the way to the server: it is down, doesn't know the person, or its certificate isn't trusted."""
    cause = _innermost(error)
    text = str(cause)
    if "error 401" in str(error):
        return QueryError(
            f"Trino at {address} refused the sign-in of {user}: the password or token is wrong, or has expired.",
            code="authentication-failed",
            hint="Renew it where olo.yml says that it is kept (engines.trino.auth), then run the cell again.",
        )
    if "error 403" in str(error):
        return QueryError(
            f"Trino at {address} doesn't let {user} in: {_body(error)}",
            code="permission-denied",
            hint="Ask whoever runs it; engines.trino.user in olo.yml names the user.",
        )
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        return _untrusted(text, address)
    if isinstance(error, requests.exceptions.SSLError) or "SSLError" in repr(error) or "SSL" in text[:60]:
        return QueryError(
            f"No secure connection to Trino at {address}: {_short(text)}",
            code="connection-failed",
            hint="Is it really https there? engines.trino.http_scheme and port in olo.yml.",
        )
    if "BadStatusLine" in repr(error):
        return QueryError(
            f"What answers at {address} doesn't speak plain HTTP.",
            code="connection-failed",
            hint="engines.trino.http_scheme: https in olo.yml?",
        )
    if "error 404" in str(error):
        return QueryError(
            f"At {address} there is no Trino, or it no longer knows the query: {_body(error)}",
            code="connection-failed",
            hint="Check engines.trino.host and port in olo.yml. If it was restarted, run the cell again.",
        )
    return QueryError(
        f"Trino at {address} can't be reached: {_short(text)}",
        code="connection-failed",
        hint="Is it running? Check engines.trino.host and port in olo.yml, and the network.",
    )


def lost_segment(uri: str, why: str) -> QueryError:
    """A spooled part of the result that can't be fetched: the whole result is withheld."""
    return QueryError(
        f"A part of the result, which Trino had put aside at {uri.split('?')[0]}, can't be fetched: {why}",
        code="segment-lost",
        hint="Nothing was kept: run the cell again. If it happens again, the storage of Trino's spooling "
        "(fs.location) isn't reachable from here; engines.trino.encoding: [] does without it.",
    )


def _untrusted(text: str, address: str) -> QueryError:
    reason = "it isn't signed by an authority that is known here"
    hint = "Name the authority's certificate: engines.trino.ca_file in olo.yml."
    if "expired" in text:
        reason, hint = "it has expired", "Whoever runs the server must renew it; nothing was sent."
    elif "doesn't match" in text or "mismatch" in text.lower() or "not valid for" in text:
        reason, hint = "it was made for another host", "Check engines.trino.host in olo.yml."
    return QueryError(
        f"The certificate of Trino at {address} isn't trusted: {reason}.", code="certificate-invalid", hint=hint
    )


def _innermost(error: BaseException) -> BaseException:
    """The fault that all others are wrapped around."""
    while True:
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        inner = (
            inner
            if isinstance(inner, BaseException)
            else next((each for each in error.args if isinstance(each, BaseException)), None)
        )
        if inner is None or inner is error:
            return error
        error = inner


def _short(text: str) -> str:
    return re.sub(r"<[^>]*>:?\s*", "", text).strip()[:200] or "no answer"


def _body(error: Exception) -> str:
    match = re.search(r": b'(.*)'$", str(error), re.DOTALL)
    return _short(match.group(1)) if match and match.group(1) else "no reason given"
