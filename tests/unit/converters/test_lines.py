"""The lines of the magics, the YAML body, the names."""

from __future__ import annotations

import pytest

from olo_converters.errors import ConvertError
from olo_converters.magic_line import LineError, PromoteLine, SqlLine, parse_promote_line, parse_sql_line
from olo_converters.names import check_artefact_name
from olo_converters.options import OptionsError, PromoteOptions, parse_options


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", SqlLine()),
        ("  delays <<  ", SqlLine(result="delays")),
        ("delays<< --limit=5", SqlLine(result="delays", limit=5)),
        ("--as-of '2026-01-31 00:00' --explain", SqlLine(as_of="2026-01-31 00:00", explain=True)),
        (
            "x << --snapshot 4321 --max-scan 1.5GB --engine embedded",
            SqlLine("x", "embedded", snapshot=4321, max_scan=1_500_000_000),
        ),
        ("--ref -x", SqlLine(ref="-x")),
    ],
)
def test_sql_lines(line: str, expected: SqlLine) -> None:
    assert parse_sql_line(line) == expected


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("--engin trino", "Did you mean --engine?"),
        ("--asof x", "Did you mean --as-of?"),
        ("--engine trno", "Did you mean trino?"),
        ("--limit many", "--limit 100"),
        ("--limit -5", "--limit 100"),
        ("--limit", "--limit VALUE"),
        ("--engine --explain", "--engine VALUE"),
        ("--ref a --snapshot 5", "--snapshot"),
        ("--ref a --ref b", "Leave one --ref"),
        ("--as-of 'open", "quotation marks"),
        ("2x << ", "delays <<"),
        ("class <<", "delays <<"),
        ("<< --limit 5", "delays <<"),
        ("SELECT 1", "lines below"),
        ("delays", "NAME <<"),
        ("--max-scan huge", "10GB"),
        ("--explain=yes", "--explain"),
    ],
)
def test_wrong_sql_lines_say_what_to_write(line: str, hint: str) -> None:
    with pytest.raises(LineError) as caught:
        parse_sql_line(line)
    assert hint in caught.value.hint


def test_promote_lines() -> None:
    assert parse_promote_line("score --from delays --plan") == PromoteLine("score", "delays", plan=True)
    for line in ("", "a b", "a --form x", "a --from"):
        with pytest.raises(LineError):
            parse_promote_line(line)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "Daily",
        "2nd",
        "select",
        "from",
        "class",
        "match",
        "a b",
        "a-b",
        "a" * 64,
        "tÿp",
        "x;y",
        "table",
        "none\n",
    ],
)
def test_names_that_no_artefact_can_have(name: str) -> None:
    with pytest.raises(ConvertError) as caught:
        check_artefact_name(name)
    assert caught.value.hint


def test_options_of_a_body() -> None:
    options = parse_options("kind: dbt\nunique_key: [a, b]\nschedule: {every: 1h}\nfrom: delays\ntests: []")
    assert (options.unique_key, options.source, options.tests) == (("a", "b"), "delays", ())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("layr: gold", "Did you mean layer?"),
        ("layer: platinum", "layer"),
        ("- a", "keys and values"),
        ("a: [", "not YAML"),
        ("schedule: {cron: often}", "schedule"),
        ("x: !!python/object:os.system {}", "not YAML"),
        ("source: x", "Known keys"),
        ("kind: dbtt", "Did you mean dbt?"),
        ("schedule: {crn: '@daily'}", "Did you mean cron?"),
        ("tests: 3", "tests: Input should be a list."),
    ],
)
def test_wrong_bodies(body: str, said: str) -> None:
    with pytest.raises(OptionsError) as caught:
        parse_options(body)
    assert said in caught.value.message + caught.value.hint


def test_all_that_is_wrong_with_a_body_is_told_at_once_and_where_it_begins() -> None:
    with pytest.raises(OptionsError) as caught:
        parse_options("# what it is\nlayr: gold\nkind: dbtt\n")
    assert caught.value.message == "Unknown key 'layr'. kind: Input should be 'auto', 'dbt' or 'python'."
    assert (caught.value.hint, caught.value.line) == ("Did you mean layer, dbt?", 2)


def test_every_option_says_what_it_is_for() -> None:
    """The form of the panel and the reference show it."""
    schema = PromoteOptions.model_json_schema(by_alias=True)
    silent = [
        name for name, told in schema["properties"].items() if "$ref" not in str(told) and not told.get("description")
    ]
    assert silent == []
