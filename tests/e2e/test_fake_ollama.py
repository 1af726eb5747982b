"""The fake Ollama is right: the ollama package runs straight against it, and it refuses what the server refuses. Needs no gateway."""

from __future__ import annotations

import json
from typing import Any

import ollama
import pytest

from support import wire
from support.samples import CLOCK, PNG, WEATHER, say
from support.upstream import Upstream


@pytest.fixture(scope="module")
def _client(_upstreams: tuple[Upstream, Upstream]) -> ollama.Client:
    return ollama.Client(host=_upstreams[0].root)


@pytest.fixture
def llama(_client: ollama.Client, upstream: Upstream) -> ollama.Client:
    """The SDK, and a fake upstream that has forgotten the tests before."""
    return _client


def test_it_answers(llama: ollama.Client) -> None:
    answer = llama.chat("llama3.2", stream=False, **say("hi there"))
    assert (answer.message.content, answer.done, answer.done_reason) == ("hi there", True, "stop")
    assert (answer.prompt_eval_count, answer.eval_count) == (2, 2) and answer.message.thinking is None


@pytest.mark.parametrize(
    ("model", "think", "thought"),
    [("qwen3:8b", None, True), ("qwen3:8b", False, False), ("gpt-oss:20b", False, True), ("gpt-oss:20b", "high", True)],
)
def test_it_streams_thoughts_and_text(llama: ollama.Client, model: str, think: Any, thought: bool) -> None:
    chunks = list(llama.chat(model, stream=True, think=think, **say("one two")))
    assert "".join(c.message.thinking or "" for c in chunks) == ("Let me think about: one two" if thought else "")
    assert "".join(c.message.content or "" for c in chunks) == "one two"
    assert [c.done for c in chunks] == [False] * (len(chunks) - 1) + [True] and chunks[-1].eval_count == (8 if thought else 2)


@pytest.mark.parametrize("model", ["qwen2.5-coder:7b", "llama3.2"])
def test_parallel_calls_go_round(llama: ollama.Client, model: str) -> None:
    question = say('call tools with {"city": "Zürich 😀"}')
    chunks = list(llama.chat(model, stream=True, tools=[WEATHER, CLOCK], **question))
    calls = [call for c in chunks for call in c.message.tool_calls or []]
    assert [(c.function.name, c.function.arguments) for c in calls] == [
        ("weather", {"city": "Zürich 😀"}),
        ("clock", {"city": "Zürich 😀"}),
    ]
    whole = llama.chat(model, stream=False, tools=[WEATHER, CLOCK], **question).message
    results = [{"role": "tool", "tool_name": c.function.name, "content": "sunny"} for c in calls]
    again = llama.chat(model, stream=False, tools=[WEATHER, CLOCK], messages=[*question["messages"], whole, *results])
    assert again.message.content == "tool said: sunny | sunny"


def test_images_formats_and_limits(llama: ollama.Client) -> None:
    answer = llama.chat("gemma3:4b", stream=False, messages=[{"role": "user", "content": "look", "images": [PNG]}])
    assert answer.message.content == f"look [image {len(PNG)} bytes]"
    schema = {"type": "object", "properties": {"people": {"type": "integer"}}}
    assert json.loads(llama.chat("llama3.2", stream=False, format=schema, **say("x")).message.content or "") == {"people": 9007199254740993}
    assert json.loads(llama.chat("llama3.2", stream=False, format="json", **say("x")).message.content or "") == {"echo": "x"}
    cut = llama.chat("llama3.2", stream=False, options={"num_predict": 1}, **say("a b"))
    assert (cut.message.content, cut.done_reason) == ("a ", "length")
    assert llama.chat("llama3.2", stream=False, options={"stop": ["c"]}, **say("a b c d")).message.content == "a b "
    assert llama.chat("llama3.2", stream=False, **say("no counts")).prompt_eval_count is None


def test_long_prompts_are_cut_silently(llama: ollama.Client, upstream: Upstream) -> None:
    long = "word " * 20
    assert llama.chat("llama3.2", stream=False, options={"num_ctx": 10}, **say(long)).prompt_eval_count == 10
    body = {"model": "llama3.2", "truncate": False, "options": {"num_ctx": 10}} | say(long)
    refused = post(upstream, body)
    assert refused.status == 400 and "exceeds the context length" in refused.json()["error"]


def test_discovery_loading_and_embeddings(llama: ollama.Client, upstream: Upstream) -> None:
    assert "qwen3:8b" in [m.model for m in llama.list().models]
    shown = llama.show("qwen3:8b")
    assert shown.capabilities == ["completion", "tools", "thinking"] and shown.modelinfo["qwen3.context_length"] == 40_960
    assert llama.ps().models[0].context_length == 4096
    assert llama.chat("qwen3:8b", stream=False, messages=[]).done_reason == "load"
    assert [len(e) for e in llama.embed("nomic-embed-text", ["a", "b"], dimensions=4).embeddings] == [4, 4]
    assert wire.ask(upstream.port, wire.request("GET", "/")).body == b"Ollama is running"
    assert wire.ask(upstream.port, wire.request("GET", "/api/version")).json()["version"]
    assert [r.target for r in upstream.requests()] == ["/api/chat"], "discovery is not inference"


