"""The fake Azure is right: the SDK's AzureOpenAI runs straight against it, and it refuses what the vendor refuses. Needs no gateway."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import openai
import pytest

from fake import entra
from support import wire
from support.samples import CLOCK, WEATHER, say
from support.upstream import Upstream

VERSION = "2024-10-21"


def client(upstream: Upstream, **options: Any) -> openai.AzureOpenAI:
    given: dict[str, Any] = {"api_key": "azure-test", "api_version": VERSION} | options
    return openai.AzureOpenAI(azure_endpoint=upstream.root, max_retries=0, **given)


@pytest.fixture(scope="module")
def _client(_upstreams: tuple[Upstream, Upstream]) -> openai.AzureOpenAI:
    return client(_upstreams[0])


@pytest.fixture
def azure(_client: openai.AzureOpenAI, upstream: Upstream) -> openai.AzureOpenAI:
    """The SDK, and a fake upstream that has forgotten the tests before."""
    return _client


def token(upstream: Upstream, **form: Any) -> wire.Response:
    given = {
        "grant_type": "client_credentials",
        "client_id": entra.CLIENT,
        "client_secret": entra.SECRET,
        "scope": "https://cognitiveservices.azure.com/.default",
    }
    body = urlencode({k: v for k, v in (given | form).items() if v is not None and k != "tenant"}).encode()
    path = f"/{form.get('tenant', entra.TENANT)}/oauth2/v2.0/token"
    return wire.ask(upstream.port, wire.request("POST", path, body, headers={"content-type": "application/x-www-form-urlencoded"}))


def test_it_answers(azure: openai.AzureOpenAI, upstream: Upstream) -> None:
    answer = azure.chat.completions.create(model="gpt4o-prod", **say("hi there"))
    assert (answer.choices[0].message.content, answer.model) == ("hi there", "gpt-4o-2024-08-06")
    assert answer.choices[0].content_filter_results["hate"] == {"filtered": False, "severity": "safe"}
    assert answer.prompt_filter_results[0]["prompt_index"] == 0
    assert upstream.last().target == f"/openai/deployments/gpt4o-prod/chat/completions?api-version={VERSION}"


@pytest.mark.parametrize("text", ["one two three", "one two three async filter", "one two three filter outage"])
def test_it_streams(azure: openai.AzureOpenAI, text: str) -> None:
    chunks = list(azure.chat.completions.create(model="gpt-4o", stream=True, stream_options={"include_usage": True}, **say(text)))
    assert chunks[0].choices == [] and chunks[0].id == "" and chunks[0].prompt_filter_results
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices and c.choices[0].delta) == text
    assert chunks[-1].choices == [] and chunks[-1].usage
    assert any(c.choices and c.choices[0].delta is None for c in chunks) == ("async" in text)


def test_parallel_calls_go_round(azure: openai.AzureOpenAI) -> None:
    question = say('call tools with {"city": "Zürich 😀"}')
    said = azure.chat.completions.create(model="gpt-4o", tools=[WEATHER, CLOCK], **question).choices[0].message
    calls = [{"id": c.id, "type": "function", "function": c.function.model_dump()} for c in said.tool_calls or []]
    results = [{"role": "tool", "tool_call_id": c["id"], "content": "sunny"} for c in calls]
    history: list = [*question["messages"], {"role": "assistant", "content": None, "tool_calls": calls}, *results]
    assert (
        azure.chat.completions.create(model="gpt-4o", tools=[WEATHER, CLOCK], messages=history).choices[0].message.content
        == "tool said: sunny | sunny"
    )


def test_embeddings_and_completions(azure: openai.AzureOpenAI) -> None:
    assert len(azure.embeddings.create(model="embed", input="a").data[0].embedding) == 8
    assert azure.completions.create(model="instruct", prompt="abc").choices[0].text == "echo: abc"


def test_the_new_endpoint_needs_no_version(upstream: Upstream) -> None:
    """It takes the key as a Bearer token too, which is how the plain SDK sends it."""
    plain = openai.OpenAI(base_url=f"{upstream.root}/openai/v1", api_key="azure-test", max_retries=0)
    assert plain.chat.completions.create(model="gpt4o-prod", **say("hi")).choices[0].message.content == "hi"
    assert "gpt-4o" in [m.id for m in plain.models.list()]
    with pytest.raises(openai.NotFoundError) as gone:
        plain.chat.completions.create(model="gpt-99", **say("hi"))
    assert gone.value.code == "DeploymentNotFound"
    with pytest.raises(openai.BadRequestError):
        plain.with_options(default_query={"api-version": VERSION}).chat.completions.create(model="gpt-4o", **say("hi"))


# ---------------------------------------------------------------------------------------------------- Entra


def test_tokens_open_the_door(upstream: Upstream) -> None:
    good = token(upstream).json()
    assert (good["token_type"], good["expires_in"]) == ("Bearer", 3599)
    answer = client(upstream, api_key=None, azure_ad_token=good["access_token"]).chat.completions.create(model="gpt-4o", **say("hi"))
    assert answer.choices[0].message.content == "hi"
    assert [r.target for r in upstream.requests()] == [f"/openai/deployments/gpt-4o/chat/completions?api-version={VERSION}"], (
        "tokens are not inference"
    )


def test_wrong_tokens_do_not(upstream: Upstream) -> None:
    upstream.next({"path": "/oauth2/", "lifetime": -1})
    expired = token(upstream).json()["access_token"]
    elsewhere = token(upstream, scope="https://graph.microsoft.com/.default").json()["access_token"]
    for bad in (expired, elsewhere, "made up"):
        with pytest.raises(openai.AuthenticationError):
            client(upstream, api_key=None, azure_ad_token=bad).chat.completions.create(model="gpt-4o", **say("hi"))


@pytest.mark.parametrize(
    ("form", "status", "name"),
    [
        ({"client_secret": "x"}, 401, "invalid_client"), ({"client_id": "x"}, 400, "unauthorized_client"), ({"tenant": "x"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"), ({"scope": "https://cognitiveservices.azure.com"}, 400, "invalid_scope"), ({"scope": None}, 400, "invalid_scope"),
    ],
)  # fmt: skip
def test_the_token_endpoint_refuses(upstream: Upstream, form: dict, status: int, name: str) -> None:
    refused = token(upstream, **form)
    assert (refused.status, refused.json()["error"]) == (status, name) and refused.json()["error_description"].startswith("AADSTS")


def test_managed_identity(upstream: Upstream) -> None:
    target = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://cognitiveservices.azure.com"
    assert wire.ask(upstream.port, wire.request("GET", target)).status == 400
    found = wire.ask(upstream.port, wire.request("GET", target, headers={"metadata": "true"})).json()
    assert client(upstream, api_key=None, azure_ad_token=found["access_token"]).chat.completions.create(model="gpt-4o", **say("hi"))


# ---------------------------------------------------------------------------------------------------- refusals


def test_keys_versions_and_deployments(upstream: Upstream) -> None:
    with pytest.raises(openai.AuthenticationError):
        client(upstream, api_key="azure-wrong").chat.completions.create(model="gpt-4o", **say("hi"))
    with pytest.raises(openai.NotFoundError) as gone:
        client(upstream).chat.completions.create(model="gpt-99", **say("hi"))
    assert gone.value.code == "DeploymentNotFound"
    with pytest.raises(openai.BadRequestError):
        client(upstream, api_version="latest").chat.completions.create(model="gpt-4o", **say("hi"))
    raw = json.dumps(say("hi")).encode()
    path = "/openai/deployments/gpt-4o/chat/completions"
    no_version = wire.ask(upstream.port, wire.request("POST", path, raw, headers={"api-key": "azure-test"}))
    assert (no_version.status, no_version.json()["error"]["code"]) == (404, "404")
    no_key = wire.ask(upstream.port, wire.request("POST", f"{path}?api-version={VERSION}", raw, headers={"authorization": None}))
    assert (no_key.status, no_key.json()["statusCode"]) == (401, 401)
    bearer_key = wire.ask(
        upstream.port, wire.request("POST", f"{path}?api-version={VERSION}", raw, headers={"authorization": "Bearer azure-test"})
    )
    assert bearer_key.status == 401, "a key is no token"


def test_the_rules_are_those_of_the_model(azure: openai.AzureOpenAI, upstream: Upstream) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        azure.chat.completions.create(model="reasoner", max_tokens=5, **say("hi"))
    assert refused.value.code == "unsupported_parameter"
    with pytest.raises(openai.BadRequestError, match="stream_options"):
        client(upstream, api_version="2024-06-01").chat.completions.create(
            model="gpt-4o", stream=True, stream_options={"include_usage": True}, **say("hi")
        )


def test_the_content_filter(azure: openai.AzureOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        azure.chat.completions.create(model="gpt-4o", **say("block: hate"))
    assert refused.value.code == "content_filter" and refused.value.param == "prompt"
    assert refused.value.body["innererror"]["content_filter_result"]["hate"]["filtered"]
    choice = azure.chat.completions.create(model="gpt-4o", **say("finish: content_filter")).choices[0]
    assert choice.finish_reason == "content_filter" and choice.content_filter_results["violence"]["filtered"]


def test_failures_look_like_the_vendors(upstream: Upstream, azure: openai.AzureOpenAI) -> None:
    upstream.next({"fail": "rate_limit"}, {"fail": "timeout"}, {"error_event": {"after": 2, "fail": "rate_limit"}})
    with pytest.raises(openai.RateLimitError) as limited:
        azure.chat.completions.create(model="gpt-4o", **say("x"))
    assert limited.value.response.headers["retry-after-ms"] == "350" and limited.value.code == "429"
    with pytest.raises(openai.APIStatusError) as late:
        azure.chat.completions.create(model="gpt-4o", **say("x"))
    assert late.value.status_code == 408
    with pytest.raises(openai.APIError, match="exceeded token rate limit"):
        list(azure.chat.completions.create(model="gpt-4o", stream=True, **say("a b c d")))
