"""Metrics with a bounded number of series; one log line per request; no prompt and no secret in either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.gateway import SECRETS, Gateway, default_config
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]


def series(gateway: Gateway) -> set[str]:
    """Names with labels, without values."""
    text = gateway.get("/metrics").body.decode()
    return {line.rpartition(" ")[0] for line in text.splitlines() if line and not line.startswith("#")}


def value(gateway: Gateway, name: str) -> float:
    """The sum over all series of this name."""
    text = gateway.get("/metrics").body.decode()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name)


def test_metrics_are_prometheus_text(gateway: Gateway) -> None:
    gateway.chat("up/gpt-4o")
    gateway.chat("claude/claude-sonnet-4-5", stream=True)
    answer = gateway.get("/metrics")
    assert (answer.header("content-type") or "").startswith("text/plain")
    names = {s.split("{")[0] for s in series(gateway)}
    for name in ("recloser_requests_total", "recloser_upstream_attempts_total", "recloser_tokens_total", "recloser_build_info"):
        assert name in names, sorted(names)
    assert all(n.startswith(("recloser_", "process_", "exposer_")) for n in names)


def test_requests_attempts_and_tokens_are_counted(start: Start) -> None:
    gateway = start()
    before = value(gateway, "recloser_tokens_total")
    for stream in (False, True):
        assert gateway.chat("up/gpt-4o", "one two three", stream=stream).status == 200
    until(lambda: value(gateway, "recloser_upstream_attempts_total") == 2, "both attempts are counted")
    until(lambda: value(gateway, "recloser_tokens_total") - before >= 12, "3 in and 3 out, twice")


def test_a_scanner_makes_no_new_series(start: Start) -> None:
    gateway = start()

    def scan(tag: str) -> None:
        gateway.get(f"/{tag}")
        gateway.get(f"/v1/{tag}")
        gateway.get(f"/v1/models/{tag}")
        gateway.get("/v1/models", host=f"{tag}.example")
        gateway.get("/v1/models", headers={"authorization": f"Bearer {tag}", "x-session-id": tag, "user-agent": tag})
        gateway.chat(tag)
        gateway.chat(f"{tag}/gpt-4o")
        gateway.chat(f"up/{tag}")
        gateway.chat("up/gpt-4o", user=tag)
        gateway.post("/v1/chat/completions", b"{" + tag.encode())
        gateway.post(f"/v1/{tag}", {"model": tag})

    scan("first")
    known = series(gateway)
    for i in range(30):
        scan(f"x{i}y")
    assert series(gateway) == known
    assert not any("x1y" in s for s in series(gateway))


def test_metrics_hold_no_secret(gateway: Gateway) -> None:
    text = gateway.get("/metrics").body.decode()
    for secret in SECRETS:
        assert secret not in text


# ---------------------------------------------------------------------------------------------------- the access log


def flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in flat(v)]
    return [x for v in value for x in flat(v)] if isinstance(value, list) else [value]


def line_of(gateway: Gateway, request_id: str | None) -> dict:
    def find() -> Any:
        found = [line for line in gateway.log_lines() if request_id in flat(line)]
        assert len(found) <= 1, "one line per request"
        return found[0] if found else None

    return until(find, "the request is logged")


def test_each_request_has_one_line_with_what_matters(gateway: Gateway) -> None:
    for model, stream in (("up/gpt-4o", False), ("up/gpt-4o", True), ("claude/claude-sonnet-4-5", True)):
        line = line_of(gateway, gateway.chat(model, "one two three", stream=stream).header("x-request-id"))
        seen = flat(line)
        assert model in seen and 200 in seen, line
        assert seen.count(3) + seen.count(4) >= 2, "tokens: 3 in; 3 out, or 4 as Anthropic counts"


def test_failures_are_logged_with_their_status(gateway: Gateway) -> None:
    assert 404 in flat(line_of(gateway, gateway.chat("no-such-model").header("x-request-id")))
    assert 400 in flat(line_of(gateway, gateway.post("/v1/chat/completions", b"{").header("x-request-id")))


def test_dropped_parameters_are_in_the_log(gateway: Gateway) -> None:
    answer = gateway.chat("claude/claude-sonnet-4-5", seed=1)
    assert "seed" in str(line_of(gateway, answer.header("x-request-id")))


def test_no_prompt_and_no_answer_is_ever_logged(start: Start, upstream: Upstream) -> None:
    gateway = start()
    secret_words = "the-very-private-question"
    gateway.chat("up/gpt-4o", secret_words)
    gateway.chat("claude/claude-sonnet-4-5", secret_words, stream=True)
    gateway.post("/v1/chat/completions", f'{{"model": "up/gpt-4o", "messages": "{secret_words}"'.encode())
    upstream.next({"status": 400, "body": f'{{"error":{{"message":"bad: {secret_words}"}}}}'})
    last = gateway.chat("up/gpt-4o", secret_words)
    line_of(gateway, last.header("x-request-id"))
    assert secret_words not in gateway.log()


def test_log_lines_cannot_be_forged(gateway: Gateway) -> None:
    answer = gateway.get('/v1/models/x%0a{"level":"forged"}%1b[31m', headers={"user-agent": 'x"}\t{"level":"forged"}'})
    assert line_of(gateway, answer.header("x-request-id")).get("level") != "forged"
    assert "\x1b" not in gateway.log()


def test_text_logs_have_one_line_per_request_too(start: Start, upstream: Upstream) -> None:
    config = default_config(upstream, server={"access_log": "text"})
    gateway = start(config)
    request_id = gateway.chat("up/gpt-4o").header("x-request-id")
    lines = until(lambda: [line for line in gateway.log().splitlines() if request_id in line], "the request is logged")
    assert len(lines) == 1 and "up/gpt-4o" in lines[0] and "200" in lines[0]
