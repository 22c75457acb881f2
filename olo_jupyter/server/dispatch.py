"""From a request to an answer, whatever server it came through: parse, do the work, say errors in one form."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError

from olo_jobs.explain import message_of
from olo_jupyter.errors import OloError
from olo_jupyter.measures import answered
from olo_jupyter.server.context import Context, Noted
from olo_jupyter.server.models.base import Body, Failure, Query
from olo_jupyter.server.routes.route import Route

_log = logging.getLogger(__name__)

_STATUS = {
    "access-denied": HTTPStatus.FORBIDDEN,
    "forbidden": HTTPStatus.FORBIDDEN,
    "not-signed-in": HTTPStatus.UNAUTHORIZED,
    "too-many-requests": HTTPStatus.TOO_MANY_REQUESTS,
    "permission-denied": HTTPStatus.FORBIDDEN,
    "sandbox-write": HTTPStatus.FORBIDDEN,
    "bad-parameter": HTTPStatus.BAD_REQUEST,
    "body-too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "body-not-json": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "catalog-not-available": HTTPStatus.SERVICE_UNAVAILABLE,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "config": HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error": HTTPStatus.INTERNAL_SERVER_ERROR,
    "run-store": HTTPStatus.INTERNAL_SERVER_ERROR,
    "history-not-read": HTTPStatus.INTERNAL_SERVER_ERROR,
    "service-token": HTTPStatus.SERVICE_UNAVAILABLE,
    "store": HTTPStatus.SERVICE_UNAVAILABLE,
    "orchestrator": HTTPStatus.BAD_GATEWAY,
    "connection-failed": HTTPStatus.BAD_GATEWAY,
    "remote-unreachable": HTTPStatus.BAD_GATEWAY,
    "timeout": HTTPStatus.GATEWAY_TIMEOUT,
}
_ENDS = {
    "-not-found": HTTPStatus.NOT_FOUND,
    "-unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "-not-reachable": HTTPStatus.SERVICE_UNAVAILABLE,
    "-unauthorized": HTTPStatus.BAD_GATEWAY,
    "-protocol": HTTPStatus.BAD_GATEWAY,
    "-conflict": HTTPStatus.CONFLICT,
    "-exists": HTTPStatus.CONFLICT,
    "-active": HTTPStatus.CONFLICT,
    "-paused": HTTPStatus.CONFLICT,
    "-moved": HTTPStatus.CONFLICT,
}


@dataclass(frozen=True)
class Asked:
    """What came in.

    Args:
        path: The names of the path, decoded.
        query: The query string, decoded; each name with its values.
        body: The body as it came, b"" for none.
        media_type: What the body claims to be.
    """

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    body: bytes = b""
    media_type: str = ""


@dataclass(frozen=True)
class Reply:
    """What goes out."""

    status: int
    model: BaseModel


def answer(route: Route, context: Context, asked: Asked) -> Reply:
    """Do a route's work; what changes something is kept in the audit, however it ends.

    Never raises: what is unexpected goes to the log with its traceback, and answers 500.
    """
    began = time.perf_counter()
    reply = _answer(route, context, asked)
    code = reply.model.code if isinstance(reply.model, Failure) else ""
    answered(route.area, route.action, code, time.perf_counter() - began)
    return reply


def _answer(route: Route, context: Context, asked: Asked) -> Reply:
    try:
        if route.action == "read":
            return Reply(HTTPStatus.OK, _call(route, context, asked))
        return _audited(route, context, asked)
    except OloError as error:
        return failed(error)
    except Exception:  # noqa: BLE001 - the border of the application: told in the log, never to the browser
        _log.exception("%s %s failed", route.method, route.path)
        message = "The server failed while it worked on this."
        return Reply(
            HTTPStatus.INTERNAL_SERVER_ERROR, Failure(code="internal", message=message, hint="Its log says why.")
        )


def denied(route: Route, context: Context, asked: Asked) -> Reply:
    """Refuse what a person may not do; a try to change something is kept in the audit."""
    from olo_jupyter.store.audit import DENIED, Audit, Entry

    error = OloError(
        f"You may not {route.action} in {route.area}.", code="forbidden", hint="It takes a role that may: ask an admin."
    )
    if route.action != "read":
        try:
            entry = Entry(context.who, route.action, _subject(route, asked), outcome=DENIED, detail=error.code)
            Audit(context.opened.database).append(entry)
        except OloError as fault:
            return failed(fault)
    return failed(error)


def _audited(route: Route, context: Context, asked: Asked) -> Reply:
    from olo_jupyter.store.audit import DONE, FAILED, Audit, Entry

    audit = Audit(context.opened.database)
    audit.check()
    outcome, detail = FAILED, "internal"
    try:
        model = _call(route, context, asked)
        outcome, detail = DONE, ""
    except OloError as error:
        detail = error.code
        raise
    finally:
        notes = context.notes or [Noted(route.action, _subject(route, asked))]
        who = context.who
        audit.append(*(Entry(who, one.action, one.subject, one.before, one.after, outcome, detail) for one in notes))
    return Reply(HTTPStatus.OK, model)


def _subject(route: Route, asked: Asked) -> str:
    """What a route that says nothing itself was asked to change: its path with the names in it."""
    return route.path.strip("/").format_map(dict(asked.path))


def _call(route: Route, context: Context, asked: Asked) -> BaseModel:
    return route.call(context, dict(asked.path), _query(route, asked), _body(route, asked))


def failed(error: OloError) -> Reply:
    """An error of ours as an answer."""
    return Reply(status(error.code), Failure(code=error.code, message=error.message, hint=error.hint))


def status(code: str) -> HTTPStatus:
    """The HTTP status of an error's code: 422 for what only the one who asks can mend.

    Example:
        >>> int(status("table-not-found")), int(status("airflow-unavailable")), int(status("syntax-error"))
        (404, 503, 422)
    """
    if code in _STATUS:
        return _STATUS[code]
    return next((status for end, status in _ENDS.items() if code.endswith(end)), HTTPStatus.UNPROCESSABLE_ENTITY)


def _query(route: Route, asked: Asked) -> Query | None:
    if route.query is None:
        if asked.query:
            raise OloError(f"{route.path} takes no query: {', '.join(sorted(asked.query))}.", code="bad-parameter")
        return None
    values: dict[str, object] = {}
    for name, given in asked.query.items():
        field = route.query.model_fields.get(name)
        many = field is not None and _is_list(field.annotation)
        if len(given) > 1 and not many:
            raise OloError(f"{name!r} is given {len(given)} times.", code="bad-parameter", hint="Give it once.")
        values[name] = list(given) if many else given[0]
    try:
        return route.query.model_validate(values)
    except ValidationError as error:
        raise _invalid(error, sorted(route.query.model_fields)) from error


def _body(route: Route, asked: Asked) -> Body | None:
    if len(asked.body) > route.largest:
        raise OloError(f"The body has more than {route.largest:,} bytes.", code="body-too-large")
    if route.body is None:
        if asked.body:
            raise OloError(f"{route.method} {route.path} takes no body.", code="bad-parameter")
        return None
    if asked.media_type.partition(";")[0].strip().lower() != "application/json":
        raise OloError("The body must be JSON.", code="body-not-json", hint="Content-Type: application/json")
    try:
        return route.body.model_validate_json(asked.body)
    except ValidationError as error:
        raise _invalid(error, sorted(route.body.model_fields)) from error


def _invalid(error: ValidationError, known: list[str]) -> OloError:
    """What is wrong, without the value: it may be secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    hint = f"Known: {', '.join(known)}." if first["type"] == "extra_forbidden" else ""
    return OloError(f"{where}: {message_of(first)}.", code="bad-parameter", hint=hint)


def _is_list(annotation: object) -> bool:
    return any(get_origin(part) in (list, tuple, set, frozenset) for part in (annotation, *get_args(annotation)))
