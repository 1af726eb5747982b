"""Where AWS credentials come from: fixed keys, the instance metadata service (IMDSv2 only), the container endpoints.

  fixed          AKIDEXAMPLE with the secret below
  IMDSv2         PUT /latest/api/token, GET /latest/meta-data/iam/security-credentials/[ROLE]
  ECS            GET /v2/credentials/ANY, no token asked
  EKS Pod Identity   GET /v1/credentials with `Authorization: pod-identity-token`
Temporary keys live an hour, or the `lifetime` of the behaviour that names the path.
"""

from __future__ import annotations

import time

from .. import tokens
from ..reply import Reply, Request, compact

FIXED = {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
TEMPORARY = {"ASIAINSTANCE": "instance/secret+EXAMPLEKEY", "ASIACONTAINER": "container/secret+EXAMPLEKEY"}
SESSION = "IQoJb3JpZ2lu"  # how session tokens begin
METADATA = "IMDS"
ROLE = "fake-role"
POD_TOKEN = "pod-identity-token"
FAULTS = {
    "server_error": Reply(500, body=b"internal error", content_type="text/plain"),
    "overloaded": Reply(503, body=b"", content_type="text/plain"),
    "not_found": Reply(404, body=b"", content_type="text/plain"),
    "rate_limit": Reply(429, body=compact({"code": "ThrottlingException", "message": "slow down"})),
}


def stream_error(fault: str) -> bytes:
    raise ValueError("credentials do not come in streams")


def handle(request: Request, seen: set[bytes]) -> Reply:
    if request.path.startswith("/latest/"):
        return instance(request)
    if request.path == "/v1/credentials" and request.headers.get("authorization") != POD_TOKEN:
        return Reply(401, body=compact({"code": "AccessDenied", "message": "Unauthorized"}))
    return Reply(body=compact(keys(request, "ASIACONTAINER") | {"RoleArn": f"arn:aws:iam::111122223333:role/{ROLE}"}))


def keys(request: Request, name: str) -> dict:
    seconds = request.how.get("lifetime", 3600)
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return {"AccessKeyId": name, "SecretAccessKey": TEMPORARY[name], "Token": tokens.issue(SESSION, seconds), "Expiration": ends}


def instance(request: Request) -> Reply:
    def text(body: str, status: int = 200) -> Reply:
        return Reply(status, body=body.encode(), content_type="text/plain")

    if request.path == "/latest/api/token":
        ttl = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if request.method != "PUT":
            return text("", 405)
        if "x-forwarded-for" in request.headers:
            return text("", 403)
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return text("", 400)
        reply = text(tokens.issue(METADATA, int(ttl)))
        reply.headers = {"x-aws-ec2-metadata-token-ttl-seconds": ttl}
        return reply
    if tokens.state(METADATA, request.headers.get("x-aws-ec2-metadata-token", "")) != "good":
        return text("", 401)
    tail = request.path.removeprefix("/latest/meta-data/")
    if tail == "placement/region":
        return text("us-east-1")
    if tail in ("iam/security-credentials/", "iam/security-credentials"):
        return text(ROLE)
    if tail == f"iam/security-credentials/{ROLE}":
        updated = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        found = {"Code": "Success", "LastUpdated": updated, "Type": "AWS-HMAC"} | keys(request, "ASIAINSTANCE")
        return text(compact(found).decode())
    return text("", 404)
