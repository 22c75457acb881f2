"""The published description is the code's, and nothing that it allows makes the service fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from olo_jupyter.server.openapi import document
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.typescript import client
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

REMOTE = [route for route in ROUTES if not route.local]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_published_description_is_the_code_s() -> None:
    published = Path(__file__).parents[4] / "docs" / "openapi.json"
    assert json.loads(published.read_text(encoding="utf-8")) == document(), "it is old: python scripts/published.py"


def test_the_typed_client_is_the_code_s() -> None:
    made = Path(__file__).parents[4] / "labextension" / "src" / "frame" / "routes.ts"
    assert made.read_text(encoding="utf-8") == client(document()), "it is old: python scripts/published.py"


def test_every_operation_has_its_own_name_and_says_what_it_does() -> None:
    operations = [operation for methods in document()["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) == len(ROUTES)
    assert all(operation["summary"].endswith(".") for operation in operations)


@pytest.fixture
def patient(project: Path) -> Path:
    """The project with a service that lets one person ask a lot."""
    with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write("service: {requests_per_minute: 1000000, seconds: 20}\n")
    return project


def test_nothing_makes_it_fail(patient: Path, issuer: Issuer, token: Callable[..., str]) -> None:
    """No server error, every answer as described, whatever is sent."""
    schema = schemathesis.openapi.from_dict(document(REMOTE))
    headers = {"Authorization": f"Bearer {token('platform-admin')}"}
    asked = 0
    with serving(patient, issuer) as url:
        for result in schema.get_all_operations():
            operation = result.ok()

            @settings(
                max_examples=8, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy())
            def check(case: Any) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(base_url=url, headers=headers, checks=CHECKS)

            check()
    assert asked >= 4 * len(REMOTE)
