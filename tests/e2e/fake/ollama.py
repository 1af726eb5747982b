"""Ollama's own API: /api/chat (a stream unless told otherwise), /api/tags, /api/show, /api/ps, /api/version, /api/embed.

Like the server it is strict about types and ignores members that it does not know. Stricter than the server: an unknown role and a tool
without a name are refused.
Texts of its own: `no counts` leaves prompt_eval_count out, `say first` says something before the tool calls.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import script
from .reply import Event, Refused, Reply, Request, compact, is_int, is_number

STREAM_TYPE = "application/x-ndjson"
WRONG_KEY = "ollama-wrong"


@dataclass(frozen=True)
class Model:
    family: str
    capabilities: tuple[str, ...]
    always_thinks: bool = False
    call_ids: bool = True
    context: int = 40_960


MODELS = {
    "qwen2.5-coder:7b": Model("qwen2", ("completion", "tools", "insert")),
    "qwen3:8b": Model("qwen3", ("completion", "tools", "thinking")),
    "gpt-oss:20b": Model("gptoss", ("completion", "tools", "thinking"), always_thinks=True),
    "llama3.2:latest": Model("llama", ("completion", "tools"), call_ids=False),
    "gemma3:4b": Model("gemma3", ("completion", "vision")),
    "gemma:2b": Model("gemma", ("completion",), context=8192),
    "nomic-embed-text:latest": Model("nomic-bert", ("embedding",)),
}
DEFAULT_CONTEXT = 4096


# ---------------------------------------------------------------------------------------------------- errors


def error(status: int, message: str, **more: Any) -> Reply:
    return Reply(status, body=compact({"error": message} | more), content_type="application/json; charset=utf-8")


def refuse(message: str, status: int = 400) -> Refused:
    return Refused(error(status, message))


FAULTS: dict[str, Reply] = {
    "invalid_request": error(400, "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string"),
    "context_length": error(400, "the input length exceeds the context length"),
    "auth": error(401, "unauthorized", signin_url="https://ollama.com/connect"),
    "permission": error(403, "this model requires a subscription, upgrade for access"),
    "not_found": error(404, "model 'gone' not found"),
    "rate_limit": error(429, "you have reached your hourly usage limit"),
    "quota": error(429, "you have reached your weekly usage limit, please upgrade to continue"),
    "server_error": error(500, "llama runner process has terminated: exit status 2"),
    "out_of_memory": error(500, "model requires more system memory (9.9 GiB) than is available (4.2 GiB)"),
    "bad_gateway": error(502, "upstream connect error"),
    "overloaded": error(503, "server busy, please try again.  maximum pending requests exceeded"),
}


def stream_error(fault: str) -> bytes:
    return FAULTS[fault].body + b"\n"


# ---------------------------------------------------------------------------------------------------- routing


def handle(request: Request, seen: set[bytes]) -> Reply:
    if request.headers.get("authorization") == f"Bearer {WRONG_KEY}":
        return FAULTS["auth"]
    gets: dict[str, Callable[[], Any]] = {
        "/api/tags": lambda: {"models": [listed(name) for name in MODELS]},
        "/api/ps": lambda: {
            "models": [listed("qwen3:8b") | {"expires_at": "2036-01-01T00:00:00Z", "size_vram": 4_700_000_000, "context_length": 4096}]
        },
        "/api/version": lambda: {"version": "0.14.2"},
    }
    if request.path == "/":
        return Reply(body=b"Ollama is running", content_type="text/plain; charset=utf-8")
    posts = {"/api/chat": chat, "/api/show": show, "/api/embed": embed}
    if request.path in (gets if request.method == "GET" else {}):
        return Reply(body=compact(gets[request.path]()), content_type="application/json; charset=utf-8")
    if request.path not in posts:
        return Reply(404, body=b"404 page not found", content_type="text/plain")
    if request.method != "POST":
        return Reply(405, body=b"405 method not allowed", content_type="text/plain")
    if not request.body:
        return error(400, "missing request body")
    try:
        body = request.json()
    except ValueError as wrong:
        return error(400, f"invalid character in request body: {wrong}")
    if not isinstance(body, dict):
        return error(400, f"json: cannot unmarshal {go_name(body)} into Go value of type api.ChatRequest")
    return posts[request.path](body)


def listed(name: str) -> dict:
    model = MODELS[name]
    digest = hashlib.sha256(name.encode()).hexdigest()
    details = {
        "parent_model": "", "format": "gguf", "family": model.family, "families": [model.family], "parameter_size": "7.6B",
        "quantization_level": "Q4_K_M",
    }  # fmt: skip
    return {"name": name, "model": name, "modified_at": "2026-01-01T00:00:00Z", "size": 4_700_000_000, "digest": digest, "details": details}


def find(body: dict, field: str = "model") -> tuple[str, Model]:
    name = body.get(field)
    if not isinstance(name, str):
        raise wrong_type(name, "model", "string")
    if not name:
        raise refuse("model is required")
    whole = name if ":" in name else f"{name}:latest"
    if whole not in MODELS:
        raise refuse(f"model '{name}' not found", 404)
    return name, MODELS[whole]


def show(body: dict) -> Reply:
    name, model = find(body, "model" if "model" in body else "name")
    whole = name if ":" in name else f"{name}:latest"
    information = {"general.architecture": model.family, f"{model.family}.context_length": model.context}
    return Reply(
        body=compact({
            "modelfile": f"FROM {whole}", "parameters": "stop \"<|im_end|>\"", "template": "{{ .Prompt }}", "details": listed(whole)["details"],
            "model_info": information, "capabilities": list(model.capabilities), "modified_at": "2026-01-01T00:00:00Z",
        })
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- checking


def go_name(value: Any) -> str:
    kinds = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}
    return kinds[type(value)]


def wrong_type(value: Any, field: str, go_type: str) -> Refused:
    return refuse(f"json: cannot unmarshal {go_name(value)} into Go struct field ChatRequest.{field} of type {go_type}")


def want(value: Any, kind: type, field: str, go_type: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise wrong_type(value, field, go_type)


FIELDS: dict[str, tuple[type, str]] = {
    "messages": (list, "[]api.Message"), "stream": (bool, "bool"), "tools": (list, "api.Tools"), "options": (dict, "map[string]interface {}"),
    "logprobs": (bool, "bool"), "top_logprobs": (int, "int"), "truncate": (bool, "bool"), "shift": (bool, "bool"),
}  # fmt: skip
INTEGERS = {
    "num_ctx", "num_predict", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread", "top_k", "repeat_last_n", "seed",
    "draft_num_predict",
}  # fmt: skip
FLOATS = {"temperature", "top_p", "min_p", "typical_p", "repeat_penalty", "presence_penalty", "frequency_penalty"}
LEVELS = ("low", "medium", "high", "max")


def check(body: dict, name: str, model: Model) -> None:
    for field, (kind, go_type) in FIELDS.items():
        want(body.get(field), kind, field, go_type)
    if isinstance(body.get("top_logprobs"), int) and not 0 <= body["top_logprobs"] <= 20:
        raise refuse("top_logprobs must be between 0 and 20")
    for message in body.get("messages") or []:
        check_message(message)
    for tool in body.get("tools") or []:
        check_tool(tool)
    check_options(body.get("options") or {})
    check_keep_alive(body.get("keep_alive"))
    wanted = body.get("format")
    if wanted not in (None, "", "json") and not isinstance(wanted, dict):
        raise refuse(f'invalid format: {json.dumps(wanted)}; expected "json" or a valid JSON Schema object')
    if "completion" not in model.capabilities:
        raise refuse(f'"{name}" does not support chat')
    if body.get("tools") and "tools" not in model.capabilities:
        raise refuse(f"registry.ollama.ai/library/{name} does not support tools")
    check_think(body.get("think"), name, model)
    if any(m.get("images") for m in body.get("messages") or []) and "vision" not in model.capabilities:
        raise refuse("this model is missing data required for image input", 500)


def check_message(message: Any) -> None:
    if not isinstance(message, dict):
        raise wrong_type(message, "messages", "api.Message")
    for field, go_type in (
        ("role", "string"),
        ("content", "string"),
        ("thinking", "string"),
        ("tool_name", "string"),
        ("tool_call_id", "string"),
    ):
        want(message.get(field), str, f"messages.{field}", go_type)
    if (message.get("role") or "").lower() not in ("system", "user", "assistant", "tool"):
        raise refuse(f"invalid role: {message.get('role')}")
    want(message.get("images"), list, "messages.images", "[]api.ImageData")
    for image in message.get("images") or []:
        want(image, str, "messages.images", "api.ImageData")
        try:
            data = base64.b64decode(image, validate=True)
        except (binascii.Error, ValueError):
            raise refuse("illegal base64 data at input byte 0") from None
        if not data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF")):
            raise refuse("image: unknown format", 500)
    want(message.get("tool_calls"), list, "messages.tool_calls", "[]api.ToolCall")
    for call in message.get("tool_calls") or []:
        if not isinstance(call, dict):
            raise wrong_type(call, "messages.tool_calls", "api.ToolCall")
        function = call.get("function") or {}
        want(function, dict, "messages.tool_calls.function", "api.ToolCallFunction")
        want(function.get("name"), str, "messages.tool_calls.function.name", "string")
        want(function.get("arguments"), dict, "messages.tool_calls.function.arguments", "api.ToolCallFunctionArguments")


def check_tool(tool: Any) -> None:
    if not isinstance(tool, dict):
        raise wrong_type(tool, "tools", "api.Tool")
    function = tool.get("function") or {}
    want(function, dict, "tools.function", "api.ToolFunction")
    want(function.get("name"), str, "tools.function.name", "string")
    if not function.get("name"):  # the server takes it, and then no call of it can be told apart
        raise refuse("tool without a name")
    want(function.get("description"), str, "tools.function.description", "string")
    parameters = function.get("parameters") or {}
    want(parameters, dict, "tools.function.parameters", "api.ToolFunctionParameters")
    want(parameters.get("type"), str, "tools.function.parameters.type", "string")
    want(parameters.get("required"), list, "tools.function.parameters.required", "[]string")
    want(parameters.get("properties"), dict, "tools.function.parameters.properties", "map[string]api.ToolProperty")
    for inner in (parameters.get("properties") or {}).values():
        if not isinstance(inner, dict):
            raise wrong_type(inner, "tools.function.parameters.properties", "api.ToolProperty")
        want(inner.get("enum"), list, "tools.function.parameters.properties.enum", "[]interface {}")


def check_options(options: dict) -> None:
    for key, value in options.items():
        if value is None:
            continue
        if key in INTEGERS and not (is_int(value) or (isinstance(value, float) and value.is_integer())):
            raise refuse(f'option "{key}" must be of type integer')
        if key in FLOATS and not is_number(value):
            raise refuse(f'option "{key}" must be of type float32')
        if key == "stop" and not (isinstance(value, list) and all(isinstance(s, str) for s in value)):
            raise refuse('option "stop" must be of an array')
        if key == "use_mmap" and not isinstance(value, bool):
            raise refuse('option "use_mmap" must be of type boolean')


def check_keep_alive(value: Any) -> None:
    if value is None or is_number(value):
        return
    if not isinstance(value, str):
        raise wrong_type(value, "keep_alive", "api.Duration")
    if not re.fullmatch(r"-?(\d+(\.\d+)?(ns|us|ms|s|m|h))+", value):
        raise refuse(f'time: invalid duration "{value}"')


def check_think(think: Any, name: str, model: Model) -> None:
    if think is not None and not isinstance(think, bool) and think not in LEVELS:
        raise refuse(f'invalid think value: {json.dumps(think)} (must be "high", "medium", "low", "max", true, or false)')
    if think and "thinking" not in model.capabilities:
        raise refuse(f'"{name}" does not support thinking')


# ---------------------------------------------------------------------------------------------------- chat


def read(body: dict) -> script.Ask:
    messages, options = body["messages"], body.get("options") or {}
    last = messages[-1]
    ask = script.Ask(stop=options.get("stop") or [])
    if last["role"].lower() == "tool":
        ask.tool_results = []
        for message in reversed(messages):
            if message["role"].lower() != "tool":
                break
            ask.tool_results.insert(0, message.get("content") or "")
    else:
        ask.text = last.get("content") or ""
        ask.media = [f"image {len(base64.b64decode(i))} bytes" for i in last.get("images") or []]
    ask.tools = [(t["function"]["name"], t["function"].get("parameters") or {"type": "object"}) for t in body.get("tools") or []]
    wanted = body.get("format")
    if wanted:
        ask.schema = wanted if isinstance(wanted, dict) else {"type": "object", "properties": {"echo": {"const": ask.text}}}
    if options.get("num_predict") is not None and options["num_predict"] >= 0:
        ask.max_tokens = int(options["num_predict"])
    return ask


def chat(body: dict) -> Reply:
    name, model = find(body)
    check(body, name, model)
    streams = body.get("stream") is not False
    base = {"model": name, "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.123456789Z", time.gmtime())}
    if not body.get("messages"):  # loads the model, or unloads it
        reason = "unload" if body.get("keep_alive") == 0 else "load"
        only = base | {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": reason}
        return Reply(events=[line("finish", only)]) if streams else Reply(body=compact(only))
    context = int((body.get("options") or {}).get("num_ctx") or DEFAULT_CONTEXT)
    prompt = script.tokens([body["messages"], body.get("tools") or []])
    if prompt > context and body.get("truncate") is False:
        raise refuse("the input length exceeds the context length")
    ask = read(body)
    said = script.answer(ask)
    think = body.get("think")
    thinks = "thinking" in model.capabilities and (model.always_thinks or think is not False)
    thought = f"Let me think about: {ask.text}" if thinks else ""
    counts = {"prompt_eval_count": min(prompt, context), "prompt_eval_duration": 100_000_000}
    if "no counts" in ask.text:
        del counts["prompt_eval_count"]
    spoken = script.tokens(list(said.pieces())) + script.tokens([c[1] for c in said.calls]) + script.tokens(thought)
    finish = said.vendor_finish or ("length" if said.finish == "length" else "stop")
    end = {"done": True, "done_reason": finish, "total_duration": 2_000_000_000, "load_duration": 1_000_000} | counts
    end |= {"eval_count": spoken, "eval_duration": 1_000_000_000}
    calls = [call_object(i, call, model) for i, call in enumerate(said.calls)]
    spoken_first = "I will call the tools." if calls and "say first" in ask.text else ""
    if streams:
        return Reply(events=lines(base, thought, spoken_first, calls, said, end))
    message: dict[str, Any] = {"role": "assistant", "content": spoken_first if calls else said.whole()}
    message |= ({"thinking": thought} if thought else {}) | ({"tool_calls": calls} if calls else {})
    return Reply(body=compact(base | {"message": message} | end), content_type="application/json; charset=utf-8")


def call_object(i: int, call: tuple[str, str], model: Model) -> dict:
    made = {"function": {"index": i, "name": call[0], "arguments": json.loads(call[1])}}
    return ({"id": f"call_{hashlib.sha256(repr((i, call)).encode()).hexdigest()[:8]}"} if model.call_ids else {}) | made


def lines(base: dict, thought: str, first: str, calls: list[dict], said: script.Answer, end: dict) -> Iterator[Event]:
    def message(content: str = "", **more: Any) -> dict:
        return base | {"message": {"role": "assistant", "content": content} | more, "done": False}

    for word in re.findall(r"\S+\s*", thought):
        yield line("content", message(thinking=word))
    if first:
        yield line("content", message(first))
    for call in calls:
        yield line("content", message(tool_calls=[call]))
    for piece in said.pieces():
        yield line("content", message(piece))
    yield line("finish", message() | end)


def line(kind: str, value: dict) -> Event:
    return Event(kind, compact(value) + b"\n")


def embed(body: dict) -> Reply:
    """Vectors are made from the input's hash, 8 numbers unless `dimensions` says otherwise."""
    name, model = find(body)
    if "embedding" not in model.capabilities:
        raise refuse("this model does not support embeddings", 501)
    given = body.get("input")
    inputs = [given] if isinstance(given, str) else given
    if not isinstance(inputs, list) or not all(isinstance(i, str) for i in inputs):
        raise refuse("invalid input type")
    digests = [hashlib.sha256(i.encode()).digest() for i in inputs]
    found = [[(d[i % 32] - 128) / 128 for i in range(body.get("dimensions") or 8)] for d in digests]
    return Reply(
        body=compact(
            {"model": name, "embeddings": found, "total_duration": 1, "load_duration": 1, "prompt_eval_count": script.tokens(inputs)}
        )
    )
