"""One Hub and one Keycloak for all tests of this folder, and the people who are signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import keycloak as keycloaks
from tests.services.jupyterhub.hub import Hub, start
from tests.services.jupyterhub.person import Person
from tests.services.jupyterhub.times import IDLE, REFRESH, TOKEN
from tests.services.keycloak import Keycloak


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They may take longer than others. One worker has them all, with one Hub: tests/services/schedule.py."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="package")
def keycloak(services_folder: Path) -> Iterator[Keycloak]:
    folder = services_folder / "keycloak-hub"
    folder.mkdir()
    service = keycloaks.start(folder, token_seconds=TOKEN)
    yield service
    service.stop()


@pytest.fixture(scope="package")
def hub(services_folder: Path, keycloak: Keycloak) -> Iterator[Hub]:
    folder = services_folder / "hub"
    folder.mkdir()
    # For its card alone: tests/services/test_code_server.py starts a real one.
    program = folder / "code-server"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    service = start(
        folder, keycloak, OLO_HUB_IDLE_SECONDS=str(IDLE), OLO_HUB_CULL_EVERY="5",
        OLO_HUB_REFRESH_SECONDS=str(REFRESH), OLO_HUB_CODE_SERVER=str(program),
    )  # fmt: skip
    yield service
    assert service.stop() == 0, "the Hub had to be killed"


@pytest.fixture(scope="package")
def people(hub: Hub) -> dict[str, Person]:
    """Who is signed in."""
    return {}


def person(hub: Hub, people: dict[str, Person], name: str) -> Person:
    """Somebody who is signed in, with a server that runs, also where it was idle during another test."""
    if name not in people:
        found = Person(hub, name)
        page = found.sign_in()
        assert page.status_code == 200, f"{page.url}: {page.text[-500:]}"
        assert page.url.path.startswith(("/hub/", "/user/")), page.url
        people[name] = found
    people[name].start()
    return people[name]


@pytest.fixture
def ana(hub: Hub, people: dict[str, Person]) -> Person:
    return person(hub, people, "olo-ana")


@pytest.fixture
def ben(hub: Hub, people: dict[str, Person]) -> Person:
    return person(hub, people, "olo-ben")


@pytest.fixture
def vera(hub: Hub, people: dict[str, Person]) -> Person:
    return person(hub, people, "olo-vera")