# ---------------------------------------------------------------------------------------------------- refusals


def tool(**parameters: Any) -> dict:
    return say("x", tools=[{"type": "function", "function": {"name": "f", "parameters": parameters}}])


def user(**members: Any) -> dict:
    return {"messages": [{"role": "user", "content": "x"} | members]}


def called(**function: Any) -> dict:
    return {
        "messages": [
            {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f"} | function}]},
            {"role": "tool", "content": "x"},
        ]
    }


REFUSALS: dict[str, tuple[str, dict, int, str]] = {
    "no such model": ("gone", say("x"), 404, "model 'gone' not found"),
    "content that is a list": ("llama3.2", say([{"type": "text", "text": "x"}]), 400, "cannot unmarshal array into Go struct field ChatRequest.messages.content of type string"),
    "arguments that are a text": ("llama3.2", called(arguments="{}"), 400, "cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments"),
    "an unknown role": ("llama3.2", {"messages": [{"role": "developer", "content": "x"}]}, 400, "invalid role"),
    "a data URL": ("gemma3:4b", user(images=["data:image/png;base64,AA=="]), 400, "illegal base64 data"),
    "no picture at all": ("gemma3:4b", user(images=["AAAA"]), 500, "unknown format"),
    "a picture for a blind model": ("llama3.2", user(images=["iVBORw0KGgo="]), 500, "image input"),
    "tools for a model without": ("gemma:2b", tool(type="object"), 400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    "thinking for a model without": ("llama3.2", say("x", think=True), 400, '"llama3.2" does not support thinking'),
    "no such level": ("qwen3:8b", say("x", think="xhigh"), 400, 'invalid think value: "xhigh"'),
    "a text number": ("llama3.2", say("x", options={"num_ctx": "5"}), 400, 'option "num_ctx" must be of type integer'),
    "half a token": ("llama3.2", say("x", options={"num_predict": 1.5}), 400, "must be of type integer"),
    "one stop": ("llama3.2", say("x", options={"stop": "x"}), 400, 'option "stop" must be of an array'),
    "a text for stream": ("llama3.2", say("x", stream="false"), 400, "ChatRequest.stream of type bool"),
    "a bad duration": ("llama3.2", say("x", keep_alive="soon"), 400, 'invalid duration "soon"'),
    "a bad format": ("llama3.2", say("x", format="json_object"), 400, "invalid format"),
    "a schema that is a text": ("llama3.2", tool(properties="x"), 400, "tools.function.parameters.properties"),
    "too many logprobs": ("llama3.2", say("x", top_logprobs=21), 400, "between 0 and 20"),
    "chat with an embedder": ("nomic-embed-text", say("x"), 400, "does not support chat"),
}  # fmt: skip


def post(upstream: Upstream, body: Any) -> wire.Response:
    return wire.ask(upstream.port, wire.request("POST", "/api/chat", json.dumps(body).encode(), headers={"authorization": None}))


@pytest.mark.parametrize("case", REFUSALS)
def test_it_refuses(upstream: Upstream, case: str) -> None:
    model, body, status, words = REFUSALS[case]
    refused = post(upstream, {"model": model} | body)
    assert refused.status == status and words in refused.json()["error"], refused.body


def test_it_streams_unless_told_not_to_and_ignores_what_it_does_not_know(upstream: Upstream) -> None:
    found = post(upstream, {"model": "llama3.2", "tool_choice": "required", "options": {"odd": 1}} | say("a b"))
    assert found.header("content-type") == "application/x-ndjson"
    assert [json.loads(one)["message"]["content"] for one in found.body.splitlines()] == ["a ", "b", ""]


# ---------------------------------------------------------------------------------------------------- misbehaviour


@pytest.mark.parametrize(("name", "status"), [("overloaded", 503), ("not_found", 404), ("server_error", 500), ("auth", 401)])
def test_failures_look_like_the_vendors(upstream: Upstream, llama: ollama.Client, name: str, status: int) -> None:
    upstream.next({"fail": name})
    with pytest.raises(ollama.ResponseError) as failed:
        llama.chat("llama3.2", stream=True, **say("x")).__next__()
    assert failed.value.status_code == status and failed.value.error


def test_streams_break(upstream: Upstream, llama: ollama.Client) -> None:
    upstream.next({"error_event": {"after": 2, "fail": "server_error"}}, {"omit": ["finish"]}, {"malformed": True}, {"split": 1})

    def stream() -> list:
        return list(llama.chat("llama3.2", stream=True, **say("a b c")))

    with pytest.raises(ollama.ResponseError, match="has terminated"):
        stream()
    assert not any(c.done for c in stream())
    with pytest.raises(ValueError):
        stream()
    assert "".join(c.message.content or "" for c in stream()) == "a b c"
