"""Replicate: predictions that are held open, asked for again, streamed, ended when the client leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from fake import replicate
from support import wire
from support.gateway import SECRETS, Gateway
from support.rules import check_broken_stream, check_completion, check_error, check_stream
from support.samples import CLOCK, say
from support.upstream import Received, Upstream
from support.wait import SLOW, until

Start = Callable[..., Gateway]
LLAMA, OLD = "r/meta/meta-llama-3-8b-instruct", f"r/acme/old-llm:{replicate.version_of('acme/old-llm')}"
TOKEN = "r8_secret-token"
SECRETS += [TOKEN]
LIMIT = 0.1 * SLOW


def config(up: Upstream, **more: Any) -> dict:
    return {"providers": {"r": {"type": "replicate", "base_url": f"{up.root}/replicate/v1", "api_key": TOKEN} | more}}


def sent(up: Upstream, method: str, part: str) -> list[Received]:
    return [r for r in up.everything() if r.method == method and part in r.target]


def creates(up: Upstream) -> list[Received]:
    return [r for r in sent(up, "POST", "/predictions") if "/cancel" not in r.target]


# ---------------------------------------------------------------------------------------------------- whole answers


def test_a_quick_answer_takes_one_exchange(start: Start, upstream: Upstream) -> None:
    answer = start(config(upstream)).chat(LLAMA)
    assert check_completion(answer.json())["content"] == "hi there"
    assert answer.json()["usage"]["completion_tokens"] == 2
    assert [r.headers["authorization"] for r in upstream.everything()] == [f"Bearer {TOKEN}"]
    assert upstream.last().headers["prefer"].startswith("wait")


@pytest.mark.parametrize("text", ["slow 1 and more", "half done and more"])
def test_an_answer_that_takes_longer_is_asked_for_again(start: Start, upstream: Upstream, text: str) -> None:
    answer = start(config(upstream)).chat(LLAMA, text)
    assert check_completion(answer.json())["content"] == text
    assert len(creates(upstream)) == 1 and sent(upstream, "GET", "/v1/predictions/")
    assert not sent(upstream, "POST", "/cancel")


def test_other_models_are_called_by_their_version_and_deployments_by_their_name(start: Start, upstream: Upstream) -> None:
    gateway = start(config(upstream))
    assert check_completion(gateway.chat(OLD).json())["content"] == "hi there"
    assert upstream.last().target == "/replicate/v1/predictions" and upstream.last().json()["version"]
    assert check_completion(gateway.chat("r/deployments/acme/my-llama").json())["content"] == "hi there"
    assert upstream.last().target == "/replicate/v1/deployments/acme/my-llama/predictions"


@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_of_several_turns(start: Start, upstream: Upstream, stream: bool) -> None:
    history = [
        {"role": "system", "content": "Be kind."}, {"role": "user", "content": "one"}, {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three ä"},
    ]  # fmt: skip
    body = {"messages": history, "stream": stream, "temperature": 0.5, "max_tokens": 100}
    gateway = start(config(upstream))
    for model in (LLAMA, "r/openai/gpt-4o"):
        answer = gateway.post("/v1/chat/completions", {"model": model} | body)
        assert answer.status == 200, answer.body
        assert (check_stream(answer.body).text if stream else check_completion(answer.json())["content"]) == "three ä"


def test_tools_are_refused_before_anything_is_paid(start: Start, upstream: Upstream) -> None:
    check_error(start(config(upstream)).chat(LLAMA, tools=[CLOCK]), 400)
    assert not upstream.requests()


# ---------------------------------------------------------------------------------------------------- streams


def test_a_stream_brings_its_text_and_its_usage(start: Start, upstream: Upstream) -> None:
    text = "Zürich 漢字\n\n two\nlines  and spaces"
    answer = start(config(upstream)).chat(LLAMA, text, stream=True, stream_options={"include_usage": True})
    said = check_stream(answer.body, usage=True)
    assert said.text == text and said.usage and said.usage["completion_tokens"] > 0
    assert creates(upstream)[0].json()["stream"] is True
    assert sent(upstream, "GET", "/stream/")[0].headers["accept"] == "text/event-stream"
    assert not sent(upstream, "POST", "/cancel")


def test_a_stream_of_a_model_that_has_none_is_played(start: Start, upstream: Upstream) -> None:
    said = check_stream(start(config(upstream)).chat(OLD, stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.text == "hi there" and said.usage and said.usage["completion_tokens"] == 2
    assert not sent(upstream, "GET", "/stream/")


def test_the_usage_of_a_stream_may_be_missing(start: Start, upstream: Upstream) -> None:
    """What it cost is asked for after the answer: that this fails is none of the answer's fault."""
    upstream.next({"on": "GET", "path": "/v1/predictions/", "fail": "server_error", "times": -1})
    assert check_stream(start(config(upstream)).chat(LLAMA, "one two", stream=True).body).text == "one two"


