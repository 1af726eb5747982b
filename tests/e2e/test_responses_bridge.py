"""OpenAI's newer API for what chat completions cannot do there: the client speaks chat completions and notices nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from support.gateway import Gateway
from support.rules import check_broken_stream, check_completion, check_error, check_stream
from support.samples import CLOCK, PNG_URL, WEATHER, City, say, tool_answer
from support.upstream import Upstream

Start = Callable[..., Gateway]
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"


def config(up: Upstream, **more: Any) -> dict:
    section = {"type": "openai", "base_url": up.openai, "api_key": "sk-bridge"} | more
    return {"providers": {name: section | {"api": name} for name in ("auto", "chat", "responses")}}


@pytest.fixture(scope="module")
def _bridge(_upstreams: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("bridge"), config(_upstreams[0]))
    yield gateway
    gateway.stop()


@pytest.fixture
def bridge(_bridge: Gateway, upstream: Upstream) -> Gateway:
    return _bridge


@pytest.fixture
def client(bridge: Gateway) -> Iterator[openai.OpenAI]:
    with bridge.client() as made:
        yield made


# ---------------------------------------------------------------------------------------------------- which API


WHERE: dict[str, tuple[str, dict, str]] = {
    "what chat can do": ("auto/gpt-4o", {"tools": [CLOCK]}, CHAT),
    "a reasoning model without tools": ("auto/gpt-5.5", {"reasoning_effort": "low"}, CHAT),
    "a reasoning model with tools": ("auto/gpt-5.5", {"tools": [CLOCK]}, RESPONSES),
    "tools and an effort": ("auto/gpt-5.5", {"tools": [CLOCK], "reasoning_effort": "low"}, RESPONSES),
    "tools and no effort": ("auto/gpt-5.5", {"tools": [CLOCK], "reasoning_effort": "none"}, CHAT),
    "an empty list of tools": ("auto/gpt-5.5", {"tools": []}, CHAT),
    "a model that has only that": ("auto/gpt-5-pro", {}, RESPONSES),
    "the older one with tools": ("auto/gpt-5", {"tools": [CLOCK], "reasoning_effort": "low"}, CHAT),
    "responses for all": ("responses/gpt-4o", {}, RESPONSES),
    "chat for all": ("chat/gpt-5", {"tools": [CLOCK]}, CHAT),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("case", WHERE)
def test_requests_go_to_the_api_that_can_do_them(bridge: Gateway, upstream: Upstream, case: str, stream: bool) -> None:
    model, fields, path = WHERE[case]
    answer = bridge.chat(model, stream=stream, **fields)
    assert answer.status == 200, answer.body
    assert (check_stream(answer.body).text if stream else check_completion(answer.json())["content"]) == "hi there"
    assert [r.target for r in upstream.requests()] == [path]


def test_chat_is_forced_even_where_it_cannot_do_it(bridge: Gateway, upstream: Upstream) -> None:
    error = check_error(bridge.chat("chat/gpt-5.5", tools=[CLOCK]), 400)
    assert "/v1/responses" in error["message"] and upstream.last().target == CHAT


def test_completions_and_embeddings_are_never_bridged(bridge: Gateway, upstream: Upstream) -> None:
    with bridge.client() as client:
        client.embeddings.create(model="responses/text-embedding-3-small", input="a")
        client.completions.create(model="responses/gpt-3.5-turbo-instruct", prompt="a")
    assert [r.target for r in upstream.requests()] == ["/v1/embeddings", "/v1/completions"]


# ---------------------------------------------------------------------------------------------------- conversations


def whole(client: openai.OpenAI, **fields: Any) -> dict:
    return client.chat.completions.create(**fields).choices[0].message.model_dump(exclude_none=True)


def streamed(client: openai.OpenAI, **fields: Any) -> dict:
    with client.chat.completions.stream(**fields) as stream:
        message = stream.get_final_completion().choices[0].message.model_dump(exclude_none=True)
    for call in message.get("tool_calls", []):  # what the helper adds for itself
        call.pop("index", None)
        call["function"].pop("parsed_arguments", None)
    message.pop("parsed", None)
    return message


@pytest.mark.parametrize("ask", [whole, streamed])
@pytest.mark.parametrize("model", ["responses/gpt-4o", "auto/gpt-5.5", "responses/o3-mini"])
def test_parallel_calls_go_round(client: openai.OpenAI, upstream: Upstream, ask: Any, model: str) -> None:
    question = say(f'call tools with {json.dumps({"city": "Zürich 😀"}, ensure_ascii=False)}')["messages"]
    message = ask(client, model=model, tools=[WEATHER, CLOCK], messages=question)
    calls = message["tool_calls"]
    said = [(c["function"]["name"], json.loads(c["function"]["arguments"])["city"]) for c in calls]
    assert said == [("weather", "Zürich 😀"), ("clock", "Zürich 😀")]
    history = [*question, message, *[tool_answer(c["id"], f"sunny {i}") for i, c in enumerate(calls)]]
    assert ask(client, model=model, tools=[WEATHER, CLOCK], messages=history)["content"] == "tool said: sunny 0 | sunny 1"
    assert upstream.last().target == RESPONSES and upstream.last().json()["store"] is False


def test_encrypted_reasoning_goes_back_when_the_client_returns_it(client: openai.OpenAI, upstream: Upstream) -> None:
    """The SDK keeps members that it does not know. The fake refuses what another model thought or what stands at a wrong place."""
    question = say("call tools")["messages"]
    message = whole(client, model="auto/gpt-5.5", tools=[CLOCK], messages=question)
    history = [*question, message, tool_answer(message["tool_calls"][0]["id"], "noon")]
    assert whole(client, model="auto/gpt-5.5", tools=[CLOCK], messages=history)["content"] == "tool said: noon"
    kinds = [item.get("type", "message") for item in upstream.last().json()["input"]]
    assert kinds == ["message", "reasoning", "function_call", "function_call_output"]
    assert whole(client, model="responses/o3-mini", tools=[CLOCK], messages=history)["content"] == "tool said: noon"
    assert "reasoning" not in [item.get("type") for item in upstream.last().json()["input"]]


def test_a_summary_is_shown_to_who_asks_for_it(bridge: Gateway) -> None:
    asked = {"reasoning_effort": "low", "reasoning": {"summary": "auto"}}
    message = check_completion(bridge.chat("responses/gpt-5", **asked).json())
    assert message["reasoning_content"] == "Let me think about: hi there"
    assert check_stream(bridge.chat("responses/gpt-5", stream=True, **asked).body).reasoning == message["reasoning_content"]
    assert not check_completion(bridge.chat("responses/gpt-5", reasoning_effort="low").json()).get("reasoning_content")


def test_an_image_and_a_schema(client: openai.OpenAI, upstream: Upstream) -> None:
    parts = [{"type": "text", "text": "what is it"}, {"type": "image_url", "image_url": {"url": PNG_URL}}]
    assert "image" in whole(client, model="responses/gpt-4o", **say(parts))["content"]
    made = client.chat.completions.parse(model="responses/gpt-4o", response_format=City, **say("a city")).choices[0].message.parsed
    assert isinstance(made, City)
    assert upstream.last().json()["text"]["format"]["type"] == "json_schema"


@pytest.mark.parametrize("stream", [False, True])
def test_usage_has_all_of_its_parts(bridge: Gateway, stream: bool) -> None:
    more = {"stream_options": {"include_usage": True}} if stream else {}
    answer = bridge.chat("responses/gpt-5", "one two three", stream=stream, **more)
    usage = check_stream(answer.body, usage=True).usage if stream else answer.json()["usage"]
    assert usage and usage["completion_tokens_details"]["reasoning_tokens"] == 64
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (3, 67)


@pytest.mark.parametrize("stream", [False, True])
def test_a_limit_is_said_as_one(bridge: Gateway, stream: bool) -> None:
    answer = bridge.chat("responses/gpt-4o", "long answer 50", max_tokens=20, stream=stream)
    finish = check_stream(answer.body).finish if stream else answer.json()["choices"][0]["finish_reason"]
    assert finish == "length"


def test_what_is_lost_is_reported(bridge: Gateway) -> None:
    answer = bridge.chat("responses/gpt-4o", stop=["x"], seed=1, max_tokens=5)
    dropped = answer.header("x-recloser-dropped") or ""
    assert answer.status == 200 and {"stop", "seed", "max_tokens (clamped)"} <= {d.strip() for d in dropped.split(",")}


# ---------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("invalid_request", 400), ("context_length", 400), ("auth", 502), ("not_found", 404), ("rate_limit", 429), ("quota", {429, 503}),
        ("server_error", 502), ("overloaded", 503), ("bad_gateway", 502),
    ],
)  # fmt: skip
def test_faults_have_their_status(start: Start, upstream: Upstream, fault: str, status: Any, stream: bool) -> None:
    upstream.next({"fail": fault, "times": -1})
    check_error(start(config(upstream)).chat("responses/gpt-4o", stream=stream), status)


@pytest.mark.parametrize("fault", ["server_error", "rate_limit", "overloaded"])
def test_an_error_in_mid_stream_is_visible(start: Start, upstream: Upstream, fault: str) -> None:
    upstream.next({"event_ms": 20, "error_event": {"after": 4, "fail": fault}})
    text, error = check_broken_stream(start(config(upstream)).chat("responses/gpt-4o", "a b c d e f", stream=True).body)
    assert text and "a b c d e f".startswith(text) and error["message"]


@pytest.mark.parametrize("fault", ["server_error", "rate_limit"])
def test_an_error_that_comes_first_is_an_answer(start: Start, upstream: Upstream, fault: str) -> None:
    upstream.next({"error_event": {"after": -1, "fail": fault}, "times": -1})
    check_error(start(config(upstream)).chat("responses/gpt-4o", stream=True), {429, 502})


@pytest.mark.parametrize("how", [{"cut": {"events": 8}}, {"omit": ["finish"]}])
def test_a_stream_that_breaks_is_visible(start: Start, upstream: Upstream, how: dict) -> None:
    upstream.next({"event_ms": 20} | how)
    text, _ = check_broken_stream(start(config(upstream)).chat("responses/gpt-4o", "a b c d e f", stream=True).body)
    assert text


def test_a_stream_may_come_in_any_pieces(bridge: Gateway, upstream: Upstream) -> None:
    upstream.next({"split": 1})
    assert check_stream(bridge.chat("responses/gpt-4o", "ä b 漢字", stream=True).body).text == "ä b 漢字"
