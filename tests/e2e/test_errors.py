"""What the client is told when the upstream says no, falls silent, or cannot be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from support.gateway import UP_KEY, Gateway, default_config, free_port
from support.rules import check_broken_stream, check_error
from support.samples import say
from support.upstream import Upstream

Start = Callable[..., Gateway]
MODELS = {"openai": "up/gpt-4o", "anthropic": "claude/claude-sonnet-4-5"}

# fault of the upstream -> status, codes, what the SDK raises, words of the provider that must survive
MAPPED: dict[str, tuple[int, set[str] | None, type[openai.APIStatusError]]] = {
    "invalid_request": (400, None, openai.BadRequestError),
    "context_length": (400, {"context_length_exceeded"}, openai.BadRequestError),
    "not_found": (404, {"model_not_found"}, openai.NotFoundError),
    "too_large": (413, None, openai.APIStatusError),
    "rate_limit": (429, None, openai.RateLimitError),
    "auth": (502, {"upstream_auth"}, openai.InternalServerError),
    "permission": (502, {"upstream_auth"}, openai.InternalServerError),
    "billing": (503, {"upstream_billing", "insufficient_quota"}, openai.InternalServerError),
    "quota": (503, {"upstream_billing", "insufficient_quota"}, openai.InternalServerError),
    "server_error": (502, None, openai.InternalServerError),
    "bad_gateway": (502, None, openai.InternalServerError),
    "overloaded": (503, None, openai.InternalServerError),
    "timeout": (504, None, openai.InternalServerError),
}  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("fault", MAPPED)
def test_upstream_errors_reach_the_sdk_as_the_right_class(start: Start, upstream: Upstream, fault: str, dialect: str, stream: bool) -> None:
    status, codes, raised = MAPPED[fault]
    upstream.next({"fail": fault, "times": -1, "headers": {"retry-after": "30"} if fault == "rate_limit" else {}})
    gateway = start()
    error = check_error(gateway.chat(MODELS[dialect], stream=stream), status, codes, None if status in (400, 413) else "upstream")
    with gateway.client() as client, pytest.raises(raised) as refused:
        client.chat.completions.create(model=MODELS[dialect], stream=stream, **say("hi"))
    assert refused.value.request_id and UP_KEY not in error["message"]


def test_the_providers_words_and_param_survive(start: Start, upstream: Upstream) -> None:
    upstream.next({"fail": "invalid_request"}, {"fail": "invalid_request"})
    gateway = start()
    error = check_error(gateway.chat(MODELS["openai"]), 400, "invalid_value")
    assert (
        error["message"] == "Invalid value: 'x'." and error["param"] == "messages[0].content" and error["type"] == "invalid_request_error"
    )
    assert "messages.0.content: Field required" in check_error(gateway.chat(MODELS["anthropic"]), 400)["message"]


def test_a_field_that_the_upstream_refuses_is_named(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=MODELS["openai"], extra_body={"min_p": 1}, **say("hi"))
    assert (refused.value.param, refused.value.code) == ("min_p", "unknown_parameter")


def test_no_credit_left_at_anthropic_is_billing_not_a_bad_request(start: Start, upstream: Upstream) -> None:
    upstream.next({"fail": "credit", "times": -1})
    check_error(start().chat(MODELS["anthropic"]), 503, {"upstream_billing", "insufficient_quota"}, "upstream")


def test_a_bad_provider_key_is_told_apart_from_a_bad_client_key(start: Start, upstream: Upstream) -> None:
    upstream.next({"fail": "auth", "times": -1})
    assert "up" in check_error(start().chat(MODELS["openai"]), 502, "upstream_auth")["message"]


def test_rate_limits_say_when_to_come_back(start: Start, upstream: Upstream) -> None:
    upstream.next({"fail": "rate_limit", "headers": {"retry-after": "30"}, "times": -1})
    answer = start().chat(MODELS["openai"])
    check_error(answer, 429)
    wait = int(answer.header("retry-after") or "0")
    assert 29 <= wait <= 34  # a little more, so that not all come back at once
    assert 1000 * (wait - 1) <= int(answer.header("retry-after-ms") or "0") <= 1000 * wait


def test_html_of_a_proxy_never_reaches_the_client(start: Start, upstream: Upstream) -> None:
    upstream.next({"fail": "bad_gateway", "times": -1})
    assert b"<html" not in start().chat(MODELS["openai"]).body


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error":"model is loading"}', "model is loading"),
        ('{"object":"error","message":"no such parser","type":"BadRequestError","param":null,"code":400}', "no such parser"),
        ('{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error"}]}', "field required"),
        ('{"detail":"not like this"}', "not like this"),
        ('{"message":"wrong field","type":"x","param":"p","code":"c"}', "wrong field"),
        ('[{"error":{"code":400,"message":"array form","status":"INVALID_ARGUMENT"}}]', "array form"),
        ("plain words", "plain words"),
        ("", ""),
    ],
)
def test_error_bodies_of_every_shape_become_one_shape(gateway: Gateway, upstream: Upstream, body: str, words: str) -> None:
    upstream.next({"status": 400, "body": body})
    assert words in check_error(gateway.chat("local/qwen2.5-coder:7b"), 400)["message"]


def test_422_becomes_400_because_clients_retry_422(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"status": 422, "body": '{"detail":"no"}'})
    check_error(gateway.chat("local/qwen2.5-coder:7b"), 400)


# ---------------------------------------------------------------------------------------------------- 200, and yet


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_inside_a_200_is_an_error(start: Start, upstream: Upstream, dialect: str, stream: bool) -> None:
    upstream.next({"fail": "overloaded", "status": 200, "times": -1})
    answer = start().chat(MODELS[dialect], stream=stream)
    check_error(answer, {502, 503}, fault="upstream")


def test_an_error_event_before_the_first_content_is_an_error_answer(start: Start, upstream: Upstream) -> None:
    upstream.next({"error_event": {"after": -1, "fail": "server_error"}, "times": -1})
    check_error(start().chat(MODELS["openai"], stream=True), {502, 503}, fault="upstream")


GARBAGE: dict[str, dict] = {
    "not HTTP": {"raw": "SSH-2.0-OpenSSH_9.2\r\n"},
    "a status line without a status": {"raw": "HTTP/1.1 OK\r\n\r\n"},
    "nothing at all": {"cut": "head"},
    "a reset": {"cut": "head", "reset": True},
    "half a body": {"cut": {"bytes": 30}},
    "a body shorter than promised": {"content_length": 50},
    "broken JSON": {"malformed": True},
    "an empty body": {"body": ""},
    "JSON that is no completion": {"body": "[1,2,3]"},
    "HTML with status 200": {"body": "<html>hello</html>", "content_type": "text/html"},
    "headers without end": {"huge_headers": 200_000},
    "invalid UTF-8": {"body": '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"\udcff"},"finish_reason":"stop"}]}'},
    "too many levels": {"body": '{"a":' * 5000 + "1" + "}" * 5000},
    "a redirect": {"status": 302, "headers": {"location": "http://127.0.0.1:1/"}, "body": ""},
}  # fmt: skip


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("case", GARBAGE)
def test_upstream_garbage_is_a_502(start: Start, upstream: Upstream, case: str, dialect: str) -> None:
    upstream.next(GARBAGE[case] | {"times": -1})
    gateway = start()
    check_error(gateway.chat(MODELS[dialect]), 502, fault="upstream")
    upstream.reset()
    assert gateway.alive()


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize("case", ["not HTTP", "nothing at all", "an empty body", "HTML with status 200", "headers without end"])
def test_upstream_garbage_in_place_of_a_stream_is_a_502(start: Start, upstream: Upstream, case: str, dialect: str) -> None:
    upstream.next(GARBAGE[case] | {"times": -1})
    check_error(start().chat(MODELS[dialect], stream=True), 502, fault="upstream")


def test_a_redirect_is_never_followed(start: Start, upstream: Upstream, second_upstream: Upstream) -> None:
    upstream.next({"status": 307, "headers": {"location": second_upstream.openai + "/chat/completions"}, "body": "", "times": -1})
    check_error(start().chat(MODELS["openai"]), 502)
    assert not second_upstream.everything()


def test_interim_replies_are_skipped(gateway: Gateway, upstream: Upstream) -> None:
    for model in MODELS.values():
        upstream.next({"interim": 5})
        assert gateway.chat(model).json()["choices"][0]["message"]["content"] == "hi there"
        assert gateway.chat(model, "and again").json()["choices"][0]["message"]["content"] == "and again", "the connection is in step"


def test_a_flood_of_interim_replies_ends(start: Start, upstream: Upstream) -> None:
    upstream.next({"interim": 20_000, "times": -1})
    assert start().chat(MODELS["openai"]).status in (200, 502)


def test_a_body_that_ends_with_the_connection_is_read(gateway: Gateway, upstream: Upstream) -> None:
    for model in MODELS.values():
        upstream.next({"framing": "eof"})
        assert gateway.chat(model).json()["choices"][0]["message"]["content"] == "hi there"


# ---------------------------------------------------------------------------------------------------- no answer


def unreachable(upstream: Upstream) -> dict:
    config = default_config(upstream)
    config["providers"]["up"]["base_url"] = f"http://127.0.0.1:{free_port()}/v1"
    return config


def test_an_upstream_that_is_not_there_is_a_502_that_names_it(start: Start, upstream: Upstream) -> None:
    answer = start(unreachable(upstream)).chat("up/gpt-4o")
    assert "up" in check_error(answer, 502, fault="upstream")["message"]


def test_an_upstream_host_without_an_address_is_a_502(start: Start, upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"]["up"]["base_url"] = "http://no-such-host.invalid/v1"
    check_error(start(config).chat("up/gpt-4o"), 502, fault="upstream")


def test_an_exhausted_request_tells_the_sdk_not_to_retry(start: Start, upstream: Upstream) -> None:
    gateway = start(unreachable(upstream))
    assert gateway.chat("up/gpt-4o").header("x-should-retry") == "false"
    asked: list = []
    http = openai.DefaultHttpxClient(event_hooks={"request": [asked.append]})
    with gateway.client(max_retries=2, http_client=http) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="up/gpt-4o", **say("hi"))
    assert len(asked) == 1


def slow(upstream: Upstream, **clocks: Any) -> dict:
    config = default_config(upstream)
    for provider in config["providers"].values():
        provider["timeouts"] = clocks
    return config


@pytest.mark.parametrize("dialect", MODELS)
def test_a_first_byte_that_never_comes_is_a_504_that_names_the_clock(start: Start, upstream: Upstream, dialect: str) -> None:
    upstream.next({"first_byte_ms": 5_000, "times": -1})
    answer = start(slow(upstream, first_byte="200ms")).chat(MODELS[dialect])
    error = check_error(answer, 504, fault="upstream")
    assert "first_byte" in (error["code"] or "")


@pytest.mark.parametrize("dialect", MODELS)
def test_silence_in_the_middle_of_a_stream_breaks_it_visibly(start: Start, upstream: Upstream, dialect: str) -> None:
    gateway = start(slow(upstream, idle="300ms"))
    assert gateway.chat(MODELS[dialect], stream=True).body.endswith(b"[DONE]\n\n")
    upstream.next({"event_ms": 900})
    answer = gateway.chat(MODELS[dialect], "a b c", stream=True)
    if answer.status != 504:
        assert "idle" in check_broken_stream(answer.body)[1]["code"]


def test_the_whole_request_has_a_clock_too(start: Start, upstream: Upstream) -> None:
    upstream.next({"event_ms": 50})
    answer = start(slow(upstream, total="400ms")).chat(MODELS["openai"], "long answer 60", stream=True)
    assert "total" in check_broken_stream(answer.body)[1]["code"]
