"""The fake Responses API is right: the official SDK runs straight against it, and it refuses what the vendor refuses. Needs no gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from support.samples import PNG_URL, WEATHER, City
from support.upstream import Upstream

FLAT = {"type": "function", "strict": False, **WEATHER["function"]}
SEALED = ["reasoning.encrypted_content"]


@pytest.fixture
def direct(upstream: Upstream) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=upstream.openai, api_key="sk-direct", max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, input: Any, **fields: Any) -> Any:
    return client.responses.create(**({"model": "gpt-5", "store": False} | fields), input=input)


def test_it_answers(direct: openai.OpenAI) -> None:
    answer = ask(direct, "one two", model="gpt-4o")
    assert answer.output_text == "one two" and answer.status == "completed"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 2)


def test_it_streams(direct: openai.OpenAI) -> None:
    events = list(ask(direct, "one two", stream=True, reasoning={"summary": "auto"}))
    kinds = [e.type for e in events]
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"
    assert [e.sequence_number for e in events] == list(range(len(events)))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == "one two"
    assert "".join(e.delta for e in events if e.type == "response.reasoning_summary_text.delta").startswith("Let me think")
    assert events[-1].response.output_text == "one two"


def test_an_image_and_a_schema(direct: openai.OpenAI) -> None:
    seen = [{"role": "user", "content": [{"type": "input_text", "text": "look"}, {"type": "input_image", "image_url": PNG_URL}]}]
    assert "image/png 70 bytes" in ask(direct, seen).output_text
    parsed = direct.responses.parse(model="gpt-4o", store=False, input="a city", text_format=City)
    assert parsed.output_parsed and parsed.output_parsed.people == 9007199254740993


def test_a_limit_ends_the_answer(direct: openai.OpenAI) -> None:
    answer = ask(direct, "long answer 20", max_output_tokens=16)
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize("stream", [False, True])
def test_calls_and_reasoning_go_back(direct: openai.OpenAI, stream: bool) -> None:
    history: list = [{"role": "user", "content": "call tools"}]
    answer = ask(direct, history, tools=[FLAT], include=SEALED, stream=stream)
    answer = list(answer)[-1].response if stream else answer
    thought, call = answer.output
    assert thought.type == "reasoning" and thought.encrypted_content and call.type == "function_call"
    history += [thought.model_dump(exclude_none=True), call.model_dump(exclude_none=True, exclude={"status", "caller", "namespace"})]
    history.append({"type": "function_call_output", "call_id": call.call_id, "output": "sunny"})
    assert ask(direct, history, tools=[FLAT], include=SEALED).output_text == "tool said: sunny"
    refuse(direct, history[:1] + history[3:], "No tool call found")
    refuse(direct, history[:3], "No tool output found")
    refuse(direct, [history[0], *history[2:], history[1]], "without its required following item")
    refuse(direct, history, "could not be verified", model="o3-mini")


def refuse(client: openai.OpenAI, input: Any, words: str, **fields: Any) -> None:
    with pytest.raises(openai.BadRequestError, match=words):
        ask(client, input, **({"tools": [FLAT]} | fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"store": True}, "store"),
        ({"extra_body": {"stop": ["x"]}}, "Unknown parameter: 'stop'"),
        ({"temperature": 0.5}, "temperature"),
        ({"max_output_tokens": 3}, "max_output_tokens"),
        ({"model": "gpt-4o", "reasoning": {"effort": "low"}}, "reasoning"),
        ({"model": "gpt-4o", "include": SEALED}, "Encrypted content"),
        ({"tools": [WEATHER]}, "tools"),
        ({"tools": [{k: v for k, v in FLAT.items() if k != "strict"}]}, "strict"),
    ],
)
def test_what_it_refuses(direct: openai.OpenAI, fields: dict, words: str) -> None:
    refuse(direct, "hi", words, **fields)


def test_a_late_error_is_an_event(direct: openai.OpenAI, upstream: Upstream) -> None:
    upstream.next({"error_event": {"after": 2, "fail": "overloaded"}})
    last = list(ask(direct, "one two three", stream=True))[-1]
    assert (last.type, last.code) == ("error", "server_is_overloaded")
