"""Traces by OpenTelemetry, from a cell to its query to a job's run and tasks. Off, and not even imported, by default.

They are on where OpenTelemetry's own variables say where traces go: ``OTEL_EXPORTER_OTLP_ENDPOINT``, or
``OTEL_TRACES_EXPORTER``. A process continues the trace that ``TRACEPARENT`` names (W3C trace context), and gives the
like to its children. Spans carry names, ids and counts: never SQL, values, messages.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_PLACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")


class Told:
    """What a span is told while it lasts; nothing happens where traces are off."""

    def __init__(self, span: Span | None = None) -> None:
        self._span = span

    def tell(self, **attributes: str | int | float | bool | None) -> None:
        """Add attributes, each as ``olo.<name>``; None and '' are left out."""
        if self._span is not None:
            for name, value in attributes.items():
                if value is not None and value != "":
                    self._span.set_attribute(f"olo.{name}", value)

    def failed(self, code: str) -> None:
        """What the span is about failed, with an error of this code."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_status(StatusCode.ERROR, code)


@contextmanager
def span(name: str, **attributes: str | int | float | bool | None) -> Iterator[Told]:
    """A span around a block; an exception marks it with its code or its type, without its message."""
    tracer = _tracer() if wanted(os.environ) else None
    if tracer is None:
        yield Told()
        return
    from opentelemetry import trace

    inside = trace.get_current_span().get_span_context().is_valid
    parent = None if inside else _parent()
    with tracer.start_as_current_span(name, parent, record_exception=False, set_status_on_exception=False) as current:
        told = Told(current)
        told.tell(**attributes)
        try:
            yield told
        except BaseException as error:
            told.failed(getattr(error, "code", "") or type(error).__name__)
            raise


def carried() -> dict[str, str]:
    """Variables for a child process, so that its spans belong to the current one; {} where traces are off."""
    if not wanted(os.environ) or _tracer() is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    found: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(found)
    return {name.upper(): value for name, value in found.items()}


def wanted(environ: Mapping[str, str]) -> bool:
    """Whether traces are on.

    Example:
        >>> wanted({}), wanted({"OTEL_TRACES_EXPORTER": "none"}), wanted({"OTEL_TRACES_EXPORTER": "otlp"})
        (False, False, True)
    """
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(environ.get(name) for name in _PLACES)


def _parent() -> Any:
    """The context that the process was started in, if any."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    names = {name: os.environ[name.upper()] for name in ("traceparent", "tracestate") if name.upper() in os.environ}
    return TraceContextTextMapPropagator().extract(names) if names else None


@cache
def _tracer() -> Tracer | None:
    """The tracer of the process: of the provider that somebody set, else of one that sends by OTLP over HTTP."""
    try:
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider

        if not isinstance(trace.get_tracer_provider(), TracerProvider):
            trace.set_tracer_provider(_provider())
    except ImportError as error:
        warnings.warn(f"No traces: {error}. pip install 'olo-jupyter[otel]'", stacklevel=2)
        return None
    return trace.get_tracer("olo-jupyter")


def _provider() -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME") or "olo-jupyter"
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
