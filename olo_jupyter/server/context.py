"""What a route's work is given: the project, who asks, and where to tell what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olo_jupyter.server.workspace import Opened, Workspace


@dataclass(frozen=True)
class User:
    """Who asks.

    Args:
        name: The account's name, as the Hub, the identity provider or Jupyter Server knows it.
        roles: Roles that the person has; see :mod:`olo_jupyter.server.roles`.
        groups: Groups of the identity provider, as far as they are known.
        rights: What the person may do, ``area:action``.
        anonymous: The name was made up: Jupyter Server's own token names nobody.
    """

    name: str
    display_name: str = ""
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    anonymous: bool = False


@dataclass(frozen=True)
class Noted:
    """What a route's work says of its own doing, for the audit: the rest (who, when, outcome) is known outside."""

    action: str
    subject: str
    before: Any = None
    after: Any = None


@dataclass
class Context:
    """One request's surroundings. Work runs in a thread; everything here may be used from it.

    Args:
        workspace: Where the project is.
        server_root: The folder that the file browser shows.
        emit: Tells all browsers of a change: schema id of the event, its data.
        elect: In one of several replicas: has a target's runs followed by the one that is elected; else None.
    """

    workspace: Workspace
    user: User
    server_root: Path
    emit: Callable[[str, dict[str, Any]], None]
    elect: Callable[[str], None] | None = None
    notes: list[Noted] = field(default_factory=list)

    @property
    def opened(self) -> Opened:
        """The project as olo.yml says now.

        Raises:
            ConfigError: olo.yml isn't valid.
        """
        return self.workspace.open()

    @property
    def who(self) -> str:
        """Who asks, for records: where nobody is named, the person whose settings these are.

        Raises:
            ConfigError: olo.yml isn't valid.
        """
        return self.opened.settings.user if self.user.anonymous else self.user.name

    def follow(self, target: str) -> None:
        """Have what changes in a target's runs told to all browsers from now on, by one look for all of them.

        Raises:
            TargetError: There is no such target.
        """
        if self.opened.following.is_local(target):
            return  # the poller looks at this machine's runs
        if self.elect is None:
            self.opened.following.watch(target, self.emit)
        else:
            self.elect(target)

    def audit(
        self, action: str, subject: str, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
    ) -> None:
        """Say what is being changed, before it is tried: the entry is kept with the outcome, whatever that is.

        A route that changes something and says nothing is entered all the same, with its path and no before and after.

        Args:
            action: What is done, a verb: ``trigger``, ``backfill``, ``rollback``, ``tag`` …
            subject: What it is done to, kind and name: ``job/daily``, ``table/dev.gold.delays``.
            before: How it was; no secrets.
            after: How it shall be.
        """
        self.notes.append(Noted(action, subject, before, after))
