"""Google's token endpoint, metadata server and Vertex AI are right: google-auth, google-genai and anthropic[vertex] run straight against
the fakes, and they refuse what the vendor refuses. Needs no gateway."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import urlencode

import anthropic
import google.auth.transport.requests
import google.oauth2.credentials
import pytest
from google import genai
from google.auth import exceptions
from google.auth.compute_engine import credentials as compute
from google.genai import errors, types
from google.oauth2 import service_account

from fake import google_tokens, tokens
from support import wire
from support.samples import say
from support.upstream import Upstream

HTTP = google.auth.transport.requests.Request()
OFF = types.AutomaticFunctionCallingConfig(disable=True)
WEATHER = {"name": "weather", "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture(scope="module")
def key_file(_upstreams: tuple[Upstream, Upstream]) -> dict:
    return _upstreams[0].service_account()


@pytest.fixture
def account(upstream: Upstream, key_file: dict) -> service_account.Credentials:
    return service_account.Credentials.from_service_account_info(key_file, scopes=[google_tokens.SCOPE])


@pytest.fixture
def vertex(upstream: Upstream, account: Any) -> genai.Client:
    options = types.HttpOptions(base_url=upstream.root, api_version="v1beta1")
    return genai.Client(enterprise=True, project=google_tokens.PROJECT, location="global", credentials=account, http_options=options)


@pytest.fixture
def claude(upstream: Upstream, account: Any) -> anthropic.AnthropicVertex:
    return anthropic.AnthropicVertex(
        region="us-east5", project_id=google_tokens.PROJECT, credentials=account, base_url=f"{upstream.root}/v1", max_retries=0
    )


# ---------------------------------------------------------------------------------------------------- tokens


def test_a_key_file_opens_the_door(account: service_account.Credentials, upstream: Upstream) -> None:
    account.refresh(HTTP)
    assert account.token and account.token.startswith("ya29.") and tokens.state(google_tokens.ACCESS, account.token) == "good"
    assert upstream.everything()[0].aside and upstream.requests() == []


def test_another_key_does_not(upstream: Upstream, key_file: dict) -> None:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode()
    forged = service_account.Credentials.from_service_account_info(key_file | {"private_key": pem}, scopes=[google_tokens.SCOPE])
    with pytest.raises(exceptions.RefreshError, match="Invalid JWT Signature"):
        forged.refresh(HTTP)
    unscoped = service_account.Credentials.from_service_account_info(key_file, scopes=["email"])
    with pytest.raises(exceptions.RefreshError, match="invalid_scope"):
        unscoped.refresh(HTTP)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 7200}, "short-lived"), ({"iat": -4000, "exp": -400}, "short-lived"), ({"iss": "nobody"}, "account not found"),
        ({"aud": "https://example.com"}, "audience"), ({"scope": None}, "Invalid OAuth scope"),
    ],
)  # fmt: skip
def test_the_claims_must_be_right(upstream: Upstream, key_file: dict, claims: dict, words: str) -> None:
    from google.auth import crypt, jwt

    now = int(time.time())
    good = {"iss": google_tokens.EMAIL, "aud": google_tokens.GOOGLES_ENDPOINT, "scope": google_tokens.SCOPE, "iat": 0, "exp": 3600} | claims
    payload = {k: now + v if k in ("iat", "exp") else v for k, v in good.items() if v is not None}
    assertion = jwt.encode(crypt.RSASigner.from_service_account_info(key_file), payload).decode()
    refused = grant(upstream, grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=assertion)
    assert refused.status == 400 and words in refused.json()["error_description"]


def grant(upstream: Upstream, **form: str) -> wire.Response:
    headers: dict[str, str | None] = {"content-type": "application/x-www-form-urlencoded"}
    return wire.ask(upstream.port, wire.request("POST", "/token", urlencode(form).encode(), headers=headers))


def test_tampered_assertions(upstream: Upstream) -> None:
    claims = base64.urlsafe_b64encode(b"{}").decode()
    for assertion in ("x", f"{claims}.{claims}.AAAA"):
        refused = grant(upstream, grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=assertion)
        assert (refused.status, refused.json()["error"]) == (400, "invalid_grant")


def test_a_login_opens_the_door(upstream: Upstream) -> None:
    login = google.oauth2.credentials.Credentials.from_authorized_user_info(google_tokens.authorized_user())
    login._token_uri = f"{upstream.root}/token"
    login.refresh(HTTP)
    assert tokens.state(google_tokens.ACCESS, login.token) == "good"
    for wrong in ({"refresh_token": "x"}, {"refresh_token": google_tokens.REAUTH}, {"client_secret": "x"}, {"grant_type": "x"}):
        form = {"grant_type": "refresh_token"} | google_tokens.authorized_user() | wrong
        assert grant(upstream, **form).status in (400, 401)


def test_the_machine_opens_the_door(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.auth.compute_engine import _metadata

    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", f"127.0.0.1:{upstream.port}")  # GCE_METADATA_HOST, read at import
    monkeypatch.setenv("GCE_METADATA_IP", f"127.0.0.1:{upstream.port}")
    assert _metadata.ping(HTTP)
    assert _metadata.get_project_id(HTTP) == google_tokens.PROJECT
    machine = compute.Credentials()
    machine.refresh(HTTP)
    assert tokens.state(google_tokens.ACCESS, machine.token) == "good"
    bare = wire.ask(upstream.port, wire.request("GET", "/computeMetadata/v1/instance/service-accounts/default/token"))
    assert bare.status == 403 and bare.header("metadata-flavor") == "Google"


def test_impersonation(upstream: Upstream, account: service_account.Credentials) -> None:
    account.refresh(HTTP)
    path = f"/v1/projects/-/serviceAccounts/{google_tokens.EMAIL}:generateAccessToken"
    body = json.dumps({"scope": [google_tokens.SCOPE], "lifetime": "3600s"}).encode()
    found = wire.ask(upstream.port, wire.request("POST", path, body, headers={"authorization": f"Bearer {account.token}"})).json()
    assert tokens.state(google_tokens.ACCESS, found["accessToken"]) == "good" and found["expireTime"].endswith("Z")
    assert wire.ask(upstream.port, wire.request("POST", path, body)).status == 401


# ---------------------------------------------------------------------------------------------------- Gemini on Vertex


def test_gemini_answers_and_streams(vertex: genai.Client, upstream: Upstream) -> None:
    assert vertex.models.generate_content(model="gemini-2.5-flash", contents="hi there").text == "hi there"
    chunks = list(vertex.models.generate_content_stream(model="gemini-3-flash", contents="one two"))
    assert "".join(c.text or "" for c in chunks) == "one two"
    assert chunks[-1].usage_metadata and chunks[-1].usage_metadata.traffic_type == types.TrafficType.ON_DEMAND
    assert (
        upstream.last().target
        == "/v1beta1/projects/fake-project/locations/global/publishers/google/models/gemini-3-flash:streamGenerateContent?alt=sse"
    )
    assert vertex.models.count_tokens(model="gemini-2.5-flash", contents="one two").total_tokens == 2
    embedded = vertex.models.embed_content(model="gemini-embedding-001", contents=["a"])
    assert [len(e.values) for e in embedded.embeddings] == [8]


def test_gemini_calls_go_round_without_ids(vertex: genai.Client) -> None:
    settings = types.GenerateContentConfig(
        tools=[types.Tool.model_validate({"functionDeclarations": [WEATHER]})], automatic_function_calling=OFF
    )
    said = vertex.models.generate_content(model="gemini-3-flash", contents="call tools", config=settings).candidates[0].content
    (part,) = said.parts
    assert part.function_call.id is None and part.thought_signature
    result = types.Part(function_response=types.FunctionResponse(name="weather", response={"output": "sunny"}))
    history = [types.UserContent("call tools"), said, types.UserContent([result])]
    assert vertex.models.generate_content(model="gemini-3-flash", contents=history, config=settings).text == "tool said: sunny"


def test_vertex_has_its_own_fields_places_and_doors(vertex: genai.Client, upstream: Upstream, account: service_account.Credentials) -> None:
    account.refresh(HTTP)

    def ask(
        body: dict, model: str = "gemini-2.5-flash", where: str = "projects/fake-project/locations/global", **headers: str
    ) -> wire.Response:
        target = f"/v1/{where}/publishers/google/models/{model}:generateContent".replace("//", "/")
        given = {"authorization": f"Bearer {account.token}"} | {n.replace("_", "-"): v for n, v in headers.items()}
        return wire.ask(upstream.port, wire.request("POST", target, json.dumps(body).encode(), headers=dict(given)))

    good = {"contents": [{"role": "user", "parts": [{"text": "x"}]}]}
    assert ask(good | {"labels": {"a": "b"}}).status == 200
    for bad in ({"contents": [{"parts": [{"text": "x"}]}]}, good | {"serviceTier": "FLEX"}):
        assert ask(bad).status == 400
    call = {"functionCall": {"name": "f", "id": "1"}}
    refused = ask({"contents": [*good["contents"], {"role": "model", "parts": [call]}]})
    assert 'Unknown name "id"' in refused.json()["error"]["message"]
    assert ask(good, where="projects/other/locations/global").status == 403
    assert ask(good, "gemini-3-flash", "projects/fake-project/locations/us-central1").status == 404
    assert ask(good, "gemini-99").status == 404
    assert ask(good, authorization="Bearer x").json()["error"]["status"] == "UNAUTHENTICATED"
    assert ask(good, where="", x_goog_api_key="AQ.test").status == 200
    upstream.next({"path": "/token", "lifetime": -1})
    account.refresh(HTTP)
    assert ask(good).status == 401


def test_signatures_of_the_developer_api_are_not_good_here(vertex: genai.Client, upstream: Upstream) -> None:
    developer = genai.Client(api_key="AIza-test", http_options=types.HttpOptions(base_url=upstream.root, api_version="v1beta"))
    settings = types.GenerateContentConfig(
        tools=[types.Tool.model_validate({"functionDeclarations": [WEATHER]})], automatic_function_calling=OFF
    )
    said = developer.models.generate_content(model="gemini-3-flash", contents="call tools", config=settings).candidates[0].content
    said.parts[0].function_call.id = None
    result = types.Part(function_response=types.FunctionResponse(name="weather", response={}))
    with pytest.raises(errors.ClientError, match="signature is not valid"):
        vertex.models.generate_content(
            model="gemini-3-flash", contents=[types.UserContent("x"), said, types.UserContent([result])], config=settings
        )


# ---------------------------------------------------------------------------------------------------- Claude on Vertex


def test_claude_answers_and_streams(claude: anthropic.AnthropicVertex, upstream: Upstream) -> None:
    answer = claude.messages.create(model="claude-sonnet-4-5@20250929", max_tokens=9, **say("hi there"))
    assert answer.content[0].type == "text" and answer.content[0].text == "hi there"
    target = "/v1/projects/fake-project/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict"
    assert upstream.last().target.replace("%40", "@") == target and "model" not in upstream.last().json()
    with claude.messages.stream(model="claude-sonnet-4-6", max_tokens=9, **say("one two")) as stream:
        assert stream.get_final_text() == "one two"
    assert claude.messages.count_tokens(model="claude-sonnet-4-6", **say("one two")).input_tokens == 2


CLAUDE_REFUSALS: dict[str, tuple[str, str, dict, int]] = {
    "no version": ("claude-sonnet-4-5", "rawPredict", {"anthropic_version": None}, 400),
    "Bedrock's version": ("claude-sonnet-4-5", "rawPredict", {"anthropic_version": "bedrock-2023-05-31"}, 400),
    "a model in the body": ("claude-sonnet-4-5", "rawPredict", {"model": "claude-sonnet-4-5"}, 400),
    "an unknown field": ("claude-sonnet-4-5", "rawPredict", {"seed": 1}, 400),
    "a stream without saying so": ("claude-sonnet-4-5", "streamRawPredict", {}, 400),
    "no such model": ("claude-99", "rawPredict", {}, 404),
    "Gemini's method": ("claude-sonnet-4-5", "generateContent", {}, 404),
}  # fmt: skip


@pytest.mark.parametrize("case", CLAUDE_REFUSALS)
def test_claude_refuses(upstream: Upstream, account: service_account.Credentials, case: str) -> None:
    model, method, members, status = CLAUDE_REFUSALS[case]
    account.refresh(HTTP)
    body = {k: v for k, v in ({"anthropic_version": "vertex-2023-10-16", "max_tokens": 9} | say("x") | members).items() if v is not None}
    target = f"/v1/projects/fake-project/locations/global/publishers/anthropic/models/{model}:{method}"
    refused = wire.ask(
        upstream.port, wire.request("POST", target, json.dumps(body).encode(), headers={"authorization": f"Bearer {account.token}"})
    )
    assert refused.status == status, refused.body


def test_failures_look_like_the_vendors(upstream: Upstream, vertex: genai.Client, claude: anthropic.AnthropicVertex) -> None:
    upstream.next(
        {"fail": "rate_limit"}, {"fail": "overloaded"}, {"fail": "rate_limit"}, {"error_event": {"after": 1, "fail": "overloaded"}}
    )
    with pytest.raises(errors.ClientError, match="Resource exhausted") as limited:
        vertex.models.generate_content(model="gemini-2.5-flash", contents="x")
    assert "RetryInfo" not in json.dumps(limited.value.details), "the behaviour waited for inference, past the token"
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        claude.messages.create(model="claude-sonnet-4-5", max_tokens=9, **say("x"))
    with pytest.raises(anthropic.RateLimitError, match="RESOURCE_EXHAUSTED"):
        claude.messages.create(model="claude-sonnet-4-5", max_tokens=9, **say("x"))
    with (
        pytest.raises(anthropic.APIStatusError, match="Overloaded"),
        claude.messages.stream(model="claude-sonnet-4-5", max_tokens=9, **say("a b")) as stream,
    ):
        stream.get_final_text()
