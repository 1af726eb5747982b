"""Thinking that goes back. The OpenAI SDK keeps members that it does not know, so a client that appends an answer to its
history as it is returns the sealed blocks without knowing it. The fake checks every seal, and who made it."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from support.gateway import Gateway
from support.samples import CLOCK, tool_answer
from support.upstream import Upstream

BUDGET = "claude/claude-sonnet-4-5"
BOUND = "claude/claude-sonnet-5-5"  # takes no thinking but its own


def whole(client: openai.OpenAI, **fields: Any) -> dict:
    answer = client.chat.completions.create(**fields)
    return answer.choices[0].message.model_dump(exclude_none=True)


def streamed(client: openai.OpenAI, **fields: Any) -> dict:
    with client.chat.completions.stream(**fields) as stream:
        answer = stream.get_final_completion()
    message = answer.choices[0].message.model_dump(exclude_none=True)
    for call in message.get("tool_calls", []):  # what the helper adds for itself
        call.pop("index", None)
        call["function"].pop("parsed_arguments", None)
    message.pop("parsed", None)
    return message


@pytest.mark.parametrize("ask", [whole, streamed])
@pytest.mark.parametrize("model", [BUDGET, BOUND])
def test_thinking_goes_back_to_the_model_that_thought_it(client: openai.OpenAI, upstream: Upstream, ask: Any, model: str) -> None:
    fields: dict = {"model": model, "tools": [CLOCK], "reasoning_effort": "low", "max_completion_tokens": 4000}
    history: list = [{"role": "user", "content": "call tools"}]
    message = ask(client, messages=history, **fields)
    history += [message, tool_answer(message["tool_calls"][0]["id"], "noon")]
    assert whole(client, messages=history, **fields)["content"] == "tool said: noon"
    first = upstream.last().json()["messages"][1]["content"][0]
    assert first["type"] == "thinking" and first["thinking"] == message["reasoning_content"] and first["signature"]
    assert upstream.last().json()["thinking"]["type"] != "disabled"


@pytest.mark.parametrize("ask", [whole, streamed])
def test_thinking_does_not_go_to_another_model(client: openai.OpenAI, gateway: Gateway, upstream: Upstream, ask: Any) -> None:
    fields: dict = {"tools": [CLOCK], "reasoning_effort": "low", "max_completion_tokens": 4000}
    history: list = [{"role": "user", "content": "call tools"}]
    message = ask(client, model=BUDGET, messages=history, **fields)
    history += [message, tool_answer(message["tool_calls"][0]["id"], "noon")]
    answer = gateway.post("/v1/chat/completions", {"model": BOUND, "messages": history} | fields)
    assert answer.status == 200, answer.body
    assert "thinking_blocks" in (answer.header("x-recloser-dropped") or "")
    assert {block["type"] for block in upstream.last().json()["messages"][1]["content"]} == {"tool_use"}


@pytest.mark.parametrize("ask", [whole, streamed])
def test_a_conversation_goes_on_at_a_strict_openai_server(client: openai.OpenAI, upstream: Upstream, ask: Any) -> None:
    history: list = [{"role": "user", "content": "call tools"}]
    message = ask(client, model=BUDGET, messages=history, tools=[CLOCK], reasoning_effort="low", max_completion_tokens=4000)
    assert message["thinking_blocks"] and message["reasoning_content"]
    history += [message, tool_answer(message["tool_calls"][0]["id"], "noon")]
    answer = whole(client, model="up/gpt-4o", messages=history, tools=[CLOCK])
    assert answer["content"] == "tool said: noon"
    history += [answer, {"role": "user", "content": "call tools"}]
    assert ask(client, model=BUDGET, messages=history, tools=[CLOCK])["tool_calls"]
