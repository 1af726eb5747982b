"""Reasoning and seals that a client does not send back are put back by the gateway, for the same target, client and session only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.gateway import Gateway, default_config
from support.samples import CLOCK, tool_answer
from support.upstream import Upstream

CLAUDE = "claude/claude-sonnet-4-5"
THINKING = {"tools": [CLOCK], "reasoning_effort": "low", "max_completion_tokens": 4000}


@pytest.fixture(scope="module")
def config() -> Callable[[Upstream], dict]:
    def of(up: Upstream) -> dict:
        more = {
            "deepseek": {"base_url": up.local, "api_key": "sk-test-deepseek"},
            "gemini": {"base_url": f"{up.root}/v1beta", "api_key": "AIza-test"},
        }
        return default_config(up, providers=more)

    return of


def bare(message: dict) -> dict:
    """What most clients keep of an assistant's turn."""
    return {"role": "assistant", "content": message.get("content"), "tool_calls": [
        {"id": c["id"], "type": "function", "function": {"name": c["function"]["name"], "arguments": c["function"]["arguments"]}}
        for c in message["tool_calls"]
    ]}  # fmt: skip


def first_turn(gateway: Gateway, model: str, streamed: bool, text: str = "call tools", **fields: Any) -> list[dict]:
    with gateway.client() as client:
        history: list[dict] = [{"role": "user", "content": text}]
        if streamed:
            with client.chat.completions.stream(model=model, messages=history, **fields) as stream:
                answer = stream.get_final_completion()
        else:
            answer = client.chat.completions.create(model=model, messages=history, **fields)
        message = answer.choices[0].message.model_dump(exclude_none=True)
    return [*history, bare(message), tool_answer(message["tool_calls"][0]["id"], "noon")]


@pytest.mark.parametrize("streamed", [False, True])
def test_anthropic_gets_its_thinking_back(start: Any, config: Any, upstream: Upstream, streamed: bool) -> None:
    gateway = start(config(upstream))
    history = first_turn(gateway, CLAUDE, streamed, **THINKING)
    answer = gateway.post("/v1/chat/completions", {"model": CLAUDE, "messages": history} | THINKING)
    assert answer.status == 200, answer.body
    blocks = upstream.last().json()["messages"][1]["content"]
    assert blocks[0]["type"] == "thinking" and blocks[0]["signature"]
    assert upstream.last().json()["thinking"]["type"] == "enabled"


@pytest.mark.parametrize("streamed", [False, True])
def test_gemini_gets_its_signatures_back(start: Any, config: Any, upstream: Upstream, streamed: bool) -> None:
    gateway = start(config(upstream))
    model = "gemini/gemini-3-pro-preview"
    history = first_turn(gateway, model, streamed, tools=[CLOCK])
    answer = gateway.post("/v1/chat/completions", {"model": model, "messages": history, "tools": [CLOCK]})
    assert answer.status == 200, answer.body
    parts = upstream.last().json()["contents"][1]["parts"]
    signature = next(p for p in parts if "functionCall" in p)["thoughtSignature"]
    assert signature and "skip" not in signature


@pytest.mark.parametrize("streamed", [False, True])
def test_deepseek_gets_its_reasoning_back(start: Any, config: Any, upstream: Upstream, streamed: bool) -> None:
    gateway = start(config(upstream))
    model = "deepseek/deepseek-v4-pro"
    history = first_turn(gateway, model, streamed, "think aloud and call tools", tools=[CLOCK])
    gateway.post("/v1/chat/completions", {"model": model, "messages": history, "tools": [CLOCK]})
    assert upstream.last().json()["messages"][1]["reasoning_content"].startswith("Let me think")


def test_nobody_else_gets_it(start: Any, config: Any, upstream: Upstream) -> None:
    keys = [{"name": "alice", "key": "sk-client-anything"}, {"name": "bob", "key": "sk-client-of-bob"}]
    gateway = start(config(upstream) | {"keys": keys})
    history = first_turn(gateway, CLAUDE, False, **THINKING)
    body = {"model": CLAUDE, "messages": history} | THINKING
    for headers in ({"authorization": "Bearer sk-client-of-bob"}, {"x-session-id": "another"}):
        answer = gateway.post("/v1/chat/completions", body, headers=headers)
        assert answer.status == 200, answer.body
        kinds = {block["type"] for block in upstream.last().json()["messages"][1]["content"]}
        assert kinds == {"tool_use"}
