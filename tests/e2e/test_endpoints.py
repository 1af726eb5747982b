"""Embeddings, completions, models, and the many ways in which people write paths."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any

import openai
import pytest

from support.gateway import Gateway, default_config
from support.rules import check_completion, check_error, split_events
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]
EMBED = "up/text-embedding-3-small"
INSTRUCT = "up/gpt-3.5-turbo-instruct"


# ---------------------------------------------------------------------------------------------------- embeddings


def test_embeddings_are_the_same_in_base64_and_as_floats(client: openai.OpenAI, upstream: Upstream) -> None:
    packed = client.embeddings.create(model=EMBED, input=["a", "b"])
    assert upstream.last().json()["encoding_format"] == "base64", "the SDK's default reaches the upstream"
    plain = client.embeddings.create(model=EMBED, input=["a", "b"], encoding_format="float")
    assert [d.embedding for d in packed.data] == [d.embedding for d in plain.data]
    assert [d.index for d in plain.data] == [0, 1] and plain.usage.total_tokens == 2


def test_base64_embeddings_are_little_endian_floats(gateway: Gateway) -> None:
    body = {"model": EMBED, "input": "a"}
    packed = gateway.post("/v1/embeddings", body | {"encoding_format": "base64"}).json()["data"][0]["embedding"]
    plain = gateway.post("/v1/embeddings", body | {"encoding_format": "float"}).json()["data"][0]["embedding"]
    assert list(struct.unpack("<8f", base64.b64decode(packed))) == plain


def test_token_input_and_dimensions_pass(client: openai.OpenAI) -> None:
    answer = client.embeddings.create(model=EMBED, input=[[1, 2], [3]], dimensions=4, encoding_format="float")
    assert [len(d.embedding) for d in answer.data] == [4, 4]


def test_embeddings_from_a_provider_that_has_none_are_a_clear_400(gateway: Gateway, upstream: Upstream) -> None:
    error = check_error(gateway.post("/v1/embeddings", {"model": "claude/claude-sonnet-4-5", "input": "a"}), {400, 404}, fault="client")
    assert "embeddings" in error["message"].lower()
    assert not upstream.requests()


# ---------------------------------------------------------------------------------------------------- legacy completions


def test_completions_answer_and_stream(client: openai.OpenAI) -> None:
    assert client.completions.create(model=INSTRUCT, prompt="a b").choices[0].text == "echo: a b"
    assert "".join(c.choices[0].text for c in client.completions.create(model=INSTRUCT, prompt="a b", stream=True)) == "echo: a b"


@pytest.mark.parametrize("asked", [False, True])
def test_completion_streams_have_usage_only_when_asked(gateway: Gateway, asked: bool) -> None:
    body = {"model": INSTRUCT, "prompt": "a b", "stream": True} | ({"stream_options": {"include_usage": True}} if asked else {})
    events = split_events(gateway.post("/v1/completions", body).body)
    assert events[-1] == "[DONE]"
    assert any('"usage":{' in e for e in events) == asked


# ---------------------------------------------------------------------------------------------------- models


def test_models_list_shows_what_can_be_typed(gateway: Gateway) -> None:
    wanted = {"smart", "up/gpt-4o", "local/meta-llama/Llama-3.3-70B", "claude/claude-sonnet-4-5"}
    answer = until(
        lambda: (a := gateway.get("/v1/models")) and wanted <= {m["id"] for m in a.json()["data"]} and a, "all models are listed"
    )
    assert answer.json()["object"] == "list"
    for model in answer.json()["data"]:
        assert model["object"] == "model" and isinstance(model["created"], int) and isinstance(model["owned_by"], str)


def test_models_come_although_a_provider_is_down(start: Start, upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"]["dead"] = {"type": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-test-up"}
    assert "smart" in [m["id"] for m in start(config).get("/v1/models").json()["data"]]


@pytest.mark.parametrize("model", ["smart", "up/gpt-4o", "local/meta-llama/Llama-3.3-70B", "local/qwen2.5-coder:7b"])
def test_one_model_is_found_percent_encoded_and_plain(client: openai.OpenAI, gateway: Gateway, model: str) -> None:
    until(lambda: gateway.get(f"/v1/models/{model}").status == 200, "the model is known")
    assert client.models.retrieve(model).id == model
    encoded = model.replace("/", "%2F").replace(":", "%3a")
    assert gateway.get(f"/v1/models/{encoded}").json()["id"] == model


@pytest.mark.parametrize("model", ["nothing", "nobody/gpt-4o", "%zz", "%00", "a" * 3000])
def test_a_model_that_is_not_there_is_a_404(gateway: Gateway, model: str) -> None:
    check_error(gateway.get(f"/v1/models/{model}"), {400, 404} if "%" in model else 404)


# ---------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(("model", "target"), [("gpt-4o", "openai/gpt-4o"), ("claude-sonnet-4-5", "claude/claude-sonnet-4-5")])
def test_a_bare_model_name_works_when_one_provider_owns_it(start: Start, upstream: Upstream, model: str, target: str) -> None:
    gateway = start(
        {
            "providers": {
                "openai": {"base_url": upstream.openai, "api_key": "sk-test-up"},
                "claude": {"type": "anthropic", "base_url": upstream.root, "api_key": "sk-ant-test"},
            }
        }
    )
    answer = until(lambda: (a := gateway.chat(model)).status == 200 and a, "the provider's models are known")
    assert answer.header("x-recloser-target") == target


def test_a_route_wins_over_a_model_of_the_same_name(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, routes={"gpt-4o": {"targets": ["local/qwen2.5-coder:7b"]}}))
    assert gateway.chat("gpt-4o").header("x-recloser-target") == "local/qwen2.5-coder:7b"


@pytest.mark.parametrize(
    ("model", "hint"), [("smrt", "smart"), ("up/gpt-4oo", None), ("clade/claude-sonnet-4-5", "claude"), ("nonsense-xyz", None)]
)
def test_an_unknown_model_is_a_404_that_names_the_nearest(gateway: Gateway, model: str, hint: str | None) -> None:
    error = check_error(gateway.chat(model), 404, "model_not_found")
    assert error["param"] in ("model", None) and error["type"]
    if hint:
        assert hint in error["message"]


def test_the_sdk_raises_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as gone:
        client.chat.completions.create(model="smrt", messages=[{"role": "user", "content": "x"}])
    assert gone.value.code == "model_not_found" and gone.value.request_id


def test_model_names_with_slashes_and_colons_reach_the_upstream_whole(gateway: Gateway, upstream: Upstream) -> None:
    for name in ("meta-llama/Llama-3.3-70B", "qwen2.5-coder:7b"):
        assert gateway.chat(f"local/{name}").status == 200
        assert upstream.last().json()["model"] == name


# ---------------------------------------------------------------------------------------------------- paths


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions", "/v1/chat/completions/", "//v1//chat//completions",
        "/v1/chat/completions?beta=true", "/chat/completions/?api-version=2024-08-01-preview&x",
    ],
)  # fmt: skip
def test_every_spelling_of_the_path_works(gateway: Gateway, path: str) -> None:
    body = {"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    assert check_completion(gateway.post(path, body).json())["content"] == "hi"


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/v1/v1/models", "/v1/models/", "//models"])
def test_every_spelling_of_the_models_path_works(gateway: Gateway, path: str) -> None:
    assert gateway.get(path).json()["object"] == "list"


@pytest.mark.parametrize("base", ["/v1/", "", "/", "/v1/v1"])
def test_every_spelling_of_the_base_url_works_with_the_sdk(gateway: Gateway, base: str) -> None:
    with gateway.client(base_url=gateway.url + base) as client:
        assert (
            client.chat.completions.create(model="up/gpt-4o", messages=[{"role": "user", "content": "hi"}]).choices[0].message.content
            == "hi"
        )


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/nothing", "/v1/chat/completions/more", "/v2/models", "/v1/../admin/lanes", "/v1/chat%2Fcompletions"]
)
def test_unknown_paths_are_a_404_in_the_clients_shape(gateway: Gateway, path: str) -> None:
    check_error(gateway.get(path), 404, fault="client")


def test_small_pages_answer_without_a_key(gateway: Gateway) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/"):
        assert gateway.get(path, headers={"authorization": None}).status == 200, path


def test_lanes_show_every_target(gateway: Gateway) -> None:
    gateway.chat("up/gpt-4o")
    gateway.chat("claude/claude-sonnet-4-5")
    answer = gateway.get("/admin/lanes")
    assert answer.status == 200
    assert "gpt-4o" in str(answer.json()) and "claude-sonnet-4-5" in str(answer.json())
    assert b"sk-test" not in answer.body and b"sk-ant" not in answer.body


# ---------------------------------------------------------------------------------------------------- response headers


@pytest.mark.parametrize("model", ["up/gpt-4o", "claude/claude-sonnet-4-5"])
@pytest.mark.parametrize("stream", [False, True])
def test_answers_say_where_they_come_from(gateway: Gateway, model: str, stream: bool) -> None:
    answer = gateway.chat(model, stream=stream)
    assert answer.header("x-recloser-target") == model
    assert answer.header("x-recloser-attempts") == "1"
    assert answer.header("x-recloser-fault") is None
    assert answer.header("date")
    timing = answer.header("server-timing") or ""
    assert timing.count("dur=") >= 2, "the gateway's own time and the upstream's"


def test_request_ids_are_new_each_time(gateway: Gateway) -> None:
    ids = [gateway.chat("up/gpt-4o").header("x-request-id") for _ in range(3)]
    assert len(set(ids)) == 3 and all(ids)


def test_upstream_headers_are_not_passed_on(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"headers": {"set-cookie": "a=b", "x-internal": "1", "server": "fake", "openai-organization": "org"}})
    answer = gateway.chat("up/gpt-4o")
    assert answer.status == 200
    for name in ("set-cookie", "x-internal"):
        assert answer.header(name) is None


def test_client_headers_are_not_passed_on(gateway: Gateway, upstream: Upstream) -> None:
    headers: dict[str, Any] = {
        "cookie": "a=b",
        "x-forwarded-for": "1.2.3.4",
        "x-api-key": "sk-client-anything",
        "api-key": "x",
        "accept-encoding": "gzip, br",
        "anthropic-beta": "x",
        "openai-organization": "org",
    }
    body = {"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    assert gateway.post("/v1/chat/completions", body, headers=headers).status == 200
    assert upstream.last().headers.get("accept-encoding", "identity") == "identity"
    assert not {"cookie", "x-forwarded-for", "x-api-key", "api-key", "anthropic-beta"} & set(upstream.last().headers)


@pytest.mark.parametrize("source", [{"x-session-id": "s-1"}, {"x-session-affinity": "s-1"}, {"session_id": "s-1"}, {"session-id": "s-1"}])
def test_a_session_is_found_in_headers(gateway: Gateway, source: dict) -> None:
    body = {"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    assert gateway.post("/v1/chat/completions", body, headers=source).header("x-recloser-session") == "s-1"


@pytest.mark.parametrize("source", [{"prompt_cache_key": "s-2"}, {"user": "s-2"}])
def test_a_session_is_found_in_the_body(gateway: Gateway, source: dict) -> None:
    assert gateway.chat("up/gpt-4o", **source).header("x-recloser-session") == "s-2"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": None},
        {"authorization": "bearer x"},
        {"authorization": None, "x-api-key": "x"},
        {"authorization": None, "api-key": "x"},
        {"authorization": "Basic eDp5"},
    ],
)
def test_on_loopback_any_key_and_none_will_do(gateway: Gateway, headers: dict) -> None:
    body = {"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    assert gateway.post("/v1/chat/completions", body, headers=headers).status == 200


KEYS = {"RECLOSER_KEYS": "sk-client-anything,rk-second"}


def test_with_client_keys_a_wrong_one_is_a_401(start: Start) -> None:
    gateway = start(env=KEYS)
    assert gateway.chat("up/gpt-4o").status == 200
    body = {"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    for good in (
        {"authorization": "bearer rk-second"},
        {"authorization": None, "x-api-key": "rk-second"},
        {"authorization": None, "api-key": "rk-second"},
    ):
        assert gateway.post("/v1/chat/completions", body, headers=good).status == 200
    for bad in (
        {"authorization": "Bearer rk-secon"},
        {"authorization": None},
        {"authorization": "Bearer "},
        {"authorization": "rk-second"},
    ):
        check_error(gateway.post("/v1/chat/completions", body, headers=bad), 401, "invalid_api_key", "client")
    check_error(gateway.get("/v1/models", headers={"authorization": None}), 401, "invalid_api_key")
    assert gateway.get("/healthz", headers={"authorization": None}).status == 200
    with gateway.client(api_key="sk-nope") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_a_refused_client_sends_its_body_in_vain(start: Start, upstream: Upstream) -> None:
    gateway = start(env=KEYS)
    with gateway.wire() as wire:
        wire.send(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20000000\r\n\r\n"
        )
        assert wire.read().status == 401  # decided without the body
    assert not upstream.requests()
