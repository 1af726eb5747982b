"""One route, several targets: who is asked, in which order, and when nobody else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.gateway import UP_KEY, Gateway, default_config
from support.rules import check_broken_stream, check_error, check_stream
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]


@pytest.fixture
def two(start: Start, upstream: Upstream, second_upstream: Upstream) -> Callable[..., Gateway]:
    """A gateway whose route `r` has two upstreams, `up` first."""

    def go(first: str = "up/gpt-4o", second: str = "other/gpt-4o", **route: Any) -> Gateway:
        config = default_config(upstream, routes={"r": {"targets": [first, second], **route}})
        config["providers"]["other"] = {"type": "openai-compatible", "base_url": second_upstream.openai, "api_key": UP_KEY}
        config["providers"]["other-claude"] = {"type": "anthropic", "base_url": second_upstream.root, "api_key": "sk-ant-test"}
        return start(config)

    return go


def test_the_first_target_answers_when_it_can(two: Any, second_upstream: Upstream) -> None:
    answer = two().chat("r")
    assert answer.status == 200
    assert answer.header("x-recloser-target") == "up/gpt-4o" and answer.header("x-recloser-attempts") == "1"
    assert not second_upstream.requests()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fault", ["auth", "permission", "billing", "quota", "not_found", "rate_limit", "overloaded", "server_error", "bad_gateway", "timeout"]
)
def test_the_next_target_answers_when_the_first_fails(
    two: Any, upstream: Upstream, second_upstream: Upstream, fault: str, stream: bool
) -> None:
    upstream.next({"fail": fault, "times": -1})
    answer = two().chat("r", stream=stream)
    assert answer.status == 200, answer.body
    assert answer.header("x-recloser-target") == "other/gpt-4o"
    assert int(answer.header("x-recloser-attempts") or "0") >= 2
    assert len(second_upstream.requests()) == 1
    if stream:
        assert check_stream(answer.body).text == "hi there"


@pytest.mark.parametrize(
    "how",
    [
        {"cut": "head"}, {"cut": "head", "reset": True}, {"cut": {"bytes": 0}}, {"cut": {"bytes": 30}}, {"malformed": True},
        {"body": "<html>", "content_type": "text/html"}, {"fail": "overloaded", "status": 200}, {"raw": "nonsense\r\n\r\n"}, {"huge_headers": 200_000},
    ],
)  # fmt: skip
def test_garbage_falls_back_too(two: Any, upstream: Upstream, how: dict) -> None:
    upstream.next(how | {"times": -1})
    answer = two().chat("r")
    assert answer.status == 200 and answer.header("x-recloser-target") == "other/gpt-4o"


@pytest.mark.parametrize(
    "how",
    [
        {"error_event": {"after": -1, "fail": "overloaded"}},
        {"cut": {"events": 1}},
        {"cut": {"bytes": 0}},
        {"omit": ["head", "content", "finish", "usage", "done"]},
    ],
)
@pytest.mark.parametrize("first", ["up/gpt-4o", "claude/claude-sonnet-4-5"])
def test_a_stream_that_fails_before_its_first_content_falls_back(two: Any, upstream: Upstream, how: dict, first: str) -> None:
    upstream.next(how | {"times": -1})
    answer = two(first).chat("r", stream=True)
    assert answer.header("x-recloser-target") == "other/gpt-4o"
    assert check_stream(answer.body).text == "hi there"


@pytest.mark.parametrize("fault", ["invalid_request", "too_large"])
def test_the_clients_own_mistakes_do_not_fall_back(two: Any, upstream: Upstream, second_upstream: Upstream, fault: str) -> None:
    upstream.next({"fail": fault})
    answer = two().chat("r")
    check_error(answer, {400, 413})
    assert len(upstream.requests()) == 1 and not second_upstream.requests()


@pytest.mark.parametrize("first", ["up/gpt-4o", "claude/claude-sonnet-4-5"])
@pytest.mark.parametrize(
    "how", [{"error_event": {"after": 3, "fail": "overloaded"}}, {"cut": {"events": 6}}, {"cut": {"events": 6}, "reset": True}]
)
def test_never_a_second_attempt_after_the_commit_point(
    two: Any, upstream: Upstream, second_upstream: Upstream, first: str, how: dict
) -> None:
    upstream.next(how | {"event_ms": 5})
    answer = two(first).chat("r", "one two three four five six seven eight", stream=True)
    assert answer.status == 200 and answer.header("x-recloser-target") == first
    said, _ = check_broken_stream(answer.body)
    assert said.startswith("one ")
    assert len(upstream.requests()) == 1 and not second_upstream.requests()


def test_fallback_crosses_dialects_both_ways(two: Any, upstream: Upstream) -> None:
    upstream.next({"fail": "server_error", "times": -1})
    for first, second in (("up/gpt-4o", "other-claude/claude-sonnet-4-5"), ("claude/claude-sonnet-4-5", "other/gpt-4o")):
        answer = two(first, second).chat("r", stream=True)
        assert answer.header("x-recloser-target") == second
        assert check_stream(answer.body).text == "hi there"


def test_when_all_fail_the_last_error_is_told(two: Any, upstream: Upstream, second_upstream: Upstream) -> None:
    upstream.next({"fail": "server_error", "times": -1})
    second_upstream.next({"fail": "overloaded", "times": -1})
    answer = two().chat("r")
    check_error(answer, {502, 503}, fault="upstream")
    assert answer.header("x-should-retry") == "false"
    assert int(answer.header("x-recloser-attempts") or "0") == len(upstream.requests()) + len(second_upstream.requests())


def test_a_request_is_tried_three_times_at_most(start: Start, upstream: Upstream) -> None:
    targets = [f"up/{m}" for m in ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5.1")]
    upstream.next({"fail": "server_error", "times": -1})
    answer = start(default_config(upstream, routes={"r": {"targets": targets}})).chat("r")
    check_error(answer, 502)
    assert len(upstream.requests()) <= 4


def test_victors_profiles_fall_back_in_order(start: Start, upstream: Upstream, second_upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"] |= {
        "anthropic": {"base_url": upstream.root, "api_key": "sk-ant-test"},
        "openai": {"base_url": second_upstream.openai, "api_key": UP_KEY},
    }
    config["profiles"] = {
        "resilient": {
            "provider": "anthropic", "model": "claude-sonnet-4-20250514", "max_tokens": 8192, "track_costs": True,
            "fallback": [{"provider": "openai", "model": "gpt-4o"}, {"provider": "up", "model": "gpt-4o"}],
        }
    }  # fmt: skip
    gateway = start(config)
    assert gateway.chat("resilient").header("x-recloser-target") == "anthropic/claude-sonnet-4-20250514"
    assert upstream.last().json()["max_tokens"] == 8192
    upstream.next({"fail": "overloaded", "times": -1})
    assert gateway.chat("resilient").header("x-recloser-target") == "openai/gpt-4o"


def test_several_keys_are_several_lanes(start: Start, upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"]["pool"] = {"type": "openai-compatible", "base_url": upstream.openai, "api_keys": ["sk-wrong", "sk-test-up"]}
    gateway = start(config)
    assert [gateway.chat("pool/gpt-4o").status for _ in range(4)] == [200] * 4


def test_several_endpoints_are_tried_in_order(start: Start, upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"]["box"] = {"type": "vllm", "base_urls": ["http://127.0.0.1:9", upstream.local]}
    gateway = start(config)
    answer = until(lambda: (a := gateway.chat("box/qwen2.5-coder:7b")).status == 200 and a, "the second endpoint answers")
    assert answer.header("x-recloser-target") == "box/qwen2.5-coder:7b"


def test_weights_share_the_load(two: Any, upstream: Upstream, second_upstream: Upstream) -> None:
    gateway = two({"target": "up/gpt-4o", "weight": 3}, {"target": "other/gpt-4o", "weight": 1}, strategy="weighted")
    for _ in range(200):
        assert gateway.chat("r").status == 200
    assert 110 <= len(upstream.requests()) <= 185  # 150 expected


def test_a_connection_that_died_while_idle_costs_the_client_nothing(start: Start, upstream: Upstream) -> None:
    gateway = start()
    for how in ("now", "on_next"):
        for model in ("up/gpt-4o", "claude/claude-sonnet-4-5"):
            upstream.next({"close_idle": how})
            assert gateway.chat(model).status == 200
            assert gateway.chat(model).status == 200


def test_every_attempt_is_counted_in_the_header(start: Start, upstream: Upstream) -> None:
    """A request that died on a fresh connection may have been carried out; the retry is counted as an attempt."""
    upstream.next({"cut": {"bytes": 10}})
    answer = start().chat("up/gpt-4o")
    assert int(answer.header("x-recloser-attempts") or "0") == len(upstream.requests())
