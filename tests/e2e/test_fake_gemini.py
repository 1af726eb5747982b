"""The fake Gemini is right: google-genai runs straight against it, and it refuses what the vendor refuses. Needs no gateway."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from fake.gemini import fields
from support import wire
from support.samples import PNG
from support.upstream import Upstream

WEATHER = {
    "name": "weather",
    "description": "Weather of a city",
    "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CLOCK = {"name": "clock", "parameters": {"type": "OBJECT", "properties": {"zone": {"type": "string"}}}}
TOOLS: list[Any] = [types.Tool.model_validate({"functionDeclarations": [WEATHER, CLOCK]})]


@pytest.fixture(scope="module")
def _client(_upstreams: tuple[Upstream, Upstream]) -> genai.Client:
    return genai.Client(api_key="AIza-test", http_options=types.HttpOptions(base_url=_upstreams[0].root, api_version="v1beta"))


@pytest.fixture
def gemini(_client: genai.Client, upstream: Upstream) -> genai.Client:
    """The SDK, and a fake upstream that has forgotten the tests before."""
    return _client


def config(**members: Any) -> types.GenerateContentConfig:
    off = types.AutomaticFunctionCallingConfig(disable=True)
    return types.GenerateContentConfig(automatic_function_calling=off, **members)


def test_it_answers(gemini: genai.Client) -> None:
    answer = gemini.models.generate_content(model="gemini-2.5-flash", contents="hi there", config=config(system_instruction="be kind"))
    assert answer.text == "hi there"
    assert answer.candidates and answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert usage and usage.prompt_token_count == 4 and usage.candidates_token_count == 2 and usage.total_token_count == 6
    again = gemini.models.generate_content(model="gemini-2.5-flash", contents="hi there", config=config(system_instruction="be kind"))
    assert again.usage_metadata and again.usage_metadata.cached_content_token_count == 2


def test_it_streams_thoughts_and_text(gemini: genai.Client) -> None:
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_level=types.ThinkingLevel.LOW)
    chunks = list(
        gemini.models.generate_content_stream(model="gemini-3-flash", contents="one two", config=config(thinking_config=thinking))
    )
    parts = [p for c in chunks for p in c.candidates[0].content.parts]
    assert "".join(p.text for p in parts if p.thought) == "Let me think about: one two"
    assert "".join(p.text for p in parts if not p.thought) == "one two"
    assert parts[-1].text == "" and parts[-1].thought_signature
    usage = chunks[-1].usage_metadata
    assert usage and (usage.thoughts_token_count, usage.candidates_token_count, usage.total_token_count) == (18, 2, 22)
    assert [c.candidates[0].finish_reason for c in chunks if c.candidates[0].finish_reason] == [types.FinishReason.STOP]


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-flash"])
@pytest.mark.parametrize("how", ["", " at once"])
def test_parallel_calls_go_round(gemini: genai.Client, model: str, how: str) -> None:
    """The SDK sends the signature back, and the second round is good."""
    text = 'call tools with {"city": "Zürich 😀"}' + how
    chunks = list(gemini.models.generate_content_stream(model=model, contents=text, config=config(tools=TOOLS)))
    parts = [p for c in chunks for p in c.candidates[0].content.parts if p.function_call]
    assert [p.function_call.name for p in parts] == ["weather", "clock"]
    assert [p.function_call.args for p in parts] == [{"city": "Zürich 😀"}] * 2
    assert [bool(p.thought_signature) for p in parts] == [model == "gemini-3-flash", False]
    assert [bool(p.function_call.id) for p in parts] == [model == "gemini-3-flash"] * 2
    results = [
        types.Part(function_response=types.FunctionResponse(name=p.function_call.name, id=p.function_call.id, response={"output": "sunny"}))
        for p in parts
    ]
    history = [types.UserContent(text), types.ModelContent(parts), types.UserContent(results)]
    answer = gemini.models.generate_content(model=model, contents=history, config=config(tools=TOOLS))
    assert answer.text == "tool said: sunny | sunny"


def test_tool_modes_and_structured_output(gemini: genai.Client) -> None:
    forced = types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode="ANY", allowed_function_names=["clock"]))
    answer = gemini.models.generate_content(model="gemini-2.5-pro", contents="x", config=config(tools=TOOLS, tool_config=forced))
    assert [c.name for c in answer.function_calls or []] == ["clock"]
    schema = {"type": "object", "properties": {"people": {"type": "integer"}}, "required": ["people"]}
    answer = gemini.models.generate_content(
        model="gemini-3-flash", contents="x", config=config(response_mime_type="application/json", response_json_schema=schema)
    )
    assert json.loads(answer.text or "") == {"people": 9007199254740993}


def test_it_sees_media(gemini: genai.Client) -> None:
    picture = types.Part.from_bytes(data=PNG, mime_type="image/png")
    answer = gemini.models.generate_content(model="gemini-2.5-flash", contents=["look", picture], config=config(stop_sequences=["]"]))
    assert answer.text == f"look [image image/png {len(PNG)} bytes"


def test_thoughts_are_paid_from_max_output_tokens(gemini: genai.Client) -> None:
    thinking = types.ThinkingConfig(thinking_budget=1024)
    answer = gemini.models.generate_content(
        model="gemini-2.5-flash", contents="a b", config=config(max_output_tokens=5, thinking_config=thinking)
    )
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS and not answer.candidates[0].content.parts
    answer = gemini.models.generate_content(model="gemini-2.5-flash", contents="a b c", config=config(max_output_tokens=2))
    assert (answer.text, answer.candidates[0].finish_reason) == ("a b ", types.FinishReason.MAX_TOKENS)


@pytest.mark.parametrize("reason", ["SAFETY", "RECITATION", "MALFORMED_FUNCTION_CALL", "OTHER"])
def test_finish_reasons(gemini: genai.Client, reason: str) -> None:
    found = gemini.models.generate_content(model="gemini-2.5-flash", contents=f"finish: {reason}").candidates[0]
    assert found.finish_reason == types.FinishReason(reason)
    assert bool(found.content and found.content.parts) == (reason == "OTHER")
    chunks = list(gemini.models.generate_content_stream(model="gemini-2.5-flash", contents=f"finish: {reason}"))
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason(reason)


def test_long_answers_go_on_in_a_second_request(gemini: genai.Client, upstream: Upstream) -> None:
    """The SDK sends the token back by itself."""
    assert (
        gemini.models.generate_content(model="gemini-2.5-flash", contents="finish: CONTINUATION").text == "finish: CONTINUATIONand the rest"
    )
    assert [r.json().get("continuationToken") for r in upstream.requests()] == [None, "bmV4dA=="]


def test_blocked_prompts(gemini: genai.Client) -> None:
    answer = gemini.models.generate_content(model="gemini-2.5-flash", contents="block: PROHIBITED_CONTENT")
    assert not answer.candidates and answer.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT
    (only,) = gemini.models.generate_content_stream(model="gemini-2.5-flash", contents="block: SAFETY")
    assert not only.candidates and only.prompt_feedback.block_reason == types.BlockedReason.SAFETY


def test_models_counts_and_embeddings(gemini: genai.Client) -> None:
    found = {m.name: m for m in gemini.models.list(config={"page_size": 3})}
    assert set(found) == {f"models/{name}" for name in fields.MODELS}
    assert found["models/gemini-3-flash"].thinking and "generateContent" in found["models/gemini-3-flash"].supported_actions
    assert gemini.models.get(model="gemini-2.5-pro").input_token_limit == 1_048_576
    assert gemini.models.count_tokens(model="gemini-2.5-pro", contents="one two").total_tokens == 2
    embedded = gemini.models.embed_content(model="gemini-embedding-001", contents=["a", "b"], config={"output_dimensionality": 4})
    assert [len(e.values) for e in embedded.embeddings] == [4, 4] and embedded.embeddings[0].values != embedded.embeddings[1].values


def test_the_tables_have_no_field_that_the_sdk_lacks() -> None:
    """A name with a slip in it would refuse the right one and take a wrong one."""
    for message, ours in fields.COMMON.items():
        if message == "GenerateContentRequest":  # the SDK has it as arguments
            continue
        theirs = {f.alias or n for n, f in getattr(types, message).model_fields.items()}
        assert set(ours) <= theirs | {"imageConfig"}, message


# ---------------------------------------------------------------------------------------------------- refusals

TEXT = {"role": "user", "parts": [{"text": "x"}]}
CALL = {"functionCall": {"name": "weather", "args": {}}}
CALLED = {"role": "model", "parts": [CALL]}
RESULT = {"functionResponse": {"name": "weather", "response": {"output": "sunny"}}}
ANSWERED = {"role": "user", "parts": [RESULT]}
SKIP = {"thoughtSignature": "skip_thought_signature_validator"}
DECLARED = {"tools": [{"functionDeclarations": [WEATHER]}]}


def says(*contents: Any, **members: Any) -> dict:
    return {"contents": list(contents) or [TEXT]} | members


def part(**members: Any) -> dict:
    return says({"role": "user", "parts": [members]})


def asks(**members: Any) -> dict:
    return says(generationConfig=members)


def tool(**members: Any) -> dict:
    return says(tools=[{"functionDeclarations": [{"name": "f"} | members]}])


def schema(**members: Any) -> dict:
    return tool(parameters={"type": "object", "properties": {"a": members}})


REFUSALS: dict[str, tuple[str, dict, str]] = {
    "an unknown field": ("gemini-3-flash", says(messages=[]), 'Unknown name "messages": Cannot find field.'),
    "an unknown field deep down": ("gemini-3-flash", part(text="x", cache_control={}), "Unknown name \"cache_control\" at 'contents[0].parts[0]': Cannot find field."),
    "an unknown setting": ("gemini-3-flash", asks(max_tokens=5), "Unknown name \"max_tokens\" at 'generation_config'"),
    "a wrong type": ("gemini-3-flash", asks(temperature="hot"), "Invalid value at 'generation_config.temperature'"),
    "no contents": ("gemini-3-flash", {"contents": []}, "contents is not specified"),
    "a bad role": ("gemini-3-flash", says({"role": "assistant", "parts": [{"text": "x"}]}), "valid role: user, model"),
    "the model first": ("gemini-3-flash", says({"role": "model", "parts": [{"text": "x"}]}, TEXT), "start with a user turn"),
    "no parts": ("gemini-3-flash", says({"role": "user", "parts": []}), "must not be empty"),
    "an empty text": ("gemini-3-flash", part(text=""), "must have one initialized field"),
    "two data in a part": ("gemini-3-flash", part(text="x", inlineData={"mimeType": "image/png", "data": "AA=="}), "is already set"),
    "a BMP": ("gemini-3-flash", part(inlineData={"mimeType": "image/bmp", "data": "AA=="}), "Unsupported MIME type"),
    "broken base64": ("gemini-3-flash", part(inlineData={"mimeType": "image/png", "data": "*"}), "Invalid value at 'contents[0].parts[0].inline_data.data'"),
    "a picture from anywhere": ("gemini-3-flash", part(fileData={"mimeType": "image/png", "fileUri": "http://x/y.png"}), "unsupported file uri"),
    "a picture as system text": ("gemini-3-flash", says(systemInstruction={"parts": [{"inlineData": {"mimeType": "image/png", "data": "AA=="}}]}), "only text"),
    "system text for Gemma": ("gemma-3-27b-it", says(systemInstruction={"parts": [{"text": "x"}]}), "Developer instruction is not enabled"),
    "a call without its signature": ("gemini-3-flash", says(TEXT, CALLED, ANSWERED, **DECLARED), "missing a thought_signature"),
    "a second step without its signature": ("gemini-3-flash", says(TEXT, {"role": "model", "parts": [CALL | SKIP]}, ANSWERED, CALLED, ANSWERED), "missing a thought_signature"),
    "a forged signature": ("gemini-3-flash", says(TEXT, {"role": "model", "parts": [CALL | {"thoughtSignature": "c2lnOg=="}]}, ANSWERED), "signature is not valid"),
    "a signature on every call": ("gemini-3-flash", says(TEXT, {"role": "model", "parts": [CALL | SKIP, CALL | SKIP]}, {"role": "user", "parts": [RESULT, RESULT]}), "signature is not valid"),
    "a broken text signature": ("gemini-3-flash", says(TEXT, {"role": "model", "parts": [{"text": "y", "thoughtSignature": "AAAA"}]}), "Corrupted thought signature"),
    "a call after a model turn": ("gemini-2.5-flash", says(TEXT, {"role": "model", "parts": [{"text": "y"}]}, CALLED, ANSWERED), "immediately after a user turn"),
    "an unanswered call": ("gemini-2.5-flash", says(TEXT, CALLED, TEXT), "number of function response parts"),
    "a call at the end": ("gemini-2.5-flash", says(TEXT, CALLED), "immediately after a function call turn"),
    "an orphan answer": ("gemini-2.5-flash", says(TEXT, ANSWERED), "immediately after a function call turn"),
    "an answer by another name": ("gemini-2.5-flash", says(TEXT, CALLED, {"role": "user", "parts": [{"functionResponse": {"name": "clock", "response": {}}}]}), "names match"),
    "an answer by another id": ("gemini-2.5-flash", says(TEXT, CALLED, {"role": "user", "parts": [{"functionResponse": {"name": "weather", "id": "z", "response": {}}}]}), "does not match any function call id"),
    "an answer that is a text": ("gemini-2.5-flash", says(TEXT, CALLED, {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": "sunny"}}]}), "Invalid value at"),
    "arguments that are a text": ("gemini-2.5-flash", says(TEXT, {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": "{}"}}]}, ANSWERED), "Invalid value at"),
    "a bad tool name": ("gemini-2.5-flash", tool(name="1st tool"), "Invalid function name"),
    "the same tool twice": ("gemini-2.5-flash", says(tools=[{"functionDeclarations": [WEATHER, WEATHER]}]), "Duplicate function declaration"),
    "both kinds of parameters": ("gemini-2.5-flash", tool(parameters={"type": "object"}, parametersJsonSchema={}), "mutually exclusive"),
    "additionalProperties": ("gemini-2.5-flash", tool(parameters={"type": "object", "additionalProperties": False}), 'Unknown name "additionalProperties"'),
    "$ref in the old schema": ("gemini-2.5-flash", schema(**{"$ref": "#/x"}), 'Unknown name "$ref"'),
    "const": ("gemini-2.5-flash", schema(const=1), 'Unknown name "const"'),
    "many types": ("gemini-2.5-flash", schema(type=["string", "null"]), "Invalid value at"),
    "a number enum": ("gemini-2.5-flash", schema(type="integer", enum=[1]), "Invalid value at"),
    "an enum of no string": ("gemini-2.5-flash", schema(type="integer", enum=["1"]), "only allowed for STRING"),
    "an array of nothing": ("gemini-2.5-flash", schema(type="array"), "items: missing field"),
    "required but not there": ("gemini-2.5-flash", tool(parameters={"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}), "property is not defined"),
    "an odd format": ("gemini-2.5-flash", schema(type="string", format="uri"), "format"),
    "an empty object": ("gemini-2.5-flash", tool(parameters={"type": "object", "properties": {}}), "should be non-empty"),
    "a $ref with neighbours": ("gemini-3-flash", tool(parametersJsonSchema={"$ref": "#/$defs/a", "title": "x", "$defs": {"a": {}}}), "$ref can not have"),
    "a $ref to nowhere": ("gemini-3-flash", tool(parametersJsonSchema={"properties": {"a": {"$ref": "#/$defs/a"}}}), "undefined schema"),
    "a forced tool that is not there": ("gemini-3-flash", says(toolConfig={"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}}, **DECLARED), "not declared"),
    "forced without tools": ("gemini-3-flash", says(toolConfig={"functionCallingConfig": {"mode": "ANY"}}), "without function_declarations"),
    "names without ANY": ("gemini-3-flash", says(toolConfig={"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["weather"]}}, **DECLARED), "mode ANY"),
    "search and functions on an old model": ("gemini-2.5-flash", says(tools=[{"functionDeclarations": [WEATHER]}, {"googleSearch": {}}]), "Tool use with function calling is unsupported"),
    "JSON and functions on an old model": ("gemini-2.5-flash", says(generationConfig={"responseMimeType": "application/json"}, **DECLARED), "'application/json' is unsupported"),
    "a schema without JSON": ("gemini-3-flash", asks(responseJsonSchema={}), "response_mime_type"),
    "a token from nowhere": ("gemini-3-flash", says(continuationToken="AAAA"), "continuation token"),
    "too hot": ("gemini-3-flash", asks(temperature=2.1), "must be in the range"),
    "six stops": ("gemini-3-flash", asks(stopSequences=list("abcdef")), "stop sequences"),
    "two candidates": ("gemini-3-flash", asks(candidateCount=2), "Multiple candidates"),
    "a penalty": ("gemini-2.5-flash", asks(presencePenalty=0.5), "Penalty is not enabled"),
    "no logprobs": ("gemini-3-flash", asks(responseLogprobs=True, logprobs=0), "must be in the range"),
    "logprobs unasked": ("gemini-3-flash", asks(logprobs=3), "response_logprobs"),
    "thinking where none is": ("gemini-2.0-flash", asks(thinkingConfig={"thinkingBudget": 5}), "Thinking is not enabled"),
    "level and budget": ("gemini-3-flash", asks(thinkingConfig={"thinkingBudget": 5, "thinkingLevel": "LOW"}), "only one of"),
    "a level on an old model": ("gemini-2.5-flash", asks(thinkingConfig={"thinkingLevel": "LOW"}), "Thinking level is not supported"),
    "a level that it lacks": ("gemini-3.8-flash", asks(thinkingConfig={"thinkingLevel": "minimal"}), "MINIMAL is not supported"),
    "no such level": ("gemini-3-flash", asks(thinkingConfig={"thinkingLevel": "max"}), "Invalid value at"),
    "no thinking where it must": ("gemini-2.5-pro", asks(thinkingConfig={"thinkingBudget": 0}), "only works in thinking mode"),
    "a budget out of range": ("gemini-2.5-flash", asks(thinkingConfig={"thinkingBudget": 99_999}), "is invalid"),
    "system text beside a cache": ("gemini-2.5-flash", says(cachedContent="cachedContents/known", systemInstruction={"parts": [{"text": "x"}]}), "CachedContent can not be used"),
    "labels, which Vertex has": ("gemini-2.5-flash", says(labels={"a": "b"}), 'Unknown name "labels"'),
}  # fmt: skip


def post(upstream: Upstream, model: str, body: Any, method: str = "generateContent", key: str | None = "AIza-test") -> wire.Response:
    raw = json.dumps(body).encode()
    return wire.ask(
        upstream.port, wire.request("POST", f"/v1beta/models/{model}:{method}", raw, headers={"x-goog-api-key": key, "authorization": None})
    )


@pytest.mark.parametrize("case", REFUSALS)
def test_it_refuses(upstream: Upstream, case: str) -> None:
    model, body, words = REFUSALS[case]
    refused = post(upstream, model, body)
    found = refused.json()["error"]
    assert (refused.status, found["code"], found["status"]) == (400, 400, "INVALID_ARGUMENT") and words in found["message"], refused.body


GOOD: dict[str, tuple[str, dict]] = {
    "both spellings": ("gemini-3-flash", says(generation_config={"max_output_tokens": 5, "topP": 0.5})),
    "the placeholder": ("gemini-3-flash", says(TEXT, {"role": "model", "parts": [CALL | SKIP, CALL]}, {"role": "user", "parts": [RESULT, RESULT]})),
    "an old turn without signature": ("gemini-3-flash", says(TEXT, CALLED, ANSWERED, {"role": "model", "parts": [{"text": "y"}]}, TEXT)),
    "text after the answers": ("gemini-2.5-flash", says(TEXT, CALLED, {"role": "user", "parts": [RESULT, {"text": "go on"}]})),
    "no signature on an old model": ("gemini-2.5-flash", says(TEXT, CALLED, ANSWERED)),
    "a level in small letters": ("gemini-3-flash", asks(thinkingConfig={"thinkingLevel": "low"})),
    "dynamic thinking": ("gemini-2.5-pro", asks(thinkingConfig={"thinkingBudget": -1})),
    "a tool without parameters": ("gemini-2.5-flash", tool()),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
def test_it_takes(upstream: Upstream, case: str) -> None:
    found = post(upstream, *GOOD[case])
    assert found.status == 200, found.body


def test_keys_and_models(upstream: Upstream, gemini: genai.Client) -> None:
    assert post(upstream, "gemini-3-flash", says(), key=None).status == 403
    bad = post(upstream, "gemini-3-flash", says(), key="AIza-wrong")
    assert bad.status == 400 and bad.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    with pytest.raises(errors.ClientError) as gone:
        gemini.models.generate_content(model="gemini-99", contents="x")
    assert (gone.value.code, gone.value.status) == (404, "NOT_FOUND")


def test_without_sse_a_stream_is_one_array(upstream: Upstream) -> None:
    found = post(upstream, "gemini-3-flash", says(), "streamGenerateContent").json()
    assert isinstance(found, list) and found[-1]["candidates"][0]["finishReason"] == "STOP"


# ---------------------------------------------------------------------------------------------------- misbehaviour


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [("rate_limit", 429, "PerMinute"), ("quota", 429, "PerDay"), ("overloaded", 503, "overloaded"), ("auth", 400, "API_KEY_INVALID")],
)
def test_failures_look_like_the_vendors(upstream: Upstream, gemini: genai.Client, name: str, status: int, word: str) -> None:
    upstream.next({"fail": name})
    with pytest.raises(errors.APIError) as failed:
        gemini.models.generate_content(model="gemini-2.5-flash", contents="x")
    assert failed.value.code == status and word in json.dumps(failed.value.details)
    assert ("retryDelay" in json.dumps(failed.value.details)) == (status == 429)


def test_streams_break(upstream: Upstream, gemini: genai.Client) -> None:
    upstream.next(
        {"error_event": {"after": 2, "fail": "overloaded"}}, {"omit": ["finish"]}, {"cut": {"events": 2}}, {"malformed": True}, {"split": 3}
    )

    def stream() -> list:
        return list(gemini.models.generate_content_stream(model="gemini-2.5-flash", contents="a b c"))

    with pytest.raises(errors.APIError, match="overloaded"):
        stream()
    assert not any(c.candidates[0].finish_reason for c in stream())
    for _ in range(2):
        with pytest.raises(Exception):  # noqa: B017 - whatever the SDK says of a torn connection and of broken JSON
            stream()
    assert "".join(c.text or "" for c in stream()) == "a b c"
