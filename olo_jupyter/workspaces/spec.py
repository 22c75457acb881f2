"""``workspaces/<name>.yml``: what a workspace is made of."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from olo_jobs.fields import Name, SpecModel
from olo_jobs.resources import Resources
from olo_jupyter.config import short_name

Role = Literal["workspace-admin", "data-engineer", "analyst", "viewer"]
"""What a member may do; ``platform-admin`` is given by the identity provider's groups only."""
WRITERS: tuple[Role, ...] = ("workspace-admin", "data-engineer", "analyst")
"""Roles that work in a sandbox of their own."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _repository(value: str) -> str:
    parts = urlsplit(value)
    if parts.password or (parts.username and parts.scheme in ("http", "https")):
        raise ValueError("the address of a repository holds no user or token: Git's credential helpers give them")
    if not (parts.scheme in ("https", "ssh", "file") or re.match(r"^[\w.-]+@[\w.-]+:", value) or value.startswith("/")):
        raise ValueError("a repository is named by https://…, ssh://…, git@HOST:PATH, or a path")
    return value


def _page(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a link is an http(s) address")
    if parts.username or parts.password:
        raise ValueError("a link holds no user and no password: everybody can read it")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("links beyond this machine use https")
    return value


Link = Annotated[str, AfterValidator(_page)]
Account = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$", max_length=100)]
Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$", max_length=200)]


class WorkspaceCatalog(SpecModel):
    """A catalog of olo.yml that the workspace owns, or works in."""

    namespaces: list[Namespace] = Field(
        default_factory=list, description="Namespaces that must be there.", examples=[["bronze", "silver", "gold"]]
    )


class Experiment(SpecModel):
    """An MLflow experiment."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")] = Field(
        description="Its name in MLflow.", examples=["flights/delays"]
    )
    description: str = Field(default="", max_length=5000, description="What it is about: MLflow's note.")


class Member(SpecModel):
    """A person or a group, and what they may do."""

    user: Account | None = Field(default=None, description="A person, by the name that the Hub knows them by.")
    group: Account | None = Field(default=None, description="A group of the identity provider.")
    role: Role = Field(description="What the member may do here.")

    @model_validator(mode="after")
    def _one(self) -> Member:
        if (self.user is None) == (self.group is None):
            raise ValueError("a member is one user or one group")
        return self

    @property
    def name(self) -> str:
        """The member as plans and the store call it, e.g. ``user ana``."""
        return f"user {self.user}" if self.user is not None else f"group {self.group}"


class Links(SpecModel):
    """Where the workspace's people find the rest."""

    jupyterhub: Link | None = Field(default=None, description="JupyterHub.", examples=["https://hub.example.org"])
    code_server: Link | None = Field(default=None, description="code-server, where it isn't in people's servers.")
    superset: Link | None = Field(default=None, description="Superset.", examples=["https://superset.example.org"])
    grafana: Link | None = Field(default=None, description="Grafana.", examples=["https://grafana.example.org"])


class WorkspaceSpec(SpecModel):
    """A group of project, catalogs, experiments and people."""

    version: Literal[1] = Field(description="Version of the file's form.")
    name: Name = Field(description="Name of the workspace: that of its file.", examples=["flights"])
    title: str = Field(default="", max_length=200, description="Title for people.")
    repository: Annotated[str, AfterValidator(_repository)] = Field(
        description="The project's Git repository: the one that this file is in.",
        examples=["https://git.example.org/data/flights.git"],
    )
    storage: str | None = Field(
        default=None,
        min_length=1,
        description="Prefix of everything that is stored; the catalogs' warehouses must lie below it.",
        examples=["s3://lake/flights"],
    )
    catalogs: dict[str, WorkspaceCatalog] = Field(
        default_factory=dict,
        description="Catalogs of olo.yml, with what must be in them.",
        examples=[{"dev": {"namespaces": ["bronze", "silver", "gold"]}}],
    )
    sandboxes: Literal["first-start", "apply"] = Field(
        default="first-start",
        description="Who makes a member's sandbox: the first start of their server, or olo apply, which needs the "
        "right to write all of them.",
    )
    experiments: list[Experiment] = Field(default_factory=list, description="MLflow experiments that must be there.")
    compute: dict[Name, Resources] = Field(
        default_factory=dict,
        description="The most that a resource profile of that name may ask for, in any target.",
        examples=[{"small": {"cpu": 1, "memory": "2Gi"}}],
    )
    members: list[Member] = Field(min_length=1, description="People and groups with their roles.")
    links: Links = Field(default_factory=Links, description="Where the rest is.")

    @model_validator(mode="after")
    def _members_are_plain(self) -> WorkspaceSpec:
        seen: set[str] = set()
        shorts: dict[str, str] = {}
        for member in self.members:
            if member.name in seen:
                raise ValueError(f"the {member.name} is a member twice: give one role")
            seen.add(member.name)
            if member.user is not None and member.role in WRITERS:
                other = shorts.setdefault(short_name(member.user), member.user)
                if other != member.user:
                    raise ValueError(f"{other} and {member.user} would share the sandbox {short_name(other)}_sandbox")
        if not any(member.role == "workspace-admin" for member in self.members):
            raise ValueError("nobody is workspace-admin: then nobody could change the workspace")
        return self
