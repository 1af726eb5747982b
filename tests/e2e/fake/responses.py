"""OpenAI's Responses API at /v1/responses, stateless: `store` must be false. Key and models are those of fake/openai.py.

Reasoning models (o-series, gpt-5) reason unless the effort is `none`; a summary comes when it is asked for. What they thought comes
encrypted: it can be read by the model that made it only, and stands right before what it led to.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from . import openai, script
from .openai import a, between, one_of, refuse
from .reply import Event, Reply, Request, compact, is_int

FIELDS: dict[str, Callable[[Any], bool]] = {
    "model": a(str), "input": a(str, list), "instructions": a(str), "max_output_tokens": is_int, "max_tool_calls": is_int,
    "parallel_tool_calls": a(bool), "previous_response_id": a(str), "reasoning": a(dict), "text": a(dict), "tools": a(list),
    "tool_choice": a(str, dict), "include": a(list), "store": a(bool), "stream": a(bool), "stream_options": a(dict),
    "temperature": between(0, 2), "top_p": between(0, 1), "top_logprobs": is_int, "service_tier": a(str), "metadata": a(dict),
    "prompt_cache_key": a(str), "prompt_cache_options": a(dict), "safety_identifier": a(str), "truncation": a(str), "user": a(str),
}  # fmt: skip
ITEM_FIELDS = {
    "message": {"type", "role", "content", "id", "status", "phase"},
    "function_call": {"type", "call_id", "name", "arguments", "id", "status"},
    "function_call_output": {"type", "call_id", "output", "id", "status"},
    "reasoning": {"type", "id", "summary", "content", "encrypted_content"},
}  # fmt: skip
PARTS = {
    "user": {"input_text", "input_image", "input_file"}, "system": {"input_text"}, "developer": {"input_text"},
    "assistant": {"output_text", "refusal"},
}  # fmt: skip
PART_FIELDS = {
    "input_text": {"text"}, "input_image": {"image_url", "detail", "file_id"},
    "input_file": {"file_data", "file_url", "file_id", "filename"}, "output_text": {"text", "annotations", "logprobs"},
    "refusal": {"refusal"},
}  # fmt: skip
INCLUDES = {"reasoning.encrypted_content", "message.output_text.logprobs"}
FAULTS = openai.FAULTS
CREATED = openai.CREATED


def stream_error(fault: str) -> bytes:
    """An event of its own, flat; where the answer would have had a status it has only a code."""
    inner = json.loads(FAULTS[fault].body)["error"] if FAULTS[fault].content_type == "application/json" else {"message": "oops"}
    code = inner.get("code") or {"server_error": "server_error"}.get(fault, inner.get("type"))
    return framed("error", 99, code=code, message=inner["message"], param=inner.get("param"))


def framed(kind: str, number: int, **members: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + compact({"type": kind, "sequence_number": number} | members) + b"\n\n"


def handle(request: Request, seen: set[bytes]) -> Reply:
    openai.authenticate(request, strict=True)
    if wrong := openai.expect_method(request, "POST"):
        return wrong
    try:
        body = request.json()
    except ValueError:
        return openai.error(400, "We could not parse the JSON body of your request.", code="invalid_json")
    if not isinstance(body, dict):
        return openai.error(400, "The JSON body must be an object.", code="invalid_json")
    check(body)
    return answer(body, seen)


# ---------------------------------------------------------------------------------------------------- checking


def reasons(model: str) -> bool:
    return bool(re.match(r"o\d|gpt-5", model))


def effort_of(body: dict) -> str:
    if not reasons(body["model"]):
        return "none"
    return (body.get("reasoning") or {}).get("effort") or ("none" if body["model"] == "gpt-5.1" else "medium")


def check(body: dict) -> None:
    openai.check_fields(body, FIELDS, True)
    model = body.get("model")
    openai.known_model(model, True)
    if not body.get("input"):
        raise refuse("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    if body.get("store") is not False:
        raise refuse("The fake stores nothing: 'store' must be false.", "store", None)
    if body.get("max_output_tokens", 16) < 16:
        raise refuse("Invalid 'max_output_tokens': Expected a value >= 16.", "max_output_tokens", "integer_below_min_value")
    if unknown := sorted(set(body.get("include") or []) - INCLUDES):
        raise refuse(f"Invalid value: '{unknown[0]}'.", "include[0]")
    if "reasoning.encrypted_content" in (body.get("include") or []) and not reasons(model):
        raise refuse("Encrypted content is not supported with this model.", "include", None)
    check_reasoning(body)
    check_items(body["input"] if isinstance(body["input"], list) else [], model)
    check_tools(body)
    check_format((body.get("text") or {}).get("format") or {"type": "text"}, body)


def check_reasoning(body: dict) -> None:
    given = body.get("reasoning") or {}
    if extra := sorted(set(given) - {"effort", "summary", "context", "mode"}):
        raise refuse(f"Unknown parameter: 'reasoning.{extra[0]}'.", f"reasoning.{extra[0]}", "unknown_parameter")
    if given and not reasons(body["model"]):
        raise refuse("Unsupported parameter: 'reasoning' is not supported with this model.", "reasoning", "unsupported_parameter")
    if given.get("effort") not in (None, *openai.EFFORTS):
        raise refuse(f"Invalid value: '{given['effort']}'.", "reasoning.effort")
    for knob in ("temperature", "top_p"):
        if body.get(knob) is not None and effort_of(body) != "none":
            raise refuse(f"Unsupported parameter: '{knob}' is not supported with this model.", knob, "unsupported_parameter")


def check_items(items: list, model: str) -> None:
    waiting: list[str] = []
    for i, item in enumerate(items):
        where = f"input[{i}]"
        kind = item.get("type", "message") if isinstance(item, dict) else None
        if kind not in ITEM_FIELDS:
            raise refuse(f"Invalid value: {kind!r}.", where + ".type")
        if extra := sorted(set(item) - ITEM_FIELDS[kind]):
            raise refuse(f"Unknown parameter: '{where}.{extra[0]}'.", f"{where}.{extra[0]}", "unknown_parameter")
        if kind == "message":
            check_message(item, where)
        elif kind == "reasoning":
            check_thought(item, items[i + 1] if i + 1 < len(items) else {}, where, model)
        elif kind == "function_call":
            if not all(isinstance(item.get(name), str) for name in ("call_id", "name", "arguments")) or len(item["call_id"]) > 64:
                raise refuse(f"Missing required parameter in '{where}'.", where, "missing_required_parameter")
            if "id" in item and not item["id"].startswith("fc"):
                raise refuse(f"Invalid '{where}.id': Expected an ID that begins with 'fc'.", where + ".id")
            waiting.append(item["call_id"])
        else:
            check_output(item, where, waiting)
    if waiting:
        raise refuse(f"No tool output found for function call {waiting[0]}.", "input", None)


def check_output(item: dict, where: str, waiting: list[str]) -> None:
    if item.get("call_id") not in waiting:
        raise refuse(f"No tool call found for function call output with call_id {item.get('call_id')}.", "input", None)
    waiting.remove(item["call_id"])
    output = item.get("output")
    if isinstance(output, list):
        check_parts(output, "user", where + ".output")
    elif not isinstance(output, str):
        raise refuse(f"Invalid type for '{where}.output'.", where + ".output", "invalid_type")


def check_message(item: dict, where: str) -> None:
    role, content = item.get("role"), item.get("content")
    if role not in PARTS:
        raise refuse(f"Invalid value: {role!r}. Supported values are: {', '.join(PARTS)}.", where + ".role")
    if isinstance(content, list) and content:
        check_parts(content, role, where + ".content")
    elif not isinstance(content, str):
        raise refuse(f"Invalid type for '{where}.content'.", where + ".content", "invalid_type")


def check_parts(parts: list, role: str, where: str) -> None:
    for j, part in enumerate(parts):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in PARTS[role]:
            raise refuse(f"Invalid value: {kind!r}. Supported values are: {', '.join(sorted(PARTS[role]))}.", f"{where}[{j}].type")
        if extra := sorted(set(part) - PART_FIELDS[kind] - {"type", "prompt_cache_breakpoint"}):
            raise refuse(f"Unknown parameter: '{where}[{j}].{extra[0]}'.", f"{where}[{j}].{extra[0]}", "unknown_parameter")
        if kind == "input_image":
            openai.check_image(part.get("image_url"), f"{where}[{j}]")
        elif kind != "input_file" and not isinstance(part.get("refusal" if kind == "refusal" else "text"), str):
            raise refuse(f"Missing required parameter: '{where}[{j}].text'.", f"{where}[{j}]", "missing_required_parameter")


def encrypted(model: str, led_to: str) -> str:
    """What a model thought, for itself alone, and what it led to: a call's id, or nothing for words."""
    return base64.b64encode(compact({"model": model, "led_to": led_to})).decode()


