"""OpenAI's HTTP API, as strict as the vendor: chat completions, completions, embeddings, models.

The path prefix picks the personality:
  /v1        OpenAI itself: wants a key `sk-...`, knows its models, refuses every field it does not know.
  /local/v1  a local server (vLLM-like): no key, any model name, unknown fields ignored, reasoning in `reasoning`.
  /local/content/v1  the same with reasoning in `reasoning_content`, as DeepSeek and others have it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from . import script
from .reply import Event, Refused, Reply, Request, compact, is_int, is_number

MODELS = [
    "gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3-mini", "gpt-5", "gpt-5.1", "gpt-5.5", "gpt-5-pro",
    "gpt-3.5-turbo-instruct", "text-embedding-3-small",
]  # fmt: skip
LOCAL_MODELS = ["qwen2.5-coder:7b", "meta-llama/Llama-3.3-70B", "nomic-embed-text"]
CREATED = 1_700_000_000
RETIRED_KEY = "sk-wrong"


# ---------------------------------------------------------------------------------------------------- errors


def error(status: int, message: str, type_: str = "invalid_request_error", param: str | None = None, code: Any = None) -> Reply:
    return Reply(status, body=compact({"error": {"message": message, "type": type_, "param": param, "code": code}}))


def refuse(message: str, param: str | None = None, code: str | None = "invalid_value", status: int = 400) -> Refused:
    return Refused(error(status, message, param=param, code=code))


FAULTS: dict[str, Reply] = {
    "invalid_request": error(400, "Invalid value: 'x'.", param="messages[0].content", code="invalid_value"),
    "context_length": error(400, "This model's maximum context length is 128000 tokens.", param="messages", code="context_length_exceeded"),
    "content_policy": error(400, "Your request was rejected by the safety system.", code="content_policy_violation"),
    "auth": error(401, "Incorrect API key provided.", code="invalid_api_key"),
    "billing": error(402, "Payment required.", type_="billing_error", code="billing_hard_limit_reached"),
    "permission": error(403, "You do not have access to this model.", type_="permission_error"),
    "not_found": error(404, "The model `gone` does not exist or you do not have access to it.", param="model", code="model_not_found"),
    "too_large": error(413, "Request body too large."),
    "rate_limit": error(429, "Rate limit reached for requests.", type_="requests", code="rate_limit_exceeded"),
    "quota": error(429, "You exceeded your current quota.", type_="insufficient_quota", code="insufficient_quota"),
    "server_error": error(500, "The server had an error.", type_="server_error"),
    "bad_gateway": Reply(502, body=b"<html><body><h1>502 Bad Gateway</h1></body></html>", content_type="text/html"),
    "overloaded": error(503, "The engine is currently overloaded.", type_="service_unavailable_error", code="server_is_overloaded"),
    "timeout": error(504, "Gateway timeout.", type_="server_error"),
}


def stream_error(fault: str) -> bytes:
    return b"data: " + FAULTS[fault].body + b"\n\n"


# ---------------------------------------------------------------------------------------------------- routing


def handle(request: Request, seen: set[bytes]) -> Reply:
    strict = not request.path.startswith("/local/")
    authenticate(request, strict)
    _, _, tail = request.path.rpartition("/v1")
    if tail == "/models":
        return expect_method(request, "GET") or list_models(strict)
    if tail.startswith("/models/"):
        return expect_method(request, "GET") or one_model(unquote(tail.removeprefix("/models/")), strict)
    endpoints: dict[str, Callable[[dict, bool, set[bytes]], Reply]] = {
        "/chat/completions": chat, "/completions": completions, "/embeddings": embeddings,
    }  # fmt: skip
    if tail not in endpoints:
        return error(404, f"Invalid URL ({request.method} {request.path})", code="unknown_url")
    if wrong := expect_method(request, "POST"):
        return wrong
    if not request.headers.get("content-type", "").startswith("application/json"):
        return error(415, "Unsupported content type. Use application/json.", code="unsupported_content_type")
    try:
        body = request.json()
    except ValueError:
        return error(400, "We could not parse the JSON body of your request.", code="invalid_json")
    if not isinstance(body, dict):
        return error(400, "The JSON body must be an object.", code="invalid_json")
    reply = endpoints[tail](body, strict, seen)
    return renamed(reply) if request.path.startswith("/local/content/") else reply


def renamed(reply: Reply) -> Reply:
    """Reasoning in `reasoning_content`."""

    def other(data: bytes) -> bytes:
        return data.replace(b'"reasoning":', b'"reasoning_content":')

    reply.body = other(reply.body)
    if reply.events is not None:
        reply.events = (Event(e.kind, other(e.data)) for e in reply.events)
    return reply


def authenticate(request: Request, strict: bool) -> None:
    if not strict:
        return
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.startswith("sk-"):
        raise refuse("You didn't provide an API key.", code=None, status=401)
    if key == RETIRED_KEY:
        raise refuse("Incorrect API key provided: sk-wr*ng.", code="invalid_api_key", status=401)


def expect_method(request: Request, method: str) -> Reply | None:
    if request.method == method:
        return None
    return error(405, f"Not allowed to {request.method} on {request.path}.", code="method_not_supported")


def list_models(strict: bool) -> Reply:
    data = [model_object(m) for m in (MODELS if strict else LOCAL_MODELS)]
    return Reply(body=compact({"object": "list", "data": data}))


def one_model(name: str, strict: bool) -> Reply:
    known_model(name, strict)
    return Reply(body=compact(model_object(name)))


def model_object(name: str) -> dict:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "fake"}


def known_model(name: Any, strict: bool) -> None:
    if not isinstance(name, str) or not name:
        raise refuse("you must provide a model parameter", "model", "missing_required_parameter")
    if strict and name not in MODELS:
        raise refuse(f"The model `{name}` does not exist or you do not have access to it.", "model", "model_not_found", 404)


# ---------------------------------------------------------------------------------------------------- checking


def between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: is_number(v) and low <= v <= high


def one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda v: v in values


def a(*types: type) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, types) and not (isinstance(v, bool) and bool not in types)


def is_stop(v: Any) -> bool:
    return isinstance(v, str) or (isinstance(v, list) and 1 <= len(v) <= 4 and all(isinstance(s, str) for s in v))


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
CHAT_FIELDS: dict[str, Callable[[Any], bool]] = {
    "model": a(str), "messages": a(list), "audio": a(dict), "frequency_penalty": between(-2, 2),
    "presence_penalty": between(-2, 2), "function_call": a(str, dict), "functions": a(list), "logit_bias": a(dict),
    "logprobs": a(bool), "top_logprobs": lambda v: is_int(v) and 0 <= v <= 20,
    "max_completion_tokens": lambda v: is_int(v) and v >= 1, "max_tokens": lambda v: is_int(v) and v >= 1,
    "metadata": a(dict), "modalities": a(list), "moderation": a(dict), "n": lambda v: is_int(v) and 1 <= v <= 128,
    "parallel_tool_calls": a(bool), "prediction": a(dict), "prompt_cache_key": a(str), "prompt_cache_options": a(dict),
    "prompt_cache_retention": one_of("in_memory", "24h"), "reasoning_effort": one_of(*EFFORTS),
    "response_format": a(dict), "safety_identifier": lambda v: isinstance(v, str) and len(v) <= 128,
    "seed": is_int, "service_tier": one_of("auto", "default", "flex", "scale", "priority", "fast"), "stop": is_stop,
    "store": a(bool), "stream": a(bool), "stream_options": a(dict), "temperature": between(0, 2), "top_p": between(0, 1),
    "tool_choice": a(str, dict), "tools": a(list), "user": a(str), "verbosity": one_of("low", "medium", "high"),
    "web_search_options": a(dict),
}  # fmt: skip
COMPLETION_FIELDS: dict[str, Callable[[Any], bool]] = {
    "model": a(str), "prompt": a(str, list), "suffix": a(str), "max_tokens": lambda v: is_int(v) and v >= 0,
    "temperature": between(0, 2), "top_p": between(0, 1), "n": lambda v: is_int(v) and v >= 1, "stream": a(bool),
    "stream_options": a(dict), "logprobs": lambda v: is_int(v) and 0 <= v <= 5, "echo": a(bool), "stop": is_stop,
    "presence_penalty": between(-2, 2), "frequency_penalty": between(-2, 2), "best_of": is_int, "logit_bias": a(dict),
    "seed": is_int, "user": a(str),
}  # fmt: skip
EMBEDDING_FIELDS: dict[str, Callable[[Any], bool]] = {
    "model": a(str), "input": a(str, list), "dimensions": lambda v: is_int(v) and 1 <= v <= 1536,
    "encoding_format": one_of("float", "base64"), "user": a(str),
}  # fmt: skip
NULLABLE = set(CHAT_FIELDS) - {"model", "messages", "tools", "tool_choice", "parallel_tool_calls", "user"}

MESSAGE_FIELDS = {
    "developer": {"role", "content", "name"}, "system": {"role", "content", "name"}, "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "refusal", "audio", "tool_calls", "function_call"},
    "tool": {"role", "content", "tool_call_id"}, "function": {"role", "content", "name"},
}  # fmt: skip
PART_FIELDS = {"text": "text", "image_url": "image_url", "input_audio": "input_audio", "file": "file", "refusal": "refusal"}
PARTS_OF_ROLE = {
    "developer": {"text"}, "system": {"text"}, "tool": {"text"}, "assistant": {"text", "refusal"},
    "user": {"text", "image_url", "input_audio", "file"},
}  # fmt: skip
TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")


def check_fields(body: dict, fields: dict[str, Callable[[Any], bool]], strict: bool) -> None:
    for name, value in body.items():
        if name not in fields:
            if strict:
                raise refuse(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        elif value is None and name in NULLABLE:
            continue
        elif not fields[name](value):
            raise refuse(f"Invalid type or value for '{name}': {value!r}.", name, "invalid_type")


def check_chat(body: dict, strict: bool) -> None:
    check_fields(body, CHAT_FIELDS, strict)
    known_model(body.get("model"), strict)
    if not body.get("messages"):
        raise refuse("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    if strict:
        check_model_family(body)
    check_messages(body["messages"], strict)
    check_tools(body)
    check_response_format(body)
    if body.get("stream_options") is not None:
        if not body.get("stream"):
            raise refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
        if strict and set(body["stream_options"]) - {"include_usage", "include_obfuscation"}:
            raise refuse("Unknown parameter in 'stream_options'.", "stream_options", "unknown_parameter")
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise refuse("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise refuse("'top_logprobs' needs 'logprobs'.", "top_logprobs")


def check_model_family(body: dict) -> None:
    """o-series and gpt-5 refuse the sampling knobs; the others refuse reasoning_effort."""
    model, effort = body["model"], body.get("reasoning_effort")
    if model == "gpt-5-pro":
        raise refuse("This is not a chat model and thus not supported in the v1/chat/completions endpoint.", "model", None, 404)
    if model == "gpt-5.5" and body.get("tools") and effort != "none":
        raise refuse("Function tools with reasoning_effort are not supported here. Please use /v1/responses instead.", "reasoning_effort", None)
    gpt = re.match(r"gpt-(\d+)(?:\.(\d+))?", model)
    major, minor = (int(gpt[1]), int(gpt[2] or 0)) if gpt else (0, 0)
    if not re.match(r"o\d", model) and major < 5:
        if effort is not None:
            raise refuse("Unrecognized request argument supplied: reasoning_effort", "reasoning_effort", "unknown_parameter")
        return
    allowed = ("low", "medium", "high") if not gpt else ("minimal", "low", "medium", "high") if minor == 0 else EFFORTS[:5]
    if effort is not None and effort not in allowed:
        raise refuse(
            f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model.", "reasoning_effort", "unsupported_value"
        )
    if body.get("max_tokens") is not None:
        raise refuse(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    if minor >= 1 and effort in (None, "none"):  # gpt-5.1 and later sample as before while they do not reason
        return
    if body.get("temperature") not in (None, 1):
        raise refuse(
            "Unsupported value: 'temperature' does not support this value with this model. Only the default (1) value is supported.",
            "temperature",
            "unsupported_value",
        )
    for knob in ("top_p", "logprobs", "top_logprobs", "frequency_penalty", "presence_penalty", "logit_bias", "stop"):
        if body.get(knob) is not None:
            raise refuse(f"Unsupported parameter: '{knob}' is not supported with this model.", knob, "unsupported_parameter")


def check_messages(messages: list, strict: bool) -> None:
    open_calls: list[str] = []  # tool calls that still wait for their answer
    for i, message in enumerate(messages):
        where = f"messages[{i}]"
        if not isinstance(message, dict):
            raise refuse(f"Invalid type for '{where}': expected an object.", where, "invalid_type")
        role = message.get("role")
        if not isinstance(role, str) or role not in MESSAGE_FIELDS:
            raise refuse(f"Invalid value: {role!r}. Supported values are: {', '.join(MESSAGE_FIELDS)}.", where + ".role")
        if strict and (extra := set(message) - MESSAGE_FIELDS[role]):
            name = f"{where}.{sorted(extra)[0]}"
            raise refuse(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        if open_calls and role != "tool":
            raise refuse(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
                f"The following tool_call_ids did not have response messages: {', '.join(open_calls)}",
                where + ".role",
                None,
            )
        check_content(message, role, where, strict)
        if role == "tool":
            call = message.get("tool_call_id")
            if not isinstance(call, str):
                raise refuse(f"Missing parameter '{where}.tool_call_id'.", where + ".tool_call_id", "missing_required_parameter")
            if call not in open_calls:
                raise refuse(
                    "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", where + ".role", None
                )
            open_calls.remove(call)
        if role == "assistant" and message.get("tool_calls") is not None:
            open_calls = check_calls(message["tool_calls"], where, strict)
    if open_calls:
        raise refuse(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
            f"The following tool_call_ids did not have response messages: {', '.join(open_calls)}",
            "messages",
            None,
        )


def check_content(message: dict, role: str, where: str, strict: bool) -> None:
    content = message.get("content")
    if isinstance(content, str):
        return
    if content is None:
        if role == "assistant" and (message.get("tool_calls") or message.get("refusal") or message.get("function_call")):
            return
        raise refuse("Invalid value for 'content': expected a string, got null.", where + ".content", None)
    if not isinstance(content, list) or not content:
        raise refuse(f"Invalid type for '{where}.content'.", where + ".content", "invalid_type")
    for j, part in enumerate(content):
        here = f"{where}.content[{j}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in PARTS_OF_ROLE.get(role, {"text"}):
            raise refuse(f"Invalid value: {kind!r} in a {role} message.", here + ".type")
        value = part.get(PART_FIELDS[kind])
        if not isinstance(value, str if kind in ("text", "refusal") else dict):
            raise refuse(f"Missing required parameter: '{here}.{PART_FIELDS[kind]}'.", here, "missing_required_parameter")
        if strict and (extra := set(part) - {"type", PART_FIELDS[kind], "prompt_cache_breakpoint"}):
            raise refuse(f"Unknown parameter: '{here}.{sorted(extra)[0]}'.", f"{here}.{sorted(extra)[0]}", "unknown_parameter")
        if kind == "image_url":
            check_image(value.get("url"), here)


def check_image(url: Any, where: str) -> None:
    if not isinstance(url, str) or not re.match(r"https?://|data:image/(png|jpeg|gif|webp);base64,", url):
        raise refuse("Invalid image URL or unsupported image type.", where + ".image_url.url", "invalid_image_url")


def check_calls(calls: Any, where: str, strict: bool) -> list[str]:
    if not isinstance(calls, list) or not calls:
        raise refuse(f"Invalid '{where}.tool_calls': empty array.", where + ".tool_calls", "empty_array")
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if not (isinstance(function, dict) and isinstance(call.get("id"), str) and call.get("type") == "function"):
            raise refuse("Missing required parameter in a tool call.", where + ".tool_calls", "missing_required_parameter")
        if not isinstance(function.get("arguments"), str) or not isinstance(function.get("name"), str):
            raise refuse("Invalid type for 'arguments': expected a string.", where + ".tool_calls", "invalid_type")
        if strict and set(call) - {"id", "type", "function"}:
            raise refuse("Unknown parameter in a tool call.", where + ".tool_calls", "unknown_parameter")
    return [call["id"] for call in calls]


def check_tools(body: dict) -> None:
    tools = body.get("tools")
    if tools is None:
        for name in ("tool_choice", "parallel_tool_calls"):
            if body.get(name) is not None:
                raise refuse(f"'{name}' is only allowed when 'tools' are specified.", name, None)
        return
    if not tools:
        raise refuse("Invalid 'tools': empty array. Expected an array with minimum length 1.", "tools", "empty_array")
    names = []
    for i, tool in enumerate(tools):
        where = f"tools[{i}]"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function" or set(tool) - {"type", "function"}:
            raise refuse(f"Missing or unknown parameter in '{where}'.", where, "missing_required_parameter")
        if not TOOL_NAME.match(str(function.get("name", ""))):
            raise refuse(f"Invalid '{where}.function.name': string does not match pattern.", where + ".function.name")
        if extra := set(function) - {"name", "description", "parameters", "strict"}:
            raise refuse(f"Unknown parameter: '{where}.function.{sorted(extra)[0]}'.", where, "unknown_parameter")
        parameters = function.get("parameters")
        if parameters is not None and (not isinstance(parameters, dict) or parameters.get("type") != "object"):
            raise refuse(
                "Invalid schema for function: schema must be of type 'object'.",
                where + ".function.parameters",
                "invalid_function_parameters",
            )
        names.append(function["name"])
    choice = body.get("tool_choice")
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        raise refuse(f"Invalid value: {choice!r}.", "tool_choice")
    if isinstance(choice, dict) and choice.get("function", {}).get("name") not in names:
        raise refuse("Tool choice: function not found in 'tools' parameter.", "tool_choice", None)


def check_response_format(body: dict) -> None:
    wanted = body.get("response_format") or {"type": "text"}
    if wanted.get("type") not in ("text", "json_object", "json_schema"):
        raise refuse(f"Invalid value: {wanted.get('type')!r}.", "response_format.type")
    if wanted["type"] == "json_object" and "json" not in str(body["messages"]).lower():
        raise refuse(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", "messages", None
        )
    if wanted["type"] == "json_schema":
        schema = wanted.get("json_schema")
        if not isinstance(schema, dict) or not TOOL_NAME.match(str(schema.get("name", ""))):
            raise refuse(
                "Missing required parameter: 'response_format.json_schema.name'.",
                "response_format.json_schema",
                "missing_required_parameter",
            )
        if schema.get("strict"):
            check_strict_schema(schema.get("schema", {}))


def check_strict_schema(schema: Any) -> None:
    if isinstance(schema, list):
        for item in schema:
            check_strict_schema(item)
    if not isinstance(schema, dict):
        return
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", [])) != set(properties):
            raise refuse(
                "Invalid schema for response_format: 'additionalProperties' is required to be false and every property required.",
                "response_format",
                None,
            )
    for value in schema.values():
        check_strict_schema(value)


# ---------------------------------------------------------------------------------------------------- chat


def text_of(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(p["text"] for p in content if p["type"] == "text")
    return content or ""


def describe(part: dict) -> str:
    if part["type"] == "image_url":
        url = part["image_url"]["url"]
        if found := re.match(r"data:([\w/.+-]+);base64,(.*)", url, re.S):
            return f"image {found[1]} {len(base64.b64decode(found[2]))} bytes"
        return f"image {url}"
    return f"{part['type']}"


def read_chat(body: dict) -> script.Ask:
    last = body["messages"][-1]
    ask = script.Ask()
    if last["role"] == "tool":
        ask.tool_results = []
        for message in reversed(body["messages"]):
            if message["role"] != "tool":
                break
            ask.tool_results.insert(0, text_of(message["content"]))
    else:
        ask.text = text_of(last.get("content"))
        if isinstance(last.get("content"), list):
            ask.media = [describe(p) for p in last["content"] if p["type"] not in ("text", "refusal")]
    for tool in body.get("tools") or []:
        function = tool["function"]
        ask.tools.append((function["name"], function.get("parameters") or {"type": "object"}))
    choice = body.get("tool_choice") or "auto"
    ask.tool_choice = choice if isinstance(choice, str) else choice["function"]["name"]
    ask.parallel = body.get("parallel_tool_calls", True)
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        ask.schema = wanted["json_schema"].get("schema", {})
    elif wanted.get("type") == "json_object":
        ask.schema = {"type": "object", "properties": {"echo": {"const": ask.text}}}
    ask.max_tokens = body.get("max_completion_tokens") or body.get("max_tokens")
    stop = body.get("stop") or []
    ask.stop = [stop] if isinstance(stop, str) else stop
    return ask


def chat(body: dict, strict: bool, seen: set[bytes]) -> Reply:
    check_chat(body, strict)
    ask = read_chat(body)
    said = script.answer(ask)
    thinks = f"Let me think about: {ask.text}" if "think aloud" in ask.text and not strict else ""
    hidden = 64 if strict and body.get("reasoning_effort") not in (None, "none") else 0
    usage = chat_usage(body, said, thinks, hidden, seen)
    base = {
        "id": "chatcmpl-" + hashlib.sha256(compact(body)).hexdigest()[:24],
        "object": "chat.completion", "created": int(time.time()), "model": body["model"],
    }  # fmt: skip
    finish = said.vendor_finish or {"stop_sequence": "stop"}.get(said.finish, said.finish)
    count = body.get("n") or 1
    headers = {"x-request-id": "req_fake", "openai-processing-ms": "5", "openai-version": "2020-10-01"}
    if body.get("stream"):
        want_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return Reply(headers=headers, events=chat_events(base, said, thinks, finish, count, usage, want_usage))
    message: dict[str, Any] = {"role": "assistant", "content": None if said.calls else said.whole(), "refusal": None, "annotations": []}
    if thinks:
        message["reasoning"] = thinks
    if said.calls:
        message["tool_calls"] = [call_object(i, c) for i, c in enumerate(said.calls)]
    choices = [{"index": i, "message": message, "logprobs": None, "finish_reason": finish} for i in range(count)]
    return Reply(
        headers=headers,
        body=compact(base | {"choices": choices, "usage": usage, "service_tier": "default", "system_fingerprint": "fp_fake"}),
    )


def call_object(i: int, call: tuple[str, str]) -> dict:
    return {"id": f"call_{i}_{call[0]}", "type": "function", "function": {"name": call[0], "arguments": call[1]}}


def chat_usage(body: dict, said: script.Answer, thinks: str, hidden: int, seen: set[bytes]) -> dict:
    prompt = script.tokens(body["messages"]) + script.tokens(body.get("tools") or [])
    key = compact(body["messages"])
    cached = prompt // 2 if key in seen else 0  # the second time half of it is in the cache
    seen.add(key)
    completion = script.tokens("".join(said.pieces())) + script.tokens([c[1] for c in said.calls]) + script.tokens(thinks) + hidden
    return {
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": hidden + script.tokens(thinks), "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
    }  # fmt: skip


def data(value: Any) -> bytes:
    return b"data: " + compact(value) + b"\n\n"


def chat_events(base: dict, said: script.Answer, thinks: str, finish: str, count: int, usage: dict, want_usage: bool) -> Iterator[Event]:
    base = base | {"object": "chat.completion.chunk", "service_tier": "default", "system_fingerprint": "fp_fake"}
    tail = {"usage": None} if want_usage else {}

    def chunk(index: int, delta: dict, finish_reason: str | None = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return data(base | {"choices": [choice]} | tail)

    for i in range(count):
        yield Event("head", chunk(i, {"role": "assistant", "content": None if said.calls else "", "refusal": None}))
        for word in re.findall(r"\S+\s*", thinks):
            yield Event("content", chunk(i, {"reasoning": word}))
        for k, call in enumerate(said.calls):
            whole = call_object(k, call)
            whole["function"]["arguments"] = ""
            yield Event("content", chunk(i, {"tool_calls": [{"index": k} | whole]}))
            for fragment in script.fragments(call[1]):
                yield Event("content", chunk(i, {"tool_calls": [{"index": k, "function": {"arguments": fragment}}]}))
        for piece in said.pieces():
            yield Event("content", chunk(i, {"content": piece}))
        yield Event("finish", chunk(i, {}, finish))
    if want_usage:
        yield Event("usage", data(base | {"choices": [], "usage": usage}))
    yield Event("done", b"data: [DONE]\n\n")


# ---------------------------------------------------------------------------------------------------- the small endpoints


def completions(body: dict, strict: bool, seen: set[bytes]) -> Reply:
    """Legacy completions: says `echo: <prompt>` for every prompt."""
    check_fields(body, COMPLETION_FIELDS, strict)
    known_model(body.get("model"), strict)
    if "prompt" not in body:
        raise refuse("Missing required parameter: 'prompt'.", "prompt", "missing_required_parameter")
    prompts = (
        body["prompt"] if isinstance(body["prompt"], list) and isinstance((body["prompt"] or [0])[0], (str, list)) else [body["prompt"]]
    )
    stop = body.get("stop") or []
    asks = [
        script.Ask(text=f"echo: {p}", max_tokens=body.get("max_tokens", 16), stop=[stop] if isinstance(stop, str) else stop)
        for p in prompts
    ]
    said = [script.answer(a) for a in asks]
    finish = [a.vendor_finish or {"stop_sequence": "stop"}.get(a.finish, a.finish) for a in said]
    prompt, completion = script.tokens([str(p) for p in prompts]), script.tokens([a.text for a in said])
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    base = {"id": "cmpl-fake", "object": "text_completion", "created": CREATED, "model": body["model"]}
    if body.get("stream"):
        return Reply(
            events=completion_events(base, said, finish, usage if (body.get("stream_options") or {}).get("include_usage") else None)
        )
    choices = [{"text": a.text, "index": i, "logprobs": None, "finish_reason": f} for i, (a, f) in enumerate(zip(said, finish))]
    return Reply(body=compact(base | {"choices": choices, "usage": usage}))


def completion_events(base: dict, said: list[script.Answer], finish: list[str], usage: dict | None) -> Iterator[Event]:
    tail = {} if usage is None else {"usage": None}
    for i, a_ in enumerate(said):
        for piece in a_.pieces():
            yield Event("content", data(base | {"choices": [{"text": piece, "index": i, "logprobs": None, "finish_reason": None}]} | tail))
        yield Event("finish", data(base | {"choices": [{"text": "", "index": i, "logprobs": None, "finish_reason": finish[i]}]} | tail))
    if usage is not None:
        yield Event("usage", data(base | {"choices": [], "usage": usage}))
    yield Event("done", b"data: [DONE]\n\n")


def embeddings(body: dict, strict: bool, seen: set[bytes]) -> Reply:
    """Vectors are made from the input's hash, 8 numbers unless `dimensions` says otherwise."""
    check_fields(body, EMBEDDING_FIELDS, strict)
    known_model(body.get("model"), strict)
    given = body.get("input")
    if given in (None, "", []):
        raise refuse("'$.input' is invalid: it must not be empty.", "input", "missing_required_parameter")
    inputs = given if isinstance(given, list) and not is_int(given[0]) else [given]
    if len(inputs) > 2048 or any(i in ("", []) for i in inputs):
        raise refuse("'$.input' is invalid.", "input")
    found = [vector(i, body.get("dimensions", 8)) for i in inputs]
    if body.get("encoding_format") == "base64":
        found = [base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for v in found]
    used = sum(script.tokens(i) if isinstance(i, str) else len(i) for i in inputs)
    items = [{"object": "embedding", "index": i, "embedding": v} for i, v in enumerate(found)]
    return Reply(
        body=compact({"object": "list", "data": items, "model": body["model"], "usage": {"prompt_tokens": used, "total_tokens": used}})
    )


def vector(value: Any, dimensions: int) -> list[float]:
    digest = hashlib.sha256(compact(value)).digest()
    exact = [(digest[i % 32] - 128) / 128 for i in range(dimensions)]  # every one is a float32
    return exact
