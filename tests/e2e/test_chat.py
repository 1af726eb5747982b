"""Chat over an OpenAI-shaped upstream, as the official Python SDK sees it."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from support.gateway import Gateway
from support.rules import check_completion, check_stream, check_stream_head
from support.samples import CLOCK, PNG, PNG_URL, WEATHER, City, called, say, tool_answer
from support.upstream import Upstream

MODEL = "up/gpt-4o"


def test_a_question_gets_its_answer(client: openai.OpenAI, upstream: Upstream) -> None:
    answer = client.chat.completions.create(model=MODEL, **say("Grüße 漢字 😀"))
    assert check_completion(answer.model_dump())["content"] == "Grüße 漢字 😀"
    assert answer.choices[0].finish_reason == "stop"
    assert upstream.last().json()["model"] == "gpt-4o"


def test_the_provider_gets_its_own_key_and_never_the_clients(client: openai.OpenAI, upstream: Upstream) -> None:
    client.chat.completions.create(model=MODEL, **say("hi"))
    seen = upstream.last()
    assert seen.headers["authorization"] == "Bearer sk-test-up"
    assert b"sk-client-anything" not in seen.head
    assert not [name for name in seen.headers if name.startswith("x-stainless")]


def test_usage_with_cached_tokens_comes_through(client: openai.OpenAI) -> None:
    for _ in range(2):
        answer = client.chat.completions.create(model=MODEL, **say("one two three four five"))
    assert answer.usage and answer.usage.prompt_tokens == 5 and answer.usage.completion_tokens == 5
    assert answer.usage.prompt_tokens_details and answer.usage.prompt_tokens_details.cached_tokens == 2


def test_a_stream_obeys_every_rule(gateway: Gateway) -> None:
    answer = gateway.chat(MODEL, "one two three", stream=True)
    check_stream_head(answer)
    said = check_stream(answer.body)
    assert said.text == "one two three" and said.finish == "stop"


def test_the_sdk_streams(client: openai.OpenAI) -> None:
    words = [
        c.choices[0].delta.content for c in client.chat.completions.create(model=MODEL, stream=True, **say("one two three")) if c.choices
    ]
    assert "".join(w or "" for w in words) == "one two three"
    with client.chat.completions.stream(model=MODEL, **say("one two three")) as stream:
        assert stream.get_final_completion().choices[0].message.content == "one two three"


def test_the_usage_chunk_comes_when_asked_for(gateway: Gateway) -> None:
    said = check_stream(gateway.chat(MODEL, stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.usage and said.usage["completion_tokens"] == 2


@pytest.mark.parametrize("options", [None, {"include_usage": False}, {}])
def test_the_usage_chunk_stays_away_when_not_asked_for(gateway: Gateway, options: Any) -> None:
    fields = {} if options is None else {"stream_options": options}
    assert check_stream(gateway.chat(MODEL, stream=True, **fields).body).usage is None


def test_stream_false_and_null_are_no_streams(gateway: Gateway) -> None:
    for value in (False, None):
        assert check_completion(gateway.chat(MODEL, stream=value).json())["content"] == "hi there"


@pytest.mark.parametrize("stream", [False, True])
def test_parallel_tool_calls_come_whole(gateway: Gateway, stream: bool) -> None:
    answer = gateway.chat(MODEL, "call tools", stream=stream, tools=[WEATHER, CLOCK])
    if stream:
        said = check_stream(answer.body)
        calls = [(c["name"], json.loads(c["arguments"])) for c in said.calls.values()]
    else:
        message = check_completion(answer.json())
        calls = [(c["function"]["name"], json.loads(c["function"]["arguments"])) for c in message["tool_calls"]]
    assert [name for name, _ in calls] == ["weather", "clock"]
    assert calls[0][1]["id"] == 9007199254740993
    assert calls[1][1] == {}


def test_the_sdk_helper_follows_streamed_tool_calls(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, tools=[WEATHER, CLOCK], **say('call tools with {"city": "Zürich 😀"}')) as stream:
        done = [e for e in stream if e.type == "tool_calls.function.arguments.done"]
    assert [(e.name, json.loads(e.arguments)) for e in done] == [("weather", {"city": "Zürich 😀"}), ("clock", {"city": "Zürich 😀"})]


def test_one_call_at_a_time_when_parallel_calls_are_off(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, tools=[WEATHER, CLOCK], parallel_tool_calls=False, **say("call tools"))
    assert len(answer.choices[0].message.tool_calls or []) == 1


@pytest.mark.parametrize(
    ("choice", "names"),
    [("required", ["weather", "clock"]), ("none", []), ({"type": "function", "function": {"name": "clock"}}, ["clock"])],
)
def test_tool_choice_is_obeyed(client: openai.OpenAI, choice: Any, names: list[str]) -> None:
    answer = client.chat.completions.create(model=MODEL, tools=[WEATHER, CLOCK], tool_choice=choice, **say("hi"))
    assert [c.function.name for c in answer.choices[0].message.tool_calls or []] == names


def test_tool_results_go_back(client: openai.OpenAI) -> None:
    history = [
        {"role": "system", "content": "be short"},
        {"role": "user", "content": "call tools"},
        called(("c1", "weather", '{"city":"Ulm"}'), ("c2", "clock", "{}")),
        tool_answer("c1", "sunny"),
        tool_answer("c2", [{"type": "text", "text": "noon"}]),
    ]
    answer = client.chat.completions.create(model=MODEL, messages=history, tools=[WEATHER, CLOCK])
    assert answer.choices[0].message.content == "tool said: sunny | noon"


def test_structured_output_parses(client: openai.OpenAI) -> None:
    city = client.chat.completions.parse(model=MODEL, response_format=City, **say("a city")).choices[0].message.parsed
    assert city and city.people == 9007199254740993


def test_json_mode_answers_json(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, response_format={"type": "json_object"}, **say("as json"))
    assert json.loads(answer.choices[0].message.content or "") == {"echo": "as json"}


def test_images_reach_the_provider(client: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": PNG_URL, "detail": "low"}}]
    answer = client.chat.completions.create(model=MODEL, **say(parts))
    assert answer.choices[0].message.content == f"look [image image/png {len(PNG)} bytes]"


def test_a_length_stop_is_told(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, max_tokens=2, **say("one two three four"))
    assert answer.choices[0].finish_reason == "length"
    with pytest.raises(openai.LengthFinishReasonError):
        client.chat.completions.parse(model=MODEL, response_format=City, max_tokens=1, **say("a city"))


def test_several_choices_keep_their_indices(gateway: Gateway) -> None:
    assert [c["index"] for c in gateway.chat(MODEL, n=3).json()["choices"]] == [0, 1, 2]
    said = check_stream(gateway.chat(MODEL, n=3, stream=True).body)
    assert {c["index"] for chunk in said.chunks for c in chunk["choices"]} == {0, 1, 2}


def test_many_requests_share_few_upstream_connections(gateway: Gateway, upstream: Upstream) -> None:
    for _ in range(20):
        assert gateway.chat(MODEL).status == 200
    assert len({r.connection for r in upstream.requests()}) <= 8  # a pool per worker


def test_parallel_streams_do_not_mix(client: openai.OpenAI, upstream: Upstream) -> None:
    upstream.next({"event_ms": 5, "times": 8})
    streams = [client.chat.completions.create(model=MODEL, stream=True, **say(f"stream {i} says {i} {i} {i}")) for i in range(8)]
    texts = ["".join(c.choices[0].delta.content or "" for c in s if c.choices) for s in streams]
    assert texts == [f"stream {i} says {i} {i} {i}" for i in range(8)]


def test_a_long_stream_loses_nothing(gateway: Gateway) -> None:
    said = check_stream(gateway.chat(MODEL, "long answer 5000", stream=True).body)
    assert said.text == "".join(f"w{i} " for i in range(5000))


def test_a_400_kib_prompt_goes_through(client: openai.OpenAI, upstream: Upstream) -> None:
    text = "long answer 1 " + "wörter " * 60_000
    client.chat.completions.create(model=MODEL, **say(text))
    assert upstream.last().json()["messages"][0]["content"] == text


@pytest.mark.parametrize("size", [1, 2, 3, 5, 17])
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstream_that_splits_its_writes_anywhere_changes_nothing(gateway: Gateway, upstream: Upstream, size: int, stream: bool) -> None:
    upstream.next({"split": size})
    answer = gateway.chat(MODEL, 'call tools with {"city": "Zürich 😀"}', stream=stream, tools=[WEATHER])
    if stream:
        assert json.loads(check_stream(answer.body).calls[0]["arguments"]) == {"city": "Zürich 😀"}
    else:
        assert check_completion(answer.json())["tool_calls"]


def test_a_first_byte_that_is_late_is_waited_for(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"first_byte_ms": 300})
    assert gateway.chat(MODEL).status == 200


# ---------------------------------------------------------------------------------------------------- the catalog's quirks


def catalog(up: Upstream) -> dict:
    return {
        "providers": {
            "openai": {"base_url": up.openai, "api_key": "sk-test-up"},
            "vllm": {"base_url": up.local},
        }
    }


def test_reasoning_models_get_the_fields_they_take_and_the_client_hears_of_the_rest(start: Any, upstream: Upstream) -> None:
    gateway = start(catalog(upstream))
    answer = gateway.chat("openai/o3-mini", "hi", max_tokens=50, temperature=0.2, top_p=0.9, presence_penalty=0.1)
    assert answer.status == 200, answer.body
    sent = upstream.last().json()
    assert sent["max_completion_tokens"] == 50 and "max_tokens" not in sent
    assert not {"temperature", "top_p", "presence_penalty"} & set(sent)
    for name in ("temperature", "top_p", "presence_penalty"):
        assert name in (answer.header("x-recloser-dropped") or "")


def test_fields_that_openai_refuses_are_left_out_and_reported(start: Any, upstream: Upstream) -> None:
    answer = start(catalog(upstream)).chat("openai/gpt-4o", "hi", min_p=0.1, top_k=4)
    assert answer.status == 200, answer.body
    assert {"min_p", "top_k"} <= set((answer.header("x-recloser-dropped") or "").replace(",", " ").split())


def test_strict_routes_refuse_rather_than_drop(start: Any, upstream: Upstream) -> None:
    gateway = start(catalog(upstream) | {"routes": {"exact": {"targets": ["openai/o3-mini"], "strict": True}}})
    answer = gateway.chat("exact", "hi", temperature=0.2)
    assert answer.status == 400 and "temperature" in answer.json()["error"]["message"]
    assert not upstream.requests()


@pytest.mark.parametrize("stream", [False, True])
def test_reasoning_under_another_name_becomes_reasoning_content(start: Any, upstream: Upstream, stream: bool) -> None:
    answer = start(catalog(upstream)).chat("vllm/qwen2.5-coder:7b", "think aloud", stream=stream)
    if stream:
        assert check_stream(answer.body).reasoning == "Let me think about: think aloud"
    else:
        assert check_completion(answer.json())["reasoning_content"] == "Let me think about: think aloud"