def test_a_stream_may_come_in_any_pieces(start: Start, upstream: Upstream) -> None:
    upstream.next({"on": "GET", "path": "/stream/", "split": 1})
    assert check_stream(start(config(upstream)).chat(LLAMA, "ä b 漢字", stream=True).body).text == "ä b 漢字"


@pytest.mark.parametrize("url", ["http://evil.example/stream/v1/x", "http://127.0.0.1:1/stream/v1/x", "file:///etc/passwd"])
def test_a_stream_at_a_foreign_host_is_refused(start: Start, upstream: Upstream, url: str) -> None:
    """Our token would go there."""
    made = {"id": "p1", "status": "starting", "urls": {"stream": url}, "input": {}, "output": None}
    upstream.next({"body": json.dumps(made), "status": 201, "times": 1})
    error = check_error(start(config(upstream)).chat(LLAMA, stream=True), 502)
    assert "stream" in error["message"]
    assert until(lambda: sent(upstream, "POST", "/p1/cancel"), "what nobody reads is ended")


# ---------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("fail: CUDA out of memory", {502, 503}, "CUDA"), ("state: canceled", {502, 503}, "canceled"),
        ("state: aborted", {502, 503}, ""), ("slow 1 fail: boom", {502, 503}, "boom"),
    ],
)  # fmt: skip
def test_predictions_that_end_badly(start: Start, upstream: Upstream, text: str, status: set, words: str, stream: bool) -> None:
    error = check_error(start(config(upstream)).chat(LLAMA, text, stream=stream), status)
    assert words in error["message"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("rate_limit", 429), ("auth", 502), ("billing", 503), ("invalid_request", {400, 422}), ("not_found", 404),
        ("too_large", {400, 413}), ("server_error", 502), ("bad_gateway", 502), ("overloaded", 503), ("timeout", 504),
    ],
)  # fmt: skip
def test_faults_of_a_create(start: Start, upstream: Upstream, fault: str, status: Any, stream: bool) -> None:
    upstream.next({"fail": fault, "times": -1})
    answer = start(config(upstream)).chat(LLAMA, stream=stream)
    check_error(answer, status)
    if fault == "rate_limit":
        assert answer.header("retry-after") == "30"


def test_a_stream_that_is_cut_is_visible_and_its_prediction_ended(start: Start, upstream: Upstream) -> None:
    upstream.next({"on": "GET", "path": "/stream/", "event_ms": 20, "cut": {"events": 4}})
    text, _ = check_broken_stream(start(config(upstream)).chat(LLAMA, "a b c d e f g", stream=True).body)
    assert text and "a b c d e f g".startswith(text)
    assert until(lambda: sent(upstream, "POST", "/cancel"), "the prediction is ended")


def test_an_error_in_mid_stream_is_visible(start: Start, upstream: Upstream) -> None:
    upstream.next({"on": "GET", "path": "/stream/", "event_ms": 20, "error_event": {"after": 3, "fail": "server_error"}})
    text, _ = check_broken_stream(start(config(upstream)).chat(LLAMA, "a b c d e f g", stream=True).body)
    assert text and "a b c d e f g".startswith(text)


