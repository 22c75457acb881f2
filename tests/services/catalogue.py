"""Every service by name: how it is installed and started, and which others it wants beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.services import (
    airflow,
    gitea,
    keycloak,
    mlflow,
    postgres,
    rest,
    s3,
    spark,
    spark_connect,
    trino,
    trino_secure,
)
from tests.services.jupyterhub import hub


class Service(Protocol):
    """A running service."""

    @property
    def endpoints(self) -> Mapping[str, str]: ...

    def stop(self) -> object: ...


@dataclass(frozen=True)
class Kind:
    """A service that can be had: ``start(folder, **needed services by name)``."""

    install: Callable[[], object]
    start: Callable[..., Service]
    needs: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "airflow": Kind(airflow.install, airflow.start, needs=("postgres",)),
    "gitea": Kind(gitea.install, gitea.start),
    "hub": Kind(hub.install, hub.start, needs=("keycloak",)),
    "keycloak": Kind(keycloak.install, keycloak.start),
    "mlflow": Kind(mlflow.install, mlflow.start),
    "postgres": Kind(postgres.install, postgres.start),
    "rest": Kind(rest.install, rest.start, needs=("postgres",)),
    "s3": Kind(s3.install, s3.start),
    "spark": Kind(spark.install, spark.start, needs=("postgres",)),
    "spark_connect": Kind(spark_connect.packages, spark_connect.start),
    "trino": Kind(trino.install, trino.start, needs=("postgres",)),
    "trino_secure": Kind(trino_secure.install_doors, trino_secure.start),
}


def in_order(names: Sequence[str]) -> list[str]:
    """``names`` and what they need, each after what it needs.

    Example:
        >>> in_order(["trino"])
        ['postgres', 'trino']
    """
    order: list[str] = []

    def add(name: str) -> None:
        for needed in KINDS[name].needs:
            add(needed)
        if name not in order:
            order.append(name)

    for name in names:
        add(name)
    return order


@contextlib.contextmanager
def running(names: Sequence[str], folder: Path) -> Iterator[dict[str, Any]]:
    """Start services, with those they need, in folders under ``folder``; stop them all in the end.

    Raises:
        ServiceError: One can't start; those already started are stopped.
    """
    with contextlib.ExitStack() as stack:
        services: dict[str, Any] = {}
        for name in in_order(names):
            place = folder / name
            place.mkdir(parents=True, exist_ok=True)
            needed = {other: services[other] for other in KINDS[name].needs}
            services[name] = KINDS[name].start(place, **needed)
            stack.callback(services[name].stop)
        yield services
