"""Anthropic's Messages API, as strict as the vendor: POST /v1/messages, /v1/messages/count_tokens, GET /v1/models."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from . import script
from .reply import Event, Refused, Reply, Request, compact, is_int, is_number

KEY = re.compile(r"^sk-ant-")
RETIRED_KEY = "sk-ant-wrong"
VERSIONS = ("2023-06-01", "2026-10-21")


@dataclass(frozen=True)
class Model:
    """What one model takes: the columns of the vendor's capability table."""

    max_output: int = 64_000
    sampling: bool = True  # temperature, top_p, top_k
    budget: bool = True  # thinking.enabled with budget_tokens
    adaptive: bool = False
    can_disable: bool = True
    forced_tools: bool = True
    between_tools: bool = False
    efforts: tuple[str, ...] = ()
    prefill: bool = True
    system_turns: bool = False  # role "system" inside messages
    thinks_by_default: bool = False
    shows_thinking: bool = True  # default of thinking.display


MODELS: dict[str, Model] = {
    "claude-sonnet-4-20250514": Model(),
    "claude-sonnet-4-5": Model(),
    "claude-haiku-4-5": Model(),
    "claude-sonnet-4-6": Model(128_000, adaptive=True, efforts=("low", "medium", "high", "max"), prefill=False),
    "claude-opus-4-8": Model(
        128_000, sampling=False, budget=False, adaptive=True, efforts=("low", "medium", "high", "xhigh", "max"),
        prefill=False, system_turns=True, shows_thinking=False,
    ),
    "claude-sonnet-5-5": Model(
        128_000, sampling=False, budget=False, adaptive=True, can_disable=False, forced_tools=False, between_tools=True,
        efforts=("low", "medium", "high", "xhigh", "max"), prefill=False, system_turns=True, thinks_by_default=True,
        shows_thinking=False,
    ),
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------- errors


def error(status: int, type_: str, message: str, **details: Any) -> Reply:
    inner: dict[str, Any] = {"type": type_, "message": message}
    if details:
        inner["details"] = details
    return Reply(status, {"request-id": "req_fake"}, compact({"type": "error", "error": inner, "request_id": "req_fake"}))


def refuse(message: str) -> Refused:
    return Refused(error(400, "invalid_request_error", message))


FAULTS: dict[str, Reply] = {
    "invalid_request": error(400, "invalid_request_error", "messages.0.content: Field required"),
    "context_length": error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "credit": error(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "auth": error(401, "authentication_error", "invalid x-api-key"),
    "billing": error(402, "billing_error", "There is an issue with your billing."),
    "permission": error(403, "permission_error", "Your API key does not have permission to use the specified resource."),
    "not_found": error(404, "not_found_error", "model: gone"),
    "too_large": error(413, "request_too_large", "Request exceeds the maximum size"),
    "rate_limit": error(429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    "quota": error(429, "rate_limit_error", "Spend limit reached.", error_code="enforced_spend_limit_reached"),
    "server_error": error(500, "api_error", "Internal server error"),
    "bad_gateway": Reply(502, body=b"<html><body><h1>502 Bad Gateway</h1></body></html>", content_type="text/html"),
    "timeout": error(504, "timeout_error", "Request timed out"),
    "overloaded": error(529, "overloaded_error", "Overloaded"),
}


def stream_error(fault: str) -> bytes:
    return b"event: error\ndata: " + FAULTS[fault].body + b"\n\n"


# ---------------------------------------------------------------------------------------------------- routing


def handle(request: Request, seen: set[bytes]) -> Reply:
    key = request.headers.get("x-api-key")
    if key is None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key if scheme.lower() == "bearer" else ""
    if not key:
        return error(401, "authentication_error", "x-api-key header is required")
    if not KEY.match(key) or key == RETIRED_KEY:
        return error(401, "authentication_error", "invalid x-api-key")
    version = request.headers.get("anthropic-version")
    if version not in VERSIONS:
        return error(400, "invalid_request_error", "anthropic-version: header is required")
    if request.path.startswith("/v1/models"):
        return models(request)
    counting = request.path == "/v1/messages/count_tokens"
    if request.path != "/v1/messages" and not counting:
        return error(404, "not_found_error", "Not found")
    if request.method != "POST":
        return error(405, "invalid_request_error", "Method Not Allowed")
    if not request.headers.get("content-type", "").startswith("application/json"):
        return error(400, "invalid_request_error", "content-type: must be application/json")
    try:
        body = request.json()
    except ValueError:
        return error(400, "invalid_request_error", "The request body is not valid JSON")
    if not isinstance(body, dict):
        return error(400, "invalid_request_error", "Input should be a valid dictionary")
    if counting:
        body = body | {"max_tokens": 1}
    model = check(body, version)
    if counting:
        return Reply(headers={"request-id": "req_fake"}, body=compact({"input_tokens": prompt_tokens(body)}))
    return messages(body, model, seen)


def models(request: Request) -> Reply:
    name = unquote(request.path.removeprefix("/v1/models").strip("/"))
    if name:
        return Reply(body=compact(model_object(name))) if name in MODELS else error(404, "not_found_error", f"model: {name}")
    found = [model_object(m) for m in MODELS]
    return Reply(body=compact({"data": found, "has_more": False, "first_id": found[0]["id"], "last_id": found[-1]["id"]}))


def model_object(name: str) -> dict:
    m = MODELS[name]

    def able(yes: bool) -> dict:
        return {"supported": yes}

    return {
        "type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active",
        "deprecated_at": None, "retires_at": None, "max_input_tokens": 200_000, "max_tokens": m.max_output,
        "capabilities": {
            "image_input": able(True), "pdf_input": able(True), "structured_outputs": able(True), "citations": able(True),
            "batch": able(True), "code_execution": able(True),
            "thinking": {"supported": True, "types": {
                "enabled": able(m.budget), "adaptive": able(m.adaptive), "disabled": able(m.can_disable), "between_tools": able(m.between_tools)}},
            "effort": {"supported": bool(m.efforts)} | {e: able(e in m.efforts) for e in ("low", "medium", "high", "max", "xhigh")},
        },
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- checking the request

FIELDS: dict[str, Callable[[Any], bool]] = {
    "model": lambda v: isinstance(v, str), "messages": lambda v: isinstance(v, list), "max_tokens": is_int,
    "system": lambda v: isinstance(v, (str, list)), "stream": lambda v: isinstance(v, bool),
    "temperature": lambda v: is_number(v) and 0 <= v <= 1, "top_p": lambda v: is_number(v) and 0 <= v <= 1,
    "top_k": lambda v: is_int(v) and v >= 0, "stop_sequences": lambda v: isinstance(v, list),
    "metadata": lambda v: isinstance(v, dict), "tools": lambda v: isinstance(v, list),
    "tool_choice": lambda v: isinstance(v, dict), "thinking": lambda v: isinstance(v, dict),
    "output_config": lambda v: isinstance(v, dict), "service_tier": lambda v: v in ("auto", "standard_only"),
    "cache_control": lambda v: isinstance(v, dict), "container": lambda v: True, "inference_geo": lambda v: True,
    "speed": lambda v: v in ("standard", "fast"), "diagnostics": lambda v: True,
}  # fmt: skip
SAMPLING = ("temperature", "top_p", "top_k")


def only(value: Any, where: str, *names: str) -> dict:
    """The value as an object that has no other members than these."""
    if not isinstance(value, dict):
        raise refuse(f"{where}: Input should be a valid dictionary")
    for name in value:
        if name not in names:
            raise refuse(f"{where}.{name}: Extra inputs are not permitted")
    return value


def check(body: dict, version: str) -> Model:
    for name, value in body.items():
        if name not in FIELDS or (version != VERSIONS[0] and name in SAMPLING):
            raise refuse(f"{name}: Extra inputs are not permitted")
        if not FIELDS[name](value):
            raise refuse(f"{name}: Input is not valid: {value!r}")
    for name in ("model", "messages", "max_tokens"):
        if name not in body:
            raise refuse(f"{name}: Field required")
    model = MODELS.get(body["model"])
    if model is None:
        raise Refused(error(404, "not_found_error", f"model: {body['model']}"))
    if body["max_tokens"] < 1:
        raise refuse("max_tokens: Input should be greater than or equal to 1")
    if body["max_tokens"] > model.max_output:
        raise refuse(
            f"max_tokens: {body['max_tokens']} > {model.max_output}, which is the maximum allowed number of output tokens for {body['model']}"
        )
    thinking = check_thinking(body, model)
    check_sampling(body, model, thinking)
    check_system(body.get("system"))
    check_tools(body, model, thinking)
    check_output_config(body, model)
    only(body.get("metadata", {}), "metadata", "user_id")
    for i, stop in enumerate(body.get("stop_sequences", [])):
        if not isinstance(stop, str) or not stop.strip():
            raise refuse(f"stop_sequences.{i}: each stop sequence must contain non-whitespace")
    check_messages(body, model, thinking)
    markers = sum(1 for _ in cache_markers(body))
    if markers > 4:
        raise refuse(f"A maximum of 4 blocks with cache_control may be provided. Found {markers}.")
    return model


def check_thinking(body: dict, model: Model) -> str:
    """Returns enabled, adaptive, between_tools or disabled."""
    given = body.get("thinking")
    if given is None:
        return "adaptive" if model.thinks_by_default else "disabled"
    kind = given.get("type")
    supported = {"enabled": model.budget, "adaptive": model.adaptive, "disabled": model.can_disable, "between_tools": model.between_tools}
    if kind not in supported:
        raise refuse(f"thinking: Input tag '{kind}' found does not match any of the expected tags")
    if not supported[kind]:
        raise refuse(f"thinking.type: '{kind}' is not supported on this model")
    if kind == "enabled":
        only(given, "thinking.enabled", "type", "budget_tokens", "display")
        if not is_int(given.get("budget_tokens")) or given["budget_tokens"] < 1024:
            raise refuse("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
        if given["budget_tokens"] >= body["max_tokens"]:
            raise refuse("`max_tokens` must be greater than `thinking.budget_tokens`")
    else:
        only(given, f"thinking.{kind}", "type", *(["display"] if kind == "adaptive" else []))
    if given.get("display") not in (None, "summarized", "omitted"):
        raise refuse("thinking.display: Input should be 'summarized' or 'omitted'")
    return kind


def check_sampling(body: dict, model: Model, thinking: str) -> None:
    if not model.sampling:
        if body.get("temperature", 1) != 1 or body.get("top_p", 1) < 0.99 or "top_k" in body:
            raise refuse("sampling parameters are not supported on this model")
    elif "temperature" in body and "top_p" in body:
        raise refuse("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    if thinking != "disabled":
        if body.get("temperature", 1) != 1:
            raise refuse("`temperature` may only be set to 1 when thinking is enabled.")
        if "top_k" in body:
            raise refuse("`top_k` must be unset when thinking is enabled.")


def check_system(system: Any) -> None:
    if isinstance(system, list):
        for i, block in enumerate(system):
            check_text(only(block, f"system.{i}", "type", "text", "cache_control", "citations"), f"system.{i}")


def check_text(block: dict, where: str) -> None:
    if block.get("type") != "text" or not isinstance(block.get("text"), str):
        raise refuse(f"{where}: Input should be a text block")
    if not block["text"]:
        raise refuse(f"{where}: text content blocks must be non-empty")
    if not block["text"].strip():
        raise refuse(f"{where}: text content blocks must contain non-whitespace text")


def check_tools(body: dict, model: Model, thinking: str) -> None:
    tools, choice = body.get("tools", []), body.get("tool_choice")
    names = []
    for i, tool in enumerate(tools):
        where = f"tools.{i}.custom"
        if isinstance(tool, dict) and str(tool.get("type", "")).startswith("web_search_"):
            continue
        only(
            tool,
            where,
            "type",
            "name",
            "description",
            "input_schema",
            "cache_control",
            "strict",
            "eager_input_streaming",
            "defer_loading",
            "input_examples",
            "allowed_callers",
        )
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", str(tool.get("name", ""))):
            raise refuse(f"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
        if tool.get("description") == "":
            raise refuse(f"{where}.description: String should have at least 1 character")
        schema = tool.get("input_schema")
        if not isinstance(schema, dict):
            raise refuse(f"{where}.input_schema: Field required")
        if schema.get("type") != "object":
            raise refuse(f"{where}.input_schema.type: Input should be 'object'")
        if set(schema) & {"oneOf", "anyOf", "allOf"}:
            raise refuse(f"{where}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level")
        if tool.get("strict"):
            check_schema(schema, f"{where}.input_schema")
        names.append(tool["name"])
    if len(set(names)) != len(names):
        raise refuse("tools: Tool names must be unique.")
    if choice is None:
        return
    kind = choice.get("type")
    if not tools:
        raise refuse("tool_choice: may only be specified while providing tools")
    if kind not in ("auto", "any", "none", "tool"):
        raise refuse(f"tool_choice: Input tag '{kind}' found does not match any of the expected tags")
    only(
        choice,
        f"tool_choice.{kind}",
        "type",
        *(["name"] if kind == "tool" else []),
        *(["disable_parallel_tool_use"] if kind != "none" else []),
    )
    if kind == "tool" and choice.get("name") not in names:
        raise refuse(f"tool_choice.name: Tool '{choice.get('name')}' not found in provided tools")
    if kind in ("any", "tool"):
        if not model.forced_tools:
            raise refuse("tool_choice: forced tool use is not supported on this model")
        if thinking != "disabled":
            raise refuse("Thinking may not be enabled when tool_choice forces tool use.")


def check_output_config(body: dict, model: Model) -> None:
    config = only(body.get("output_config", {}), "output_config", "effort", "format")
    effort = config.get("effort")
    if effort is not None:
        if not model.efforts:
            raise refuse("This model does not support the effort parameter.")
        if effort not in model.efforts:
            raise refuse(f"output_config.effort: '{effort}' is not supported on this model")
        if effort in ("xhigh", "max") and body.get("thinking", {}).get("type") in ("disabled", "between_tools"):
            raise refuse(f"output_config.effort: '{effort}' needs thinking")
    wanted = config.get("format")
    if wanted is not None:
        only(wanted, "output_config.format", "type", "schema")
        if wanted.get("type") != "json_schema" or not isinstance(wanted.get("schema"), dict):
            raise refuse("output_config.format.schema: Field required")
        check_schema(wanted["schema"], "output_config.format.schema")


FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
NOT_IN_SCHEMAS = {
    "oneOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "not", "patternProperties",
}  # fmt: skip


def check_schema(schema: Any, where: str) -> None:
    if not isinstance(schema, dict):
        return
    if bad := set(schema) & NOT_IN_SCHEMAS:
        raise refuse(f"{where}: For this type, property '{sorted(bad)[0]}' is not supported")
    if schema.get("format") not in FORMATS | {None}:
        raise refuse(f"{where}: format '{schema['format']}' is not supported")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise refuse(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for name, inner in schema.get("properties", {}).items():
        check_schema(inner, f"{where}.{name}")
    for name in ("$defs", "definitions"):
        for inner in schema.get(name, {}).values():
            check_schema(inner, where)
    for name in ("anyOf", "allOf"):
        for inner in schema.get(name, []):
            check_schema(inner, where)
    check_schema(schema.get("items"), where)


# ---------------------------------------------------------------------------------------------------- checking the messages


def check_messages(body: dict, model: Model, thinking: str) -> None:
    given = body["messages"]
    if not given:
        raise refuse("messages: at least one message is required")
    for i, message in enumerate(given):
        only(message, f"messages.{i}", "role", "content")
        if message.get("role") not in ("user", "assistant", "system"):
            raise refuse(f"messages.{i}.role: Input should be 'user' or 'assistant'")
        if message["role"] == "system":
            check_system_turn(given, i, model)
    if given[0]["role"] != "user":
        raise refuse('messages: first message must use the "user" role')
    for i, message in enumerate(given):
        check_content(message, f"messages.{i}", model, body["model"])
    check_tool_pairs(merged(given), thinking)
    if given[-1]["role"] == "assistant":
        if not model.prefill:
            raise refuse("This model does not support assistant message prefill. The conversation must end with a user message.")
        last = blocks(given[-1])[-1]
        if last["type"] == "text" and last["text"] != last["text"].rstrip():
            raise refuse("messages: final assistant content cannot end with trailing whitespace")


def check_system_turn(given: list, i: int, model: Model) -> None:
    if not model.system_turns:
        raise refuse("role 'system' is not supported on this model")
    follower = given[i + 1]["role"] if i + 1 < len(given) else "assistant"
    if i == 0 or given[i - 1]["role"] != "user" or follower != "assistant":
        raise refuse(f"messages.{i}: a system message must follow a user message and be last or followed by an assistant message")


def blocks(message: dict) -> list[dict]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def merged(given: list[dict]) -> list[tuple[str, list[dict]]]:
    """Turns, as the server sees them: neighbours of one role are one turn."""
    turns: list[tuple[str, list[dict]]] = []
    for message in given:
        if turns and turns[-1][0] == message["role"]:
            turns[-1][1].extend(blocks(message))
        else:
            turns.append((message["role"], list(blocks(message))))
    return turns


BLOCKS = {
    "user": {"text", "image", "document", "tool_result"},
    "assistant": {"text", "thinking", "redacted_thinking", "tool_use"},
    "system": {"text"},
}  # fmt: skip
BLOCK_FIELDS = {
    "text": ("text", "cache_control", "citations"), "image": ("source", "cache_control"),
    "document": ("source", "cache_control", "citations", "context", "title"),
    "tool_result": ("tool_use_id", "content", "is_error", "cache_control"),
    "tool_use": ("id", "name", "input", "cache_control", "caller"),
    "thinking": ("thinking", "signature"), "redacted_thinking": ("data",),
}  # fmt: skip
TOOL_ID = re.compile(r"^[a-zA-Z0-9_-]+$")


def check_content(message: dict, where: str, model: Model, model_name: str) -> None:
    content = message.get("content")
    if isinstance(content, str):
        if not content.strip():
            raise refuse(f"{where}: text content blocks must be non-empty")
        return
    if not isinstance(content, list) or not content:
        raise refuse(f"{where}: all messages must have non-empty content")
    for j, block in enumerate(content):
        check_block(block, message["role"], f"{where}.content.{j}", model_name)


def check_block(block: Any, role: str, where: str, model_name: str) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in BLOCKS[role]:
        raise refuse(f"{where}: Input tag '{kind}' is not allowed in a {role} message")
    only(block, f"{where}.{kind}", "type", *BLOCK_FIELDS[kind])
    if kind == "text":
        check_text(block, where)
    elif kind == "image":
        check_image(block, where)
    elif kind == "document":
        check_document(block, where)
    elif kind == "tool_use":
        if not TOOL_ID.match(str(block.get("id", ""))):
            raise refuse(f"{where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
        if not isinstance(block.get("input"), dict):
            raise refuse(f"{where}.tool_use.input: Input should be a valid dictionary")
    elif kind == "tool_result":
        if not TOOL_ID.match(str(block.get("tool_use_id", ""))):
            raise refuse(f"{where}.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'")
        if isinstance(block.get("content"), list):
            for k, inner in enumerate(block["content"]):
                if not isinstance(inner, dict) or inner.get("type") not in ("text", "image", "document"):
                    raise refuse(f"{where}.tool_result.content.{k}: Input tag is not allowed")
                check_block(inner, "user", f"{where}.tool_result.content.{k}", model_name)
    elif kind == "thinking":
        check_signature(block, where, model_name)


def check_source(source: Any, where: str, media_types: tuple[str, ...]) -> None:
    kind = source.get("type") if isinstance(source, dict) else None
    if kind == "base64":
        only(source, where, "type", "media_type", "data")
        if source.get("media_type") not in media_types:
            raise refuse(f"{where}.media_type: Input should be {' or '.join(media_types)}")
        try:
            if not base64.b64decode(source.get("data", ""), validate=True):
                raise refuse(f"{where}.data: empty")
        except (binascii.Error, TypeError, ValueError):
            raise refuse(f"{where}.data: invalid base64 data") from None
    elif kind == "url":
        only(source, where, "type", "url")
        if not str(source.get("url", "")).startswith("https://"):
            raise refuse(f"{where}.url: Only HTTPS URLs are supported.")
    elif kind == "file":
        only(source, where, "type", "file_id")
    elif kind == "text" and "application/pdf" in media_types:
        only(source, where, "type", "media_type", "data")
        if source.get("media_type") != "text/plain":
            raise refuse(f"{where}.media_type: Input should be 'text/plain'")
    else:
        raise refuse(f"{where}: Input tag '{kind}' found does not match any of the expected tags")


def check_image(block: dict, where: str) -> None:
    check_source(block.get("source"), f"{where}.image.source", ("image/jpeg", "image/png", "image/gif", "image/webp"))


def check_document(block: dict, where: str) -> None:
    check_source(block.get("source"), f"{where}.document.source", ("application/pdf",))


def signature(thinking: str, model_name: str) -> str:
    return base64.b64encode(f"{model_name}:{hashlib.sha256(thinking.encode()).hexdigest()[:16]}".encode()).decode()


def check_signature(block: dict, where: str, model_name: str) -> None:
    try:
        producer, _, digest = base64.b64decode(block.get("signature", ""), validate=True).decode().rpartition(":")
    except ValueError:
        producer = digest = ""
    bound = "5-5" in model_name
    if digest != hashlib.sha256(str(block.get("thinking")).encode()).hexdigest()[:16] or (bound and producer != model_name):
        raise refuse(f"{where}: Invalid `signature` in `thinking` block")


def check_tool_pairs(turns: list[tuple[str, list[dict]]], thinking: str) -> None:
    """Every tool_use is answered at the head of the very next turn, and nothing else is."""
    ids: set[str] = set()
    for i, (role, content) in enumerate(turns):
        if role == "user":
            asked = [b["id"] for b in turns[i - 1][1] if b["type"] == "tool_use"] if i else []
            results = [b["tool_use_id"] for b in content if b["type"] == "tool_result"]
            for one in results:
                if one not in asked:
                    raise refuse(
                        f"messages.{i}: unexpected `tool_use_id` found in `tool_result` blocks: {one}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
                    )
            missing = [one for one in asked if one not in results]
            if missing or len(results) != len(set(results)):
                raise refuse(
                    f"messages.{i - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message."
                )
            if any(b["type"] != "tool_result" for b in content[: len(results)]):
                raise refuse(f"messages.{i}: `tool_result` blocks must come first in the content of the message")
        if role == "assistant":
            asked = [b["id"] for b in content if b["type"] == "tool_use"]
            if len(asked) != len(set(asked)) or ids & set(asked):
                raise refuse("messages: `tool_use` ids must be unique")
            ids |= set(asked)
            if asked and i + 1 == len(turns):
                raise refuse(f"messages.{i}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(asked)}.")
    in_tool_loop = len(turns) >= 2 and any(b["type"] == "tool_result" for b in turns[-1][1])
    if thinking == "enabled" and in_tool_loop and turns[-2][1][0]["type"] not in ("thinking", "redacted_thinking"):
        raise refuse(
            "messages: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block."
        )


def cache_markers(body: dict) -> Iterator[int]:
    """The places, counted in bytes of prompt, that cache_control marks: tools, then system, then messages."""
    at = 0
    system = body.get("system", [])
    everything = list(body.get("tools", [])) + (system if isinstance(system, list) else [{"text": system}])
    for message in body["messages"]:
        everything += blocks(message)
    for block in everything:
        marker = block.get("cache_control")
        at += len(compact({k: v for k, v in block.items() if k != "cache_control"}))
        if marker is not None:
            only(marker, "cache_control", "type", "ttl")
            if marker.get("type") != "ephemeral" or marker.get("ttl", "5m") not in ("5m", "1h"):
                raise refuse("cache_control: Input should be 'ephemeral' with a ttl of '5m' or '1h'")
            yield at
    if "cache_control" in body:
        yield at


# ---------------------------------------------------------------------------------------------------- answering


def text_of(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(b["text"] for b in content if b["type"] == "text")
    return content or ""


def describe(block: dict) -> str:
    source = block["source"]
    if source["type"] == "base64":
        return f"{block['type']} {source['media_type']} {len(base64.b64decode(source['data']))} bytes"
    return f"{block['type']} {source.get('url') or source.get('file_id') or source.get('media_type')}"


def read(body: dict) -> script.Ask:
    content = next(c for role, c in reversed(merged(body["messages"])) if role != "system")
    ask = script.Ask(max_tokens=body["max_tokens"], stop=body.get("stop_sequences", []))
    texts = [b["text"] for b in content if b["type"] == "text"]
    results = [b for b in content if b["type"] == "tool_result"]
    if results and not texts:
        ask.tool_results = [text_of(b.get("content")) for b in results]
    ask.text = " ".join(texts)
    ask.media = [describe(b) for b in content if b["type"] in ("image", "document")]
    ask.tools = [(t["name"], t["input_schema"]) for t in body.get("tools", []) if "input_schema" in t]
    choice = body.get("tool_choice", {"type": "auto"})
    ask.tool_choice = {"any": "required", "tool": choice.get("name", "")}.get(choice["type"], choice["type"])
    ask.parallel = not choice.get("disable_parallel_tool_use", False)
    ask.schema = body.get("output_config", {}).get("format", {}).get("schema")
    return ask


def prompt_tokens(body: dict) -> int:
    return script.tokens([body.get("system", ""), body["messages"], body.get("tools", [])])


def usage_of(body: dict, seen: set[bytes]) -> dict:
    """Marked prefixes are written to the cache the first time and read from it the next time."""
    total = prompt_tokens(body)
    marks = list(cache_markers(body))
    prefix = 0
    written = read_ = 0
    if marks:
        key = hashlib.sha256(compact([body.get("tools", []), body.get("system", ""), body["messages"], marks])).digest()
        prefix = total // 2
        written, read_ = (0, prefix) if key in seen else (prefix, 0)
        seen.add(key)
    return {"input_tokens": total - prefix, "cache_creation_input_tokens": written, "cache_read_input_tokens": read_}


STOP_REASON = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "stop_sequence": "stop_sequence"}


def messages(body: dict, model: Model, seen: set[bytes]) -> Reply:
    ask = read(body)
    said = script.answer(ask)
    thinking = body.get("thinking") or {"type": "adaptive" if model.thinks_by_default else "disabled"}
    thought = f"Let me think about: {ask.text}" if thinking["type"] in ("enabled", "adaptive") else None
    shown = thinking.get("display") or ("summarized" if model.shows_thinking else "omitted")
    visible = None if thought is None else thought if shown == "summarized" else ""
    thought_tokens = 3 * script.tokens(thought or "")

    content: list[dict] = []
    if visible is not None:
        content.append({"type": "thinking", "thinking": visible, "signature": signature(visible, body["model"])})
    if said.calls:
        if "say first" in ask.text:
            content.append({"type": "text", "text": "I will call the tools."})
        content += [
            {"type": "tool_use", "id": f"toolu_{len(body['messages'])}_{i}", "name": n, "input": json.loads(args)}
            for i, (n, args) in enumerate(said.calls)
        ]
    elif said.whole():
        content.append({"type": "text", "text": said.whole()})
    usage = usage_of(body, seen)
    spoken = sum(script.tokens(b.get("text") or b.get("input")) for b in content)
    final = {
        "output_tokens": spoken + thought_tokens + 1,
        "output_tokens_details": {"thinking_tokens": thought_tokens},
    }
    stop_reason = said.vendor_finish or STOP_REASON[said.finish]
    end = {"stop_reason": stop_reason, "stop_sequence": said.stop_sequence, "stop_details": None}
    if stop_reason == "refusal":
        end["stop_details"] = {"type": "refusal", "category": "general_harms", "explanation": "I cannot help with that."}
    head = {"id": "msg_" + hashlib.sha256(compact(body)).hexdigest()[:24], "type": "message", "role": "assistant", "model": body["model"]}
    headers = {"request-id": "req_fake", "anthropic-organization-id": "org_fake"}
    if body.get("stream"):
        return Reply(headers=headers, events=stream(head, content, said, usage, final, end))
    return Reply(headers=headers, body=compact(head | {"content": content} | end | {"usage": usage | final | {"service_tier": "standard"}}))


def event(kind: str, name: str, **members: Any) -> Event:
    return Event(kind, b"event: " + name.encode() + b"\ndata: " + compact({"type": name} | members) + b"\n\n")


def stream(head: dict, content: list[dict], said: script.Answer, usage: dict, final: dict, end: dict) -> Iterator[Event]:
    start = head | {"content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None, "usage": usage | {"output_tokens": 1}}
    yield event("head", "message_start", message=start)
    yield event("ping", "ping")
    calls = iter(said.calls)
    for index, block in enumerate(content):
        kind = block["type"]
        empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}[kind]
        yield event("content", "content_block_start", index=index, content_block=block | empty)
        for delta in deltas(block, said, calls):
            yield event("content", "content_block_delta", index=index, delta=delta)
        yield event("content", "content_block_stop", index=index)
    yield event("finish", "message_delta", delta=end, usage=usage | final)
    yield event("done", "message_stop")


def deltas(block: dict, said: script.Answer, calls: Iterator[tuple[str, str]]) -> Iterator[dict]:
    if block["type"] == "thinking":
        for word in re.findall(r"\S+\s*", block["thinking"]):
            yield {"type": "thinking_delta", "thinking": word}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "tool_use":
        arguments = next(calls)[1]
        if arguments != "{}":  # a call without arguments has no deltas at all
            yield {"type": "input_json_delta", "partial_json": ""}
            for fragment in script.fragments(arguments):
                yield {"type": "input_json_delta", "partial_json": fragment}
    elif said.calls:
        yield {"type": "text_delta", "text": block["text"]}
    else:
        for piece in said.pieces():
            yield {"type": "text_delta", "text": piece}
