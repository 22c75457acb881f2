"""Cron expressions: read, and told where they never fire. The fields are those that Airflow's croniter takes."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    first_name: int = 0


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("day of the week", 0, 7, _DAYS),
)


def check(text: str) -> str:
    """The expression with five fields that ``text`` stands for.

    Raises:
        ValueError: It is none, or no day of any year matches it.

    Example:
        >>> check("@daily"), check("*/15 6-18 * * mon-fri")
        ('0 0 * * *', '*/15 6-18 * * mon-fri')
        >>> check("0 0 30 2 *")
        Traceback (most recent call last):
        ...
        ValueError: '0 0 30 2 *' never fires: no month it names has a day 30
    """
    words = text.split()
    if len(words) == 1 and text.strip().startswith("@"):
        preset = PRESETS.get(words[0].lower())
        if preset is None:
            near = get_close_matches(words[0].lower(), PRESETS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(PRESETS)}"
            raise ValueError(f"{text!r} is no preset: {hint}")
        return preset
    if len(words) != 5:
        fields = "minute, hour, day of the month, month, day of the week, e.g. 0 6 * * *"
        raise ValueError(f"{text!r} has {len(words)} fields, a cron expression has five: {fields}")
    days: set[int] = set()
    months: set[int] = set()
    for word, field in zip(words, _FIELDS, strict=True):
        values = _values(word, field)
        if field.name == "day of the month":
            days = values
        elif field.name == "month":
            months = values
    if words[4] in ("*", "?") and not any(day <= _LONGEST.get(month, 31) for day in days for month in months):
        raise ValueError(f"{text!r} never fires: no month it names has a day {min(days)}")
    return " ".join(words)


def _values(word: str, field: _Field) -> set[int]:
    """The values that a field allows; ``L`` and ``#`` forms stand for days that every month has."""
    if word == "?" and field.name.startswith("day"):
        return set(range(field.low, field.high + 1))
    found: set[int] = set()
    for part in word.split(","):
        lower = part.lower()
        if field.name == "day of the month" and lower == "l":
            found.add(28)
        elif field.name == "day of the week" and (lower.startswith("l") or "#" in lower):
            found.add(_nth_day(lower, part, field))
        else:
            found |= _range(lower, part, field)
    return found


def _nth_day(lower: str, part: str, field: _Field) -> int:
    day, _, week = lower.partition("#")
    if lower.startswith("l"):
        day, week = lower[1:], "5"
    if week not in ("1", "2", "3", "4", "5"):
        raise ValueError(f"{part!r} in the field {field.name}: after # stands a number from 1 to 5, e.g. fri#2")
    return _number(day, part, field)


def _range(lower: str, part: str, field: _Field) -> set[int]:
    span, slash, step_text = lower.partition("/")
    step = 1
    if slash:
        if not step_text.isascii() or not step_text.isdigit() or int(step_text) == 0:
            raise ValueError(f"{part!r} in the field {field.name}: after / stands a whole number above 0, e.g. */5")
        step = int(step_text)
        if step > field.high:
            raise ValueError(f"{part!r} in the field {field.name}: the step is longer than the whole field")
    if span == "*":
        low, high = field.low, field.high
    else:
        first, dash, last = span.partition("-")
        low = _number(first, part, field)
        high = _number(last, part, field) if dash else (field.high if slash else low)
    if low > high:
        raise ValueError(f"{part!r} in the field {field.name}: the range ends before it starts")
    return set(range(low, high + 1, step))


def _number(text: str, part: str, field: _Field) -> int:
    if text in field.names:
        return field.names.index(text) + field.first_name
    if not text.isascii() or not text.isdigit():
        names = f" or {field.names[0]}–{field.names[-1]}" if field.names else ""
        raise ValueError(f"{part!r} in the field {field.name}: write {field.low}–{field.high}{names}")
    number = int(text)
    if not field.low <= number <= field.high:
        raise ValueError(f"{part!r} in the field {field.name}: {number} is outside {field.low}–{field.high}")
    return number
