"""OpenRouter: who asks, and what the answer cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.gateway import UP_KEY, Gateway, default_config
from support.rules import check_stream
from support.upstream import Upstream

Start = Callable[..., Gateway]


def start_openrouter(start: Start, upstream: Upstream, **keys: object) -> Gateway:
    section = {"base_url": upstream.openai, "api_key": UP_KEY} | keys
    return start(default_config(upstream, providers={"openrouter": section}))


@pytest.mark.parametrize(
    ("headers", "title"), [({}, "recloser"), ({"X-Title": "My app"}, "My app"), ({"x-title": "My app"}, "My app")]
)
def test_it_is_told_who_asks(start: Start, upstream: Upstream, headers: dict, title: str) -> None:
    assert start_openrouter(start, upstream, headers=headers).chat("openrouter/gpt-4o").status == 200
    head = upstream.last().head.decode().lower()
    assert upstream.last().headers["x-title"] == title and head.count("\r\nx-title:") == 1
    assert "http-referer" in upstream.last().headers


def test_the_cost_reaches_the_client(start: Start, upstream: Upstream) -> None:
    gateway = start_openrouter(start, upstream)
    head = '{"id":"gen-1","object":"chat.completion.chunk","created":1,"model":"m","provider":"P","choices":'
    usage = '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":0.00014,"is_byok":false}'
    chunks = [
        head + '[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}',
        head + '[{"index":0,"delta":{},"finish_reason":"stop"}]}',
        head + '[{"index":0,"delta":{"content":""},"finish_reason":null}],"usage":' + usage + "}",
        "[DONE]",
    ]
    body = ": OPENROUTER PROCESSING\n\n" + "".join(f"data: {chunk}\n\n" for chunk in chunks)
    upstream.next({"body": body, "content_type": "text/event-stream"})
    answer = gateway.chat("openrouter/gpt-4o", stream=True, stream_options={"include_usage": True})
    usage_seen = check_stream(answer.body, usage=True).usage
    assert usage_seen and usage_seen["cost"] == 0.00014
