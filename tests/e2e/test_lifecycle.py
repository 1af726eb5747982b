"""Start, reload, drain: what an operator does to a running daemon, and what its clients must not notice."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import wire
from support.gateway import BIN, Gateway, default_config, environment, free_port, run
from support.rules import check_broken_stream, check_stream
from support.upstream import Upstream
from support.wait import SLOW, until
from support.wire import Wire

Start = Callable[..., Gateway]
MODELS = ["up/gpt-4o", "claude/claude-sonnet-4-5"]


def open_stream(gateway: Gateway, upstream: Upstream, model: str, words: int = 60, event_ms: int = 10) -> Wire:
    """A stream that has begun and goes on for a while."""
    upstream.next({"event_ms": event_ms})
    peer = gateway.wire(timeout=30)
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": f"long answer {words}"}]}
    peer.send(wire.request("POST", "/v1/chat/completions", json.dumps(body).encode()))
    assert peer.read_head().status == 200
    return peer


def rest(peer: Wire) -> bytes:
    return b"".join(iter(peer.read_event, b""))


# ---------------------------------------------------------------------------------------------------- reload


def test_sighup_takes_the_new_config_and_drops_no_stream(start: Start, upstream: Upstream) -> None:
    gateway = start()
    streams = [open_stream(gateway, upstream, model) for model in MODELS]
    config = default_config(upstream, routes={"fresh": {"targets": ["local/qwen2.5-coder:7b"]}})
    del config["providers"]["claude"], config["routes"]["smart"]
    gateway.write_config(config)
    assert gateway.chat("fresh").status == 404
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.chat("fresh").status == 200, "the new route answers")
    assert gateway.chat("smart").status == 404 and gateway.chat(MODELS[1]).status == 404
    for peer in streams:
        assert check_stream(rest(peer)).text == "".join(f"w{i} " for i in range(60))
        peer.close()


def test_a_kept_connection_sees_the_new_config(start: Start, upstream: Upstream) -> None:
    gateway = start()
    body = json.dumps({"model": "fresh", "messages": [{"role": "user", "content": "hi"}]}).encode()
    with gateway.wire() as peer:

        def ask() -> int:
            peer.send(wire.request("POST", "/v1/chat/completions", body))
            return peer.read().status

        assert ask() == 404
        gateway.write_config(default_config(upstream, routes={"fresh": {"targets": ["up/gpt-4o"]}}))
        gateway.signal(signal.SIGHUP)
        until(lambda: ask() == 200, "the new route answers")


@pytest.mark.parametrize("bad", ["providers: [", "serverr: {}", "routes: {r: {targets: [nowhere/x]}}", None])
def test_a_bad_config_is_not_taken(start: Start, upstream: Upstream, bad: str | None) -> None:
    gateway = start()
    if bad is None:
        gateway.config_path.unlink()
    else:
        gateway.write_config(bad)
    gateway.signal(signal.SIGHUP)
    until(lambda: "gateway.yaml" in gateway.log(), "the problem is logged with its file")
    assert gateway.chat("smart").status == 200
    gateway.write_config(default_config(upstream, routes={"fresh": {"targets": ["up/gpt-4o"]}}))
    gateway.signal(signal.SIGHUP)
    until(lambda: gateway.chat("fresh").status == 200, "a later good one is")


def test_many_reloads_under_load_lose_nothing(start: Start, upstream: Upstream) -> None:
    gateway = start()
    for i in range(30):
        gateway.write_config(default_config(upstream, routes={f"r{i}": {"targets": ["up/gpt-4o"]}}))
        gateway.signal(signal.SIGHUP)
        assert gateway.chat("smart").status == 200
        assert gateway.chat(MODELS[1], stream=True).body.endswith(b"data: [DONE]\n\n")


# ---------------------------------------------------------------------------------------------------- drain


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_streams_finish_and_exits_0(start: Start, upstream: Upstream, number: int) -> None:
    gateway = start()
    streams = [open_stream(gateway, upstream, model) for model in MODELS]
    gateway.signal(number)
    until(lambda: not accepts(gateway), "no new connections")
    for peer in streams:
        assert check_stream(rest(peer)).text == "".join(f"w{i} " for i in range(60))
        assert peer.ended(), "and the connection is closed after it"
        peer.close()
    assert gateway.wait_exit() == 0


def accepts(gateway: Gateway) -> bool:
    try:
        return wire.ask(gateway.port, wire.request("GET", "/healthz")).status == 200
    except (OSError, EOFError):
        return False


def test_a_whole_answer_in_the_making_is_finished_too(start: Start, upstream: Upstream) -> None:
    gateway = start()
    upstream.next({"first_byte_ms": 400})
    with gateway.wire() as peer:
        body = {"model": MODELS[0], "messages": [{"role": "user", "content": "hi"}]}
        peer.send(wire.request("POST", "/v1/chat/completions", json.dumps(body).encode()))
        upstream.wait_for_request()
        gateway.signal(signal.SIGTERM)
        answer = peer.read()
        assert answer.status == 200 and answer.closes
    assert gateway.wait_exit() == 0


def test_idle_connections_do_not_hold_the_drain_up(start: Start) -> None:
    gateway = start()
    idle = [gateway.wire() for _ in range(5)]
    for peer in idle[:3]:
        peer.send(wire.request("GET", "/healthz"))
        assert peer.read().status == 200
    before = time.monotonic()
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_exit() == 0
    assert time.monotonic() - before < 2 * SLOW
    for peer in idle:
        peer.close()


@pytest.mark.parametrize("second_signal", [True, False])
def test_what_is_left_at_the_end_of_the_drain_is_told_so(start: Start, upstream: Upstream, second_signal: bool) -> None:
    gateway = start() if second_signal else start(default_config(upstream, server={"drain_timeout": "300ms"}))
    peer = open_stream(gateway, upstream, MODELS[0], words=5000)
    peer.read_event()
    gateway.signal(signal.SIGTERM)
    if second_signal:
        until(lambda: not accepts(gateway), "the drain has begun")
        gateway.signal(signal.SIGTERM)
    _, error = check_broken_stream(rest(peer))
    assert error["code"] == "server_shutdown"
    assert gateway.wait_exit() == 0
    peer.close()
    assert upstream.wait_for_cut()


# ---------------------------------------------------------------------------------------------------- start


def test_binding_beyond_loopback_without_keys_is_refused(_binary: Path, tmp_path: Path) -> None:
    for address in (f"0.0.0.0:{free_port()}", f"[::]:{free_port()}"):
        ended = run(tmp_path, "serve", "--listen", address)
        assert ended.returncode in (1, 2)
        assert "RECLOSER_KEYS" in ended.stderr or "key" in ended.stderr


def test_a_busy_port_is_an_error_that_names_it(start: Start, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run(tmp_path, "serve", "--listen", f"127.0.0.1:{port}")
    assert ended.returncode == 1
    assert str(port) in ended.stderr + ended.stdout


def test_serve_is_what_no_subcommand_means(_binary: Path, tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [str(BIN), "--listen", f"127.0.0.1:{port}"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:

        def answers() -> bool:
            try:
                return wire.ask(port, wire.request("GET", "/healthz")).status == 200
            except OSError:
                return False

        assert until(answers, "the daemon answers")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10 * SLOW) == 0


def test_the_first_answer_comes_soon_after_the_start(start: Start) -> None:
    before = time.monotonic()
    start()
    assert time.monotonic() - before < 1 * SLOW


def test_settings_of_the_environment_never_reach_a_log(start: Start, upstream: Upstream) -> None:
    config: dict[str, Any] = default_config(upstream)
    config["providers"]["up"]["api_key"] = "${THE_KEY}"
    gateway = start(config, env={"THE_KEY": "sk-very-secret-value"})
    upstream.next({"fail": "auth"})
    assert gateway.chat(MODELS[0]).status == 502
    assert "sk-very-secret-value" not in gateway.log()
    assert upstream.last().headers["authorization"] == "Bearer sk-very-secret-value"


def test_secrets_come_from_files_too(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-from-a-file\n")
    config: dict[str, Any] = default_config(upstream)
    config["providers"]["up"]["api_key"] = f"file:{tmp_path}/key"
    assert start(config).chat(MODELS[0]).status == 200
    assert upstream.last().headers["authorization"] == "Bearer sk-from-a-file"
