"""The Developer API of Gemini at /v1beta: models, generateContent, streamGenerateContent, countTokens, embeddings.

Key: `AIza...` in x-goog-api-key or ?key=. Texts of its own, besides those of script.py:
  `block: REASON`          the prompt is blocked: no candidates, promptFeedback.blockReason
  `finish: WORD`           SAFETY and the like leave no content, MALFORMED_FUNCTION_CALL an empty one, CONTINUATION adds a token
  `say first`              text before the function calls;   `at once`   all calls of a stream in one chunk
"""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, unquote, urlsplit

from .. import script
from ..protojson import bad_field, error, read, refuse
from ..reply import Refused, Reply, Request, compact
from . import answers, rules
from .fields import DEVELOPER, MODELS, Model

WRONG_KEY = "AIza-wrong"
MAX_BODY = 20 << 20
HELP = {
    "kind": "Help",
    "links": [{"description": "Learn more about Gemini API quotas", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}],
}


def quota(quota_id: str, delay: str | None) -> Reply:
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": quota_id,
        "quotaDimensions": {"location": "global", "model": "gemini-2.5-flash"}, "quotaValue": "10",
    }  # fmt: skip
    details: list[dict] = [{"kind": "QuotaFailure", "violations": [violation]}, HELP]
    if delay:
        details.append({"kind": "RetryInfo", "retryDelay": delay})
    return error(429, "You exceeded your current quota, please check your plan and billing details.", *details)


def info(reason: str) -> dict:
    return {"kind": "ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"}}


BAD_KEY = error(400, "API key not valid. Please pass a valid API key.", info("API_KEY_INVALID"))
FAULTS: dict[str, Reply] = {
    "invalid_request": error(400, "Request contains an invalid argument."),
    "context_length": error(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
    "auth": BAD_KEY,
    "key_expired": error(400, "API key expired. Please renew the API key.", info("API_KEY_INVALID")),
    "unauthenticated": error(401, "Request had invalid authentication credentials.", info("ACCESS_TOKEN_TYPE_UNSUPPORTED")),
    "location": error(400, "User location is not supported for the API use.", status="FAILED_PRECONDITION"),
    "permission": error(403, "Your API key was reported as leaked. Please use another API key."),
    "not_found": error(404, "models/gone is not found for API version v1beta, or is not supported for generateContent."),
    "too_large": error(413, "Request payload size exceeds the limit: 20971520 bytes.", status="INVALID_ARGUMENT"),
    "rate_limit": quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "34.074824224s"),
    "quota": quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "51s"),
    "server_error": error(500, "An internal error has occurred. Please retry or report in the troubleshooting guide."),
    "bad_gateway": Reply(502, body=b"<html><title>502 Server Error</title></html>", content_type="text/html; charset=UTF-8"),
    "overloaded": error(503, "The model is overloaded. Please try again later."),
    "timeout": error(504, "Deadline expired before operation could complete."),
}


def stream_error(fault: str) -> bytes:
    return b"data: " + FAULTS[fault].body + b"\r\n\r\n"


def handle(request: Request, seen: set[bytes]) -> Reply:
    query = parse_qs(urlsplit(request.target).query)
    key = request.headers.get("x-goog-api-key") or query.get("key", [""])[0]
    if not key:
        return error(
            403,
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
        )
    if not key.startswith("AIza") or key == WRONG_KEY:
        return BAD_KEY
    name, _, method = unquote(request.path.removeprefix("/v1beta/models").strip("/")).partition(":")
    if request.method == "GET" and not method:
        return one_model(name) if name else list_models(query)
    if request.method != "POST" or not name:
        return Reply(404, content_type="text/html; charset=UTF-8", body=b"<html><title>Error 404 (Not Found)!!1</title></html>")
    model = known(name, method)
    try:
        body = request.json()
    except ValueError:
        raise bad_field("", 'Invalid JSON payload received. Unexpected token.\n{"contents":') from None
    if len(request.body) > MAX_BODY:
        raise refuse(f"Request payload size exceeds the limit: {MAX_BODY} bytes.")
    if method == "countTokens":
        return count(read(DEVELOPER, "CountTokensRequest", body))
    if method == "embedContent":
        return Reply(body=compact({"embedding": embedding(read(DEVELOPER, "EmbedContentRequest", body))}))
    if method == "batchEmbedContents":
        found = [embedding(one) for one in read(DEVELOPER, "BatchEmbedContentsRequest", body).get("requests", [])]
        return Reply(body=compact({"embeddings": found}))
    checked = read(DEVELOPER, "GenerateContentRequest", body)
    if checked.pop("model", f"models/{name}") != f"models/{name}":
        raise refuse("model in the body does not match the model in the path")
    route = f"developer/{name}"
    rules.check(checked, name, model, route)
    return answers.generate(checked, name, model, route, seen, streaming(method, query))


def streaming(method: str, query: dict[str, list[str]]) -> str:
    if method != "streamGenerateContent":
        return ""
    return "sse" if query.get("alt") == ["sse"] else "json"


METHODS = {"streamGenerateContent": "generateContent", "batchEmbedContents": "embedContent"}


def known(name: str, method: str) -> Model:
    model = MODELS.get(name)
    if model is None or METHODS.get(method, method) not in model.methods:
        raise not_found(
            f"models/{name} is not found for API version v1beta, or is not supported for {method}. Call ListModels to see the list of available models and their supported methods."
        )
    return model


def not_found(message: str) -> Refused:
    return Refused(error(404, message))


def model_object(name: str) -> dict:
    model = MODELS[name]
    out = {
        "name": f"models/{name}", "version": "001", "displayName": name, "description": "A model.", "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536, "supportedGenerationMethods": list(model.methods), "temperature": 1, "topP": 0.95, "topK": 64,
        "maxTemperature": 2,
    }  # fmt: skip
    return out | ({"thinking": True} if model.thinks else {})


def one_model(name: str) -> Reply:
    return Reply(body=compact(model_object(name))) if name in MODELS else error(404, f"Model is not found: models/{name}")


def list_models(query: dict[str, list[str]]) -> Reply:
    """In pages: 50 a page unless pageSize says otherwise, nextPageToken only when there is more."""
    names, start = list(MODELS), int(query.get("pageToken", ["0"])[0])
    size = min(int(query.get("pageSize", ["50"])[0]), 1000)
    page = {"models": [model_object(n) for n in names[start : start + size]]}
    return Reply(body=compact(page | ({"nextPageToken": str(start + size)} if start + size < len(names) else {})))


def count(body: dict) -> Reply:
    if ("contents" in body) == ("generateContentRequest" in body):
        raise refuse("Exactly one of contents and generate_content_request must be set.")
    inner = body.get("generateContentRequest", body)
    rules.check_contents(inner.get("contents"), vertex=False)
    total = script.tokens([inner["contents"], inner.get("systemInstruction", ""), inner.get("tools", [])])
    return Reply(body=compact({"totalTokens": total, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": total}]}))


def embedding(body: dict) -> dict:
    """Made from the text's hash: 8 numbers unless outputDimensionality says otherwise."""
    if "content" not in body:
        raise refuse("* EmbedContentRequest.content: contents is not specified\n")
    content = {"role": "user"} | body["content"]
    rules.check_parts(content, "content", False, None)
    return {"values": values(answers.text_of(content), int(body.get("outputDimensionality", 8)))}


def values(text: str, dimensions: int) -> list[float]:
    digest = hashlib.sha256(text.encode()).digest()
    return [(digest[i % 32] - 128) / 128 for i in range(dimensions)]
