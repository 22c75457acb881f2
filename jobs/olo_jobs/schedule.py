"""When a job runs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from olo_jobs import cron as cron_expressions
from olo_jobs.fields import Span, SpecModel, Table, Timezone

KINDS = ("cron", "every", "on_update")


def _cron(value: str) -> str:
    cron_expressions.check(value)
    return value


def _date(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a date: write e.g. 2026-01-31") from None
    return value


_ONE: dict[str, Any] = {
    "oneOf": [{"required": [kind], "properties": {kind: {"not": {"type": "null"}}}} for kind in KINDS]
}


class Schedule(SpecModel, json_schema_extra=_ONE):
    """When the job runs: exactly one of cron, every, on_update. Paused outside production."""

    cron: Annotated[str, AfterValidator(_cron)] | None = Field(
        default=None,
        description="Five fields: minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, "
        "@monthly, @yearly. Counted in `timezone`.",
        examples=["0 6 * * *", "*/15 6-18 * * mon-fri", "@daily"],
    )
    every: Span | None = Field(default=None, description="Time between two runs.", examples=["1h", "15m"])
    on_update: list[Table] | None = Field(
        default=None,
        min_length=1,
        description="Tables whose new snapshots start a run, as namespace.table.",
        examples=[["silver.flights"]],
    )
    match: Literal["any", "all"] = Field(
        default="any",
        description="With on_update: whether any one of the tables starts a run, or all of them together.",
    )
    timezone: Timezone = Field(
        default="UTC", description="IANA name of the time zone that cron counts in.", examples=["Europe/Berlin"]
    )
    start: Annotated[str, AfterValidator(_date)] | None = Field(
        default=None,
        description="The first day that a run may count for; every counts from its midnight.",
        examples=["2026-01-31"],
    )
    catchup: bool = Field(default=False, description="Whether runs that were missed since `start` are made up for.")

    @model_validator(mode="after")
    def _one(self) -> Schedule:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a schedule has exactly one of {', '.join(KINDS)}; this one has {' and '.join(given) or 'none'}"
            )
        if self.on_update is not None and len(set(self.on_update)) < len(self.on_update):
            raise ValueError("on_update names a table twice")
        if self.catchup and self.start is None:
            raise ValueError("catchup needs start: the day from which runs are made up for")
        return self

    @property
    def text(self) -> str:
        """The schedule in one line.

        Example:
            >>> Schedule(cron="0 6 * * *", timezone="Europe/Berlin").text, Schedule(every="1h").text
            ('0 6 * * * Europe/Berlin', 'every 1h')
        """
        if self.cron is not None:
            return self.cron if self.timezone == "UTC" else f"{self.cron} {self.timezone}"
        return f"every {self.every}" if self.every is not None else f"on {', '.join(self.on_update or [])}"
