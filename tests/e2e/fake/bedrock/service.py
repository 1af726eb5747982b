"""AWS Bedrock: /model/{id}/converse and converse-stream, count-tokens, Claude's invoke, and the lists of models.

Auth: SigV4 with AKIDEXAMPLE or the keys of fake/aws/credentials.py, or `Authorization: Bearer ABSK...`.
Texts of its own: `think aloud` (gpt-oss, DeepSeek), `say first` (text before tool calls), `finish: WORD` is the stopReason.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from .. import anthropic, script
from ..aws import eventstream, sigv4
from ..aws.errors import REQUEST_ID, error, refuse
from ..reply import Event, Refused, Reply, Request, compact
from . import answers, models, rules
from .shapes import SHAPES

BEARER = "ABSK"
WRONG_BEARER = "ABSKwrong"
FAULTS: dict[str, Reply] = {
    "invalid_request": error(400, "ValidationException", "Malformed input request: #/messages: expected type: JSONArray, found: String"),
    "context_length": error(400, "ValidationException", "Input is too long for requested model."),
    "quota": error(400, "ServiceQuotaExceededException", "Your request exceeds the service quota for your account."),
    "auth": error(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    "expired_token": error(403, "ExpiredTokenException", "The security token included in the request is expired"),
    "permission": error(403, "AccessDeniedException", "You don't have access to the model with the specified model ID."),
    "not_found": error(404, "ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier."),
    "timeout": error(408, "ModelTimeoutException", "Model has timed out in processing the request. Try your request again."),
    "too_large": error(413, "RequestEntityTooLargeException", "Request is too large."),
    "model_error": error(424, "ModelErrorException", "The model failed.", originalStatusCode=500, resourceName="model"),
    "rate_limit": error(429, "ThrottlingException", "Too many requests, please wait before trying again."),
    "tokens_per_minute": error(429, "ThrottlingException", "Too many tokens, please wait before trying again."),
    "tokens_per_day": error(429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
    "not_ready": error(429, "ModelNotReadyException", "Model is not ready for inference. Wait and try your request again."),
    "server_error": error(
        500, "InternalServerException", "The system encountered an unexpected error during processing. Try your request again."
    ),
    "bad_gateway": Reply(502, body=b"<html><h1>502 Bad Gateway</h1></html>", content_type="text/html"),
    "overloaded": error(503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
    "stream_error": error(424, "ModelStreamErrorException", "The model stream failed.", originalStatusCode=500, originalMessage="oops"),
    "unmodelled": error(500, "InternalError", "oops"),
}


def stream_error(fault: str) -> bytes:
    """Errors in a stream are frames of their own kind, and most have the name of the exception in small letters."""
    reply = FAULTS[fault]
    name = reply.headers.get("x-amzn-errortype", "").partition(":")[0]
    if fault == "bad_gateway":  # a proxy's page, in the middle of the frames
        return reply.body
    if fault == "unmodelled":
        return eventstream.unmodelled_error(name, json.loads(reply.body)["message"])
    return eventstream.exception(name[0].lower() + name[1:], reply.body)


def handle(request: Request, seen: set[bytes]) -> Reply:
    authenticate(request)
    if request.method == "GET" and request.path in ("/foundation-models", "/inference-profiles"):
        return list_models(request.path)
    _, _, tail = request.path.partition("/model/")
    name, _, call = tail.partition("/")
    if request.method != "POST" or call not in CALLS:
        return error(404, "UnknownOperationException", "")
    name = unquote(name)
    model = models.find(name)
    if model is None:
        raise refuse("The provided model identifier is invalid.")
    if name in models.MODELS and not model.on_demand:
        raise refuse(
            f"Invocation of model ID {name} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an "
            "inference profile that contains this model."
        )
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise refuse("Unsupported content type.", "UnsupportedMediaTypeException", 415)
    try:
        body = request.json()
    except ValueError:
        raise refuse("The request body is not valid JSON.", "SerializationException") from None
    return CALLS[call](body, model, seen)


def authenticate(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        sigv4.check(request, "bedrock")
    elif not key.startswith(BEARER) or key == WRONG_BEARER:
        raise Refused(error(403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid."))


def list_models(path: str) -> Reply:
    if path == "/inference-profiles":
        found = [
            {"inferenceProfileId": f"us.{name}", "status": "ACTIVE", "type": "SYSTEM_DEFINED"}
            for name, m in models.MODELS.items()
            if not m.on_demand
        ]
        return Reply(body=compact({"inferenceProfileSummaries": found}))
    summaries = [
        {
            "modelId": name, "modelName": name, "providerName": name.partition(".")[0], "responseStreamingSupported": True,
            "inputModalities": ["TEXT", "IMAGE"] if m.media else ["TEXT"], "outputModalities": ["TEXT"],
            "inferenceTypesSupported": ["ON_DEMAND"] if m.on_demand else ["INFERENCE_PROFILE"], "modelLifecycle": {"status": "ACTIVE"},
        }
        for name, m in models.MODELS.items()
    ]  # fmt: skip
    return Reply(body=compact({"modelSummaries": summaries}))


# ---------------------------------------------------------------------------------------------------- the calls


def converse(body: dict, model: models.Model, seen: set[bytes]) -> Reply:
    return conversed(body, model, seen, stream=False)


def converse_stream(body: dict, model: models.Model, seen: set[bytes]) -> Reply:
    return conversed(body, model, seen, stream=True)


def conversed(body: dict, model: models.Model, seen: set[bytes], stream: bool) -> Reply:
    SHAPES.check("ConverseRequest", body, "")
    body = without_nulls(body)
    rules.check(body, model)
    return answers.converse(body, model, stream, seen)


def without_nulls(value: Any) -> Any:
    """A null member is no member."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value


