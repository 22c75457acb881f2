"""A target: what ``targets/<name>.yml`` may say, and the names that jobs get in it."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from olo_jobs.fields import Name, SpecModel
from olo_jobs.resources import Resources
from olo_jobs.variables import Scalar

SANDBOX = "sandbox"
PRODUCTION = "prod"
MAX_NAME = 200


class TargetSpec(SpecModel):
    """An environment that jobs run in."""

    description: str = Field(default="", description="What the target is for.")
    catalog: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="Catalog that jobs write; one of olo.yml's.", examples=["dev", "${user.short_name}_sandbox"]
    )
    sources: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, description="Catalog that they read sources from. Default: the one they write.", examples=["dev"]
    )
    storage: str | None = Field(
        default=None,
        min_length=1,
        description="Prefix of everything that is stored for the target; the catalog's warehouse must lie below it.",
        examples=["s3://lake/staging"],
    )
    service_account: str | None = Field(
        default=None,
        min_length=1,
        description="Account that jobs run as, and the only one that may deploy to production.",
    )
    production: bool | None = Field(
        default=None,
        description="Takes released versions only, from its service account only; schedules run. Default: whether the "
        "target is called prod.",
    )
    engine: Literal["embedded", "trino", "spark"] | None = Field(
        default=None, description="Engine of SQL and dbt tasks. Default: olo.yml's default_engine."
    )
    resources: dict[Name, Resources] = Field(
        default_factory=dict,
        description="Resource profiles that tasks name.",
        examples=[{"small": {"cpu": 1, "memory": "2Gi"}}],
    )
    variables: dict[Name, Scalar] = Field(
        default_factory=dict, description="Values of ${var.NAME} in this target, over the defaults in olo.yml."
    )


def is_production(name: str, spec: TargetSpec) -> bool:
    """Whether a target takes released versions only, and runs schedules."""
    return spec.production if spec.production is not None else name == PRODUCTION


def deployed_name(job: str, target: str, *, user: str = "", branch: str = "") -> str:
    """What a job is called where it runs: in the sandbox its user and branch come first, so that none meets another's.

    Example:
        >>> deployed_name("daily_delays", "prod")
        'daily_delays'
        >>> deployed_name("daily_delays", "sandbox", user="ana", branch="olo/ana/Fix-2")
        'ana__olo_ana_fix_2_0ef8__daily_delays'
    """
    if target != SANDBOX:
        return job
    plain = re.sub(r"[^a-z0-9]+", "_", branch.lower()).strip("_") or "detached"
    if plain != branch:  # two branches that look alike stay apart
        plain = f"{plain[:60]}_{hashlib.sha256(branch.encode()).hexdigest()[:4]}"
    return f"{user}__{plain}__{job}"[:MAX_NAME]
