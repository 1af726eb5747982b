"""Replicate's predictions at /replicate/v1 (the SDK's base_url is ROOT/replicate): create, get, cancel, streams, models.

Token: `Authorization: Bearer r8_...`. A prediction is `starting` when it is made, `processing` at the first look and done at the second;
with `Prefer: wait` it is done at once. Texts of its own:
  `slow N`          it is done only at look N + 2, and `Prefer: wait` does not help
  `half done`       with `Prefer: wait`: the whole output is there, but the status still says `processing`
  `fail: TEXT`      the prediction fails and says TEXT;   `state: WORD`   it ends as canceled or aborted
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import script
from .reply import Event, Refused, Reply, Request, compact, is_int, is_number

ROOT = "/replicate"
TOKEN, WRONG_TOKEN = "r8_", "r8_wrong"
TERMINAL = ("succeeded", "failed", "canceled", "aborted")


def text(**more: Any) -> dict:
    return {"type": "string", "default": ""} | more


def number(low: float, high: float, **more: Any) -> dict:
    return {"type": "number", "minimum": low, "maximum": high} | more


def integer(low: int, high: int = 1 << 31, **more: Any) -> dict:
    return {"type": "integer", "minimum": low, "maximum": high} | more


LLAMA = {
    "prompt": text(), "system_prompt": text(), "prompt_template": text(), "max_tokens": integer(1), "min_tokens": integer(0),
    "temperature": number(0, 5), "top_p": number(0, 1), "top_k": integer(0), "stop_sequences": text(), "seed": integer(0),
    "presence_penalty": number(-2, 2), "frequency_penalty": number(-2, 2),
}  # fmt: skip
GPT = {
    "prompt": text(), "messages": {"type": "array", "items": {"type": "object"}}, "system_prompt": text(),
    "image_input": {"type": "array", "items": {"type": "string", "format": "uri"}}, "max_completion_tokens": integer(1),
    "temperature": number(0, 2), "top_p": number(0, 1), "presence_penalty": number(-2, 2), "frequency_penalty": number(-2, 2),
}  # fmt: skip
CLAUDE = {"prompt": text(), "system_prompt": text(), "max_tokens": integer(1024, 64_000), "image": {"type": "string", "format": "uri"}}
OLD = {"prompt": text(), "max_length": integer(1), "temperature": number(0.01, 5)}


@dataclass(frozen=True)
class Model:
    inputs: dict[str, dict]
    required: tuple[str, ...] = ("prompt",)
    official: bool = True
    streams: bool = True
    pieces: bool = True  # the output is a list of pieces, else one text

    def schema(self) -> dict:
        properties = {name: {"title": name, "x-order": i} | s for i, (name, s) in enumerate(self.inputs.items())}
        output = {
            "type": "array",
            "items": {"type": "string"},
            "title": "Output",
            "x-cog-array-type": "iterator",
            "x-cog-array-display": "concatenate",
        }
        schemas = {
            "Input": {"type": "object", "title": "Input", "required": list(self.required), "properties": properties},
            "Output": output if self.pieces else {"type": "string", "title": "Output"},
        }  # fmt: skip
        return {"openapi": "3.0.2", "info": {"title": "Cog", "version": "0.1.0"}, "paths": {}, "components": {"schemas": schemas}}


MODELS = {
    "meta/meta-llama-3-8b-instruct": Model(LLAMA),
    "openai/gpt-4o": Model(GPT, required=()),
    "anthropic/claude-4-sonnet": Model(CLAUDE),
    "acme/old-llm": Model(OLD, official=False, streams=False, pieces=False),
}
DEPLOYMENTS = {"acme/my-llama": "meta/meta-llama-3-8b-instruct"}


def version_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


# ---------------------------------------------------------------------------------------------------- errors


def error(status: int, detail: str, title: str | None = None, **more: Any) -> Reply:
    body = ({"title": title} if title else {}) | {"detail": detail, "status": status} | more
    return Reply(status, body=compact(body), content_type="application/problem+json" if title else "application/json")


def invalid(*problems: tuple[str, str, str]) -> Refused:
    """(kind, field, what is wrong) of each."""
    fields = [{"type": kind, "field": name, "description": what} for kind, name, what in problems]
    detail = "".join(f"- {name}: {what}\n" for _, name, what in problems)
    return Refused(error(422, detail, "Input validation failed", invalid_fields=fields))


NO_TOKEN = error(401, "You did not pass an authentication token", "Unauthenticated")
NOT_FOUND = error(404, "The requested resource could not be found.")
FAULTS: dict[str, Reply] = {
    "invalid_request": error(422, "- input: prompt is required\n", "Input validation failed"),
    "auth": error(401, "You did not pass a valid authentication token", "Unauthenticated"),
    "billing": error(
        402,
        "You have insufficient credit to run this model. Go to https://replicate.com/account/billing to purchase credit.",
        "Insufficient credit",
    ),
    "permission": error(403, "You do not have permission to perform this action."),
    "not_found": NOT_FOUND,
    "too_large": error(413, "Request body too large."),
    "rate_limit": error(429, "Request was throttled. Your rate limit resets in ~30s."),
    "server_error": error(500, "Internal server error", "Internal server error"),
    "bad_gateway": Reply(502, body=b"<html><h1>502 Bad Gateway</h1></html>", content_type="text/html"),
    "overloaded": error(503, "Service unavailable", "Service unavailable"),
    "timeout": Reply(504, body=b"<html><h1>504 Gateway Time-out</h1></html>", content_type="text/html"),
}


def stream_error(fault: str) -> bytes:
    return sse("error", FAULTS[fault].body.decode(), 999)


# ---------------------------------------------------------------------------------------------------- routing


@dataclass
class Prediction:
    """What is remembered of one, until the next reset."""

    id: str
    model: str
    version: str
    input: dict
    said: script.Answer
    streams: bool
    looks_left: int  # how often it still says that it is not done
    end: str = "succeeded"
    error: str | None = None
    status: str = "starting"
    pieces: list[str] = field(default_factory=list)


Memory = dict[str, Prediction]


def handle(request: Request, memory: Memory) -> Reply:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        return NO_TOKEN
    if scheme not in ("Bearer", "Token") or not token.startswith(TOKEN) or token == WRONG_TOKEN:
        return FAULTS["auth"]
    path = request.path.removeprefix(ROOT)
    root = f"http://{request.headers.get('host')}{ROOT}"
    for pattern, method, call in ROUTES:
        if request.method == method and (found := re.fullmatch(pattern, path)):
            return call(request, memory, root, *found.groups())
    return NOT_FOUND


def create_official(request: Request, memory: Memory, root: str, name: str) -> Reply:
    if name not in MODELS or not MODELS[name].official:
        return NOT_FOUND
    return create(request, memory, root, name, parsed(request, {"input", "stream", "webhook", "webhook_events_filter"}))


def create_deployed(request: Request, memory: Memory, root: str, name: str) -> Reply:
    if name not in DEPLOYMENTS:
        return NOT_FOUND
    return create(request, memory, root, DEPLOYMENTS[name], parsed(request, {"input", "stream", "webhook", "webhook_events_filter"}))


def create_version(request: Request, memory: Memory, root: str) -> Reply:
    body = parsed(request, {"version", "input", "stream", "webhook", "webhook_events_filter"})
    if "version" not in body:
        raise invalid(("required", "version", "version is required"))
    wanted = str(body["version"])
    for name in MODELS:
        if wanted in (version_of(name), f"{name}:{version_of(name)}"):
            return create(request, memory, root, name, body)
    return error(
        422, "The specified version does not exist (or perhaps you don't have permission to use it?)", "Invalid version or not permitted"
    )


def parsed(request: Request, known: set[str]) -> dict:
    try:
        body = request.json()
    except ValueError:
        raise Refused(error(400, "JSON parse error", "Bad request")) from None
    if not isinstance(body, dict) or not isinstance(body.get("input"), dict):
        raise invalid(("required", "input", "input is required"))
    if extra := sorted(set(body) - known):
        raise invalid(("additional_property_not_allowed", extra[0], f"Additional property {extra[0]} is not allowed"))
    if not isinstance(body.get("stream", False), bool):
        raise invalid(("invalid_type", "stream", "Invalid type. Expected: boolean"))
    return body


def kinds_of(schema: dict) -> Any:
    """What an item of an array must be. A message has a text, or parts, as its content."""
    if schema["items"]["type"] == "string":
        return lambda v: isinstance(v, str)

    def is_message(v: Any) -> bool:
        content = v.get("content") if isinstance(v, dict) else None
        return isinstance(content, str) or (isinstance(content, list) and all(isinstance(p, dict) for p in content))

    return is_message


def check_input(given: dict, model: Model) -> None:
    problems = [("required", f"input.{name}", f"{name} is required") for name in model.required if name not in given]
    for name, value in given.items():
        where, schema = f"input.{name}", model.inputs.get(name)
        if schema is None:
            problems.append(("additional_property_not_allowed", where, f"Additional property {name} is not allowed"))
            continue
        kinds = {"string": lambda v: isinstance(v, str), "integer": is_int, "number": is_number, "array": lambda v: isinstance(v, list)}
        if not kinds[schema["type"]](value):
            problems.append(("invalid_type", where, f"Invalid type. Expected: {schema['type']}, given: {type(value).__name__}"))
        elif "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
            low = value < schema["minimum"]
            problems.append(
                (
                    "number_gte" if low else "number_lte",
                    where,
                    f"Must be {'greater' if low else 'less'} than or equal to {schema['minimum' if low else 'maximum']}",
                )
            )
        elif schema["type"] == "array" and not all(kinds_of(schema)(v) for v in value):
            problems.append(("invalid_type", where, f"Invalid type. Expected: an array of {schema['items']['type']}"))
        elif schema.get("format") == "uri" and not re.match(r"https?://|data:", value):
            problems.append(("format", where, "Does not match format 'uri'"))
    if problems:
        raise invalid(*problems)


def create(request: Request, memory: Memory, root: str, name: str, body: dict) -> Reply:
    model = MODELS[name]
    check_input(body["input"], model)
    if not model.required and not ({"prompt", "messages"} & set(body["input"])):
        raise invalid(("required", "input.prompt", "prompt or messages is required"))
    ask = read(body["input"])
    said = script.answer(ask)
    made = Prediction(
        f"p{len(memory)}x{hashlib.sha256(compact(body)).hexdigest()[:20]}", name, version_of(name), body["input"], said,
        bool(body.get("stream")) and model.streams, looks_left=1,
    )  # fmt: skip
    if found := re.search(r"slow (\d+)", ask.text):
        made.looks_left += int(found[1])
    if found := re.search(r"state: (\w+)", ask.text):
        made.end = found[1]
    if found := re.search(r"fail: (.+)", ask.text):
        made.end, made.error = "failed", found[1]
    memory[made.id] = made
    wait = re.fullmatch(r"wait(?:=(\d+))?", request.headers.get("prefer", ""))
    if wait and not 1 <= int(wait[1] or 60) <= 60:
        return error(400, "Prefer: wait must be between 1 and 60 seconds", "Bad request")
    if wait and "slow" not in ask.text:
        finish(made)
    shown = show(made, root)
    if wait and "half done" in ask.text:
        shown |= {"status": "processing", "completed_at": None}
    return Reply(201, {"preference-applied": request.headers["prefer"]} if wait else {}, compact(shown))


def finish(made: Prediction) -> None:
    made.looks_left, made.status = 0, made.end
    made.pieces = list(made.said.pieces()) if made.end == "succeeded" else []


def show(made: Prediction, root: str) -> dict:
    model, done = MODELS[made.model], made.status in TERMINAL
    urls = {
        "get": f"{root}/v1/predictions/{made.id}",
        "cancel": f"{root}/v1/predictions/{made.id}/cancel",
        "web": f"https://replicate.com/p/{made.id}",
    }
    if made.streams:
        urls["stream"] = f"{root}/stream/v1/{made.id}"
    out: dict[str, Any] = {
        "id": made.id, "model": made.model, "version": made.version, "input": made.input, "logs": "", "output": None, "data_removed": False,
        "error": made.error if done else None, "status": made.status, "created_at": "2026-01-01T00:00:00.000Z", "urls": urls,
        "started_at": None if made.status == "starting" else "2026-01-01T00:00:01.000Z",
        "completed_at": "2026-01-01T00:00:02.000Z" if done else None,
    }  # fmt: skip
    if made.pieces:
        out["output"] = made.pieces if model.pieces else "".join(made.pieces)
    if done:
        words = script.tokens(made.input.get("messages") or made.input.get("prompt", ""))
        out["metrics"] = {
            "predict_time": 1.0, "total_time": 2.0, "input_token_count": words, "output_token_count": script.tokens(made.pieces),
        }  # fmt: skip
    return out


def get(request: Request, memory: Memory, root: str, id_: str) -> Reply:
    made = memory.get(id_)
    if made is None:
        return NOT_FOUND
    if made.status not in TERMINAL:
        if made.looks_left:
            made.looks_left, made.status = made.looks_left - 1, "processing"
            made.pieces = [next(made.said.pieces(), "")] if MODELS[made.model].pieces else []
        else:
            finish(made)
    return Reply(body=compact(show(made, root)))


def cancel(request: Request, memory: Memory, root: str, id_: str) -> Reply:
    made = memory.get(id_)
    if made is None:
        return NOT_FOUND
    if made.status not in TERMINAL:
        made.status, made.end, made.pieces = "canceled", "canceled", []
    return Reply(body=compact(show(made, root)))


# ---------------------------------------------------------------------------------------------------- what it says


def read(given: dict) -> script.Ask:
    limits = [given[name] for name in ("max_tokens", "max_completion_tokens", "max_length") if name in given]
    ask = script.Ask(max_tokens=limits[0] if limits else None)
    if given.get("messages"):
        last = given["messages"][-1]["content"]
        ask.text = last if isinstance(last, str) else " ".join(str(p.get("text", "")) for p in last)
    else:
        ask.text = last_turn(given.get("prompt", ""))
    ask.stop = [s for s in given.get("stop_sequences", "").split(",") if s]
    images = given.get("image_input", []) + ([given["image"]] if "image" in given else [])
    ask.media = [f"image {i.partition(',')[0] if i.startswith('data:') else i}" for i in images]
    return ask


def last_turn(prompt: str) -> str:
    """What the user said last, when the prompt is a transcript."""
    turns = re.findall(r"(?:^|\n)User: (.*?)(?=\n+(?:Assistant|User|System):|\Z)", prompt, re.S)
    turns = turns or re.findall(r"<\|start_header_id\|>user<\|end_header_id\|>\s*(.*?)<\|eot_id\|>", prompt, re.S)
    return turns[-1] if turns else prompt


def sse(event: str, data: str, number_: int) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {event}\nid: {number_}:0\n{lines}\n".encode()


def stream(request: Request, memory: Memory, root: str, id_: str) -> Reply:
    made = memory.get(id_)
    if made is None:
        return NOT_FOUND
    if "text/event-stream" not in request.headers.get("accept", ""):
        return error(406, "Could not satisfy the request Accept header.")
    seen = request.headers.get("last-event-id", "").partition(":")[0]
    if made.status not in TERMINAL:
        finish(made)
    return Reply(headers={"cache-control": "no-store"}, events=events(made, int(seen) if seen.isdigit() else 0))


def events(made: Prediction, seen: int) -> Iterator[Event]:
    """An event that the reader has seen before it lost the stream does not come again."""
    yield Event("ping", b": hi\n\n")
    at = 0
    if made.end == "succeeded":
        for piece in made.said.pieces():
            at += 1
            if at > seen:
                yield Event("content", sse("output", piece, at))
    elif made.error is not None:
        at += 1
        yield Event("content", sse("error", json.dumps({"detail": made.error}), at))
    done = {"succeeded": {}, "failed": {"reason": "error"}}.get(made.end, {"reason": "canceled"})
    yield Event("done", sse("done", json.dumps(done), at + 1))


# ---------------------------------------------------------------------------------------------------- models


def model_object(name: str) -> dict:
    owner, _, short = name.partition("/")
    version = {
        "id": version_of(name),
        "created_at": "2026-01-01T00:00:00.000Z",
        "cog_version": "0.16.0",
        "openapi_schema": MODELS[name].schema(),
    }
    return {
        "url": f"https://replicate.com/{name}", "owner": owner, "name": short, "description": "A model.", "visibility": "public",
        "is_official": MODELS[name].official, "github_url": None, "paper_url": None, "license_url": None, "run_count": 1,
        "cover_image_url": None, "default_example": None, "latest_version": version,
    }  # fmt: skip


def one_model(request: Request, memory: Memory, root: str, name: str) -> Reply:
    return Reply(body=compact(model_object(name))) if name in MODELS else NOT_FOUND


def one_version(request: Request, memory: Memory, root: str, name: str, version: str) -> Reply:
    found = name in MODELS and version == version_of(name)
    return Reply(body=compact(model_object(name)["latest_version"])) if found else NOT_FOUND


def list_models(request: Request, memory: Memory, root: str) -> Reply:
    """Two a page."""
    start = int(parse_qs(urlsplit(request.target).query).get("cursor", ["0"])[0])
    names = list(MODELS)
    more = f"{root}/v1/models?cursor={start + 2}" if start + 2 < len(names) else None
    return Reply(body=compact({"next": more, "previous": None, "results": [model_object(n) for n in names[start : start + 2]]}))


def collection(request: Request, memory: Memory, root: str) -> Reply:
    found = {"name": "Language models", "slug": "language-models", "description": "", "full_description": None}
    return Reply(body=compact(found | {"models": [model_object(name) for name in MODELS]}))


NAME = r"([\w.-]+/[\w.-]+)"
ROUTES: list[tuple[str, str, Any]] = [
    (rf"/v1/models/{NAME}/predictions", "POST", create_official),
    (rf"/v1/deployments/{NAME}/predictions", "POST", create_deployed),
    (r"/v1/predictions", "POST", create_version),
    (r"/v1/predictions/(\w+)", "GET", get),
    (r"/v1/predictions/(\w+)/cancel", "POST", cancel),
    (r"/stream/v1/(\w+)", "GET", stream),
    (r"/v1/models", "GET", list_models),
    (rf"/v1/models/{NAME}", "GET", one_model),
    (rf"/v1/models/{NAME}/versions/(\w+)", "GET", one_version),
    (r"/v1/collections/language-models", "GET", collection),
]
