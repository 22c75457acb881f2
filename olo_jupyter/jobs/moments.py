"""The moments that a job's schedule gives: what a backfill runs for. Counted by Airflow's own library."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from olo_jobs.schedule import Schedule
from olo_jobs.spec import JobSpec, seconds

LIMIT = 10_000
"""More runs than this are no backfill but a mistake."""


class TooManyError(ValueError):
    """A span with more moments than LIMIT."""


def moments(job: JobSpec, start: date, end: date) -> list[datetime]:
    """The moments from the first instant of ``start`` to the last of ``end``, days of the schedule's zone.

    A job without cron or interval has one a day, at midnight: a backfill by hand.

    Raises:
        TooManyError: There are more than LIMIT.
    """
    schedule = job.schedule or Schedule(every="1d")
    zone = ZoneInfo(schedule.timezone)
    first = datetime.combine(start, time(), zone)
    beyond = datetime.combine(end + timedelta(days=1), time(), zone)
    if schedule.start is not None:
        first = max(first, datetime.combine(date.fromisoformat(schedule.start), time(), zone))
    found = []
    moment = _first(schedule, first)
    while moment < beyond:
        found.append(moment.astimezone(UTC))
        if len(found) > LIMIT:
            raise TooManyError(f"There are more than {LIMIT:,} moments from {start} to {end}.")
        moment = _next(schedule, moment)
    return found


def _first(schedule: Schedule, at: datetime) -> datetime:
    return _next(schedule, at - timedelta(microseconds=1)) if schedule.cron is not None else at


def _next(schedule: Schedule, moment: datetime) -> datetime:
    if schedule.cron is None:
        if schedule.every is not None:
            # Elapsed time, not the wall clock's: an hour stays an hour when clocks change.
            step = timedelta(seconds=seconds(schedule.every))
            if step % timedelta(days=1):
                return (moment.astimezone(UTC) + step).astimezone(moment.tzinfo)
            return moment + step
        return moment + timedelta(days=1)
    # Imported here: only a backfill needs it.
    from croniter import croniter

    found: datetime = croniter(schedule.cron, moment).get_next(datetime)
    return found
