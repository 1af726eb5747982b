"""What holds for every fake vendor: the table of paths, the names of the faults, and that no body breaks a fake. Needs no gateway."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from fake import entra, google_tokens, tokens, vendors
from fake.reply import Refused, Reply, Request

GOOGLE_AUTH = {"authorization": f"Bearer {tokens.issue(google_tokens.ACCESS, 3600)}"}
TOOL = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}},
}
CHAT = {
    "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefgh1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "abcdefgh1", "content": "y"},
    ],
    "tools": [TOOL], "temperature": 0.5, "stop": ["z"], "max_tokens": 9, "stream": False, "tool_choice": "auto",
}  # fmt: skip
GEMINI = {
    "contents": [
        {"role": "user", "parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/png", "data": "AA=="}}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": "b"}}, "thoughtSignature": "skip_thought_signature_validator"}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "y"}}}]},
    ],
    "systemInstruction": {"parts": [{"text": "s"}]},
    "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "string", "enum": ["b"]}}, "required": ["a"]}}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {"temperature": 1, "maxOutputTokens": 9, "stopSequences": ["z"], "thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": True}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
}  # fmt: skip
CONVERSE = {
    "messages": [
        {"role": "user", "content": [{"text": "x"}, {"document": {"format": "pdf", "name": "a", "source": {"bytes": "AA=="}}}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "f", "input": {"a": "b"}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t", "content": [{"json": {"b": 1}}, {"text": "y"}], "status": "success"}}]},
    ],
    "system": [{"text": "s"}, {"cachePoint": {"type": "default"}}],
    "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}], "toolChoice": {"auto": {}}},
    "inferenceConfig": {"maxTokens": 2000, "temperature": 0.5, "stopSequences": ["z"]},
    "additionalModelRequestFields": {"top_k": 5}, "additionalModelResponseFieldPaths": ["/stop_sequence"],
    "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}},
}  # fmt: skip
OLLAMA = {
    "model": "qwen3:8b", "stream": False, "think": "low", "format": "json", "keep_alive": "5m", "tools": [TOOL],
    "messages": [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": "b"}}}]},
        {"role": "tool", "content": "y", "tool_name": "f"},
    ],
    "options": {"temperature": 0.5, "num_ctx": 4096, "num_predict": 9, "stop": ["z"]},
}  # fmt: skip
CLAUDE = {"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
REPLICATE = {
    "input": {"messages": [{"role": "user", "content": "x"}], "prompt": "x", "temperature": 1, "image_input": ["https://x/y.png"]},
    "stream": False,
}
PLACE = "/v1/projects/fake-project/locations/global/publishers"
GOOD: dict[str, tuple[str, str, dict[str, str], dict]] = {
    "gemini": ("gemini", "/v1beta/models/gemini-3-flash:generateContent", {"x-goog-api-key": "AIza-test"}, GEMINI),
    "vertex": ("vertex", f"{PLACE}/google/models/gemini-3-flash:generateContent", GOOGLE_AUTH, GEMINI),
    "claude on vertex": ("vertex claude", f"{PLACE}/anthropic/models/claude-sonnet-4-5:rawPredict", GOOGLE_AUTH, CLAUDE),
    "bedrock": ("bedrock", "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse", {"authorization": "Bearer ABSKtest"}, CONVERSE),
    "ollama": ("ollama", "/api/chat", {}, OLLAMA),
    "replicate": ("replicate", "/replicate/v1/models/openai/gpt-4o/predictions", {"authorization": "Bearer r8_test", "prefer": "wait"}, REPLICATE),
    "azure": ("azure", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", {"api-key": "azure-test"}, CHAT),
    "azure v1": ("azure", "/openai/v1/chat/completions", {"api-key": "azure-test"}, {"model": "gpt-4o"} | CHAT),
    "mistral": ("mistral", "/mistral/v1/chat/completions", {"authorization": "Bearer mistral-test"}, {"model": "mistral-small-latest"} | CHAT),
    "groq": ("groq", "/groq/openai/v1/chat/completions", {"authorization": "Bearer gsk_test"}, {"model": "llama-3.3-70b-versatile"} | CHAT),
}  # fmt: skip


def ask(case: str, body: Any) -> tuple[str, Reply]:
    _, target, headers, _ = GOOD[case]
    request = Request(
        "POST", target, target.partition("?")[0], headers | {"content-type": "application/json", "host": "fake"}, json.dumps(body).encode()
    )
    vendor = vendors.find(request)
    try:
        reply = vendor.handle(request, vendor.memory())
    except Refused as refused:
        reply = refused.reply
    if reply.events is not None:
        reply.body = b"".join(e.data for e in reply.events)
    return vendor.name, reply


def bent(value: Any) -> Iterator[Any]:
    """The value with one thing in it changed for something of another kind, everywhere in turn."""
    for other in (None, True, 7, 1.5, "", "word", [], [7], {}, {"odd": 7}):
        yield other
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in parts:
        for changed in bent(inner):
            out = copy.copy(value)
            out[key] = changed
            yield out


@pytest.mark.parametrize("case", GOOD)
def test_the_good_body_is_good(case: str) -> None:
    name, reply = ask(case, GOOD[case][3])
    assert (name, reply.status) == (GOOD[case][0], 201 if case == "replicate" else 200), reply.body


@pytest.mark.parametrize("case", GOOD)
def test_no_body_breaks_a_fake(case: str) -> None:
    """Every one is either answered or refused with an error of the vendor; a fake that throws would hide what it was sent."""
    count = 0
    for body in bent(GOOD[case][3]):
        count += 1
        _, reply = ask(case, body)
        assert 200 <= reply.status < 500 or case == "ollama", (body, reply.body)
        assert reply.status < 300 or json.loads(reply.body)
    assert count > 60


@pytest.mark.parametrize("vendor", [one for _, one in vendors.ROUTES] + [vendors.OPENAI], ids=lambda one: one.name)
def test_every_vendor_knows_the_common_faults(vendor: vendors.Vendor) -> None:
    common = (
        {"server_error", "overloaded", "rate_limit"}
        if vendor.aside
        else {"invalid_request", "auth", "not_found", "rate_limit", "server_error", "overloaded"}
    )
    assert common <= set(vendor.faults)
    for name, fault in vendor.faults.items():
        assert fault.status >= 400 and (name == "bad_gateway" or fault.content_type), name
        if not vendor.aside or vendor.name == "ollama":
            assert vendor.stream_error(name)


def test_tokens_say_until_when_they_are_good() -> None:
    for kind in (google_tokens.ACCESS, entra.COGNITIVE):
        token = tokens.issue(kind, 60)
        assert (
            tokens.state(kind, token) == "good"
            and tokens.state("other", token) == "unknown"
            and tokens.state(kind, token + "0") == "unknown"
        )
        assert tokens.state(kind, tokens.issue(kind, -1)) == "expired"
        assert token != tokens.issue(kind, 60)
