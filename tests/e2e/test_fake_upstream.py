"""The fake upstream is as strict as the vendors and as good as them: their own SDKs run straight against it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import anthropic
import openai
import pytest

from support import wire
from support.rules import check_stream
from support.samples import CLOCK, PNG, WEATHER, City, say
from support.upstream import Upstream


@pytest.fixture
def gpt(upstream: Upstream) -> openai.OpenAI:
    return openai.OpenAI(base_url=upstream.openai, api_key="sk-test", max_retries=0)


@pytest.fixture
def local(upstream: Upstream) -> openai.OpenAI:
    return openai.OpenAI(base_url=upstream.local, api_key="none", max_retries=0)


@pytest.fixture
def claude(upstream: Upstream) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=upstream.root, api_key="sk-ant-test", max_retries=0)


# ---------------------------------------------------------------------------------------------------- OpenAI


def test_openai_sdk_chats(gpt: openai.OpenAI) -> None:
    answer = gpt.chat.completions.create(model="gpt-4o", **say("hi there"))
    assert answer.choices[0].message.content == "hi there"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage and answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_openai_sdk_streams_text_and_usage(gpt: openai.OpenAI) -> None:
    chunks = list(gpt.chat.completions.create(model="gpt-4o", stream=True, stream_options={"include_usage": True}, **say("one two three")))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == "one two three"
    assert chunks[-1].choices == [] and chunks[-1].usage


def test_openai_sdk_helper_puts_streamed_parallel_tool_calls_together(gpt: openai.OpenAI) -> None:
    with gpt.chat.completions.stream(model="gpt-4o", tools=[WEATHER, CLOCK], **say('call tools with {"city": "Zürich 😀"}')) as stream:
        answer = stream.get_final_completion()
    calls = answer.choices[0].message.tool_calls
    assert calls and [c.function.name for c in calls] == ["weather", "clock"]
    assert json.loads(calls[0].function.arguments) == {"city": "Zürich 😀"}
    assert answer.choices[0].finish_reason == "tool_calls"


def test_openai_sdk_takes_tool_results_back(gpt: openai.OpenAI) -> None:
    first = gpt.chat.completions.create(model="gpt-4o", tools=[WEATHER], **say("call tools")).choices[0].message
    assert first.tool_calls
    call = {"id": first.tool_calls[0].id, "type": "function", "function": first.tool_calls[0].function.model_dump()}
    history: list = [
        {"role": "user", "content": "call tools"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "sunny"},
    ]
    answer = gpt.chat.completions.create(model="gpt-4o", tools=[WEATHER], messages=history)
    assert answer.choices[0].message.content == "tool said: sunny"


def test_openai_sdk_parses_structured_output(gpt: openai.OpenAI) -> None:
    answer = gpt.chat.completions.parse(model="gpt-4o", response_format=City, **say("a city"))
    assert answer.choices[0].message.parsed and answer.choices[0].message.parsed.people == 9007199254740993


def test_openai_sdk_embeds_alike_in_base64_and_float(gpt: openai.OpenAI) -> None:
    packed = gpt.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    plain = gpt.embeddings.create(model="text-embedding-3-small", input=["a", "b"], encoding_format="float")
    assert [d.embedding for d in packed.data] == [d.embedding for d in plain.data]


def test_openai_sdk_completes_and_lists_models(gpt: openai.OpenAI, local: openai.OpenAI) -> None:
    assert gpt.completions.create(model="gpt-3.5-turbo-instruct", prompt="abc").choices[0].text == "echo: abc"
    assert (
        "".join(c.choices[0].text for c in gpt.completions.create(model="gpt-3.5-turbo-instruct", prompt="a b c", stream=True))
        == "echo: a b c"
    )
    assert "gpt-4o" in [m.id for m in gpt.models.list()]
    assert local.models.retrieve("meta-llama/Llama-3.3-70B").id == "meta-llama/Llama-3.3-70B"


def test_local_server_ignores_unknown_fields_and_shows_reasoning(local: openai.OpenAI) -> None:
    answer = local.chat.completions.create(model="any", extra_body={"min_p": 0.1}, **say("think aloud"))
    assert answer.choices[0].message.reasoning == "Let me think about: think aloud"


TOOL_CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
}
OPENAI_REFUSALS: dict[str, tuple[dict, str | None, str | None]] = {
    "an unknown field": (say("x", extra_body={"min_p": 1}), "unknown_parameter", "min_p"),
    "max_tokens on a reasoning model": (say("x", model="o3-mini", max_tokens=5), "unsupported_parameter", "max_tokens"),
    "temperature on a reasoning model": (say("x", model="gpt-5", temperature=0.2), "unsupported_value", "temperature"),
    "stop on a reasoning model": (say("x", model="gpt-5", stop="a"), "unsupported_parameter", "stop"),
    "an effort the model does not have": (say("x", model="o3-mini", reasoning_effort="xhigh"), "unsupported_value", "reasoning_effort"),
    "reasoning_effort on a plain model": (say("x", reasoning_effort="low"), "unknown_parameter", "reasoning_effort"),
    "a bad role": ({"messages": [{"role": "robot", "content": "x"}]}, "invalid_value", "messages[0].role"),
    "an unknown message field": ({"messages": [{"role": "user", "content": "x", "cache_control": {}}]}, "unknown_parameter", "messages[0].cache_control"),
    "a tool answer without a call": ({"messages": [{"role": "tool", "tool_call_id": "c1", "content": "x"}]}, None, "messages[0].role"),
    "a call without its answer": ({"messages": [TOOL_CALL, {"role": "user", "content": "x"}]}, None, "messages[1].role"),
    "a call never answered": ({"messages": [TOOL_CALL]}, None, "messages"),
    "no messages": ({"messages": []}, "missing_required_parameter", "messages"),
    "empty tools": (say("x", tools=[]), "empty_array", "tools"),
    "tool_choice without tools": (say("x", tool_choice="auto"), None, "tool_choice"),
    "stream_options without a stream": (say("x", stream_options={"include_usage": True}), "invalid_value", "stream_options"),
    "too hot": (say("x", temperature=2.5), "invalid_type", "temperature"),
    "a text number": (say("x", max_tokens="5"), "invalid_type", "max_tokens"),
    "both token limits": (say("x", max_tokens=5, max_completion_tokens=5), "invalid_value", "max_tokens"),
    "a BMP": (say([{"type": "image_url", "image_url": {"url": "data:image/bmp;base64,AA=="}}]), "invalid_image_url", "messages[0].content[0].image_url.url"),
    "json mode without the word": (say("x", response_format={"type": "json_object"}), None, "messages"),
    "a loose strict schema": (say("x", response_format={"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": {"type": "object"}}}), None, "response_format"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPENAI_REFUSALS)
def test_openai_refuses(gpt: openai.OpenAI, case: str) -> None:
    fields, code, param = OPENAI_REFUSALS[case]
    with pytest.raises(openai.BadRequestError) as refused:
        gpt.chat.completions.create(**({"model": "gpt-4o"} | fields))
    assert (refused.value.code, refused.value.param) == (code, param)


def test_openai_refuses_unknown_models_and_missing_keys(gpt: openai.OpenAI, upstream: Upstream) -> None:
    with pytest.raises(openai.NotFoundError) as gone:
        gpt.chat.completions.create(model="gpt-99", **say("x"))
    assert gone.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=upstream.openai, api_key="sk-wrong", max_retries=0).models.list()
    assert wire.ask(upstream.port, wire.request("GET", "/v1/models", headers={"authorization": None})).status == 401


# ---------------------------------------------------------------------------------------------------- Anthropic


def test_anthropic_sdk_chats(claude: anthropic.Anthropic) -> None:
    answer = claude.messages.create(model="claude-sonnet-4-5", max_tokens=100, **say("hi there"))
    assert answer.content[0].type == "text" and answer.content[0].text == "hi there"
    assert answer.stop_reason == "end_turn"


def test_anthropic_sdk_streams_thinking_text_and_signature(claude: anthropic.Anthropic) -> None:
    with claude.messages.stream(
        model="claude-sonnet-4-5", max_tokens=5000, thinking={"type": "enabled", "budget_tokens": 1024}, **say("why")
    ) as stream:
        answer = stream.get_final_message()
    assert [b.type for b in answer.content] == ["thinking", "text"]
    assert answer.content[0].thinking == "Let me think about: why" and answer.content[0].signature
    assert answer.usage.output_tokens_details and answer.usage.output_tokens_details.thinking_tokens == 15


def test_anthropic_sdk_streams_parallel_tools_and_takes_results_back(claude: anthropic.Anthropic) -> None:
    tools: list = [
        {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
        {"name": "clock", "input_schema": {"type": "object", "properties": {}}},
    ]
    with claude.messages.stream(
        model="claude-sonnet-4-6", max_tokens=100, tools=tools, **say('call tools with {"city": "Zürich 😀"}')
    ) as stream:
        answer = stream.get_final_message()
    assert answer.stop_reason == "tool_use"
    assert [b.input for b in answer.content if b.type == "tool_use"] == [{"city": "Zürich 😀"}] * 2
    results = [{"type": "tool_result", "tool_use_id": b.id, "content": "sunny"} for b in answer.content if b.type == "tool_use"]
    history: list = [{"role": "user", "content": "call tools"}, answer.to_param(), {"role": "user", "content": results}]
    again = claude.messages.create(model="claude-sonnet-4-6", max_tokens=100, tools=tools, messages=history)
    assert again.content[0].text == "tool said: sunny | sunny"


def test_anthropic_sees_images_and_counts_cached_tokens(claude: anthropic.Anthropic) -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()}}
    content = [image, {"type": "text", "text": "look at this", "cache_control": {"type": "ephemeral"}}]
    first = claude.messages.create(model="claude-sonnet-4-5", max_tokens=100, **say(content))
    second = claude.messages.create(model="claude-sonnet-4-5", max_tokens=100, **say(content))
    assert first.content[0].text == f"look at this [image image/png {len(PNG)} bytes]"
    assert first.usage.cache_creation_input_tokens and not first.usage.cache_read_input_tokens
    assert second.usage.cache_read_input_tokens == first.usage.cache_creation_input_tokens


def test_anthropic_lists_models_and_counts_tokens(claude: anthropic.Anthropic) -> None:
    assert "claude-sonnet-4-5" in [m.id for m in claude.models.list()]
    assert claude.messages.count_tokens(model="claude-sonnet-4-5", **say("one two")).input_tokens == 2


TOOL = {"name": "t", "input_schema": {"type": "object"}}
TOOL_USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "t", "input": {}}]}
TOOL_RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "x"}
MARKED = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
ANTHROPIC_REFUSALS: dict[str, tuple[dict, str]] = {
    "an unknown field": (say("x", frequency_penalty=1), "frequency_penalty: Extra inputs are not permitted"),
    "an unknown block field": (say([{"type": "text", "text": "x", "detail": 1}]), "Extra inputs are not permitted"),
    "no max_tokens": (say("x", max_tokens=None), "max_tokens: Field required"),
    "too many max_tokens": (say("x", max_tokens=100_000), "maximum allowed number of output tokens"),
    "too hot": (say("x", temperature=1.5), "temperature"),
    "temperature and top_p": (say("x", temperature=0.5, top_p=0.5), "cannot both be specified"),
    "the assistant first": ({"messages": [{"role": "assistant", "content": "x"}]}, "first message"),
    "a system turn": ({"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "x"}]}, "role 'system' is not supported"),
    "an empty text": (say([{"type": "text", "text": ""}]), "non-empty"),
    "a blank text": (say([{"type": "text", "text": " "}]), "non-whitespace"),
    "a blank stop": (say("x", stop_sequences=[" "]), "non-whitespace"),
    "five cache markers": (say([MARKED] * 5), "maximum of 4"),
    "a BMP": (say([{"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": "AA=="}}]), "media_type"),
    "a plain http image": (say([{"type": "image", "source": {"type": "url", "url": "http://x/y.png"}}]), "HTTPS"),
    "broken base64": (say([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "*"}}]), "base64"),
    "an unanswered call": ({"messages": [{"role": "user", "content": "x"}, TOOL_USE, {"role": "user", "content": "x"}], "tools": [TOOL]}, "without `tool_result`"),
    "an orphan result": (say([TOOL_RESULT], tools=[TOOL]), "unexpected `tool_use_id`"),
    "a result after text": ({"messages": [{"role": "user", "content": "x"}, TOOL_USE, {"role": "user", "content": [{"type": "text", "text": "x"}, TOOL_RESULT]}]}, "must come first"),
    "a bad tool id": ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": [{"type": "tool_use", "id": "a:0", "name": "t", "input": {}}]}]}, "should match pattern"),
    "a schema that is no object": (say("x", tools=[{"name": "t", "input_schema": {"type": "string"}}]), "Input should be 'object'"),
    "tool_choice without tools": (say("x", tool_choice={"type": "auto"}), "while providing tools"),
    "a small thinking budget": (say("x", thinking={"type": "enabled", "budget_tokens": 10}), "greater than or equal to 1024"),
    "a budget over max_tokens": (say("x", thinking={"type": "enabled", "budget_tokens": 2000}), "must be greater than"),
    "thinking and a forced tool": (say("x", max_tokens=5000, tools=[TOOL], tool_choice={"type": "any"}, thinking={"type": "enabled", "budget_tokens": 2000}), "forces tool use"),
    "thinking left out of a tool loop": ({"messages": [{"role": "user", "content": "x"}, TOOL_USE, {"role": "user", "content": [TOOL_RESULT]}], "max_tokens": 5000, "thinking": {"type": "enabled", "budget_tokens": 2000}}, "Expected `thinking`"),
    "a forged signature": ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": [{"type": "thinking", "thinking": "x", "signature": "c2ln"}, {"type": "text", "text": "x"}]}, {"role": "user", "content": "x"}]}, "Invalid `signature`"),
    "adaptive thinking on an old model": (say("x", thinking={"type": "adaptive"}), "not supported"),
    "a budget on a new model": (say("x", model="claude-opus-4-8", max_tokens=5000, thinking={"type": "enabled", "budget_tokens": 2000}), "not supported"),
    "temperature on a new model": (say("x", model="claude-opus-4-8", temperature=0.5), "sampling parameters"),
    "effort on an old model": (say("x", output_config={"effort": "low"}), "effort"),
    "a prefill on a new model": ({"model": "claude-sonnet-4-6", "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}, "prefill"),
    "an open schema": (say("x", output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}}), "additionalProperties"),
    "a schema with limits": (say("x", output_config={"format": {"type": "json_schema", "schema": {"type": "integer", "minimum": 1}}}), "'minimum' is not supported"),
}  # fmt: skip


@pytest.mark.parametrize("case", ANTHROPIC_REFUSALS)
def test_anthropic_refuses(upstream: Upstream, case: str) -> None:
    fields, words = ANTHROPIC_REFUSALS[case]
    body = {k: v for k, v in ({"model": "claude-sonnet-4-5", "max_tokens": 100} | fields).items() if v is not None}
    refused = wire.ask(
        upstream.port,
        wire.request(
            "POST",
            "/v1/messages",
            json.dumps(body).encode(),
            headers={"authorization": "Bearer sk-ant-test", "anthropic-version": "2023-06-01"},
        ),
    )
    assert refused.status == 400 and words in refused.json()["error"]["message"], refused.body


def test_anthropic_wants_its_headers(upstream: Upstream, claude: anthropic.Anthropic) -> None:
    body = json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 9} | say("x")).encode()
    no_key = wire.request("POST", "/v1/messages", body, headers={"authorization": None, "anthropic-version": "2023-06-01"})
    no_version = wire.request("POST", "/v1/messages", body, headers={"x-api-key": "sk-ant-test"})
    assert wire.ask(upstream.port, no_key).status == 401
    assert wire.ask(upstream.port, no_version).status == 400
    with pytest.raises(anthropic.NotFoundError):
        claude.messages.create(model="claude-99", max_tokens=9, **say("x"))


# ---------------------------------------------------------------------------------------------------- misbehaviour


def chat(up: Upstream, **fields: Any) -> bytes:
    return wire.request(
        "POST",
        "/v1/chat/completions",
        json.dumps({"model": "gpt-4o"} | say("a b c d") | fields).encode(),
        headers={"authorization": "Bearer sk-t"},
    )


@pytest.mark.parametrize(
    ("name", "dialect", "error"),
    [
        ("rate_limit", "openai", openai.RateLimitError), ("auth", "openai", openai.AuthenticationError), ("overloaded", "openai", openai.InternalServerError),
        ("rate_limit", "anthropic", anthropic.RateLimitError), ("permission", "anthropic", anthropic.PermissionDeniedError), ("overloaded", "anthropic", anthropic.InternalServerError),
    ],
)  # fmt: skip
def test_failures_look_like_the_vendors(
    upstream: Upstream, gpt: openai.OpenAI, claude: anthropic.Anthropic, name: str, dialect: str, error: type
) -> None:
    upstream.next({"fail": name, "headers": {"retry-after": "7"}})
    with pytest.raises(error) as failed:
        if dialect == "openai":
            gpt.chat.completions.create(model="gpt-4o", **say("x"))
        else:
            claude.messages.create(model="claude-sonnet-4-5", max_tokens=9, **say("x"))
    assert failed.value.response.headers["retry-after"] == "7"
    assert gpt.chat.completions.create(model="gpt-4o", **say("x")).choices, "the behaviour is used up"


def test_error_events_break_streams_visibly(upstream: Upstream, gpt: openai.OpenAI, claude: anthropic.Anthropic) -> None:
    upstream.next({"error_event": {"after": 2, "fail": "server_error"}}, {"error_event": {"after": -1, "fail": "overloaded"}})
    with pytest.raises(openai.APIError, match="The server had an error"):
        list(gpt.chat.completions.create(model="gpt-4o", stream=True, **say("a b c d")))
    with (
        pytest.raises(anthropic.APIStatusError, match="Overloaded"),
        claude.messages.stream(model="claude-sonnet-4-5", max_tokens=9, **say("x")) as stream,
    ):
        stream.get_final_message()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_writes_split_anywhere_say_the_same(upstream: Upstream, size: int) -> None:
    upstream.next({"split": size})
    assert check_stream(wire.ask(upstream.port, chat(upstream, stream=True)).body).text == "a b c d"


@pytest.mark.parametrize("cut", ["head", {"bytes": 0}, {"bytes": 30}, {"events": 2}])
@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_connections_drop_where_they_are_told_to(upstream: Upstream, cut: Any, reset: bool, stream: bool) -> None:
    upstream.next({"cut": cut, "reset": reset})
    with wire.Wire(upstream.port) as peer:
        peer.send(chat(upstream, stream=stream))
        if not stream and cut == {"events": 2}:
            assert peer.read().status == 200  # a whole body has no events
            return
        with pytest.raises(EOFError):
            peer.read()
    assert not upstream.last().cut_at


def test_stream_parts_can_be_left_out(upstream: Upstream) -> None:
    upstream.next({"omit": ["done"]}, {"omit": ["finish"]}, {"malformed": True})
    assert b"[DONE]" not in wire.ask(upstream.port, chat(upstream, stream=True)).body
    assert b'"finish_reason":"stop"' not in wire.ask(upstream.port, chat(upstream, stream=True)).body
    with pytest.raises(ValueError):
        check_stream(wire.ask(upstream.port, chat(upstream, stream=True)).body)


def test_replies_can_be_wrong_in_every_way(upstream: Upstream) -> None:
    upstream.next(
        {"status": 200, "fail": "server_error"}, {"body": "<html>", "content_type": "text/html"}, {"malformed": True},
        {"huge_headers": 100_000}, {"content_length": 10}, {"framing": "eof"}, {"raw": "SSH-2.0-x\r\n"},
    )  # fmt: skip
    assert "error" in wire.ask(upstream.port, chat(upstream)).json()
    assert wire.ask(upstream.port, chat(upstream)).header("content-type") == "text/html"
    with pytest.raises(ValueError):
        wire.ask(upstream.port, chat(upstream)).json()
    assert len(wire.ask(upstream.port, chat(upstream)).head) > 100_000
    with pytest.raises(EOFError):
        wire.ask(upstream.port, chat(upstream))
    assert wire.ask(upstream.port, chat(upstream)).header("content-length") is None
    with wire.Wire(upstream.port) as peer:
        peer.send(chat(upstream))
        assert peer.read_until(b"\r\n") == b"SSH-2.0-x\r\n"


def test_interim_replies_come_first(upstream: Upstream) -> None:
    upstream.next({"interim": 3})
    with wire.Wire(upstream.port) as peer:
        peer.send(chat(upstream))
        assert [peer.read().status for _ in range(4)] == [100, 103, 102, 200]


def test_idle_connections_close_without_a_word(upstream: Upstream) -> None:
    upstream.next({"close_idle": "now"}, {"close_idle": "on_next"})
    for sends_again in (False, True):
        with wire.Wire(upstream.port) as peer:
            peer.send(chat(upstream))
            found = peer.read()
            assert found.status == 200 and found.header("connection") is None
            if sends_again:
                peer.send(chat(upstream))
            assert peer.ended()


def test_slow_replies_are_slow(upstream: Upstream) -> None:
    upstream.next({"first_byte_ms": 60}, {"event_ms": 20})
    for _ in range(2):
        before = time.monotonic()
        wire.ask(upstream.port, chat(upstream, stream=True))
        assert time.monotonic() - before > 0.055


def test_a_peer_that_leaves_is_seen_at_once(upstream: Upstream) -> None:
    upstream.next({"event_ms": 20}, {"first_byte_ms": 60_000})
    for reads in (True, False):
        with wire.Wire(upstream.port) as peer:
            peer.send(chat(upstream, stream=True))
            if reads:
                peer.read_until(b"\n\n")
            else:
                upstream.wait_for_request(2)
            left = time.time()
        assert 0 <= upstream.wait_for_cut() - left < 0.1
    assert not any(c["busy"] for c in upstream.connections()["open"])


def test_requests_are_recorded_byte_by_byte(upstream: Upstream) -> None:
    body = b'{ "model":"x",\t"messages" : [{"role":"user","content":"\\u00e9"}] , "seed":9007199254740993}'
    sent = wire.request("POST", "/local/v1/chat/completions?x=1", body, headers={"X-Odd-Case": "1"})
    assert wire.ask(upstream.port, sent).status == 200
    seen = upstream.last()
    assert seen.head + seen.body == sent
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:9], body[9:])) + b"0\r\n\r\n"
    head = wire.request("POST", "/local/v1/chat/completions", headers={"content-length": None, "transfer-encoding": "chunked"})
    assert wire.ask(upstream.port, head + chunked).status == 200
    assert upstream.last().body == body


def test_behaviours_wait_for_their_method_and_path(upstream: Upstream, gpt: openai.OpenAI) -> None:
    upstream.next({"on": "GET", "path": "/models", "status": 500}, {"fail": "rate_limit", "times": 2})
    for _ in range(2):
        with pytest.raises(openai.RateLimitError):
            gpt.chat.completions.create(model="gpt-4o", **say("x"))
    assert gpt.chat.completions.create(model="gpt-4o", **say("x")).choices
    with pytest.raises(openai.InternalServerError):
        gpt.models.list()
    assert list(gpt.models.list())
