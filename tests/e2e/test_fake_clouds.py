"""The fake Mistral and the fake Groq are right: the vendors' own SDKs run straight against them. Needs no gateway."""

from __future__ import annotations

import json
from typing import Any

import groq
import pytest
from mistralai.client import Mistral

from support import wire
from support.samples import CLOCK, WEATHER, called, say, tool_answer
from support.upstream import Upstream

SMALL, LLAMA = "mistral-small-latest", "llama-3.3-70b-versatile"


@pytest.fixture
def mistral(upstream: Upstream) -> Mistral:
    return Mistral(api_key="mistral-test", server_url=f"{upstream.root}/mistral")


@pytest.fixture
def fast(upstream: Upstream) -> groq.Groq:
    return groq.Groq(api_key="gsk_test", base_url=f"{upstream.root}/groq", max_retries=0)


# ---------------------------------------------------------------------------------------------------- Mistral


def test_mistral_answers_and_streams(mistral: Mistral) -> None:
    answer = mistral.chat.complete(model=SMALL, **say("hi there"))
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason, answer.usage.total_tokens) == ("hi there", "stop", 4)
    chunks = [e.data for e in mistral.chat.stream(model=SMALL, **say("one two"))]
    assert "".join(c.choices[0].delta.content for c in chunks) == "one two" and chunks[-1].usage.completion_tokens == 2
    found = {m.id: m.capabilities.reasoning for m in mistral.models.list().data}
    assert found["magistral-latest"] and not found[SMALL]


def test_mistral_thinks_in_chunks(mistral: Mistral) -> None:
    content = mistral.chat.complete(model="magistral-latest", **say("think aloud")).choices[0].message.content
    assert [c.type for c in content] == ["thinking", "text"] and content[1].text == "think aloud"


def test_mistral_calls_go_round(mistral: Mistral) -> None:
    question = say('call tools with {"city": "Zürich 😀"}')
    last = [e.data for e in mistral.chat.stream(model=SMALL, tools=[WEATHER, CLOCK], **question)][-1].choices[0]
    calls = last.delta.tool_calls
    assert last.finish_reason == "tool_calls" and [json.loads(c.function.arguments) for c in calls] == [{"city": "Zürich 😀"}] * 2
    assert all(len(c.id) == 9 for c in calls)
    history = [
        *question["messages"],
        called(*[(c.id, c.function.name, c.function.arguments) for c in calls]),
        *[tool_answer(c.id, "sunny") for c in calls],
    ]
    assert (
        mistral.chat.complete(model=SMALL, tools=[WEATHER, CLOCK], messages=history).choices[0].message.content
        == "tool said: sunny | sunny"
    )


