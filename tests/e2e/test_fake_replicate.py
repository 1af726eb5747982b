"""The fake Replicate is right: the replicate package runs straight against it, and it refuses what the vendor refuses. Needs no gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import replicate
from replicate.exceptions import ModelError, ReplicateError

from fake import replicate as fake
from support import wire
from support.upstream import Upstream

LLAMA, GPT, OLD = "meta/meta-llama-3-8b-instruct", "openai/gpt-4o", "acme/old-llm"


@pytest.fixture(scope="module")
def _client(_upstreams: tuple[Upstream, Upstream]) -> Iterator[Any]:
    client = replicate.Client(api_token="r8_test", base_url=f"{_upstreams[0].root}/replicate")
    client.poll_interval = 0.001
    yield client


@pytest.fixture
def rep(_client: Any, upstream: Upstream) -> Any:
    """The SDK, and a fake upstream that has forgotten the tests before."""
    return _client


def test_it_answers_those_who_wait(rep: Any, upstream: Upstream) -> None:
    assert rep.run(LLAMA, input={"prompt": "hi there"}) == ["hi ", "there"]
    assert upstream.last().headers["prefer"] == "wait"
    assert rep.run(f"{OLD}:{fake.version_of(OLD)}", input={"prompt": "hi there"}) == "hi there"


def test_it_goes_through_its_states(rep: Any) -> None:
    made = rep.models.predictions.create(LLAMA, input={"prompt": "a b"})
    assert (made.status, made.output, made.urls.get("stream")) == ("starting", None, None)
    made.reload()
    assert (made.status, made.output) == ("processing", ["a "])
    made.wait()
    assert (made.status, made.output, made.metrics["output_token_count"]) == ("succeeded", ["a ", "b"], 2)
    slow = rep.models.predictions.create(LLAMA, input={"prompt": "slow 3"}, wait=True)
    assert slow.status == "starting"
    slow.cancel()
    assert slow.status == "canceled"
    half = rep.models.predictions.create(LLAMA, input={"prompt": "half done"}, wait=5)
    assert (half.status, half.output) == ("processing", ["half ", "done"])


@pytest.mark.parametrize(
    ("text", "state", "error"),
    [
        ("fail: E005 flagged as sensitive", "failed", "E005 flagged as sensitive"),
        ("state: aborted", "aborted", None),
        ("state: canceled", "canceled", None),
    ],
)
def test_it_ends_badly_when_told(upstream: Upstream, text: str, state: str, error: str | None) -> None:
    """By hand: the SDK does not know `aborted`."""
    found = post(upstream, f"/v1/models/{LLAMA}/predictions", {"input": {"prompt": text}}, prefer="wait")
    assert (found.status, found.json()["status"], found.json()["error"]) == (201, state, error)


def test_a_failed_prediction_is_an_error_of_the_model(rep: Any) -> None:
    with pytest.raises(ModelError, match="out of memory"):
        rep.run(LLAMA, input={"prompt": "fail: out of memory"})


def test_it_streams(rep: Any, upstream: Upstream) -> None:
    events = list(rep.stream(LLAMA, input={"prompt": "one  two\nthree four"}))
    assert "".join(str(e) for e in events) == "one  two\nthree four"
    assert [e.event.value for e in events] == ["output"] * 4 + ["done"]
    with pytest.raises(Exception, match="does not support streaming"):
        list(rep.stream(f"{OLD}:{fake.version_of(OLD)}", input={"prompt": "x"}))
    with pytest.raises(RuntimeError, match="boom"):
        list(rep.stream(LLAMA, input={"prompt": "fail: boom"}))
    assert [r.method for r in upstream.everything()][:2] == ["POST", "GET"]


def test_a_lost_stream_goes_on(upstream: Upstream) -> None:
    made = post(upstream, f"/v1/models/{LLAMA}/predictions", {"input": {"prompt": "a b c"}, "stream": True}).json()
    path = urlsplit(made["urls"]["stream"]).path

    def look(**headers: str) -> wire.Response:
        given: dict[str, str | None] = {"authorization": "Bearer r8_test"} | {n.replace("_", "-"): v for n, v in headers.items()}
        return wire.ask(upstream.port, wire.request("GET", path, headers=given))

    rest = look(accept="text/event-stream", last_event_id="2:0").body
    assert rest == b": hi\n\nevent: output\nid: 3:0\ndata: c\n\nevent: done\nid: 4:0\ndata: {}\n\n"
    assert look(accept="application/json").status == 406
    assert look(accept="text/event-stream", authorization="Bearer x").status == 401


def test_transcripts_messages_and_limits(rep: Any) -> None:
    assert "".join(rep.run(LLAMA, input={"prompt": "User: a\nAssistant: b\nUser: c d\nAssistant:"})) == "c d"
    assert "".join(rep.run(GPT, input={"messages": [{"role": "user", "content": "a b"}]})) == "a b"
    assert "".join(rep.run(LLAMA, input={"prompt": "a b c", "max_tokens": 2})) == "a b "
    assert "".join(rep.run(LLAMA, input={"prompt": "a b c", "stop_sequences": "x,b"})) == "a "


def test_models_and_their_schemas(rep: Any) -> None:
    found = rep.models.get(LLAMA)
    assert "prompt" in found.latest_version.openapi_schema["components"]["schemas"]["Input"]["properties"]
    first = rep.models.list()
    assert len(first.results) == 2 and first.next
    assert {m.name for m in rep.collections.get("language-models").models} == {name.partition("/")[2] for name in fake.MODELS}
    assert rep.deployments.predictions.create(("acme", "my-llama"), input={"prompt": "x"}).status == "starting"


# ---------------------------------------------------------------------------------------------------- refusals


def post(upstream: Upstream, path: str, body: Any, **headers: str | None) -> wire.Response:
    given = {"authorization": "Bearer r8_test"} | headers
    return wire.ask(upstream.port, wire.request("POST", f"/replicate{path}", json.dumps(body).encode(), headers=given))


REFUSALS: dict[str, tuple[str, Any, str]] = {
    "no input": (LLAMA, {}, "input is required"),
    "no prompt": (LLAMA, {"input": {}}, "input.prompt: prompt is required"),
    "neither prompt nor messages": (GPT, {"input": {}}, "prompt or messages is required"),
    "an unknown input": (LLAMA, {"input": {"prompt": "x", "max_completion_tokens": 5}}, "Additional property max_completion_tokens is not allowed"),
    "an unknown field": (LLAMA, {"input": {"prompt": "x"}, "model": "y"}, "Additional property model is not allowed"),
    "a text number": (LLAMA, {"input": {"prompt": "x", "max_tokens": "5"}}, "Expected: integer"),
    "too hot": (LLAMA, {"input": {"prompt": "x", "temperature": 6}}, "Must be less than or equal to 5"),
    "a list of stops": (LLAMA, {"input": {"prompt": "x", "stop_sequences": ["y"]}}, "Expected: string"),
    "too few tokens": ("anthropic/claude-4-sonnet", {"input": {"prompt": "x", "max_tokens": 5}}, "Must be greater than or equal to 1024"),
    "a picture that is no address": ("anthropic/claude-4-sonnet", {"input": {"prompt": "x", "image": "AAAA"}}, "format 'uri'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_it_refuses(upstream: Upstream, case: str) -> None:
    model, body, words = REFUSALS[case]
    refused = post(upstream, f"/v1/models/{model}/predictions", body)
    assert refused.status == 422 and words in refused.json()["detail"] and refused.json()["invalid_fields"], refused.body


def test_tokens_models_and_versions(upstream: Upstream) -> None:
    good = {"input": {"prompt": "x"}}
    assert post(upstream, f"/v1/models/{LLAMA}/predictions", good, authorization=None).status == 401
    assert post(upstream, f"/v1/models/{LLAMA}/predictions", good, authorization="Bearer r8_wrong").status == 401
    assert post(upstream, "/v1/models/acme/gone/predictions", good).status == 404
    assert post(upstream, f"/v1/models/{OLD}/predictions", good).status == 404, "only official models go by name"
    assert post(upstream, "/v1/predictions", good).status == 422
    assert post(upstream, "/v1/predictions", good | {"version": "0" * 64}).status == 422
    assert post(upstream, "/v1/predictions", good | {"version": f"{OLD}:{fake.version_of(OLD)}"}).status == 201
    assert (
        wire.ask(upstream.port, wire.request("GET", "/replicate/v1/predictions/gone", headers={"authorization": "Bearer r8_test"})).status
        == 404
    )


def test_failures_look_like_the_vendors(upstream: Upstream, rep: Any) -> None:
    upstream.next(
        {"fail": "rate_limit"}, {"fail": "billing"}, {"on": "GET", "path": "/stream/", "error_event": {"after": 1, "fail": "server_error"}}
    )
    for status, words in ((429, "resets in ~30s"), (402, "insufficient credit")):
        with pytest.raises(ReplicateError, match=words) as failed:
            rep.run(LLAMA, input={"prompt": "x"})
        assert failed.value.status == status
    with pytest.raises(RuntimeError, match="Internal server error"):
        list(rep.stream(LLAMA, input={"prompt": "a b c"}))