def count_tokens(body: dict, model: models.Model, seen: set[bytes]) -> Reply:
    inner = body.get("input", {}).get("converse")
    if not isinstance(inner, dict):
        raise refuse("input.converse must be set")
    SHAPES.check("ConverseRequest", inner, "input.converse")
    return Reply(body=compact({"inputTokens": script.tokens([inner.get("messages", []), inner.get("system", [])])}))


def invoke(body: dict, model: models.Model, seen: set[bytes]) -> Reply:
    reply = invoked(body, model, seen, stream=False)
    return Reply(headers={"x-amzn-requestid": REQUEST_ID}, body=reply.body)


def invoke_stream(body: dict, model: models.Model, seen: set[bytes]) -> Reply:
    """Claude's own events, each in a frame of its own."""
    reply = invoked(body, model, seen, stream=True)
    assert reply.events is not None
    return Reply(headers={"x-amzn-requestid": REQUEST_ID}, events=framed(iter(reply.events)))


def framed(events: Iterator[Event]) -> Iterator[Event]:
    for one in events:
        data = one.data.partition(b"\ndata: ")[2].strip()
        payload = compact({"bytes": base64.b64encode(data).decode(), "p": "abcd"})
        yield Event(one.kind, eventstream.event("chunk", payload))


def invoked(body: dict, model: models.Model, seen: set[bytes], stream: bool) -> Reply:
    if model.family != "claude":
        raise refuse("The fake speaks InvokeModel for Claude only.")
    if not isinstance(body, dict) or body.get("anthropic_version") not in ("bedrock-2023-05-31", "2026-10-21"):
        raise refuse("anthropic_version: Field required")
    for name in ("model", "stream"):
        if name in body:
            raise refuse(f"Malformed input request: #: extraneous key [{name}] is not permitted, please reformat your input and try again.")
    inner = {k: v for k, v in body.items() if k not in ("anthropic_version", "anthropic_beta")}
    inner |= {"model": model.claude} | ({"stream": True} if stream else {})
    try:
        return anthropic.messages(inner, anthropic.check(inner, anthropic.VERSIONS[0]), seen)
    except Refused as refused:
        raise refuse(json.loads(refused.reply.body)["error"]["message"]) from None


CALLS = {
    "converse": converse, "converse-stream": converse_stream, "count-tokens": count_tokens, "invoke": invoke,
    "invoke-with-response-stream": invoke_stream,
}  # fmt: skip