def check_thought(item: dict, follower: dict, where: str, model: str) -> None:
    if not isinstance(item.get("summary"), list):
        raise refuse(f"Missing required parameter: '{where}.summary'.", where + ".summary", "missing_required_parameter")
    try:
        read = json.loads(base64.b64decode(item.get("encrypted_content") or "", validate=True))
    except ValueError:
        read = {}
    if read.get("model") != model:
        raise refuse(f"The encrypted content for item {item.get('id')} could not be verified.", where, "invalid_encrypted_content")
    led_to = follower.get("call_id", "") if follower.get("type") == "function_call" else ""
    fits = follower.get("type") in ("message", "function_call") and follower.get("role", "assistant") == "assistant"
    if not fits or led_to != read["led_to"]:
        raise refuse(f"Item '{item.get('id')}' of type 'reasoning' was provided without its required following item.", "input", None)


def check_tools(body: dict) -> None:
    names = []
    for i, tool in enumerate(body.get("tools") or []):
        where = f"tools[{i}]"
        if not isinstance(tool, dict) or tool.get("type") != "function":
            raise refuse("The fake knows function tools only.", where + ".type")
        if extra := sorted(set(tool) - {"type", "name", "description", "parameters", "strict"}):
            raise refuse(f"Unknown parameter: '{where}.{extra[0]}'.", f"{where}.{extra[0]}", "unknown_parameter")
        if not openai.TOOL_NAME.match(str(tool.get("name", ""))):
            raise refuse(f"Missing required parameter: '{where}.name'.", where + ".name", "missing_required_parameter")
        parameters = tool.get("parameters")
        if "strict" not in tool or not isinstance(parameters, dict) or parameters.get("type") != "object":
            raise refuse(f"Missing required parameter: '{where}.strict' or '{where}.parameters'.", where, "missing_required_parameter")
        if tool["strict"] is not False:
            openai.check_strict_schema(parameters)
        names.append(tool["name"])
    choice = body.get("tool_choice")
    if isinstance(choice, str) and choice not in ("auto", "none", "required"):
        raise refuse(f"Invalid value: {choice!r}.", "tool_choice")
    if isinstance(choice, dict) and choice.get("type") == "function" and choice.get("name") not in names:
        raise refuse("Tool choice 'function' not found in 'tools' parameter.", "tool_choice", None)


