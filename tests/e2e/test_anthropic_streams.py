"""Anthropic's event stream as OpenAI chunks: every event, every way to end, cut anywhere."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from support.gateway import Gateway
from support.rules import check_broken_stream, check_error, check_stream, check_stream_head, split_events
from support.samples import CLOCK, WEATHER, say
from support.upstream import Upstream

MODEL = "claude/claude-sonnet-4-5"
USAGE = {"input_tokens": 7, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0}


def event(name: str, **members: Any) -> str:
    return f"event: {name}\ndata: {json.dumps({'type': name} | members)}\n\n"


def begin(**usage: Any) -> str:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }
    return event("message_start", message=message | {"usage": USAGE | {"output_tokens": 1} | usage})


def block(index: int, kind: str, *deltas: dict, **members: Any) -> str:
    out = event("content_block_start", index=index, content_block={"type": kind} | members)
    out += "".join(event("content_block_delta", index=index, delta=d) for d in deltas)
    return out + event("content_block_stop", index=index)


def text(index: int, *pieces: str) -> str:
    return block(index, "text", *({"type": "text_delta", "text": p} for p in pieces), text="")


def end(reason: str = "end_turn", **usage: Any) -> str:
    return event(
        "message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage=USAGE | {"output_tokens": 20} | usage
    ) + event("message_stop")


PING = event("ping")


def test_a_text_stream_obeys_every_rule(gateway: Gateway) -> None:
    answer = gateway.chat(MODEL, "Grüße an 漢字 😀", stream=True)
    check_stream_head(answer)
    said = check_stream(answer.body)
    assert said.text == "Grüße an 漢字 😀" and said.finish == "stop"


def test_usage_comes_in_its_own_chunk_when_asked_for(gateway: Gateway) -> None:
    said = check_stream(gateway.chat(MODEL, stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.usage and (said.usage["prompt_tokens"], said.usage["completion_tokens"]) == (2, 3)


def test_tool_calls_stream_with_their_own_numbers(gateway: Gateway) -> None:
    said = check_stream(
        gateway.chat(MODEL, "say first, then call tools", stream=True, tools=[WEATHER, CLOCK], reasoning_effort="low", max_tokens=5000).body
    )
    assert [c["name"] for c in said.calls.values()] == ["weather", "clock"]
    assert json.loads(said.calls[0]["arguments"])["id"] == 9007199254740993
    assert said.calls[1]["arguments"] == "{}"
    assert said.text == "I will call the tools." and said.reasoning


def test_the_sdk_helper_follows_streamed_tool_calls(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, tools=[WEATHER, CLOCK], **say('call tools with {"city": "Zürich 😀"}')) as stream:
        answer = stream.get_final_completion()
    calls = answer.choices[0].message.tool_calls or []
    assert [json.loads(c.function.arguments) for c in calls] == [{"city": "Zürich 😀"}] * 2


def test_thinking_streams_as_reasoning_content(client: openai.OpenAI) -> None:
    reasoning = content = ""
    for chunk in client.chat.completions.create(model=MODEL, reasoning_effort="medium", stream=True, **say("why is it so")):
        delta = chunk.choices[0].delta
        reasoning += getattr(delta, "reasoning_content", None) or ""
        content += delta.content or ""
    assert (reasoning, content) == ("Let me think about: why is it so", "why is it so")


def test_the_transcript_with_thinking_and_a_call_without_arguments_counts_right(gateway: Gateway, upstream: Upstream) -> None:
    """Usage is cumulative: the last value counts, nothing is added up."""
    thinking = block(0, "thinking", {"type": "signature_delta", "signature": "c2ln"}, thinking="", signature="")
    call = block(1, "tool_use", id="toolu_1", name="now", input={})
    upstream.next({"events": [begin(), thinking, PING, call, end("tool_use", output_tokens_details={"thinking_tokens": 12})]})
    said = check_stream(gateway.chat(MODEL, stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.calls == {0: {"id": "toolu_1", "name": "now", "arguments": "{}"}}
    assert said.usage
    assert (said.usage["prompt_tokens"], said.usage["completion_tokens"], said.usage["total_tokens"]) == (107, 20, 127)
    assert said.usage["prompt_tokens_details"]["cached_tokens"] == 100
    assert said.usage["completion_tokens_details"]["reasoning_tokens"] == 12


def test_null_usage_fields_at_the_end_keep_the_first_values(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next(
        {"events": [begin(), text(0, "hi"), end(input_tokens=None, cache_read_input_tokens=None, cache_creation_input_tokens=None)]}
    )
    said = check_stream(gateway.chat(MODEL, stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.usage and said.usage["prompt_tokens"] == 107


def test_usage_corrected_at_the_end_wins(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"events": [begin(input_tokens=500, cache_read_input_tokens=0), text(0, "hi"), end()]})
    said = check_stream(gateway.chat(MODEL, stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.usage and said.usage["prompt_tokens"] == 107


def test_events_and_blocks_that_are_unknown_are_passed_over(gateway: Gateway, upstream: Upstream) -> None:
    odd = event("brand_new_event", x=1) + block(0, "brand_new_block", {"type": "brand_new_delta", "x": 1})
    server_tool = block(
        1, "server_tool_use", {"type": "input_json_delta", "partial_json": '{"query"'}, id="srvtoolu_1", name="web_search", input={}
    )
    redacted = block(2, "redacted_thinking", data="AAAA")
    citation = {
        "type": "citations_delta",
        "citation": {
            "type": "char_location",
            "cited_text": "x",
            "document_index": 0,
            "document_title": None,
            "start_char_index": 0,
            "end_char_index": 1,
            "file_id": None,
        },
    }
    cited = block(3, "text", {"type": "text_delta", "text": "hi"}, citation, text="")
    upstream.next({"events": [begin(), PING, odd, server_tool, PING, redacted, cited, ": a comment\n\n", end()]})
    said = check_stream(gateway.chat(MODEL, stream=True).body)
    assert said.text == "hi" and not said.calls


def test_text_and_input_given_at_the_start_of_a_block_are_not_lost(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next(
        {
            "events": [
                begin(),
                block(0, "text", {"type": "text_delta", "text": " there"}, text="hi"),
                block(1, "tool_use", id="t1", name="f", input={"a": 1}),
                end("tool_use"),
            ]
        }
    )
    said = check_stream(gateway.chat(MODEL, stream=True).body)
    assert said.text == "hi there" and json.loads(said.calls[0]["arguments"]) == {"a": 1}


def test_calls_between_texts_are_numbered_without_gaps(gateway: Gateway, upstream: Upstream) -> None:
    half = [{"type": "input_json_delta", "partial_json": p} for p in ("", '{"s":"\\u00', 'e9"}')]
    upstream.next(
        {
            "events": [
                begin(),
                text(0, "a"),
                block(1, "tool_use", *half, id="t1", name="f", input={}),
                text(2, "b"),
                block(3, "tool_use", *half, id="t2", name="g", input={}),
                end("tool_use"),
            ]
        }
    )
    said = check_stream(gateway.chat(MODEL, stream=True).body)
    assert [json.loads(c["arguments"]) for c in said.calls.values()] == [{"s": "é"}] * 2
    assert said.text == "ab"


def test_crlf_and_missing_spaces_are_read_too(gateway: Gateway, upstream: Upstream) -> None:
    whole = (begin() + text(0, "hi") + end()).replace("\n", "\r\n").replace("data: ", "data:")
    upstream.next({"events": [whole]})
    assert check_stream(gateway.chat(MODEL, stream=True).body).text == "hi"


def test_an_empty_answer_still_has_its_role_and_finish(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"events": [begin(), end()]})
    said = check_stream(gateway.chat(MODEL, stream=True).body)
    assert said.text == "" and said.finish == "stop"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("end_turn", "stop"), ("max_tokens", "length"), ("refusal", "content_filter"), ("pause_turn", "stop"), ("brand_new", "stop")],
)
def test_stop_reasons_are_mapped(gateway: Gateway, reason: str, finish: str) -> None:
    assert check_stream(gateway.chat(MODEL, f"finish: {reason}", stream=True).body).finish == finish


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 11, 64])
def test_a_stream_cut_anywhere_says_the_same(gateway: Gateway, upstream: Upstream, size: int) -> None:
    upstream.next({"split": size})
    answer = gateway.chat(
        MODEL, 'call tools with {"city": "Zürich 😀"}', stream=True, tools=[WEATHER, CLOCK], reasoning_effort="low", max_tokens=5000
    )
    said = check_stream(answer.body)
    assert [json.loads(c["arguments"]) for c in said.calls.values()] == [{"city": "Zürich 😀"}] * 2


# ---------------------------------------------------------------------------------------------------- broken streams


def test_an_error_event_before_the_first_content_is_an_error_answer(start: Any, upstream: Upstream) -> None:
    for after in (-1, 0):
        upstream.next({"error_event": {"after": after, "fail": "overloaded"}, "times": -1})
        check_error(start().chat(MODEL, stream=True), 503, fault="upstream")
        upstream.reset()


def test_an_error_event_after_content_breaks_the_stream_visibly(start: Any, upstream: Upstream) -> None:
    gateway = start()
    upstream.next({"error_event": {"after": 3, "fail": "overloaded"}, "event_ms": 5, "times": 2})
    answer = gateway.chat(MODEL, "one two three four", stream=True)
    assert answer.status == 200
    said, error = check_broken_stream(answer.body)
    assert said == "one two " and "Overloaded" in error["message"]
    with gateway.client() as client, pytest.raises(openai.APIError, match="Overloaded"):
        list(client.chat.completions.create(model=MODEL, stream=True, **say("one two three four")))
    assert len(upstream.requests()) == 2, "never a second attempt after the commit point"


@pytest.mark.parametrize(
    "how",
    [
        {"omit": ["finish", "done"]}, {"cut": {"events": 5}}, {"cut": {"events": 5}, "reset": True},
        {"cut": {"bytes": 900}}, {"framing": "eof", "omit": ["finish", "done"]},
    ],
)  # fmt: skip
def test_a_stream_that_ends_too_early_is_visibly_broken(start: Any, upstream: Upstream, how: dict) -> None:
    upstream.next(how | {"event_ms": 5})
    answer = start().chat(MODEL, "one two three four", stream=True)
    said, error = check_broken_stream(answer.body)
    assert "one two three four".startswith(said.strip())
    assert error["code"]
    assert len(upstream.requests()) == 1


def test_a_stream_without_message_stop_never_just_ends(start: Any, upstream: Upstream) -> None:
    upstream.next({"omit": ["done"]})
    raw = start().chat(MODEL, "one two", stream=True).body
    assert raw.endswith(b"data: [DONE]\n\n") or split_events(raw)[-1].startswith('{"error":')


def test_broken_json_in_the_middle_of_a_stream_is_visibly_broken(start: Any, upstream: Upstream) -> None:
    opened = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    hi = event("content_block_delta", index=0, delta={"type": "text_delta", "text": "hi"})
    upstream.next({"event_ms": 20, "events": [begin(), opened, hi, 'event: content_block_delta\ndata: {"type":"content_block_del\n\n']})
    said, _ = check_broken_stream(start().chat(MODEL, stream=True).body)
    assert said == "hi"
