"""Microsoft's token endpoint: POST /{tenant}/oauth2/v2.0/token, and the managed identity of a machine.

  tenant fake-tenant, client fake-client, secret fake-secret; any scope that ends in /.default
  GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=R with `Metadata: true`
Tokens live an hour, or the `lifetime` of the behaviour that names the path.
"""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

from . import tokens
from .reply import Reply, Request, compact

TENANT, CLIENT, SECRET = "fake-tenant", "fake-client", "fake-secret"
COGNITIVE, OTHER = "eyJ0eXAi.cognitive.", "eyJ0eXAi.other."
AUDIENCES = ("https://cognitiveservices.azure.com", "https://ai.azure.com")


def error(status: int, name: str, code: int, message: str) -> Reply:
    body = {
        "error": name, "error_description": f"AADSTS{code}: {message} Trace ID: 0 Correlation ID: 0 Timestamp: 2026-01-01 00:00:00Z",
        "error_codes": [code], "timestamp": "2026-01-01 00:00:00Z", "trace_id": "0", "correlation_id": "0",
    }  # fmt: skip
    return Reply(status, body=compact(body))


FAULTS = {
    "auth": error(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.",
    ),
    "expired": error(401, "invalid_client", 7000222, "The provided client secret keys are expired."),
    "rate_limit": Reply(429, {"retry-after": "2"}, compact({"error": "throttled"})),
    "server_error": error(500, "server_error", 90033, "A transient error has occurred. Please try again."),
    "overloaded": error(503, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again."),
}


def stream_error(fault: str) -> bytes:
    raise ValueError("tokens do not come in streams")


def handle(request: Request, seen: set[bytes]) -> Reply:
    if request.path.startswith("/metadata/identity/"):
        return managed_identity(request)
    tenant = request.path.split("/")[1]
    if request.method != "POST" or not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return error(400, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'.")
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    if tenant != TENANT:
        return error(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.")
    if form.get("grant_type") != "client_credentials":
        return error(400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{form.get('grant_type')}'.")
    if form.get("client_id") != CLIENT:
        return error(
            400, "unauthorized_client", 700016, f"Application with identifier '{form.get('client_id')}' was not found in the directory."
        )
    if form.get("client_secret") != SECRET:
        return FAULTS["auth"]
    if not re.fullmatch(r"\S+/\.default", form.get("scope", "")):
        return error(
            400,
            "invalid_scope",
            1002012,
            "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.",
        )
    seconds = request.how.get("lifetime", 3599)
    return Reply(
        body=compact(
            {
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": token(form["scope"].removesuffix("/.default"), seconds),
            }
        )
    )


def token(audience: str, seconds: float) -> str:
    return tokens.issue(COGNITIVE if audience.rstrip("/") in AUDIENCES else OTHER, seconds)


def managed_identity(request: Request) -> Reply:
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
    if request.headers.get("metadata", "").lower() != "true":
        return Reply(400, body=compact({"error": "invalid_request", "error_description": "Required metadata header not specified"}))
    if "resource" not in query or "api-version" not in query:
        return Reply(400, body=compact({"error": "invalid_request", "error_description": "Required query variable 'resource' is missing"}))
    seconds = request.how.get("lifetime", 86_399)
    found = {
        "access_token": token(query["resource"], seconds), "client_id": CLIENT, "expires_in": str(seconds),
        "expires_on": str(int(time.time() + seconds)), "resource": query["resource"], "token_type": "Bearer",
    }  # fmt: skip
    return Reply(body=compact(found))
