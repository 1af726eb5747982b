"""Google's token endpoint, its metadata server, and impersonation.

  POST /token   JWT bearer grant (RS256, checked with the key of `service_account`) or refresh_token grant of `authorized_user`
  GET /computeMetadata/v1/...   with `Metadata-Flavor: Google`: default/token, default/email, project/project-id
  POST /v1/projects/-/serviceAccounts/{email}:generateAccessToken
Tokens live an hour, or the `lifetime` of the behaviour that names the path.
"""

from __future__ import annotations

import base64
import functools
import json
import time
from typing import Any
from urllib.parse import parse_qs

from . import tokens
from .protojson import error
from .reply import Reply, Request, compact

ACCESS = "ya29."
PROJECT, EMAIL, KEY_ID = "fake-project", "fake@fake-project.iam.gserviceaccount.com", "fakekeyid"
CLIENT, SECRET, REFRESH, REAUTH = "fake-client.apps.googleusercontent.com", "fake-secret", "1//fake-refresh", "1//fake-reauth"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GOOGLES_ENDPOINT = "https://oauth2.googleapis.com/token"


def oauth_error(status: int, name: str, message: str, **more: str) -> Reply:
    return Reply(status, body=compact({"error": name, "error_description": message} | more))


FAULTS = {
    "auth": oauth_error(400, "invalid_grant", "Invalid JWT Signature."),
    "reauth": oauth_error(400, "invalid_grant", "reauth related error (invalid_rapt)", error_subtype="invalid_rapt"),
    "rate_limit": Reply(429, body=compact({"error": "rate_limit_exceeded"})),
    "server_error": oauth_error(500, "internal_failure", "Backend Error"),
    "overloaded": oauth_error(503, "server_error", "Backend Error"),
}


def stream_error(fault: str) -> bytes:
    raise ValueError("tokens do not come in streams")


@functools.cache
def key() -> Any:
    """Made when first needed, and never the same in two runs."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account(root: str) -> dict:
    """A key file whose token_uri is this fake."""
    from cryptography.hazmat.primitives import serialization as s

    pem = key().private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode()
    return {
        "type": "service_account", "project_id": PROJECT, "private_key_id": KEY_ID, "private_key": pem, "client_email": EMAIL,
        "client_id": "1", "token_uri": f"{root}/token", "universe_domain": "googleapis.com",
    }  # fmt: skip


def authorized_user() -> dict:
    """What `gcloud auth application-default login` leaves behind. It names no endpoint."""
    return {"type": "authorized_user", "client_id": CLIENT, "client_secret": SECRET, "refresh_token": REFRESH, "quota_project_id": PROJECT}


# ---------------------------------------------------------------------------------------------------- routing


def handle(request: Request, seen: set[bytes]) -> Reply:
    seconds = request.how.get("lifetime", 3599)
    if request.path == "/token":
        return token(request, seconds)
    if request.path.startswith("/v1/projects/-/"):
        return impersonate(request, seconds)
    return metadata(request, seconds)


def access(seconds: float) -> dict:
    return {"access_token": tokens.issue(ACCESS, seconds), "expires_in": int(seconds), "token_type": "Bearer"}


def token(request: Request, seconds: float) -> Reply:
    if request.method != "POST" or not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return oauth_error(400, "unsupported_grant_type", "Invalid grant_type: ")
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    kind = form.get("grant_type")
    if kind == "refresh_token":
        wrong = check_refresh(form)
    elif kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
        wrong = check_assertion(form.get("assertion", ""), request.headers.get("host", ""))
    else:
        wrong = oauth_error(400, "unsupported_grant_type", f"Invalid grant_type: {kind}")
    return wrong or Reply(body=compact(access(seconds) | ({"scope": SCOPE} if kind == "refresh_token" else {})))


def check_refresh(form: dict[str, str]) -> Reply | None:
    if form.get("client_id") != CLIENT or form.get("client_secret") != SECRET:
        return oauth_error(401, "invalid_client", "The OAuth client was not found.")
    if form.get("refresh_token") == REAUTH:
        return FAULTS["reauth"]
    if form.get("refresh_token") != REFRESH:
        return oauth_error(400, "invalid_grant", "Token has been expired or revoked.")
    return None


def check_assertion(assertion: str, host: str) -> Reply | None:
    try:
        head, claims, _ = (unbased(part) for part in assertion.split("."))
        header, said = json.loads(head), json.loads(claims)
    except ValueError:
        return oauth_error(400, "invalid_grant", "Bad Request")
    if header.get("alg") != "RS256" or header.get("kid", KEY_ID) != KEY_ID or not signed(assertion):
        return FAULTS["auth"]
    if said.get("iss") != EMAIL:
        return oauth_error(400, "invalid_grant", "Invalid grant: account not found")
    if said.get("aud") not in (GOOGLES_ENDPOINT, f"http://{host}/token", f"https://{host}/token"):
        return oauth_error(
            400, "invalid_grant", "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token"
        )
    issued, ends, now = said.get("iat", 0), said.get("exp", 0), time.time()
    if not (issued - 300 < now < ends and 0 < ends - issued <= 3600):
        return oauth_error(
            400, "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
        )  # fmt: skip
    if SCOPE not in said.get("scope", "").split():
        return oauth_error(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return None


def unbased(text: str) -> bytes:
    """base64url without padding, and nothing else."""
    if "=" in text or "+" in text or "/" in text:
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(assertion: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text, _, signature = assertion.rpartition(".")
    try:
        key().public_key().verify(unbased(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def impersonate(request: Request, seconds: float) -> Reply:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or tokens.state(ACCESS, bearer) != "good":
        return error(401, "Request had invalid authentication credentials.")
    if SCOPE not in request.json().get("scope", []):
        return error(400, "Request contains an invalid argument.")
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return Reply(body=compact({"accessToken": tokens.issue(ACCESS, seconds), "expireTime": ends}))


def metadata(request: Request, seconds: float) -> Reply:
    flavor = {"metadata-flavor": "Google", "server": "Metadata Server for VM"}
    if request.headers.get("metadata-flavor") != "Google" or "x-forwarded-for" in request.headers:
        return Reply(403, flavor, b"<html>Missing Metadata-Flavor:Google header.</html>", "text/html; charset=UTF-8")
    account = "/computeMetadata/v1/instance/service-accounts/default/"
    texts = {
        "/": "computeMetadata/\n", "/computeMetadata/v1/project/project-id": PROJECT, account + "email": EMAIL,
        "/computeMetadata/v1/universe/universe-domain": "googleapis.com",
    }  # fmt: skip
    if request.path == account + "token":
        return Reply(200, flavor, compact(access(seconds)))
    if request.path == account:
        return Reply(200, flavor, compact({"aliases": ["default"], "email": EMAIL, "scopes": [SCOPE]}))
    if request.path in texts:
        return Reply(200, flavor, texts[request.path].encode(), "application/text")
    return Reply(404, flavor, b"<html>Error 404 (Not Found)</html>", "text/html; charset=UTF-8")
