"""Vertex AI: Gemini and Claude under /v1/projects/{p}/locations/{l}/publishers/{publisher}/models/{m}:{method}.

Auth: a Bearer token of fake/google_tokens.py, or at the express path /v1/publishers/google/models/ an API key `AQ....`. The project is
`fake-project`. `v1` and `v1beta1` are both there. Gemini's newest models are in the location `global` only.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from . import anthropic, google_tokens, script, tokens
from .gemini import answers, developer, fields, rules
from .protojson import bad_field, error, read, refuse
from .reply import Refused, Reply, Request, compact

PATH = re.compile(
    r"/v1(?:beta1)?(?:/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+))?/publishers/(?P<publisher>[^/]+)/models/(?P<model>[^/:]+):(?P<method>\w+)"
)
ONLY_GLOBAL = ("gemini-3", "gemini-4")
EXPRESS_KEY = "AQ."


def status_error(code: int, message: str, reason: str | None = None) -> Reply:
    details = [{"kind": "ErrorInfo", "reason": reason, "domain": "googleapis.com"}] if reason else []
    return error(code, message, *details)


FAULTS: dict[str, Reply] = developer.FAULTS | {
    "auth": status_error(401, "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.", "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
    "permission": status_error(403, "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/fake-project' (or it may not exist).", "IAM_PERMISSION_DENIED"),
    "not_found": status_error(404, "Publisher Model `projects/fake-project/locations/us-central1/publishers/google/models/gone` was not found or your project does not have access to it."),
    "rate_limit": status_error(429, "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details."),
    "quota": status_error(429, "Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_day_per_project_per_base_model with base model: gemini."),
}  # fmt: skip
# Claude's own errors come in Anthropic's envelope; those of the platform before it in Google's.
CLAUDE_FAULTS: dict[str, Reply] = anthropic.FAULTS | {
    name: FAULTS[name] for name in ("auth", "permission", "not_found", "rate_limit", "quota")
}
CLAUDE_FAULTS["array"] = Reply(400, body=b"[" + FAULTS["invalid_request"].body + b"]")

stream_error = developer.stream_error


def claude_stream_error(fault: str) -> bytes:
    return b"event: error\ndata: " + (anthropic.FAULTS.get(fault) or CLAUDE_FAULTS[fault]).body + b"\n\n"


# ---------------------------------------------------------------------------------------------------- routing


def find(request: Request, publisher: str) -> re.Match[str]:
    """The parts of the path, once the caller has shown who it is."""
    found = PATH.fullmatch(request.path)
    if found is None or found["publisher"] != publisher or request.method != "POST":
        raise Refused(Reply(404, body=b"<html><title>Error 404 (Not Found)!!1</title></html>", content_type="text/html; charset=UTF-8"))
    if found["project"] is None:
        if not request.headers.get("x-goog-api-key", "").startswith(EXPRESS_KEY):
            raise Refused(FAULTS["auth"])
        return found
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or tokens.state(google_tokens.ACCESS, bearer) != "good":
        raise Refused(FAULTS["auth"])
    if unquote(found["project"]) != google_tokens.PROJECT:
        raise Refused(FAULTS["permission"])
    return found


def not_found(where: re.Match[str], model: str) -> Refused:
    path = f"projects/{where['project']}/locations/{where['location']}/publishers/{where['publisher']}/models/{model}"
    return Refused(
        error(
            404,
            f"Publisher Model `{path}` was not found or your project does not have access to it. Please ensure you are using a valid model version.",
        )
    )


def parsed(request: Request) -> Any:
    try:
        return request.json()
    except ValueError:
        raise bad_field("", 'Invalid JSON payload received. Unexpected token.\n{"contents":') from None


def gemini(request: Request, seen: set[bytes]) -> Reply:
    where = find(request, "google")
    name, method = unquote(where["model"]), where["method"]
    model = fields.MODELS.get(name)
    away = name.startswith(ONLY_GLOBAL) and where["location"] not in (None, "global")
    if (
        model is None
        or away
        or not (developer.METHODS.get(method, method) in model.methods or (method == "predict" and "embedContent" in model.methods))
    ):
        raise not_found(where, name)
    body = parsed(request)
    if method == "countTokens":
        return count(read(fields.VERTEX, "CountTokensRequest", body))
    if method == "embedContent":
        asked = read(fields.VERTEX, "EmbedContentRequest", body)
        found = developer.embedding(asked | asked.get("embedContentConfig", {}))
        return Reply(body=compact({"embedding": found, "truncated": False}))
    if method == "predict":
        return predict(read(fields.VERTEX, "PredictRequest", body))
    checked = read(fields.VERTEX, "GenerateContentRequest", body)
    checked.pop("model", None)
    route = f"vertex/{where['project']}/{name}"
    rules.check(checked, name, model, route)
    query = parse_qs(urlsplit(request.target).query)
    return answers.generate(checked, name, model, route, seen, developer.streaming(method, query))


def count(body: dict) -> Reply:
    rules.check_contents(body.get("contents"), vertex=True)
    total = script.tokens([body["contents"], body.get("systemInstruction", ""), body.get("tools", [])])
    return Reply(body=compact({"totalTokens": total, "totalBillableCharacters": 4 * total}))


def predict(body: dict) -> Reply:
    """Embeddings, the old way."""
    found = []
    for instance in body.get("instances", []):
        if not isinstance(instance.get("content"), str):
            raise refuse("The text content is empty.")
        values = developer.values(instance["content"], int(body.get("parameters", {}).get("outputDimensionality", 8)))
        found.append(
            {"embeddings": {"values": values, "statistics": {"truncated": False, "token_count": script.tokens(instance["content"])}}}
        )
    return Reply(body=compact({"predictions": found}))


# ---------------------------------------------------------------------------------------------------- Claude


def claude(request: Request, seen: set[bytes]) -> Reply:
    where = find(request, "anthropic")
    name, method = unquote(where["model"]), where["method"]
    if method not in ("rawPredict", "streamRawPredict"):
        raise not_found(where, name)
    body = parsed(request)
    if not isinstance(body, dict):
        raise anthropic.refuse("Input should be a valid dictionary")
    version = body.pop("anthropic_version", None)
    if version not in ("vertex-2023-10-16", *anthropic.VERSIONS):
        raise anthropic.refuse("anthropic_version: Field required")
    version = anthropic.VERSIONS[0] if version.startswith("vertex") else version
    if name == "count-tokens":
        counted = body | {"max_tokens": 1, "model": plain(str(body.get("model")))}
        anthropic.check(counted, version)
        return Reply(body=compact({"input_tokens": anthropic.prompt_tokens(counted)}))
    if "model" in body:
        raise anthropic.refuse("model: Extra inputs are not permitted")
    if plain(name) not in anthropic.MODELS:
        raise not_found(where, name)
    if bool(body.get("stream")) != (method == "streamRawPredict"):
        raise anthropic.refuse(f"stream: does not fit {method}")
    inner = body | {"model": plain(name)}
    reply = anthropic.messages(inner, anthropic.check(inner, version), seen)
    reply.headers = {"request-id": "req_vrtx_fake"}
    return reply


def plain(name: str) -> str:
    """claude-sonnet-4-5@20250929 is the fake Anthropic's claude-sonnet-4-5."""
    return name.partition("@")[0]
