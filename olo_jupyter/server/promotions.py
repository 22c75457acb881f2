"""Promotions as the panel shows them, and checks that are followed while they run."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, ref

from olo_converters.options import PromoteOptions
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.last import last_runs
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.promotion.standing import Standing, standings
from olo_jupyter.server.events import PROMOTION_CHANGED
from olo_jupyter.server.models.promote import (
    CellDetail,
    CheckDetail,
    DeployedDetail,
    LastRunDetail,
    PromoteForm,
    PromotionDetail,
    PromotionList,
    PullRequestDetail,
    ReviewDetail,
)
from olo_jupyter.server.workspace import Workspace

_INTERVAL = 15.0
_LONGEST = 3600.0
"""Seconds between two questions of the host while checks run, and how long it is asked after somebody last looked."""
_STILL = 3
"""So many times as long where a pull request is open and nothing runs: checks may begin, a review or the merge come."""
_log = logging.getLogger(__name__)

Emit = Callable[[str, dict[str, Any]], None]


def list_promotions(settings: Settings, server_root: Path, *, host: bool) -> PromotionList:
    """Where the person's promotions stand, by name.

    Raises:
        PromotionError: The project is in no Git repository.
        GitError: git failed.
    """
    told = standings(settings, host=host)
    last = last_runs(settings, told.jobs, far=host)
    return PromotionList(
        promotions=[_detail(each, last.runs.get(each.job), settings, server_root) for each in told.promotions],
        unasked=told.unasked or last.unasked,
    )


def promote_form() -> PromoteForm:
    """The options of a promotion as a JSON Schema."""
    schema = PromoteOptions.model_json_schema(by_alias=True)
    return PromoteForm(
        options={
            "type": "object",
            "properties": _fields(schema),
            "$defs": {name: _form_of(each) for name, each in schema.get("$defs", {}).items()},
            "additionalProperties": False,
        },
    )


def _form_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's schema for a form: rules between fields (``oneOf``) are the kernel's to tell."""
    if "properties" not in schema:
        return schema
    return {key: value for key, value in schema.items() if key != "oneOf"} | {"properties": _fields(schema)}


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: _wanted_or_left(field) for name, field in schema["properties"].items()}


def _wanted_or_left(field: dict[str, Any]) -> dict[str, Any]:
    """A field without its null: in a form nothing is said by leaving a field empty, not by choosing "nothing"."""
    alternatives = [each for each in field.get("anyOf", []) if each != {"type": "null"}]
    rest = {key: value for key, value in field.items() if key != "anyOf" and (key, value) != ("default", None)}
    if len(alternatives) == 1:
        only = {key: value for key, value in alternatives[0].items() if key != "minItems"}  # forms fill in
        return {**rest, **only}
    return {**rest, "anyOf": alternatives} if alternatives else rest


def _detail(standing: Standing, run: RunRecord | None, settings: Settings, server_root: Path) -> PromotionDetail:
    pull = standing.pull_request
    place = (settings.root / standing.notebook).resolve()
    states = {**dict.fromkeys(standing.changed, "changed"), **dict.fromkeys(standing.gone, "gone")}
    return PromotionDetail(
        name=standing.name,
        kind=standing.kind,
        relation=standing.relation,
        notebook=standing.notebook,
        path=place.relative_to(server_root).as_posix() if place.is_relative_to(server_root) else "",
        branch=standing.branch,
        commit=standing.commit,
        state=standing.state,
        pull_request=PullRequestDetail(
            number=pull.number, title=pull.title, url=pull.url, state=pull.state, draft=pull.draft
        )
        if pull
        else None,
        checks=[CheckDetail(name=check.name, outcome=check.outcome, url=check.url) for check in standing.each_check],
        reviews=[ReviewDetail(user=review.user, verdict=review.verdict) for review in standing.reviews],
        cells=[
            CellDetail.model_validate({"id": cell, "state": states.get(cell, "promoted")}) for cell in standing.promoted
        ],
        job=standing.job,
        deployed=[
            DeployedDetail(
                target=one.target,
                number=one.number,
                commit=one.commit,
                release=one.release,
                newest=one.newest,
                changed=list(one.changed),
            )
            for one in standing.deployed
        ],
        last_run=LastRunDetail(id=run.id, state=run.state, target=run.target, started=run.started) if run else None,
    )


class Follower:
    """Asks the host again while a pull request is open, and tells all browsers what changed.

    One thread at most, and none while nothing is open: browsers don't poll.

    Args:
        ask: Asks the host where the promotions stand.
        interval: Seconds between two questions while checks run.
    """

    def __init__(self, ask: Callable[[], PromotionList], emit: Emit, interval: float = _INTERVAL) -> None:
        self._ask = ask
        self._emit = emit
        self._interval = interval
        self._lock = threading.Lock()
        self._until = 0.0
        self._thread: threading.Thread | None = None

    def look(self, seen: PromotionList) -> None:
        """Somebody was answered ``seen``: follow what is still open in it."""
        if not self._pause(seen):
            return
        with self._lock:
            self._until = time.monotonic() + _LONGEST
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, args=(seen,), name="olo-checks", daemon=True)
                self._thread.start()

    def _follow(self, seen: PromotionList) -> None:
        while pause := self._goes_on(seen):
            time.sleep(pause)
            try:
                now = self._ask()
            except OloError as error:
                _log.warning("The Git host can't be asked: %s", error)
                continue
            if now.unasked:
                continue
            before = {each.name: each for each in seen.promotions}
            for each in now.promotions:
                if each != before.get(each.name):
                    self._emit(PROMOTION_CHANGED, {"promotion": each.model_dump(mode="json")})
            seen = now

    def _goes_on(self, seen: PromotionList) -> float:
        """Seconds to the next question; 0 where there is none, and whoever looks next begins anew."""
        with self._lock:
            pause = self._pause(seen) if time.monotonic() < self._until else 0.0
            if not pause:
                self._thread = None
            return pause

    def _pause(self, seen: PromotionList) -> float:
        if any(check.outcome == "pending" for each in seen.promotions for check in each.checks):
            return self._interval
        if any(each.state == "open" for each in seen.promotions):
            return self._interval * _STILL
        return 0.0


_followers: WeakKeyDictionary[Workspace, Follower] = WeakKeyDictionary()


def follow(workspace: Workspace, server_root: Path, emit: Emit, seen: PromotionList) -> None:
    """Follow what is pending in ``seen`` with the workspace's one follower."""
    # Not the workspace itself: it is the follower's key, which the follower would keep alive as long as itself.
    known = ref(workspace)

    def ask() -> PromotionList:
        there = known()
        return list_promotions(there.open().settings, server_root, host=True) if there else seen

    _followers.setdefault(workspace, Follower(ask, emit)).look(seen)