def check_format(wanted: dict, body: dict) -> None:
    if wanted.get("type") not in ("text", "json_object", "json_schema"):
        raise refuse(f"Invalid value: {wanted.get('type')!r}.", "text.format.type")
    if wanted["type"] == "json_object" and "json" not in str(body["input"]).lower():
        raise refuse("Response input messages must contain the word 'json' in some form to use 'json_object'.", "input", None)
    if wanted["type"] == "json_schema":
        if not openai.TOOL_NAME.match(str(wanted.get("name", ""))) or not isinstance(wanted.get("schema"), dict):
            raise refuse("Missing required parameter: 'text.format.name'.", "text.format.name", "missing_required_parameter")
        if wanted.get("strict"):
            openai.check_strict_schema(wanted["schema"])


# ---------------------------------------------------------------------------------------------------- answering


def text_of(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(p.get("text", "") for p in content if "text" in p)


def described(part: dict) -> str:
    return openai.describe({"type": "image_url", "image_url": {"url": part["image_url"]}}) if part["type"] == "input_image" else "file"


def read(body: dict) -> script.Ask:
    items = body["input"] if isinstance(body["input"], list) else [{"role": "user", "content": body["input"]}]
    ask = script.Ask(max_tokens=body.get("max_output_tokens"), parallel=body.get("parallel_tool_calls", True))
    if items[-1].get("type") == "function_call_output":
        ask.tool_results = []
        for item in reversed(items):
            if item.get("type") != "function_call_output":
                break
            ask.tool_results.insert(0, text_of(item["output"]))
    else:
        content = items[-1].get("content", "")
        ask.text = text_of(content)
        ask.media = [described(p) for p in content if p["type"] != "input_text"] if isinstance(content, list) else []
    ask.tools = [(t["name"], t["parameters"]) for t in body.get("tools") or []]
    choice = body.get("tool_choice") or "auto"
    ask.tool_choice = choice if isinstance(choice, str) else choice.get("name", "auto")
    wanted = (body.get("text") or {}).get("format") or {}
    if wanted.get("type") == "json_schema":
        ask.schema = wanted["schema"]
    elif wanted.get("type") == "json_object":
        ask.schema = {"type": "object", "properties": {"echo": {"const": ask.text}}}
    return ask


def answer(body: dict, seen: set[bytes]) -> Reply:
    ask = read(body)
    said = script.answer(ask)
    digest = hashlib.sha256(compact(body["input"])).hexdigest()
    thinks = effort_of(body) != "none"
    summary = (body.get("reasoning") or {}).get("summary") and f"Let me think about: {ask.text}"
    output: list[dict] = []
    calls = [
        {"type": "function_call", "id": f"fc_{digest[:20]}{i}", "call_id": f"call_{digest[:20]}{i}", "name": name, "arguments": args}
        | {"status": "completed"}
        for i, (name, args) in enumerate(said.calls)
    ]
    if thinks:
        thought = encrypted(body["model"], calls[0]["call_id"] if calls else "")
        parts = [{"type": "summary_text", "text": summary}] if summary else []
        output.append({"type": "reasoning", "id": f"rs_{digest[:20]}", "summary": parts, "encrypted_content": thought})
    if calls:
        output += calls
    else:
        part = {"type": "output_text", "text": said.whole(), "annotations": [], "logprobs": []}
        output.append({"type": "message", "id": f"msg_{digest[:20]}", "status": "completed", "role": "assistant", "content": [part]})
    whole = {
        "id": f"resp_{digest[:24]}", "object": "response", "created_at": CREATED, "model": body["model"], "error": None, "store": False,
        "status": "incomplete" if said.finish == "length" else "completed", "service_tier": "default",
        "incomplete_details": {"reason": "max_output_tokens"} if said.finish == "length" else None,
        "output": output, "usage": usage_of(body, said, 64 if thinks else 0, seen),
    }  # fmt: skip
    headers = {"x-request-id": "req_fake", "openai-version": "2020-10-01"}
    if body.get("stream"):
        return Reply(headers=headers, events=events(whole, said))
    return Reply(headers=headers, body=compact(whole))


def usage_of(body: dict, said: script.Answer, hidden: int, seen: set[bytes]) -> dict:
    prompt = script.tokens(body["input"]) + script.tokens(body.get("tools") or [])
    key = compact(body["input"])
    cached = prompt // 2 if key in seen else 0
    seen.add(key)
    spoken = script.tokens("".join(said.pieces())) + script.tokens([c[1] for c in said.calls]) + hidden
    return {
        "input_tokens": prompt, "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0}, "output_tokens": spoken,
        "output_tokens_details": {"reasoning_tokens": hidden}, "total_tokens": prompt + spoken,
    }  # fmt: skip


def events(whole: dict, said: script.Answer) -> Iterator[Event]:
    number = -1

    def event(group: str, kind: str, **members: Any) -> Event:
        nonlocal number
        number += 1
        return Event(group, framed(kind, number, **members))

    begun = whole | {"status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    yield event("head", "response.created", response=begun)
    yield event("head", "response.in_progress", response=begun)
    for at, item in enumerate(whole["output"]):
        empty = {"message": {"content": []}, "function_call": {"arguments": ""}, "reasoning": {"summary": []}}[item["type"]]
        state = {"status": "in_progress"} if "status" in item else {}
        yield event("head", "response.output_item.added", output_index=at, item=item | empty | state)
        for kind, members in inside(item, said):
            yield event("content", kind, output_index=at, item_id=item["id"], **members)
        yield event("head", "response.output_item.done", output_index=at, item=item)
    yield event("finish", f"response.{whole['status']}", response=whole)


def inside(item: dict, said: script.Answer) -> Iterator[tuple[str, dict]]:
    if item["type"] == "function_call":
        for fragment in script.fragments(item["arguments"]):
            yield "response.function_call_arguments.delta", {"delta": fragment}
        yield "response.function_call_arguments.done", {"arguments": item["arguments"], "name": item["name"]}
    elif item["type"] == "message":
        part = item["content"][0]
        yield "response.content_part.added", {"content_index": 0, "part": part | {"text": ""}}
        for piece in said.pieces():
            yield "response.output_text.delta", {"content_index": 0, "delta": piece, "logprobs": []}
        yield "response.output_text.done", {"content_index": 0, "text": part["text"], "logprobs": []}
        yield "response.content_part.done", {"content_index": 0, "part": part}
    for i, part in enumerate(item.get("summary", [])):
        yield "response.reasoning_summary_part.added", {"summary_index": i, "part": part | {"text": ""}}
        for word in re.findall(r"\S+\s*", part["text"]):
            yield "response.reasoning_summary_text.delta", {"summary_index": i, "delta": word}
        yield "response.reasoning_summary_text.done", {"summary_index": i, "text": part["text"]}
        yield "response.reasoning_summary_part.done", {"summary_index": i, "part": part}