CALL = {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefgh1", "function": {"name": "weather", "arguments": "{}"}}]}
TOOL = {"role": "tool", "tool_call_id": "abcdefgh1", "content": "x"}
USER = {"role": "user", "content": "x"}
MISTRAL_REFUSALS: dict[str, tuple[dict, int, str]] = {
    "seed": (say("x", seed=1), 422, "extra_forbidden"),
    "max_completion_tokens": (say("x", max_completion_tokens=1), 422, "extra_forbidden"),
    "stream_options": (say("x", stream=True, stream_options={}), 422, "extra_forbidden"),
    "a developer": ({"messages": [{"role": "developer", "content": "x"}]}, 422, "union_tag_invalid"),
    "an OpenAI tool id": ({"messages": [USER, called(("call_1", "weather", "{}")), tool_answer("call_1", "x")]}, 400, "invalid_function_call"),
    "the user after a tool": ({"messages": [USER, CALL, TOOL, USER]}, 400, "invalid_request_message_order"),
    "an unanswered call": ({"messages": [USER, CALL, USER]}, 400, "invalid_request_message_order"),
    "the assistant last": ({"messages": [USER, {"role": "assistant", "content": "x"}]}, 400, "invalid_request_message_order"),
    "an unknown model": (say("x", model="gone"), 400, "invalid_model"),
    "reasoning where none is": (say("x", reasoning_effort="high"), 400, "invalid_request_error"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTRAL_REFUSALS)
def test_mistral_refuses(upstream: Upstream, case: str) -> None:
    fields, status, word = MISTRAL_REFUSALS[case]
    found = post(upstream, "/mistral/v1/chat/completions", "mistral-test", {"model": SMALL} | fields)
    assert found.status == status and word in found.body.decode(), found.body


def post(upstream: Upstream, path: str, key: str, body: Any) -> wire.Response:
    return wire.ask(upstream.port, wire.request("POST", path, json.dumps(body).encode(), headers={"authorization": f"Bearer {key}"}))


# ---------------------------------------------------------------------------------------------------- Groq


def test_groq_answers_and_streams(fast: groq.Groq) -> None:
    answer = fast.chat.completions.create(model=LLAMA, **say("hi there"))
    assert answer.choices[0].message.content == "hi there" and answer.usage.total_time
    chunks = list(fast.chat.completions.create(model=LLAMA, stream=True, **say("one two")))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "one two"
    assert chunks[0].x_groq.id and chunks[-1].x_groq.usage.completion_tokens == 2
    assert LLAMA in [m.id for m in fast.models.list().data]


def test_groq_calls_go_round(fast: groq.Groq) -> None:
    question = say("call tools")
    said = fast.chat.completions.create(model=LLAMA, tools=[WEATHER, CLOCK], **question).choices[0].message
    calls = [(c.id, c.function.name, c.function.arguments) for c in said.tool_calls]
    history: Any = [*question["messages"], called(*calls), *[tool_answer(c[0], "sunny") for c in calls]]
    assert (
        fast.chat.completions.create(model=LLAMA, tools=[WEATHER, CLOCK], messages=history).choices[0].message.content
        == "tool said: sunny | sunny"
    )
    with pytest.raises(groq.BadRequestError) as failed:
        fast.chat.completions.create(model=LLAMA, tools=[WEATHER], **say("bad call"))
    assert failed.value.body["error"]["code"] == "tool_use_failed" and failed.value.body["error"]["failed_generation"]


GROQ_REFUSALS: dict[str, tuple[dict, str]] = {
    "logprobs": (say("x", logprobs=True), "'logprobs' is unsupported"),
    "an unknown field": (say("x", min_p=1), "'min_p' is unsupported"),
    "two choices": (say("x", n=2), "at most 1"),
    "raw reasoning with tools": (say("x", reasoning_format="raw", tools=[WEATHER]), "raw"),
    "two ways to reason": (say("x", reasoning_format="parsed", include_reasoning=True), "both"),
    "effort where none is": (say("x", reasoning_effort="low"), "reasoning_effort must be one of"),
}  # fmt: skip


@pytest.mark.parametrize("case", GROQ_REFUSALS)
def test_groq_refuses(upstream: Upstream, case: str) -> None:
    fields, words = GROQ_REFUSALS[case]
    found = post(upstream, "/groq/openai/v1/chat/completions", "gsk_test", {"model": LLAMA} | fields)
    assert found.status == 400 and words in found.json()["error"]["message"], found.body


def test_failures_look_like_the_vendors(upstream: Upstream, mistral: Mistral, fast: groq.Groq) -> None:
    upstream.next({"fail": "rate_limit"}, {"fail": "quota"})
    with pytest.raises(groq.RateLimitError) as limited:
        fast.chat.completions.create(model=LLAMA, **say("x"))
    assert limited.value.response.headers["x-ratelimit-reset-tokens"] == "7.66s"
    with pytest.raises(Exception, match="Rate limit exceeded") as barred:
        mistral.chat.complete(model=SMALL, **say("x"))
    assert barred.value.headers["x-ratelimit-limit-req-minute"] == "0"  # type: ignore[attr-defined]
    assert post(upstream, "/mistral/v1/chat/completions", "mistral-wrong", say("x")).status == 401
    assert post(upstream, "/groq/openai/v1/chat/completions", "gsk_wrong", say("x")).status == 401
