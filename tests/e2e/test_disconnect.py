"""The client leaves, the upstream stops, within 100 ms. The client reads slowly, the upstream waits."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import wire
from support.gateway import Gateway
from support.rules import check_completion, check_stream
from support.samples import say
from support.upstream import Upstream
from support.wait import SLOW, until

Start = Callable[..., Gateway]
MODELS = ["up/gpt-4o", "claude/claude-sonnet-4-5"]
LIMIT = 0.1 * SLOW


def chat(model: str, text: str, **fields: Any) -> bytes:
    return wire.request("POST", "/v1/chat/completions", json.dumps({"model": model} | say(text, **fields)).encode())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_before_the_first_byte_cancels_the_upstream(
    gateway: Gateway, upstream: Upstream, model: str, stream: bool
) -> None:
    upstream.next({"first_byte_ms": 60_000})
    with gateway.wire() as peer:
        peer.send(chat(model, "hi", stream=stream))
        upstream.wait_for_request()
        left = time.time()
    assert upstream.wait_for_cut() - left < LIMIT


@pytest.mark.parametrize("model", MODELS)
def test_a_client_that_leaves_a_running_stream_cancels_the_upstream(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.next({"event_ms": 20})
    with gateway.wire() as peer:
        peer.send(chat(model, "long answer 5000", stream=True))
        peer.read_head()
        for _ in range(3):
            assert peer.read_event()
        left = time.time()
    assert upstream.wait_for_cut() - left < LIMIT


@pytest.mark.parametrize("model", MODELS)
def test_a_client_that_leaves_a_silent_stream_cancels_the_upstream(gateway: Gateway, upstream: Upstream, model: str) -> None:
    """No byte comes from the upstream in all that time, so a write cannot be what notices."""
    upstream.next({"event_ms": 400})
    with gateway.wire() as peer:
        peer.send(chat(model, "one two three four five six", stream=True))
        peer.read_head()
        assert peer.read_event()
        left = time.time()
    assert upstream.wait_for_cut() - left < LIMIT


def test_a_client_that_leaves_while_a_whole_answer_is_coming_cancels_the_upstream(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"first_byte_ms": 60_000})
    with gateway.client(timeout=0.3) as client, pytest.raises(Exception, match="timed out"):
        client.chat.completions.create(model=MODELS[0], **say("hi"))
    assert upstream.wait_for_cut()


def test_the_sdk_closing_its_stream_cancels_the_upstream(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"event_ms": 20})
    with gateway.client() as client:
        stream = client.chat.completions.create(model=MODELS[0], stream=True, **say("long answer 5000"))
        next(stream)
        stream.close()
        left = time.time()
        assert upstream.wait_for_cut() - left < LIMIT


def test_a_reset_cancels_too(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"event_ms": 20})
    peer = gateway.wire()
    peer.send(chat(MODELS[0], "long answer 5000", stream=True))
    peer.read_head()
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    left = time.time()
    peer.close()
    assert upstream.wait_for_cut() - left < LIMIT


def test_a_client_that_leaves_stops_the_fallback_too(start: Start, upstream: Upstream) -> None:
    upstream.next({"first_byte_ms": 60_000, "times": -1})
    gateway = start()
    with gateway.wire() as peer:
        peer.send(chat("smart", "hi"))
        upstream.wait_for_request()
    upstream.wait_for_cut()
    assert gateway.alive()
    assert len(upstream.requests()) == 1


def test_cancelled_requests_leave_no_lane_in_bad_health(start: Start, upstream: Upstream) -> None:
    gateway = start()
    for i in range(8):
        upstream.next({"first_byte_ms": 60_000})
        with gateway.wire() as peer:
            peer.send(chat(MODELS[0], "hi"))
            upstream.wait_for_request(i + 1)
    assert check_completion(gateway.chat(MODELS[0]).json())["content"] == "hi there"


def test_many_clients_that_leave_at_once_leak_nothing(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"event_ms": 50, "times": 40})
    peers = [gateway.wire() for _ in range(40)]
    for peer in peers:
        peer.send(chat(MODELS[0], "long answer 5000", stream=True))
    for peer in peers:
        peer.read_head()
    for peer in peers:
        peer.close()
    until(lambda: all(r.cut_at for r in upstream.requests()), "all upstream requests are cut")
    until(lambda: b"recloser_inflight" not in (m := gateway.get("/metrics").body) or _gauge(m) <= 1, "nothing is in flight any more")


def _gauge(text: bytes) -> float:
    lines = [line for line in text.decode().splitlines() if line.startswith("recloser_inflight")]
    return max(float(line.rpartition(" ")[2]) for line in lines)


# ---------------------------------------------------------------------------------------------------- slow readers


def resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmRSS")


@pytest.mark.parametrize("model", MODELS)
def test_a_slow_reader_stops_the_upstream_and_loses_nothing(gateway: Gateway, upstream: Upstream, model: str) -> None:
    words, size = 3000, 16_000  # 48 MB, far more than all socket buffers on the way
    before = resident(gateway.process.pid)
    with gateway.wire(receive_buffer=16 << 10, timeout=60) as peer:
        peer.send(chat(model, f"long answer {words} x {size}", stream=True, max_tokens=16_000))
        peer.read_head()
        sent = -1
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 0.3 * SLOW:  # until the upstream has stood still for a while
            now = upstream.last().sent
            if now != sent:
                sent, quiet_since = now, time.monotonic()
            assert sent < 40_000_000, "the upstream goes on although nobody reads"
        assert resident(gateway.process.pid) - before < 16 << 20
        body = peer.read_chunks()
    said = check_stream(body)
    assert len(said.text) == words * size


def test_a_client_that_leaves_while_its_stream_is_blocked_cancels_the_upstream(gateway: Gateway, upstream: Upstream) -> None:
    with gateway.wire(receive_buffer=16 << 10) as peer:
        peer.send(chat(MODELS[0], "long answer 5000 x 16000", stream=True))
        peer.read_head()
        until(lambda: upstream.last().sent > 1_000_000, "the stream runs")
    assert upstream.wait_for_cut()


def test_a_slow_reader_does_not_slow_the_others(gateway: Gateway) -> None:
    with gateway.wire(receive_buffer=16 << 10) as peer:
        peer.send(chat(MODELS[0], "long answer 5000 x 16000", stream=True))
        peer.read_head()
        before = time.monotonic()
        for _ in range(10):
            assert gateway.chat(MODELS[0]).status == 200
        assert time.monotonic() - before < 2 * SLOW
