"""Pull requests that are open: the host is asked now and then, and browsers are told what changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from olo_jupyter.promotion.git import GitError
from olo_jupyter.server.models.promote import CheckDetail, PromotionDetail, PromotionList
from olo_jupyter.server.promotions import Follower

INTERVAL = 0.02


def promotions(state: str, *checks: str, unasked: str = "") -> PromotionList:
    told = [CheckDetail.model_validate({"name": f"c{n}", "outcome": one, "url": ""}) for n, one in enumerate(checks)]
    detail = PromotionDetail.model_validate(
        {
            "name": "delays", "kind": "dbt", "relation": "gold.delays", "notebook": "a.ipynb", "path": "a.ipynb",
            "branch": "olo/ana/delays", "commit": "1", "state": state, "pull_request": None, "checks": told,
            "reviews": [], "cells": [], "job": "", "deployed": [], "last_run": None,
        }
    )  # fmt: skip
    return PromotionList(promotions=[detail], unasked=unasked)


def told(answers: list[PromotionList | Exception], first: PromotionList) -> list[tuple[str, list[str]]]:
    """What the browsers were told while the host answered so, one after the other; the last one ends it."""
    heard: list[tuple[str, list[str]]] = []
    left = iter(answers)

    def ask() -> PromotionList:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def emit(_: str, data: dict[str, Any]) -> None:
        heard.append((data["promotion"]["state"], [check["outcome"] for check in data["promotion"]["checks"]]))

    Follower(ask, emit, INTERVAL).look(first)
    wait(lambda: "olo-checks" not in {thread.name for thread in threading.enumerate()})
    assert next(left, None) is None, "it ended too early"
    return heard


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_checks_that_begin_after_somebody_looked_are_told_and_the_merge() -> None:
    heard = told(
        [
            promotions("open"),
            promotions("open", "pending"),
            promotions("open", "success"),
            promotions("merged", "success"),
        ],
        promotions("open"),
    )
    assert heard == [("open", ["pending"]), ("open", ["success"]), ("merged", ["success"])]


def test_a_host_that_fails_for_a_while_is_asked_again() -> None:
    lost = promotions("pushed", unasked="The host does not answer.")
    heard = told(
        [GitError("refused"), lost, promotions("merged", "failure")],
        promotions("open", "pending"),
    )
    assert heard == [("merged", ["failure"])], "what wasn't asked is no news"


def test_nothing_open_is_nothing_to_ask() -> None:
    assert told([], promotions("merged", "success")) == []


def test_who_looks_again_after_the_end_begins_anew() -> None:
    answers = [promotions("merged"), promotions("merged")]
    heard: list[str] = []
    follower = Follower(lambda: answers.pop(), lambda _, data: heard.append(data["promotion"]["state"]), INTERVAL)
    for _ in range(2):
        follower.look(promotions("open"))
        wait(lambda: "olo-checks" not in {thread.name for thread in threading.enumerate()})
    assert heard == ["merged", "merged"]


def test_what_runs_is_asked_for_more_often_than_what_is_only_open() -> None:
    asked: list[float] = []

    def ask() -> PromotionList:
        asked.append(time.monotonic())
        return promotions("merged")

    for first in (promotions("open", "pending"), promotions("open")):
        begun = time.monotonic()
        Follower(ask, lambda *_: None, 0.1).look(first)
        wait(lambda: "olo-checks" not in {thread.name for thread in threading.enumerate()})
        asked[-1] -= begun
    assert 0.1 <= asked[0] < asked[1]
    assert asked[1] >= 0.3
