"""Relay: what needs no change keeps its very bytes, up and down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.gateway import Gateway, default_config
from support.rules import check_broken_stream, check_stream, split_events
from support.upstream import Upstream

Start = Callable[..., Gateway]
MODEL = '"local/qwen2.5-coder:7b"'

# odd key order, odd spacing, big and small numbers, every escape, unknown fields, both kinds of unicode
BODIES = {
    "spacing": '{ "messages" :\t[ {"content" : "hi" ,\r\n "role":"user"}\n] , "model" : @ }\n',
    "numbers": '{"seed":9007199254740993,"temperature":1e-7,"top_p":0.10,"x":[-0,-0.0,1E+2,123456789012345678901234567890],"model":@,"messages":[{"role":"user","content":"hi"}]}',
    "escapes": '{"model":@,"messages":[{"role":"user","content":"\\u00e9\\/\\b\\f\\n\\r\\t\\"\\\\ \\ud83d\\ude00 é 😀 \\u0000"}],"user":"\\u0061"}',
    "unknown": '{"min_p":0.05,"chat_template_kwargs":{"b":1,"a":{"c":null}},"messages":[{"role":"user","content":"hi","vendor":{"z":1,"a":2}}],"x":{},"model":@,"y":[],"":1}',
    "model first and last in lookalikes": '{"metadata":{"model":"not this"},"messages":[{"role":"user","content":"\\"model\\":\\"nor this\\""}],"model":@,"models":["nor this"]}',
    "parts": '{"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}],"model":@}',
    "a stream with usage": '{"stream" : true, "model":@, "stream_options":{ "include_usage" : true}, "messages":[{"role":"user","content":"hi"}]}',
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_only_the_model_name_changes_on_the_way_up(gateway: Gateway, upstream: Upstream, case: str) -> None:
    answer = gateway.post("/v1/chat/completions", BODIES[case].replace("@", MODEL).encode())
    assert answer.status == 200, answer.body
    assert upstream.last().body.decode() == BODIES[case].replace("@", '"qwen2.5-coder:7b"')


@pytest.mark.parametrize("endpoint", ["completions", "embeddings"])
def test_the_small_endpoints_keep_their_bytes_too(gateway: Gateway, upstream: Upstream, endpoint: str) -> None:
    body = '{ "input":"é\\u00e9" ,"prompt": "x", "vendor" :1.0,"model":@}'
    assert gateway.post(f"/v1/{endpoint}", body.replace("@", MODEL).encode()).status == 200
    assert upstream.last().body.decode() == body.replace("@", '"qwen2.5-coder:7b"')


def test_a_name_that_needs_escaping_is_escaped(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, routes={"r": {"targets": ['local/we"ird\\name']}}))
    assert gateway.chat("r").status == 200
    assert upstream.last().json()["model"] == 'we"ird\\name'


def test_route_defaults_are_added_and_nothing_else_moves(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, routes={"r": {"targets": ["local/qwen2.5-coder:7b"], "defaults": {"max_tokens": 77}}}))
    body = '{ "messages": [{"role":"user","content":"hi"}],  "seed":9007199254740993, "model":"r" }'
    assert gateway.post("/v1/chat/completions", body.encode()).status == 200
    seen = upstream.last()
    assert seen.json()["max_tokens"] == 77
    assert '"messages": [{"role":"user","content":"hi"}]' in seen.body.decode() and '"seed":9007199254740993' in seen.body.decode()


def test_a_stream_that_did_not_ask_for_usage_is_metered_without_moving_the_rest(gateway: Gateway, upstream: Upstream) -> None:
    body = '{ "messages": [{"role":"user","content":"hi"}],"stream" : true, "x":1e-7, "model":@ }'
    answer = gateway.post("/v1/chat/completions", body.replace("@", MODEL).encode())
    assert b'"usage":{' not in answer.body
    seen = upstream.last()
    assert seen.json()["stream_options"] == {"include_usage": True}
    assert '"messages": [{"role":"user","content":"hi"}],"stream" : true, "x":1e-7' in seen.body.decode()


REPLY = (
    '{ "id":"chatcmpl-1", "object":"chat.completion","created":1,\t"model":"qwen2.5-coder:7b","x_vendor":{"b":1e-7,"a":9007199254740993},\n'
    ' "choices":[ {"index":0,"message":{"role":"assistant","content":"\\u00e9 é \\/"},"finish_reason":"stop"} ],\n'
    ' "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"vendor_ms":1.50} }\n'
)


@pytest.mark.parametrize("split", [0, 1, 7])
def test_a_whole_reply_comes_down_as_it_is(gateway: Gateway, upstream: Upstream, split: int) -> None:
    upstream.next({"body": REPLY, "split": split})
    assert gateway.chat("local/qwen2.5-coder:7b").body == REPLY.encode()


CHUNK = 'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m", "x":1e-7,"choices":[{"index":0,"delta":{%s},"finish_reason":%s}]}\n\n'
EVENTS = [
    CHUNK % ('"role":"assistant","content":""', "null"),
    CHUNK % ('"content":"\\u00e9 é"', "null"),
    CHUNK % ('"content":" \\"error\\": [DONE] "', "null"),
    CHUNK % ("", '"stop"'),
    "data: [DONE]\n\n",
]


@pytest.mark.parametrize("split", [0, 1, 3, 50])
def test_good_chunks_come_down_as_they_are(gateway: Gateway, upstream: Upstream, split: int) -> None:
    upstream.next({"events": EVENTS, "split": split})
    assert gateway.chat("local/qwen2.5-coder:7b", stream=True).body == "".join(EVENTS).encode()


def test_comments_of_the_upstream_do_not_hurt(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"events": [": OPENROUTER PROCESSING\n\n", EVENTS[0], ": keep-alive\n\n", *EVENTS[1:]]})
    body = gateway.chat("local/qwen2.5-coder:7b", stream=True).body
    assert b"".join(line + b"\n\n" for line in body.split(b"\n\n") if line.startswith(b"data:")) == "".join(EVENTS).encode()


def test_a_stream_with_finish_but_without_done_is_ended_for_the_client(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"events": EVENTS[:-1]})
    assert gateway.chat("local/qwen2.5-coder:7b", stream=True).body == "".join(EVENTS).encode()


@pytest.mark.parametrize("last", ["", EVENTS[-1]])
def test_a_stream_without_finish_never_just_ends_well(start: Start, upstream: Upstream, last: str) -> None:
    """Without [DONE] it is broken; with [DONE] a finish_reason may be filled in."""
    upstream.next({"events": [e for e in [*EVENTS[:3], last] if e]})
    body = start().chat("local/qwen2.5-coder:7b", stream=True).body
    if split_events(body)[-1] == "[DONE]":
        assert last and check_stream(body).finish == "stop"
    else:
        check_broken_stream(body)


def test_odd_line_ends_of_the_upstream_are_made_plain(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"events": ["".join(EVENTS).replace("\n", "\r\n")]})
    assert gateway.chat("local/qwen2.5-coder:7b", stream=True).body == "".join(EVENTS).encode()


def test_event_and_id_lines_of_the_upstream_never_reach_the_client(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"events": ["event: message\nid: 1\nretry: 5\n" + e for e in EVENTS]})
    assert gateway.chat("local/qwen2.5-coder:7b", stream=True).body == "".join(EVENTS).encode()


def test_a_big_body_keeps_its_bytes(gateway: Gateway, upstream: Upstream) -> None:
    filler = ",".join(f'{{"k{i}": {i}.0, "é":"\\u00e9"}}' for i in range(100_000))
    body = f'{{"vendor":[{filler}],"messages":[{{"role":"user","content":"hi"}}],"model":@}}'
    assert gateway.post("/v1/chat/completions", body.replace("@", MODEL).encode()).status == 200
    assert upstream.last().body.decode() == body.replace("@", '"qwen2.5-coder:7b"')


def test_a_chunked_body_arrives_whole(gateway: Gateway, upstream: Upstream) -> None:
    body = BODIES["escapes"].replace("@", MODEL).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with gateway.wire() as wire:
        wire.send(head.encode())
        for at in range(0, len(body), 5):
            wire.send(b"%x;ext=1\r\n%b\r\n" % (len(body[at : at + 5]), body[at : at + 5]))
        wire.send(b"0\r\n\r\n")
        assert wire.read().status == 200
    assert upstream.last().body.decode() == BODIES["escapes"].replace("@", '"qwen2.5-coder:7b"')
    assert upstream.last().headers["content-length"] == str(len(upstream.last().body))


def test_only_headers_of_our_own_list_go_up(gateway: Gateway, upstream: Upstream) -> None:
    """Our own framing, from an allow list."""
    answer: Any = gateway.chat("local/qwen2.5-coder:7b")
    assert answer.status == 200
    assert set(upstream.last().headers) <= {
        "host",
        "authorization",
        "content-type",
        "content-length",
        "accept",
        "accept-encoding",  # identity
        "user-agent",
        "connection",
        "x-request-id",
        "x-client-request-id",
        "idempotency-key",
    }
