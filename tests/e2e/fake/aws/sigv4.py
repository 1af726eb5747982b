"""Signature Version 4, checked as AWS checks it (providers-native.md §4.3)."""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from urllib.parse import quote, unquote

from .. import tokens
from ..reply import Refused, Request
from .credentials import FIXED, SESSION, TEMPORARY
from .errors import refuse

AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$"
)
MAX_SKEW = 300


def check(request: Request, service: str) -> None:
    given = request.headers.get("authorization")
    if not given:
        raise forbid("MissingAuthenticationTokenException", "Missing Authentication Token")
    found = AUTHORIZATION.match(given)
    if not found:
        raise forbid(
            "IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters."
        )
    key, day, region, asked_service, names, signature = found.groups()
    stamp = request.headers.get("x-amz-date", "")
    if not re.fullmatch(r"\d{8}T\d{6}Z", stamp) or stamp[:8] != day:
        raise forbid(
            "InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP"
        )
    if asked_service != service:
        raise forbid("InvalidSignatureException", f"Credential should be scoped to correct service: '{service}'.")
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", region):
        raise forbid("InvalidSignatureException", "Credential should be scoped to a valid region.")
    signed = names.split(";")
    secret = secret_of(key, request.headers.get("x-amz-security-token"))
    must = {"host"} | {name for name in request.headers if name.startswith("x-amz-")}
    if must - set(signed) or signed != sorted(signed):
        raise forbid("InvalidSignatureException", f"'{sorted(must - set(signed))}' must be a 'SignedHeader' in the AWS Authorization.")
    canonical = canonical_request(request.method, request.target, request.headers, signed, request.body)
    wanted = sign(secret, stamp, region, service, canonical)
    if not hmac.compare_digest(wanted, signature):
        raise forbid(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
            f"method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{canonical}'",
        )
    if abs(time.time() - calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))) > MAX_SKEW:
        raise forbid("InvalidSignatureException", f"Signature expired: {stamp} is now earlier than the time of the server - 5 min.")


def forbid(name: str, message: str) -> Refused:
    return refuse(message, name, 403)


def secret_of(key: str, session: str | None) -> str:
    if key in FIXED and session is None:
        return FIXED[key]
    state = tokens.state(SESSION, session or "")
    if key not in TEMPORARY or state == "unknown":
        raise forbid("UnrecognizedClientException", "The security token included in the request is invalid.")
    if state == "expired":
        raise forbid("ExpiredTokenException", "The security token included in the request is expired")
    return TEMPORARY[key]


def canonical_request(method: str, target: str, headers: dict[str, str], signed: list[str], body: bytes) -> str:
    path, _, query = target.partition("?")
    uri = quote(normal(path), safe="/-_.~")  # the path as it is on the wire, encoded once more
    pairs = sorted((encoded(n), encoded(v)) for n, _, v in (p.partition("=") for p in query.split("&") if p))
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed]
    parts = [method, uri, "&".join(f"{n}={v}" for n, v in pairs), *lines, "", ";".join(signed), hashlib.sha256(body).hexdigest()]
    return "\n".join(parts)


def normal(path: str) -> str:
    """Without empty and `.` segments; `..` takes one away."""
    out: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            out[-1:] = []
        elif segment not in ("", "."):
            out.append(segment)
    return "/" + "/".join(out) + ("/" if path.endswith("/") and out else "")


def encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def sign(secret: str, stamp: str, region: str, service: str, canonical: str) -> str:
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for step in (stamp[:8], region, service, "aws4_request"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
