"""The one room for HTTP: when it asks again, when it doesn't, and when it leaves a service in peace."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable

import httpx2 as httpx
import pytest

from olo_jupyter.backends.upstream import client
from olo_jupyter.backends.upstream.circuit import FAILURES, REST, Circuit, CircuitOpen
from olo_jupyter.backends.upstream.client import ATTEMPTS, Upstream, json_object, retry_after
from olo_jupyter.errors import OloError


class Manner:
    def good(self, response: httpx.Response) -> bool:
        return response.is_success and json_object(response) is not None

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        return (retry_after(response) or 0.0) if response.status_code in (429, 503) and repeatable else None

    def unreachable(self, why: str) -> OloError:
        return OloError(f"can't be reached: {why}", code="x-unavailable")

    def refused(self, response: httpx.Response, path: str) -> OloError:
        return OloError(f"answered {response.status_code} at {path}", code="x-refused")


class Fake:
    """A service that answers one thing after the other, the last for ever."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked, self.waits = list(answers), 0, list[float]()

    def upstream(self, **options: object) -> Upstream:
        def handle(request: httpx.Request) -> httpx.Response:
            self.asked += 1
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        transport = httpx.MockTransport(handle)
        return Upstream("http://x.test/base", Manner(), transport=transport, sleep=self.waits.append, **options)


GOOD = httpx.Response(200, json={"a": 1})
AWAY = httpx.Response(503)


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises(OloError) as caught:
        ask()
    return caught.value.code


def test_what_can_be_repeated_is_and_a_post_that_may_have_been_done_is_not() -> None:
    fake = Fake(AWAY, httpx.ReadTimeout("late"), httpx.ConnectError("refused"), GOOD)
    assert fake.upstream().send("GET", "a").json() == {"a": 1}
    assert (fake.asked, fake.waits) == (4, [0.5, 1.0, 2.0])
    for lost in (httpx.ReadTimeout("late"), httpx.RemoteProtocolError("cut"), httpx.WriteError("cut")):
        fake = Fake(lost, GOOD)
        assert code_of(lambda fake=fake: fake.upstream().send("POST", "a", body={})) == "x-unavailable"
        assert fake.asked == 1
    fake = Fake(httpx.ConnectError("refused"), GOOD)
    fake.upstream().send("POST", "a", body={})
    assert fake.asked == 2, "nothing was sent: again is safe"


def test_waits_are_bounded_and_so_is_patience() -> None:
    fake = Fake(httpx.Response(429, headers={"Retry-After": "3600"}))
    assert code_of(lambda: fake.upstream().send("GET", "a")) == "x-refused"
    assert fake.waits == []
    fake = Fake(AWAY)
    assert code_of(lambda: fake.upstream(patience=0.1).send("GET", "a")) == "x-refused"
    assert fake.asked == 1
    fake = Fake(AWAY)
    code_of(lambda: fake.upstream().send("GET", "a"))
    assert fake.asked == ATTEMPTS


def test_no_redirect_is_followed() -> None:
    fake = Fake(httpx.Response(302, headers={"Location": "https://elsewhere.example.org/"}))
    assert code_of(lambda: fake.upstream(headers={"Authorization": "Bearer x"}).send("GET", "a")) == "x-refused"
    assert fake.asked == 1


def test_an_answer_has_a_bound_unpacked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    bomb = httpx.Response(200, content=gzip.compress(b" " * 100_000), headers={"Content-Encoding": "gzip"})
    for large in (httpx.Response(200, json={"a": "x" * 2000}), bomb):
        fake = Fake(large)
        assert code_of(lambda fake=fake: fake.upstream(attempts=1).send("GET", "a")) == "x-unavailable"
    packed = httpx.Response(200, content=gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})
    assert Fake(packed).upstream().send("GET", "a").json() == {"a": 1}


def test_a_service_that_fails_is_left_in_peace_and_one_call_tries() -> None:
    now = [0.0]
    circuit = Circuit(clock=lambda: now[0])
    for _ in range(FAILURES):
        assert circuit.state == "closed"
        with circuit.call() as outcome:
            outcome.failed("timed out")
    assert circuit.state == "open"
    with pytest.raises(CircuitOpen, match="timed out"), circuit.call():
        pass
    now[0] += REST
    assert circuit.state == "half-open"
    inside, leave = threading.Event(), threading.Event()

    def trial() -> None:
        with circuit.call() as outcome:
            inside.set()
            leave.wait(5)
            outcome.failed("still away")

    thread = threading.Thread(target=trial)
    thread.start()
    inside.wait(5)
    with pytest.raises(CircuitOpen), circuit.call():
        pass
    leave.set()
    thread.join()
    assert circuit.state == "open"
    now[0] += REST
    with circuit.call():
        pass
    assert circuit.state == "closed"


def test_what_opens_the_circuit_and_what_does_not() -> None:
    fake = Fake(httpx.ConnectError("refused"))
    upstream = fake.upstream(attempts=1)
    for _ in range(FAILURES):
        assert code_of(lambda: upstream.send("GET", "a")) == "x-unavailable"
    with pytest.raises(OloError, match=r"refused; it is asked again in 5 s"):
        upstream.send("GET", "a")
    assert fake.asked == FAILURES
    for told in (httpx.Response(404), httpx.Response(500), httpx.Response(401), httpx.Response(200, text="<html>")):
        fake = Fake(told)
        upstream = fake.upstream(attempts=1)
        for _ in range(FAILURES + 2):
            assert code_of(lambda upstream=upstream: upstream.send("GET", "a")) == "x-refused"
        assert upstream.circuit.state == "closed", "it answers: there is no peace to leave it in"


def test_an_interrupt_is_no_answer() -> None:
    now = [0.0]
    circuit = Circuit(failures=1, clock=lambda: now[0])
    with circuit.call() as outcome:
        outcome.failed("away")
    now[0] += REST
    with pytest.raises(KeyboardInterrupt), circuit.call():
        raise KeyboardInterrupt
    assert circuit.state == "half-open", "the trial told nothing: the next call tries"
