"""Which targets run a promotion, and whether the notebook's cells are what runs there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from olo_converters.notebook import Notebook
from olo_jobs.deployment import FILE, Deployment, deploy_branch, parse_deployment
from olo_jobs.load import SpecError
from olo_jupyter.promotion.merge import Record, drift, read_record, record_path
from olo_jupyter.promotion.repository import Repository


@dataclass(frozen=True)
class Deployed:
    """A promotion on a target.

    Args:
        number: Of the target's deployment.
        release: The released version, '' where it is none.
        newest: Whether the target runs what was promoted last.
        changed: Ids of cells whose source isn't what runs there; gone ones are among them.
    """

    target: str
    number: int
    commit: str
    release: str
    newest: bool
    changed: Sequence[str] = ()

    @property
    def said(self) -> str:
        """In words.

        Example:
            >>> Deployed("prod", 3, "abc", "v1.2.0", newest=False).said
            'prod v1.2.0 (an older one)'
        """
        return f"{self.target} {self.release or f'#{self.number}'}{'' if self.newest else ' (an older one)'}"


def running(repository: Repository, targets: Sequence[str], user: str) -> dict[str, Deployment]:
    """The newest deployment of each target that has one; what can't be read is left out."""
    found = {}
    for target in targets:
        data = repository.git.file_at(_ref(repository, target, user), f"{repository.prefix}{FILE}")
        try:
            if data is not None:
                found[target] = parse_deployment(data)
        except SpecError:
            continue  # `olo deployments` tells what is wrong with it
    return found


def deployed(
    record: Record,
    deployments: Mapping[str, Deployment],
    repository: Repository,
    user: str,
    notebook: Notebook | None,
) -> tuple[Deployed, ...]:
    """The targets that run a promotion."""
    found = []
    for target, deployment in deployments.items():
        path = f"{repository.prefix}{record_path(record.name)}"
        content = repository.git.file_at(_ref(repository, target, user), path)
        there = read_record(content.decode("utf-8", "replace")) if content is not None else None
        if there is None:
            continue
        changed, gone = drift(there, notebook) if notebook is not None else ([], [])
        found.append(
            Deployed(
                target, deployment.number, deployment.commit, deployment.release, there == record, (*changed, *gone)
            )
        )
    return tuple(found)


def _ref(repository: Repository, target: str, user: str) -> str:
    branch = deploy_branch(target, user)
    return repository.tracking(branch) if repository.has_remote else f"refs/heads/{branch}"
