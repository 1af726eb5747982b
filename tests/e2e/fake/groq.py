"""Groq at /groq/openai/v1, over fake/openai.py: its own extra fields, `x_groq` in streams, times in the usage.

Key: `Bearer gsk_...`. `bad call` makes the model fail to call its tools: 400 tool_use_failed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import openai
from .reply import Event, Refused, Reply, Request, compact

MODELS = ["llama-3.3-70b-versatile", "meta-llama/llama-4-scout-17b-16e-instruct", "openai/gpt-oss-120b", "qwen/qwen3-32b"]
WRONG_KEY = "gsk_wrong"
EXTRA = {
    "reasoning_format": openai.one_of("parsed", "raw", "hidden"), "include_reasoning": openai.a(bool), "disable_tool_validation": openai.a(bool),
    "citation_options": openai.one_of("enabled", "disabled"), "documents": openai.a(list), "search_settings": openai.a(dict),
    "compound_custom": openai.a(dict), "service_tier": openai.one_of("auto", "on_demand", "flex", "performance"),
    "reasoning_effort": openai.one_of("none", "default", "low", "medium", "high"),
}  # fmt: skip
MISSING = {
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "metadata",
    "store",
    "prompt_cache_key",
    "safety_identifier",
    "verbosity",
    "web_search_options",
}
FIELDS = {k: v for k, v in openai.CHAT_FIELDS.items() if k not in MISSING} | EXTRA
TIMES = {"queue_time": 0.02, "prompt_time": 0.001, "completion_time": 0.1, "total_time": 0.101}
HEADERS = {
    "x-request-id": "req_fake", "x-ratelimit-limit-requests": "14400", "x-ratelimit-limit-tokens": "18000", "x-ratelimit-remaining-requests": "14370",
    "x-ratelimit-remaining-tokens": "17997", "x-ratelimit-reset-requests": "2m59.56s", "x-ratelimit-reset-tokens": "7.66s",
}  # fmt: skip


def error(status: int, message: str, type_: str = "invalid_request_error", **more: Any) -> Reply:
    return Reply(status, dict(HEADERS), compact({"error": {"message": message, "type": type_} | more}))


FAULTS: dict[str, Reply] = openai.FAULTS | {
    "auth": error(401, "Invalid API Key", code="invalid_api_key"),
    "rate_limit": Reply(
        429,
        HEADERS | {"retry-after": "2"},
        error(429, "Rate limit reached for model in organization on tokens per minute (TPM).", "tokens", code="rate_limit_exceeded").body,
    ),
    "too_large": error(
        413, "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 9000.", "tokens", code="rate_limit_exceeded"
    ),
    "capacity": error(498, "Flex tier capacity exceeded", code="capacity_exceeded"),
    "server_error": error(500, "Internal Server Error", "internal_server_error"),
    "overloaded": error(503, "Service Unavailable", "internal_server_error"),
    "tool_use_failed": error(
        400,
        "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
        code="tool_use_failed",
        failed_generation='<function=weather>{"city": "Zürich"</function>',
    ),
}


def stream_error(fault: str) -> bytes:
    return b"data: " + FAULTS[fault].body + b"\n\n"


def handle(request: Request, seen: set[bytes]) -> Reply:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.startswith("gsk_") or key == WRONG_KEY:
        return FAULTS["auth"]
    tail = request.path.removeprefix("/groq/openai/v1")
    if tail == "/models" and request.method == "GET":
        data = [
            openai.model_object(m) | {"active": True, "context_window": 131_072, "max_completion_tokens": 32_768, "public_apps": None}
            for m in MODELS
        ]
        return Reply(headers=dict(HEADERS), body=compact({"object": "list", "data": data}))
    if tail != "/chat/completions" or request.method != "POST":
        return error(404, f"Unknown request URL: {request.method} {request.path}.", code="unknown_url")
    try:
        body = request.json()
    except ValueError:
        return error(400, "could not parse request body", code="json_invalid")
    check(body)
    plain = {k: v for k, v in body.items() if k not in EXTRA}
    if "bad call" in json.dumps(body["messages"]) and body.get("tools"):
        raise Refused(FAULTS["tool_use_failed"])
    before = set(seen)
    reply = openai.chat(plain, False, seen)
    reply.headers = dict(HEADERS)
    if reply.events is not None:
        unstreamed = {k: v for k, v in plain.items() if k not in ("stream", "stream_options")}
        usage = json.loads(openai.chat(unstreamed, False, before).body)["usage"]
        reply.events = marked(iter(reply.events), usage | TIMES)
        return reply
    value = json.loads(reply.body)
    value["usage"] |= TIMES
    reply.body = compact(value | {"x_groq": {"id": "req_fake"}, "service_tier": "on_demand"})
    return reply


def check(body: Any) -> None:
    if not isinstance(body, dict):
        raise Refused(error(400, "request body must be an object"))
    for name, value in body.items():
        if name not in FIELDS:
            raise Refused(error(400, f"property '{name}' is unsupported"))
        if value is not None and not FIELDS[name](value):
            raise Refused(error(400, f"'{name}' : value is not valid"))
    if body.get("model") not in MODELS:
        raise Refused(
            error(404, f"The model `{body.get('model')}` does not exist or you do not have access to it.", code="model_not_found")
        )
    if body.get("n") not in (None, 1):
        raise Refused(error(400, "'n' : number must be at most 1"))
    if body.get("reasoning_format") is not None and body.get("include_reasoning") is not None:
        raise Refused(error(400, "cannot specify both `reasoning_format` and `include_reasoning`"))
    if body.get("reasoning_format") == "raw" and (body.get("tools") or (body.get("response_format") or {}).get("type", "text") != "text"):
        raise Refused(error(400, "reasoning_format `raw` is not supported with JSON mode or tool calling"))
    efforts = {"openai/gpt-oss-120b": ("low", "medium", "high"), "qwen/qwen3-32b": ("none", "default")}.get(body["model"], ())
    if body.get("reasoning_effort") is not None and body["reasoning_effort"] not in efforts:
        raise Refused(error(400, f"reasoning_effort must be one of {list(efforts)}"))
    openai.check_messages(
        [{k: v for k, v in m.items() if k != "reasoning"} if isinstance(m, dict) else m for m in body.get("messages") or []], True
    )
    if len(body.get("tools") or []) > 128:
        raise Refused(error(400, "'tools' : maximum number of items is 128"))


def marked(events: Iterator[Event], usage: dict) -> Iterator[Event]:
    """x_groq has the id in the first chunk, and the usage in the last one whether asked for or not."""
    for one in events:
        if not one.data.startswith(b"data: {"):
            yield one
            continue
        value = json.loads(one.data[6:])
        if one.kind == "head":
            value["x_groq"] = {"id": "req_fake", "seed": 1}
        if one.kind == "finish":
            value["x_groq"] = {"id": "req_fake", "usage": usage}
        if one.kind == "usage":
            value["usage"] = usage
        yield Event(one.kind, openai.data(value))
