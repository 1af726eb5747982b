"""Mistral's chat completions at /mistral/v1: its own fields, its order of messages, its nine-letter tool ids.

Key: `Bearer mistral-...`. `think aloud` makes magistral answer in chunks, one of them `thinking`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

from . import openai, script
from .reply import Event, Refused, Reply, Request, compact, is_int

MODELS = {"mistral-small-latest": False, "codestral-latest": False, "pixtral-large-latest": False, "magistral-latest": True}  # name: does it reason?
WRONG_KEY = "mistral-wrong"
HEADERS = {
    "mistral-correlation-id": "fake", "x-kong-request-id": "fake", "x-ratelimit-limit-req-minute": "60",
    "x-ratelimit-remaining-req-minute": "59", "x-ratelimit-limit-tokens-minute": "500000", "x-ratelimit-remaining-tokens-minute": "499990",
}  # fmt: skip
a, between = openai.a, openai.between
FIELDS: dict[str, Callable[[Any], bool]] = {
    "model": a(str), "messages": a(list), "temperature": between(0, 1.5), "top_p": between(0, 1), "max_tokens": lambda v: is_int(v) and v >= 0,
    "stream": a(bool), "stop": lambda v: isinstance(v, str) or (isinstance(v, list) and all(isinstance(s, str) for s in v)), "random_seed": is_int, "metadata": a(dict), "response_format": a(dict), "tools": a(list),
    "tool_choice": a(str, dict), "presence_penalty": between(-2, 2), "frequency_penalty": between(-2, 2), "n": lambda v: is_int(v) and v >= 1,
    "prediction": a(dict), "parallel_tool_calls": a(bool), "reasoning_effort": openai.one_of("none", "high"),
    "prompt_mode": openai.one_of("reasoning"), "guardrails": a(list), "prompt_cache_key": a(str),
    "service_tier": openai.one_of("standard", "priority"), "safe_prompt": a(bool), "document_image_limit": is_int, "document_page_limit": is_int,
}  # fmt: skip
MESSAGES = {
    "system": {"role", "content"}, "user": {"role", "content"}, "assistant": {"role", "content", "tool_calls", "prefix"},
    "tool": {"role", "content", "tool_call_id", "name"},
}  # fmt: skip


def error(status: int, message: str, type_: str = "invalid_request_error", code: str | None = None) -> Reply:
    return Reply(status, dict(HEADERS), compact({"object": "error", "message": message, "type": type_, "param": None, "code": code}))


def unprocessable(where: list, message: str, type_: str = "value_error") -> Refused:
    return Refused(
        Reply(422, dict(HEADERS), compact({"detail": [{"type": type_, "loc": ["body", *where], "msg": message, "input": None}]}))
    )


def order(message: str) -> Refused:
    return Refused(error(400, message, "invalid_request_message_order", "3230"))


FAULTS: dict[str, Reply] = {
    "invalid_request": error(400, "Invalid request"),
    "context_length": error(
        400, "Prompt contains 200000 tokens and 0 draft tokens, too large for model with 131072 maximum context length", code="3051"
    ),
    "auth": Reply(401, dict(HEADERS), compact({"message": "Unauthorized", "request_id": "fake"})),
    "permission": error(403, "Forbidden"),
    "not_found": error(400, "Invalid model: gone", "invalid_model", "1500"),
    "rate_limit": error(429, "Rate limit exceeded", "rate_limited", "1300"),
    "quota": Reply(
        429,
        HEADERS | {"x-ratelimit-limit-req-minute": "0"},
        compact({"object": "error", "message": "Rate limit exceeded", "type": "rate_limited", "param": None, "code": "1300"}),
    ),
    "server_error": error(500, "Internal server error", "internal_server_error", "1000"),
    "bad_gateway": openai.FAULTS["bad_gateway"],
    "overloaded": error(503, "Service unavailable.", "unreachable_backend", "1100"),
}


def stream_error(fault: str) -> bytes:
    return b"data: " + FAULTS[fault].body + b"\n\n"


def handle(request: Request, seen: set[bytes]) -> Reply:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.startswith("mistral-") or key == WRONG_KEY:
        return FAULTS["auth"]
    if request.path == "/mistral/v1/models" and request.method == "GET":
        return Reply(headers=dict(HEADERS), body=compact({"object": "list", "data": [model_object(m) for m in MODELS]}))
    if request.path != "/mistral/v1/chat/completions" or request.method != "POST":
        return Reply(404, dict(HEADERS), compact({"message": "no Route matched with those values", "request_id": "fake"}))
    try:
        body = request.json()
    except ValueError:
        raise unprocessable([], "JSON decode error", "json_invalid") from None
    check(body)
    return chat(body, seen)


def model_object(name: str) -> dict:
    capabilities = {
        "completion_chat": True, "completion_fim": name == "codestral-latest", "function_calling": True, "fine_tuning": False,
        "vision": name.startswith("pixtral"),
        "reasoning": MODELS[name],
    }  # fmt: skip
    return {
        "id": name, "object": "model", "created": openai.CREATED, "owned_by": "mistralai", "capabilities": capabilities, "name": name,
        "description": "A model.", "max_context_length": 131_072, "aliases": [], "deprecation": None, "default_model_temperature": 0.3,
        "type": "base",
    }  # fmt: skip


def check(body: Any) -> None:
    if not isinstance(body, dict):
        raise unprocessable([], "Input should be a valid dictionary", "model_attributes_type")
    for name, value in body.items():
        if name not in FIELDS:
            raise unprocessable([name], "Extra inputs are not permitted", "extra_forbidden")
        if value is not None and not FIELDS[name](value):
            raise unprocessable([name], "Input should be valid")
    for name in ("model", "messages"):
        if not body.get(name):
            raise unprocessable([name], "Field required", "missing")
    if body["model"] not in MODELS:
        raise Refused(error(400, f"Invalid model: {body['model']}", "invalid_model", "1500"))
    if body.get("reasoning_effort") == "high" and not MODELS[body["model"]]:
        raise Refused(error(400, f"reasoning_effort is not supported for {body['model']}"))
    if isinstance(body.get("tool_choice"), str) and body["tool_choice"] not in ("auto", "none", "any", "required"):
        raise unprocessable(["tool_choice"], "Input should be 'auto', 'none', 'any' or 'required'")
    for i, tool in enumerate(body.get("tools") or []):
        if not is_function(tool) or not isinstance(tool["function"].get("parameters"), dict):
            raise unprocessable(["tools", i, "function"], "Field required", "missing")
    if isinstance(body.get("tool_choice"), dict) and not is_function(body["tool_choice"]):
        raise unprocessable(["tool_choice", "ToolChoice", "function"], "Field required", "missing")
    check_messages(body["messages"])


def is_function(value: Any) -> bool:
    """An object whose `function` has a name."""
    return isinstance(value, dict) and isinstance(value.get("function"), dict) and isinstance(value["function"].get("name"), str)


def check_messages(messages: list) -> None:
    waiting: list[str] = []
    before = ""
    for i, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if not isinstance(role, str) or role not in MESSAGES:
            raise unprocessable(
                ["messages", i], f"Input tag '{role}' found using 'role' does not match any of the expected tags", "union_tag_invalid"
            )
        if extra := sorted(set(message) - MESSAGES[role]):
            raise unprocessable(["messages", i, role, extra[0]], "Extra inputs are not permitted", "extra_forbidden")
        check_content(message.get("content"), i, role)
        if before == "tool" and role not in ("tool", "assistant"):
            raise order(f"Unexpected role '{role}' after role 'tool'")
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                raise Refused(error(400, "Unexpected tool call id in tool results", "invalid_request_error"))
            waiting.remove(message["tool_call_id"])
        elif waiting:
            raise order("Not the same number of function calls and responses")
        if role == "assistant":
            waiting = check_calls(message)
            if not message.get("content") and not waiting:
                raise Refused(error(400, "Assistant message must have either content or tool_calls, but not none."))
        before = role
    if waiting:
        raise order("Not the same number of function calls and responses")
    if before == "system" or (before == "assistant" and not messages[-1].get("prefix")):
        raise order(f"Expected last role User or Tool (or Assistant with prefix True) for serving but got {before}")


def check_content(content: Any, i: int, role: str) -> None:
    """A text, or a list of chunks."""
    chunks = isinstance(content, list) and all(isinstance(c, dict) and isinstance(c.get("type"), str) for c in content)
    if content is not None and not isinstance(content, str) and not chunks:
        raise unprocessable(["messages", i, role, "content"], "Input should be a valid string", "string_type")


def check_calls(message: dict) -> list[str]:
    found: list[str] = []
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list) or not all(is_function(c) for c in calls):
        raise unprocessable(["messages", "tool_calls"], "Input should be a valid list", "list_type")
    for call in calls:
        if not re.fullmatch(r"[a-zA-Z0-9]{9}", str(call.get("id"))):
            raise Refused(
                error(
                    400,
                    f"Tool call id was {call.get('id')} but must be a-z, A-Z, 0-9, with a length of 9.",
                    "invalid_function_call",
                    "3280",
                )
            )
        if not isinstance(call["function"].get("arguments"), (str, dict)):
            raise unprocessable(["messages", "tool_calls", "arguments"], "Input should be a valid string or dictionary")
        found.append(call["id"])
    return found


def chat(body: dict, seen: set[bytes]) -> Reply:
    choice = body.get("tool_choice") or "auto"
    ask = openai.read_chat(body | {"tool_choice": "required" if choice == "any" else choice})
    said = script.answer(ask)
    thought = f"Let me think about: {ask.text}" if "think aloud" in ask.text and MODELS[body["model"]] else ""
    prompt, spoken = (
        script.tokens(body["messages"]),
        script.tokens(list(said.pieces())) + script.tokens([c[1] for c in said.calls]) + script.tokens(thought),
    )
    cached = prompt // 2 if compact(body["messages"]) in seen else 0  # the second time half of it is in the cache
    seen.add(compact(body["messages"]))
    usage = {"prompt_tokens": prompt, "completion_tokens": spoken, "total_tokens": prompt + spoken, "num_cached_tokens": cached}
    finish = said.vendor_finish or {"stop_sequence": "stop"}.get(said.finish, said.finish)
    base = {
        "id": hashlib.sha256(compact(body)).hexdigest()[:32],
        "object": "chat.completion",
        "created": openai.CREATED,
        "model": body["model"],
    }
    calls = [
        {"id": hashlib.sha256(repr((i, call)).encode()).hexdigest()[:9], "function": {"name": call[0], "arguments": call[1]}, "index": i}
        for i, call in enumerate(said.calls)
    ]
    if body.get("stream"):
        return Reply(headers=dict(HEADERS), events=events(base | {"object": "chat.completion.chunk"}, thought, calls, said, finish, usage))
    content: Any = "" if calls else said.whole()
    if thought:
        content = [thinking(thought), {"type": "text", "text": content}]
    message = {"role": "assistant", "tool_calls": calls or None, "content": content}
    return Reply(
        headers=dict(HEADERS), body=compact(base | {"usage": usage, "choices": [{"index": 0, "finish_reason": finish, "message": message}]})
    )


def thinking(words: str) -> dict:
    return {"type": "thinking", "thinking": [{"type": "text", "text": words}]}


def events(base: dict, thought: str, calls: list[dict], said: script.Answer, finish: str, usage: dict) -> Iterator[Event]:
    """Tool calls come whole, and the last chunk says why it ended and what it used."""

    def chunk(kind: str, delta: dict, reason: str | None = None, **more: Any) -> Event:
        return Event(kind, openai.data(base | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]} | more))

    yield chunk("head", {"role": "assistant", "content": ""})
    for word in re.findall(r"\S+\s*", thought):
        yield chunk("content", {"content": [thinking(word)]})
    for piece in said.pieces():
        yield chunk("content", {"content": piece if not thought else [{"type": "text", "text": piece}]})
    yield chunk("finish", {"content": ""} | ({"tool_calls": calls} if calls else {}), finish, usage=usage)
    yield Event("done", b"data: [DONE]\n\n")
