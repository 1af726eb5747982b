"""Tool calls and thinking that a server leaves in the text. The fake local server says the user's words as they are, word by
word, so a test writes down what the model is to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from support.gateway import Gateway
from support.rules import check_completion, check_stream
from support.samples import CLOCK, WEATHER, called, say, tool_answer
from support.upstream import Upstream

Start = Callable[..., Gateway]

CITY = {"city": "Zürich \"x\" 😀"}
JSON = json.dumps(CITY, ensure_ascii=False)

QWEN = "vllm/Qwen2.5-7B-Instruct"

# (model, what it says, the text that stays, the calls)
SAID: dict[str, tuple[str, str, str, list[tuple[str, Any]]]] = {
    "Hermes": (QWEN, f'<tool_call>\n{{"name": "weather", "arguments": {JSON}}}\n</tool_call>', "", [("weather", CITY)]),
    "Hermes, two calls": (
        QWEN,
        f'<tool_call>{{"name": "weather", "arguments": {JSON}}}</tool_call>\n<tool_call>{{"name": "clock", "arguments": {{}}}}</tool_call>',
        "", [("weather", CITY), ("clock", {})],
    ),
    "Hermes after words": (
        QWEN, f'I will look. <tool_call>{{"name": "weather", "arguments": {JSON}}}</tool_call>', "I will look.", [("weather", CITY)],
    ),
    "Llama JSON": ("vllm/Llama-3.1-8B-Instruct", f'{{"name": "weather", "parameters": {JSON}}}', "", [("weather", CITY)]),
    "Llama with its tag": ("vllm/Llama-3.1-8B-Instruct", f'<|python_tag|>{{"name": "weather", "parameters": {JSON}}}', "", [("weather", CITY)]),
    "Llama, Python": ("vllm/Llama-3.2-3B-Instruct", '[weather(city="Bern"), clock()]', "", [("weather", {"city": "Bern"}), ("clock", {})]),
    "Mistral": ("vllm/Mistral-7B-Instruct-v0.3", f'[TOOL_CALLS] [{{"name": "weather", "arguments": {JSON}}}]', "", [("weather", CITY)]),
    "Mistral, newer": ("vllm/Mistral-Small-3.2", f'[TOOL_CALLS]weather[ARGS]{JSON}', "", [("weather", CITY)]),
    "Qwen's XML": (
        "vllm/Qwen3-Coder-30B",
        "<tool_call>\n<function=weather>\n<parameter=city>\nBern\n</parameter>\n</function>\n</tool_call>", "",
        [("weather", {"city": "Bern"})],
    ),
    "DeepSeek": (
        "vllm/DeepSeek-V3.1",
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>{"city": "Bern"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>', "",
        [("weather", {"city": "Bern"})],
    ),
    "thinking, then a call": (
        "vllm/Qwen3-8B",
        '<think>\nthe weather it is\n</think>\n\n<tool_call>{"name": "clock", "arguments": {}}</tool_call>', "", [("clock", {})],
    ),
}  # fmt: skip


def local(up: Upstream, **more: Any) -> dict:
    """The same server under every type whose texts are read, and one whose texts are read only when tools are offered."""
    types = ["vllm", "llamacpp", "lmstudio", "openai-compatible"]
    return {"providers": {name: {"type": name, "base_url": up.local, "api_keys": []} | more for name in types}}


@pytest.fixture(scope="module")
def _reader(_upstreams: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("reader"), local(_upstreams[0]))
    yield gateway
    gateway.stop()


@pytest.fixture
def reader(_reader: Gateway, upstream: Upstream) -> Gateway:
    return _reader


@pytest.fixture
def client(reader: Gateway) -> Iterator[openai.OpenAI]:
    with reader.client() as made:
        yield made


TOOLS: list[Any] = [WEATHER, CLOCK]


@pytest.mark.parametrize("case", SAID)
def test_calls_in_the_text_are_calls_for_the_sdk(client: openai.OpenAI, case: str) -> None:
    model, said, stays, calls = SAID[case]
    choice = client.chat.completions.create(model=model, tools=TOOLS, **say(said)).choices[0]
    assert [(c.function.name, json.loads(c.function.arguments)) for c in choice.message.tool_calls or []] == calls
    assert choice.finish_reason == "tool_calls" and (choice.message.content or "").strip() == stays


@pytest.mark.parametrize("case", SAID)
def test_calls_in_the_text_are_calls_in_a_stream(reader: Gateway, case: str) -> None:
    model, said, stays, calls = SAID[case]
    seen = check_stream(reader.chat(model, said, tools=TOOLS, stream=True).body)
    assert [(c["name"], json.loads(c["arguments"])) for c in seen.calls.values()] == calls
    assert seen.finish == "tool_calls" and seen.text.strip() == stays


@pytest.mark.parametrize("case", SAID)
def test_the_sdks_stream_helper_puts_them_together(client: openai.OpenAI, case: str) -> None:
    model, said, _, calls = SAID[case]
    with client.chat.completions.stream(model=model, tools=TOOLS, **say(said)) as stream:
        message = stream.get_final_completion().choices[0].message
    assert [(c.function.name, json.loads(c.function.arguments)) for c in message.tool_calls or []] == calls


def test_a_call_goes_round(client: openai.OpenAI) -> None:
    said = '<tool_call>{"name": "clock", "arguments": {}}</tool_call>'
    message = client.chat.completions.create(model="vllm/Qwen2.5-7B", tools=TOOLS, **say(said)).choices[0].message
    assert message.tool_calls
    history = [*say(said)["messages"], called((message.tool_calls[0].id, "clock", "{}")), tool_answer(message.tool_calls[0].id, "noon")]
    again = client.chat.completions.create(model="vllm/Qwen2.5-7B", tools=TOOLS, messages=history)
    assert again.choices[0].message.content == "tool said: noon"


@pytest.mark.parametrize("stream", [False, True])
def test_real_calls_of_the_server_are_left_as_they_are(reader: Gateway, stream: bool) -> None:
    answer = reader.chat("vllm/Qwen2.5-7B", "call tools", tools=[CLOCK], stream=stream)
    if stream:
        assert [c["name"] for c in check_stream(answer.body).calls.values()] == ["clock"]
    else:
        assert [c["function"]["name"] for c in check_completion(answer.json())["tool_calls"]] == ["clock"]


LOOKS_LIKE: dict[str, tuple[str, str]] = {
    "in a code block": ("vllm/Qwen2.5-7B", 'So:\n```xml\n<tool_call>{"name": "clock", "arguments": {}}</tool_call>\n```\nthat is how.'),
    "of a tool that nobody offered": ("vllm/Llama-3.1-8B", '{"name": "rocket", "parameters": {"to": "moon"}}'),
    "JSON that is an answer": ("vllm/Llama-3.1-8B", '{"people": 3, "name": "Bern"}'),
    "a tag that is a word": ("vllm/Qwen2.5-7B", "a <tool and <tool_ca and < b"),
    "nothing of the kind": ("vllm/Qwen2.5-7B", "one two ä 漢字 three"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("case", LOOKS_LIKE)
def test_text_that_only_looks_like_a_call_stays_text(reader: Gateway, case: str, stream: bool) -> None:
    model, said = LOOKS_LIKE[case]
    answer = reader.chat(model, said, tools=TOOLS, stream=stream)
    if stream:
        seen = check_stream(answer.body)
        assert (seen.text, seen.calls, seen.finish) == (said, {}, "stop")
        assert case != "nothing of the kind" or len(seen.chunks) > 4, "text that can be no call is not held back"
    else:
        message = check_completion(answer.json())
        assert message["content"] == said and not message.get("tool_calls")


# ---------------------------------------------------------------------------------------------------- thinking


THOUGHTS: dict[str, tuple[str, str, str, str]] = {
    "a pair of tags": ("vllm/Qwen3-8B", "<think>\nhm hm\n</think>\n\nthe answer", "hm hm", "the answer"),
    "only the end of it": ("vllm/DeepSeek-R1-Distill-Qwen-7B", "hm hm\n</think>\n\nthe answer", "hm hm", "the answer"),
    "Mistral's own": ("vllm/Magistral-Small", "[THINK]hm hm[/THINK]the answer", "hm hm", "the answer"),
    "an empty one": ("vllm/Qwen3-8B", "<think>\n\n</think>\n\nthe answer", "", "the answer"),
    "the channels of gpt-oss": (
        "vllm/gpt-oss-20b", "<|channel|>analysis<|message|>hm hm<|end|><|start|>assistant<|channel|>final<|message|>the answer",
        "hm hm", "the answer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("case", THOUGHTS)
def test_thinking_in_the_text_is_reasoning(reader: Gateway, case: str, stream: bool) -> None:
    model, said, thought, text = THOUGHTS[case]
    answer = reader.chat(model, said, stream=stream)
    if stream:
        seen = check_stream(answer.body)
        assert (seen.reasoning.strip(), seen.text.strip()) == (thought, text)
    else:
        message = check_completion(answer.json())
        assert ((message.get("reasoning_content") or "").strip(), message["content"].strip()) == (thought, text)


@pytest.mark.parametrize("provider", ["vllm", "llamacpp", "lmstudio"])
def test_every_local_server_is_read(reader: Gateway, provider: str) -> None:
    message = check_completion(reader.chat(f"{provider}/Qwen3-8B", "<think>hm</think>yes").json())
    assert (message["reasoning_content"], message["content"]) == ("hm", "yes")


# ---------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize("stream", [False, True])
def test_off_leaves_it(start: Start, upstream: Upstream, stream: bool) -> None:
    gateway = start(local(upstream, text_calls="off"))
    said = '<think>hm</think><tool_call>{"name": "clock", "arguments": {}}</tool_call>'
    answer = gateway.chat("vllm/Qwen3-8B", said, tools=TOOLS, stream=stream)
    assert (check_stream(answer.body).text if stream else check_completion(answer.json())["content"]) == said


def test_a_family_that_is_named_is_read_whatever_the_model_is_called(start: Start, upstream: Upstream) -> None:
    gateway = start(local(upstream, text_calls="llama"))
    message = check_completion(gateway.chat("vllm/my-model", '{"name": "clock", "parameters": {}}', tools=TOOLS).json())
    assert message["tool_calls"][0]["function"]["name"] == "clock"


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_of_no_family_is_relayed(reader: Gateway, stream: bool) -> None:
    said = '<tool_call>{"name": "clock", "arguments": {}}</tool_call>'
    answer = reader.chat("vllm/my-model", said, tools=TOOLS, stream=stream)
    assert (check_stream(answer.body).text if stream else check_completion(answer.json())["content"]) == said


def test_without_tools_a_compatible_server_is_relayed_byte_for_byte(reader: Gateway, upstream: Upstream) -> None:
    """Spaces, unknown members and the order of things survive."""
    body = (
        '{"id" : "x",  "object":"chat.completion","created":1,"model":"Qwen3-8B", "mine":1e0,"choices":[{"index":0,'
        '"message":{"role":"assistant","content":"<think>a</think>b"},"finish_reason":"stop"}], '
        '"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }'
    )
    upstream.next({"body": body})
    assert reader.chat("openai-compatible/Qwen3-8B").body == body.encode()


def test_with_tools_a_compatible_server_is_read(reader: Gateway) -> None:
    message = check_completion(
        reader.chat("openai-compatible/Qwen3-8B", '<tool_call>{"name": "clock", "arguments": {}}</tool_call>', tools=TOOLS).json()
    )
    assert message["tool_calls"][0]["function"]["name"] == "clock"
