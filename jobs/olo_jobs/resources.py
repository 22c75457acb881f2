"""What a task may use: processor, memory, Spark configuration, Trino resource group, pool."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from olo_jobs.fields import Memory, Name, SpecModel


class Resources(SpecModel):
    """A resource profile: what a task gets."""

    cpu: float | None = Field(default=None, gt=0, description="Processor cores.", examples=[1, 0.5])
    memory: Memory | None = Field(default=None, description="Memory.", examples=["512MiB", "4Gi"])
    spark_conf: dict[str, str] = Field(
        default_factory=dict,
        description="Spark properties; values are text.",
        examples=[{"spark.executor.instances": "4"}],
    )
    trino_resource_group: str | None = Field(
        default=None, min_length=1, description="Trino resource group that the task's queries run in, by its full name."
    )
    pool: str | None = Field(
        default=None,
        min_length=1,
        description="Tasks of one pool share its slots: Airflow's pool of that name. Default: Airflow's default pool.",
    )
    slots: int = Field(default=1, ge=1, description="Slots of the pool that the task takes.")


def _named_or_inline(value: object) -> str:
    return "profile" if isinstance(value, str) else "inline"


ResourcesOrProfile = Annotated[
    Annotated[Name, Tag("profile")] | Annotated[Resources, Tag("inline")], Discriminator(_named_or_inline)
]
"""The name of a profile of the target, or the resources themselves."""
