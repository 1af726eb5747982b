"""Groq: its size limit, and the tool calls that its own parser gave up on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from support.gateway import Gateway, default_config
from support.rules import check_error, check_stream
from support.upstream import Upstream

Start = Callable[..., Gateway]
LIMIT = 4 << 20
# Images are many bytes and few tokens: nothing else outgrows the limit before the model's context.
SEES = {"llama-3.3*": {"vision": True}}


@pytest.fixture
def groq(start: Start, upstream: Upstream) -> Callable[..., Gateway]:
    """A gateway with the provider `groq`, whose section has these keys too."""

    def go(**keys: Any) -> Gateway:
        section = {"type": "groq", "base_url": f"{upstream.root}/groq/openai/v1", "api_key": "gsk_test"}
        return start(default_config(upstream, providers={"groq": section | keys}, models=SEES))

    return go


def long_talk(turns: int) -> list[dict]:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * (1 << 20)}}
    talk: list[dict] = [{"role": "system", "content": "be brief"}]
    for number in range(turns):
        talk.append({"role": "user", "content": [{"type": "text", "text": f"question {number}"}, image]})
        talk.append({"role": "assistant", "content": f"answer {number}"})
    return [*talk, {"role": "user", "content": "hi there"}]


def ask(gateway: Gateway, messages: list[dict], **more: Any) -> Any:
    return gateway.post("/v1/chat/completions", {"model": "groq/llama-3.3-70b-versatile", "messages": messages} | more)


def test_a_request_beyond_its_limit_is_refused_without_asking_it(groq: Any, upstream: Upstream) -> None:
    answer = ask(groq(), long_talk(5))
    error = check_error(answer, 413)
    assert error["code"] == "request_too_large" and "on_oversize" in error["message"] and str(LIMIT) in error["message"]
    assert not upstream.requests()


@pytest.mark.parametrize("stream", [False, True])
def test_the_oldest_turns_are_left_out_when_the_operator_wants_that(groq: Any, upstream: Upstream, stream: bool) -> None:
    talk = long_talk(6)
    answer = ask(groq(on_oversize="truncate"), talk, stream=stream)
    assert answer.status == 200, answer.body[:400]
    assert answer.header("x-recloser-dropped") == "messages (oldest 6 left out)"
    seen = upstream.last()
    assert len(seen.body) <= LIMIT
    assert seen.json()["messages"] == [talk[0], *talk[7:]]


def test_another_target_takes_what_is_too_large_for_groq(groq: Any, start: Start, upstream: Upstream) -> None:
    config = default_config(upstream, routes={"r": {"targets": ["groq/llama-3.3-70b-versatile", "local/big"]}}, models=SEES)
    config["providers"]["groq"] = {"base_url": f"{upstream.root}/groq/openai/v1", "api_key": "gsk_test"}
    answer = start(config).post("/v1/chat/completions", {"model": "r", "messages": long_talk(5)})
    assert answer.status == 200 and answer.header("x-recloser-target") == "local/big"


WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def test_calls_that_its_own_parser_gave_up_on_are_read(groq: Any, upstream: Upstream) -> None:
    gateway = groq()
    answer = ask(gateway, [{"role": "user", "content": "bad call"}], tools=[WEATHER])
    assert answer.status == 200, answer.body
    choice = answer.json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    (call,) = choice["message"]["tool_calls"]
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("weather", {"city": "Zürich"})
    assert len(upstream.requests()) == 1


def test_calls_that_its_own_parser_gave_up_on_are_streamed(groq: Any) -> None:
    stream = check_stream(ask(groq(), [{"role": "user", "content": "bad call"}], tools=[WEATHER], stream=True).body)
    assert stream.finish == "tool_calls"


def test_calls_of_tools_that_were_not_offered_stay_a_failure(groq: Any) -> None:
    other = {"type": "function", "function": {"name": "other"}}
    error = check_error(ask(groq(), [{"role": "user", "content": "bad call"}], tools=[other]), 400)
    assert error["code"] == "tool_use_failed"
