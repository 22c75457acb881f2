"""What a host does wrong, and what the user gets to see: never a token, never a second pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.backends.hosts.base import GitHost, HostError, Proposal
from olo_jupyter.backends.hosts.discover import Kind, Remote, connect
from olo_jupyter.promotion.pull_request import open_pull_request

TOKEN = "planted-token-1f9c"
REMOTE = Remote("git.example.org", "ana/flights", "https://git.example.org")
KINDS: tuple[Kind, ...] = ("github", "gitlab", "gitea")
PROPOSAL = Proposal("olo/ana/delays", "main", "feat: promote delays", "Why.")

PULL: dict[Kind, dict[str, Any]] = {
    "github": {
        "number": 7, "node_id": "PR_7", "html_url": "https://git.example.org/ana/flights/pull/7",
        "title": PROPOSAL.title, "body": "Why.", "state": "open", "draft": False, "merged_at": None,
        "merge_commit_sha": "c0ffee",
        "head": {"ref": "olo/ana/delays", "sha": "abc"}, "base": {"ref": "main", "sha": "def"},
    },
    "gitlab": {
        "iid": 7, "web_url": "https://git.example.org/ana/flights/-/merge_requests/7", "title": PROPOSAL.title,
        "description": "Why.", "state": "opened", "draft": False, "sha": "abc", "source_branch": "olo/ana/delays",
        "target_branch": "main",
    },
    "gitea": {
        "number": 7, "html_url": "https://git.example.org/ana/flights/pulls/7", "title": PROPOSAL.title, "body": "Why.",
        "state": "open", "merged": False, "head": {"ref": "olo/ana/delays", "sha": "abc", "label": "olo/ana/delays"},
        "base": {"ref": "main", "sha": "def"},
    },
}  # fmt: skip

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """No test waits; what would have been waited is recorded."""
    waited: list[float] = []
    monkeypatch.setattr("olo_jupyter.backends.hosts.transport.time.sleep", waited.append)
    yield waited


def host(kind: Kind, handler: Handler) -> GitHost:
    return connect(REMOTE, kind, TOKEN, transport=httpx.MockTransport(handler))


def answering(status: int, body: Any = None, **headers: str) -> Handler:
    return lambda _: httpx.Response(status, json=body, headers=headers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "host-unauthorized"), (403, "host-forbidden"), (404, "host-not-found"), (422, "host-invalid"),
        (429, "host-rate-limited"), (500, "host-unavailable"), (503, "host-unavailable"), (302, "host-not-found"),
    ],
)  # fmt: skip
def test_a_refusal_in_words(kind: Kind, status: int, code: str) -> None:
    told = answering(status, {"message": "no such luck"}, location="https://other.example.org/")
    with pytest.raises(HostError) as raised:
        host(kind, told).find("olo/ana/delays", "main")
    assert raised.value.code == code
    assert "git.example.org" in raised.value.message
    assert TOKEN not in raised.value.message + raised.value.hint
    assert raised.value.hint or code == "host-invalid"


@pytest.mark.parametrize("kind", KINDS)
def test_unavailable_for_a_moment_is_tried_again(kind: Kind) -> None:
    answers = iter([httpx.Response(503), httpx.ConnectError("refused"), httpx.Response(200, json=[PULL[kind]])])

    def handler(_: httpx.Request) -> httpx.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = host(kind, handler).find("olo/ana/delays", "main")
    assert found is not None
    assert found.number == 7


def test_retry_after_is_obeyed(waits: list[float]) -> None:
    answers = iter([httpx.Response(429, headers={"retry-after": "3"}), httpx.Response(201, json=PULL["github"])])
    host("github", lambda _: next(answers)).create(PROPOSAL)
    assert waits == [3.0]


def test_a_long_wait_is_told_instead(waits: list[float]) -> None:
    with pytest.raises(HostError) as raised:
        host("github", answering(429, {}, **{"retry-after": "3600"})).create(PROPOSAL)
    assert raised.value.code == "host-rate-limited"
    assert waits == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", ["read timeout", "gateway timeout"])
def test_a_lost_answer_opens_no_second_one(kind: Kind, fault: str) -> None:
    made: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            made.append(request.url.path)
            if fault == "read timeout":
                raise httpx.ReadTimeout("cut", request=request)
            return httpx.Response(504)
        return httpx.Response(200, json=[PULL[kind]] if made else [])

    opened = open_pull_request(host(kind, handler), PROPOSAL)
    assert opened.pull_request.number == 7
    assert len(made) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_exists_is_brought_up_to_date(kind: Kind) -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            listing = request.url.path.endswith(("/pulls", "/merge_requests"))
            return httpx.Response(200, json=[PULL[kind]] if listing else PULL[kind])
        sent.append(request)
        return httpx.Response(200, json=PULL[kind])

    opened = open_pull_request(host(kind, handler), Proposal("olo/ana/delays", "main", "feat: better", "New."))
    assert not opened.is_new
    assert [request.method for request in sent] == ["PUT" if kind == "gitlab" else "PATCH"]


def test_an_unchanged_one_is_left_alone() -> None:
    requests: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request.method)
        return httpx.Response(200, json=[PULL["github"]])

    open_pull_request(host("github", handler), PROPOSAL)
    assert requests == ["GET"]


def test_github_says_that_one_exists_by_422() -> None:
    body = {"message": "Validation Failed", "errors": [{"message": "A pull request already exists for ana:x."}]}
    with pytest.raises(HostError) as raised:
        host("github", answering(422, body)).create(PROPOSAL)
    assert raised.value.code == "host-exists"


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_label_is_a_finding(kind: Kind) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST" and path.endswith(("/pulls", "/merge_requests")):
            return httpx.Response(201, json=PULL[kind])
        if request.method == "GET":
            return httpx.Response(200, json=[])
        return httpx.Response(403, json={"message": "not yours"})

    proposal = Proposal("olo/ana/delays", "main", "feat: promote delays", "Why.", labels=["olo"])
    opened = open_pull_request(host(kind, handler), proposal)
    assert opened.is_new
    assert [finding.code for finding in opened.findings] == ["label-not-set"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_reviewer_whom_the_host_doesn_t_know(kind: Kind) -> None:
    """CODEOWNERS names somebody without an account: a finding says so, not that the repository isn't there."""

    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST" and path.endswith(("/pulls", "/merge_requests")):
            return httpx.Response(201, json=PULL[kind])
        if request.method == "GET":
            return httpx.Response(200, json=[])
        return httpx.Response(404, json={"message": "User 'data-team' not exist"})

    proposal = Proposal("olo/ana/delays", "main", "feat: promote delays", "Why.", reviewers=["data-team"])
    [finding] = open_pull_request(host(kind, handler), proposal).findings
    assert finding.code == "reviewer-not-asked"
    assert "Is data-team an account of this host?" in str(finding.hint)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", ["<html>sign in</html>", '{"message": 1}', '[{"id": 1}]'])
def test_an_answer_that_is_not_the_hosts(kind: Kind, body: str) -> None:
    with pytest.raises(HostError) as raised:
        host(kind, lambda _: httpx.Response(200, text=body)).find("a", "main")
    assert raised.value.code == "host-protocol"


def test_the_next_page_stays_on_the_host() -> None:
    link = '<https://evil.example.net/repos>; rel="next"'
    with pytest.raises(HostError) as raised:
        host("gitea", answering(200, [], link=link)).find("a", "main")
    assert raised.value.code == "host-protocol"


def test_pages_are_followed() -> None:
    other = {**PULL["gitea"], "number": 1, "head": {"ref": "x", "sha": "1", "label": "x"}}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("page") == "2":
            return httpx.Response(200, json=[PULL["gitea"]])
        more = '<https://git.example.org/api/v1/repos/ana/flights/pulls?page=2>; rel="next"'
        return httpx.Response(200, json=[other], headers={"link": more})

    found = host("gitea", handler).find("olo/ana/delays", "main")
    assert found is not None
    assert found.number == 7


def test_a_certificate_that_nobody_vouches_for() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", request=request)

    with pytest.raises(HostError) as raised:
        host("github", handler).get(7)
    assert "ca_file" in raised.value.hint
