"""Azure OpenAI: /openai/deployments/{d}/...?api-version= and /openai/v1/..., both over fake/openai.py.

Key: `azure-...` in api-key (at v1 also as Bearer), or a token of fake/entra.py. The model of a request is the deployment's.
Texts of its own: `block: hate` the prompt is refused; `finish: content_filter` the answer is; `filter outage`; `async filter` has chunks
without text that only carry results of the filter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from . import entra, openai, tokens
from .reply import Event, Refused, Reply, Request, compact

DEPLOYMENTS = {
    "gpt4o-prod": "gpt-4o", "gpt-4o": "gpt-4o", "my-mini": "gpt-4o-mini", "reasoner": "o3-mini", "gpt-5": "gpt-5",
    "instruct": "gpt-3.5-turbo-instruct", "embed": "text-embedding-3-small",
}  # fmt: skip
WRONG_KEY = "azure-wrong"
STREAM_OPTIONS_SINCE = "2024-09-01"
SAFE = {kind: {"filtered": False, "severity": "safe"} for kind in ("hate", "self_harm", "sexual", "violence")}
OUTAGE = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status, {"apim-request-id": "fake", "x-ms-region": "East US"} | named, compact({"error": {"code": code, "message": message}})
    )


def filtered(kind: str) -> Reply:
    results = {k: {"filtered": k == kind, "severity": "high" if k == kind else "safe"} for k in SAFE}
    inner = {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
        "type": None, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": results},
    }  # fmt: skip
    return Reply(400, {"apim-request-id": "fake"}, compact({"error": inner}))


NO_KEY = error(
    401,
    "401",
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.",
)
NO_TOKEN = Reply(
    401,
    {"www-authenticate": "Bearer"},
    compact(
        {
            "statusCode": 401,
            "message": "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.",
        }
    ),
)
NO_DEPLOYMENT = error(
    404,
    "DeploymentNotFound",
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
)
NOT_FOUND = error(404, "404", "Resource not found")
FAULTS: dict[str, Reply] = openai.FAULTS | {
    "auth": NO_KEY,
    "token": NO_TOKEN,
    "content_policy": filtered("violence"),
    "permission": error(403, "PermissionDenied", "The principal lacks the required data action to perform `POST /openai/deployments/{deployment-id}/chat/completions` operation."),
    "not_found": NO_DEPLOYMENT,
    "timeout": error(408, "Timeout", "The operation was timeout."),
    "rate_limit": error(
        429, "429", "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit "
        "of your current OpenAI S0 pricing tier. Please retry after 1 second.", retry_after="1", retry_after_ms="350",
        x_ratelimit_remaining_requests="0", x_ratelimit_remaining_tokens="0",
    ),
    "capacity": error(429, "429", "The deployment's provisioned throughput is full.", retry_after="1", retry_after_ms="120"),
    "quota": error(403, "QuotaExceeded", "Out of call volume quota. Quota will be replenished in 2.03:05:13."),
    "server_error": error(500, "InternalServerError", "The server had an error while processing your request. Sorry about that!"),
    "overloaded": error(503, "ServiceUnavailable", "The service is temporarily unable to process your request. Please try again later."),
}  # fmt: skip


def stream_error(fault: str) -> bytes:
    return b"data: " + FAULTS[fault].body + b"\n\n"


# ---------------------------------------------------------------------------------------------------- routing


def handle(request: Request, seen: set[bytes]) -> Reply:
    version = parse_qs(urlsplit(request.target).query).get("api-version", [None])[0]
    found = re.fullmatch(r"/openai/deployments/([^/]+)(/(?:chat/completions|completions|embeddings))", request.path)
    v1 = re.fullmatch(r"(?:/api/projects/[^/]+)?/openai/v1(/.+)", request.path)
    authenticate(request, bearer_key=bool(v1))
    if v1:
        if version not in (None, "v1", "preview"):
            return error(400, "BadRequest", f"API version not supported: {version}")
        if request.method == "GET":
            return openai.handle(as_openai(request, v1[1], request.body), seen)
        body = parsed(request)
        return answer(request, v1[1], body, str(body.get("model")), "9999", seen)
    if not found or version is None:
        return NOT_FOUND
    if not re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", version):
        return error(400, "BadRequest", "API version not supported")
    return answer(request, found[2], parsed(request), unquote(found[1]), version, seen)


def authenticate(request: Request, bearer_key: bool) -> None:
    key = request.headers.get("api-key")
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if key is None and bearer_key and bearer.startswith("azure-"):
        key = bearer
    if key is not None:
        if not key.startswith("azure-") or key == WRONG_KEY:
            raise Refused(NO_KEY)
    elif scheme.lower() != "bearer" or tokens.state(entra.COGNITIVE, bearer) != "good":
        raise Refused(NO_TOKEN)


def parsed(request: Request) -> dict:
    try:
        body = request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(error(400, "BadRequest", "The request body could not be parsed as JSON."))
    return body


def as_openai(request: Request, tail: str, body: bytes) -> Request:
    headers = request.headers | {"authorization": "Bearer sk-azure"}
    return Request(request.method, "/v1" + tail, "/v1" + tail, headers, body)


def answer(request: Request, tail: str, body: dict, deployment: str, version: str, seen: set[bytes]) -> Reply:
    model = DEPLOYMENTS.get(deployment)
    if model is None:
        raise Refused(NO_DEPLOYMENT)
    if "stream_options" in body and version < STREAM_OPTIONS_SINCE:
        raise openai.refuse("Unrecognized request argument supplied: stream_options", "stream_options", None)
    said = text_of(body)
    if blocked := re.search(r"block: (\w+)", said):
        raise Refused(filtered(blocked[1]))
    reply = openai.handle(as_openai(request, tail, compact(body | {"model": model})), seen)
    reply.headers |= {
        "apim-request-id": "fake",
        "x-ms-region": "East US",
        "x-ratelimit-remaining-requests": "99",
        "x-ratelimit-remaining-tokens": "9999",
    }
    if reply.status != 200 or not tail.endswith("completions"):
        return reply
    results = OUTAGE if "filter outage" in said else SAFE
    dated = f"{model}-2024-08-06"
    prompt = [{"prompt_index": 0, "content_filter_results": SAFE | {"jailbreak": {"filtered": False, "detected": False}}}]
    if reply.events is not None:
        reply.events = marked(iter(reply.events), dated, prompt, results, "async filter" in said)
        return reply
    value = json.loads(reply.body) | {"model": dated, "prompt_filter_results": prompt}
    for choice in value["choices"]:
        choice["content_filter_results"] = verdict(choice, results)
    reply.body = compact(value)
    return reply


def text_of(body: dict) -> str:
    messages = body.get("messages") or [{}]
    last = messages[-1].get("content") if isinstance(messages, list) and isinstance(messages[-1], dict) else ""
    return last if isinstance(last, str) else json.dumps(last, ensure_ascii=False)


def verdict(choice: dict, results: dict) -> dict:
    cut = choice.get("finish_reason") == "content_filter"
    return results | {"violence": {"filtered": True, "severity": "high"}} if cut else results


def marked(events: Iterator[Event], model: str, prompt: list, results: dict, async_filter: bool) -> Iterator[Event]:
    """The first chunk has no choices, only what the filter thinks of the prompt."""
    nameless: dict[str, Any] = {"id": "", "object": "", "created": 0, "model": ""}
    yield Event("head", openai.data(nameless | {"choices": [], "prompt_filter_results": prompt}))
    for one in events:
        if not one.data.startswith(b"data: {"):
            yield one
            continue
        value = json.loads(one.data[6:]) | {"model": model}
        for choice in value["choices"]:
            choice["content_filter_results"] = verdict(choice, {} if async_filter else results)
        if async_filter and one.kind == "finish":
            offsets = {"check_offset": 0, "start_offset": 0, "end_offset": 9}
            late = {"index": 0, "finish_reason": None, "content_filter_results": results, "content_filter_offsets": offsets}
            yield Event("content", openai.data(nameless | {"choices": [late]}))
        yield Event(one.kind, openai.data(value))
