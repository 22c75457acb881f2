"""Zones of timestamps: names, what keeps a zone, what is refused."""

from __future__ import annotations

import pytest

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.comparisons import comparison
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import TrinoType, array, parse_type

UTC = parse_type("timestamp(3) with time zone")
TOKYO = TrinoType(UTC.base, (3,), zone="Asia/Tokyo")
BERLIN = TrinoType(UTC.base, (3,), zone="Europe/Berlin")


@pytest.mark.parametrize("name", ["UTC", "GMT", "Etc/UTC", "+00:00"])
def test_names_of_utc(name: str) -> None:
    assert zones.zone(name) == ""


@pytest.mark.parametrize("name", ["Africa/Casablanca", "+14:01", "+5", "UTC+3", "Etc/GMT-3"])
def test_a_zone_whose_offsets_are_not_proved_is_refused(name: str) -> None:
    with pytest.raises(Unsupported):
        zones.zone(name)


@pytest.mark.parametrize("name", ["europe/berlin", "Nowhere", ""])
def test_a_zone_that_there_is_not(name: str) -> None:
    with pytest.raises(QueryError, match="is not a valid time zone"):
        zones.zone(name)


def test_a_cast_keeps_the_zone_also_inside() -> None:
    assert cast(Typed("x", TOKYO), parse_type("timestamp(0) with time zone")).type.zone == "Asia/Tokyo"
    inside = cast(Typed("x", array(TOKYO)), parse_type("array(timestamp(6) with time zone)"))
    assert inside.type.elements[0].zone == "Asia/Tokyo" and str(inside.type) == "array(timestamp(6) with time zone)"


@pytest.mark.parametrize("others", [[TOKYO, BERLIN], [TOKYO, UTC], [array(TOKYO), array(UTC)]])
def test_values_of_several_zones_do_not_come_together(others: list[TrinoType]) -> None:
    with pytest.raises(Unsupported, match="several time zones"):
        common_type(others)


def test_comparison_sees_instants() -> None:
    assert comparison("<", Typed("a", TOKYO), Typed("b", BERLIN)).sql == "(a < b)"
    assert can_coerce(TOKYO, UTC)


def test_a_function_that_does_not_know_zones_is_refused() -> None:
    with pytest.raises(Unsupported, match="function human_readable"):
        zones.prepared("human_readable", [Typed("x", TOKYO)])
    (seen,) = zones.prepared("hour", [Typed("x", TOKYO)])
    assert isinstance(seen, Typed) and str(seen.type) == "timestamp(3)"