@pytest.mark.parametrize("answer", ["{}", "[]", "x", '{"id":"../x","status":"starting"}', '{"id":"a","status":7}'])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_no_prediction_is_said_to_be_none(start: Start, upstream: Upstream, answer: str, stream: bool) -> None:
    upstream.next({"body": answer, "status": 201})
    check_error(start(config(upstream)).chat(LLAMA, stream=stream), 502)


def test_a_failure_leads_to_the_next_target(start: Start, upstream: Upstream) -> None:
    both = config(upstream)
    both["providers"]["local"] = {"type": "openai-compatible", "base_url": upstream.local}
    both["routes"] = {"route": {"targets": [LLAMA, "local/m"]}}
    answer = start(both).chat("route", "fail: boom", stream=True)
    assert check_stream(answer.body).text == "fail: boom" and answer.header("x-recloser-target") == "local/m"


def test_connections_that_the_server_has_closed_are_no_failure(start: Start, upstream: Upstream) -> None:
    gateway = start(config(upstream))
    for _ in range(3):
        upstream.next({"close_idle": "on_next"})
        assert gateway.chat(LLAMA).status == 200


# ---------------------------------------------------------------------------------------------------- the client leaves


def chat(text: str, **fields: Any) -> bytes:
    return wire.request("POST", "/v1/chat/completions", json.dumps({"model": LLAMA} | say(text, **fields)).encode())


def wait_for_cancel(up: Upstream, id_: str) -> float:
    until(lambda: sent(up, "POST", f"/predictions/{id_}/cancel"), "the prediction is canceled")
    return time.time()


def state_of(up: Upstream, id_: str) -> str:
    request = wire.request("GET", f"/replicate/v1/predictions/{id_}", headers={"authorization": f"Bearer {TOKEN}"})
    return wire.ask(up.port, request).json()["status"]


def id_of(target: str) -> str:
    return target.rstrip("/").rpartition("/")[2]


def test_a_client_that_leaves_while_we_ask_ends_the_prediction(start: Start, upstream: Upstream) -> None:
    gateway = start(config(upstream))
    with gateway.wire() as peer:
        peer.send(chat("slow 1000"))
        asked = until(lambda: sent(upstream, "GET", "/v1/predictions/"), "the gateway asks again")
        left = time.time()
    id_ = id_of(asked[0].target)
    assert wait_for_cancel(upstream, id_) - left < LIMIT
    until(lambda: state_of(upstream, id_) == "canceled", "it is canceled")


def test_a_client_that_leaves_a_stream_ends_the_prediction(start: Start, upstream: Upstream) -> None:
    upstream.next({"on": "GET", "path": "/stream/", "event_ms": 30})
    gateway = start(config(upstream))
    with gateway.wire() as peer:
        peer.send(chat("long answer 5000", stream=True))
        peer.read_head()
        for _ in range(3):
            assert peer.read_event()
        left = time.time()
    id_ = id_of(sent(upstream, "GET", "/stream/")[0].target)
    assert wait_for_cancel(upstream, id_) - left < LIMIT
    assert until(lambda: sent(upstream, "GET", "/stream/")[0].cut_at, "the stream is cut") - left < LIMIT


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_before_the_prediction_has_a_name_ends_it_then(start: Start, upstream: Upstream, stream: bool) -> None:
    upstream.next({"path": "/predictions", "first_byte_ms": 400})
    gateway = start(config(upstream))
    with gateway.wire() as peer:
        peer.send(chat("slow 1000", stream=stream))
        upstream.wait_for_request()
    assert until(lambda: sent(upstream, "POST", "/cancel"), "the prediction is canceled")
    assert not sent(upstream, "GET", "/stream/")


def asked_for(up: Upstream, count: int) -> bool:
    return len({r.target for r in sent(up, "GET", "/v1/predictions/")}) >= count


def test_clients_that_leave_harm_no_health(start: Start, upstream: Upstream) -> None:
    gateway = start(config(upstream))
    for i in range(6):
        with gateway.wire() as peer:
            peer.send(chat("slow 1000"))
            until(partial(asked_for, upstream, i + 1), "the gateway asks")
    until(lambda: len(sent(upstream, "POST", "/cancel")) == 6, "all are canceled")
    assert gateway.chat(LLAMA).status == 200
