"""AWS Bedrock: signatures, where keys come from, the names of models, frames that break. The fake checks every signature."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake.aws import credentials
from fake.bedrock.models import PROFILE_ARN
from support.gateway import SECRETS, Gateway, run
from support.rules import check_broken_stream, check_completion, check_error, check_stream
from support.samples import CLOCK, called, tool_answer
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]
NOVA = "bedrock/amazon.nova-lite-v1:0"
SECRETS += [*credentials.FIXED.values(), *credentials.TEMPORARY.values(), credentials.SESSION, "ABSK", credentials.POD_TOKEN]
KEY, SECRET = next(iter(credentials.FIXED.items()))
FIXED = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


def bedrock(up: Upstream, **more: Any) -> dict:
    section = {"type": "bedrock", "base_url": up.root, "region": "us-east-1"} | more
    return {"providers": {"bedrock": {k: v for k, v in section.items() if v is not None}}}


def fetches(up: Upstream, path: str) -> int:
    return sum(path in r.target for r in up.everything())


# ---------------------------------------------------------------------------------------------------- where keys come from


def shared_files(folder: Path, profile: str) -> dict[str, str]:
    keys = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    (folder / "credentials").write_text(f"[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = x\n\n[{profile}]\n{keys}")
    (folder / "config").write_text(f"[default]\nregion = eu-west-1\n\n[profile {profile}]\nregion = us-west-2\n")
    return {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"), "AWS_CONFIG_FILE": str(folder / "config")}


def environment(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {}, FIXED


def region_of_the_environment(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {"region": None}, FIXED | {"AWS_REGION": "eu-central-1"}


def files_with_profile(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {"profile": "work", "region": None}, shared_files(folder, "work")


def files_with_profile_of_the_environment(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {"region": None}, shared_files(folder, "work") | {"AWS_PROFILE": "work"}


def instance(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT": up.root}


def container(up: Upstream, folder: Path) -> tuple[dict, dict]:
    url = f"{up.root}/v1/credentials"
    return {}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": credentials.POD_TOKEN}


def container_with_token_file(up: Upstream, folder: Path) -> tuple[dict, dict]:
    (folder / "token").write_text(credentials.POD_TOKEN)
    url = f"{up.root}/v1/credentials"
    return {}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(folder / "token")}


def api_key_of_the_config(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {"api_key": "ABSKtest"}, {}


def api_key_of_the_environment(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return {}, {"AWS_BEARER_TOKEN_BEDROCK": "ABSKtest"}


SOURCES = {
    environment: ("us-east-1", KEY), region_of_the_environment: ("eu-central-1", KEY), files_with_profile: ("us-west-2", KEY),
    files_with_profile_of_the_environment: ("us-west-2", KEY), instance: ("us-east-1", "ASIAINSTANCE"),
    container: ("us-east-1", "ASIACONTAINER"), container_with_token_file: ("us-east-1", "ASIACONTAINER"),
    api_key_of_the_config: ("", "ABSKtest"), api_key_of_the_environment: ("", "ABSKtest"),
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_keys_are_found_and_requests_are_good(start: Start, upstream: Upstream, tmp_path: Path, source: Any) -> None:
    settings, env = source(upstream, tmp_path)
    gateway = start(bedrock(upstream, **settings), env=env)
    for _ in range(2):
        answer = gateway.chat(NOVA, "Zürich 漢字")
        assert answer.status == 200, answer.body
        assert check_completion(answer.json())["content"] == "Zürich 漢字"
        assert check_stream(gateway.chat(NOVA, "one two", stream=True).body).text == "one two"
    region, key = SOURCES[source]
    shown = {r.headers["authorization"].split(",")[0] for r in upstream.requests()}
    if region:
        assert all(f"Credential={key}/" in one and f"/{region}/bedrock/aws4_request" in one for one in shown)
        sessions = {r.headers.get("x-amz-security-token") for r in upstream.requests()}
        assert len(sessions) == 1 and (sessions == {None}) == (key == KEY)
    else:
        assert shown == {f"Bearer {key}"}


def test_a_session_token_is_sent_and_signed(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    """Its signature is right; the fake has never issued that session, and says just so."""
    gateway = start(bedrock(upstream), env=FIXED | {"AWS_SESSION_TOKEN": f"{credentials.SESSION}-given"})
    check_error(gateway.chat(NOVA), {401, 502}, "upstream_auth")
    sent = upstream.last().headers
    assert sent["x-amz-security-token"] == f"{credentials.SESSION}-given"
    assert "x-amz-security-token" in sent["authorization"]


def test_keys_of_an_instance_are_fetched_once_and_renewed_when_they_run_out(start: Start, upstream: Upstream) -> None:
    role = f"/iam/security-credentials/{credentials.ROLE}"
    upstream.next({"on": "GET", "path": role, "lifetime": 12})
    gateway = start(bedrock(upstream), env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": upstream.root})
    assert [gateway.chat(NOVA).status for _ in range(4)] == [200] * 4
    assert fetches(upstream, role) == 1

    def renewed() -> bool:
        assert gateway.chat(NOVA).status == 200
        return fetches(upstream, role) == 2

    until(renewed, "the keys are renewed", 20)


def test_keys_that_are_refused_later_are_renewed_once(start: Start, upstream: Upstream) -> None:
    gateway = start(bedrock(upstream), env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": upstream.root})
    assert gateway.chat(NOVA).status == 200
    born = time.time()
    until(lambda: time.time() - born > 11, "the keys are no longer young", 15)
    upstream.next({"fail": "expired_token"})
    assert gateway.chat(NOVA).status == 200
    assert fetches(upstream, f"/iam/security-credentials/{credentials.ROLE}") == 2 and len(upstream.requests()) == 3


@pytest.mark.parametrize("path", ["/latest/api/token", "/latest/meta-data/iam/security-credentials/"])
def test_a_metadata_service_that_fails_is_named(start: Start, upstream: Upstream, path: str) -> None:
    upstream.next({"on": "PUT" if "api" in path else "GET", "path": path, "fail": "server_error", "times": -1})
    gateway = start(bedrock(upstream), env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": upstream.root})
    error = check_error(gateway.chat(NOVA), {502, 503})
    assert "`bedrock`" in error["message"] and "metadata" in error["message"], error
    assert not upstream.requests()


def test_a_container_that_refuses_its_token_is_an_error(start: Start, upstream: Upstream) -> None:
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{upstream.root}/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong"}
    error = check_error(start(bedrock(upstream), env=env).chat(NOVA), {401, 502}, "upstream_auth")
    assert "`bedrock`" in error["message"] and "wrong" not in error["message"]


def test_a_wrong_key_says_which_to_change(start: Start, upstream: Upstream) -> None:
    error = check_error(start(bedrock(upstream, api_key="ABSKwrong")).chat(NOVA), {401, 502}, "upstream_auth")
    assert "AWS_BEARER_TOKEN_BEDROCK" in error["message"] and "ABSKwrong" not in error["message"]


START_ERRORS: dict[str, tuple[dict, dict, str]] = {
    "no region": ({"region": None}, FIXED, "AWS_REGION"),
    "an unknown profile": ({"profile": "gone"}, {}, "gone"),
    "half a key": ({}, {"AWS_ACCESS_KEY_ID": KEY}, "secret access key"),
    "a region that is none": ({"region": "us east"}, FIXED, "region"),
}


@pytest.mark.parametrize("case", START_ERRORS)
def test_credentials_that_cannot_be_used_are_an_error_at_the_start(upstream: Upstream, tmp_path: Path, case: str) -> None:
    settings, env, words = START_ERRORS[case]
    config = tmp_path / "recloser.yaml"
    config.write_text(json.dumps(bedrock(upstream, **settings)))
    ended = run(tmp_path, "serve", "--config", str(config), env=env | {"AWS_EC2_METADATA_DISABLED": "true"})
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1 and "providers.bedrock" in said and words in said, ended


# ---------------------------------------------------------------------------------------------------- models


MODELS = [
    "amazon.nova-lite-v1:0", "anthropic.claude-3-haiku-20240307-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", PROFILE_ARN,
    "amazon.titan-text-lite-v1", "meta.llama3-1-8b-instruct-v1:0", "mistral.mistral-large-2407-v1:0", "openai.gpt-oss-120b-1:0",
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_every_way_to_name_a_model_works(start: Start, upstream: Upstream, model: str, stream: bool) -> None:
    answer = start(bedrock(upstream), env=FIXED).chat(f"bedrock/{model}", "hi there", stream=stream)
    assert answer.status == 200, answer.body
    text = check_stream(answer.body).text if stream else check_completion(answer.json())["content"]
    assert text == "hi there"
    assert "/model/" in upstream.last().target and ":" not in upstream.last().target


@pytest.mark.parametrize(
    "model", ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "meta.llama3-1-8b-instruct-v1:0", "mistral.mistral-large-2407-v1:0"]
)
@pytest.mark.parametrize("stream", [False, True])
def test_tools_go_round(start: Start, upstream: Upstream, model: str, stream: bool) -> None:
    gateway = start(bedrock(upstream), env=FIXED)
    answer = gateway.chat(f"bedrock/{model}", "call tools", tools=[CLOCK], stream=stream)
    if stream:
        said = check_stream(answer.body)
        call = said.calls[0]
    else:
        made = check_completion(answer.json())["tool_calls"][0]
        call = {"id": made["id"], "name": made["function"]["name"], "arguments": made["function"]["arguments"]}
    assert call["name"] == "clock"
    history = [{"role": "user", "content": "call tools"}, called((call["id"], "clock", call["arguments"])), tool_answer(call["id"], "noon")]
    again = gateway.post("/v1/chat/completions", {"model": f"bedrock/{model}", "messages": history, "tools": [CLOCK]})
    assert check_completion(again.json())["content"] == "tool said: noon"


def test_a_history_with_tools_is_taken_without_tools(start: Start, upstream: Upstream) -> None:
    history = [{"role": "user", "content": "call tools"}, called(("call_1", "clock", "{}")), tool_answer("call_1", "noon")]
    gateway = start(bedrock(upstream), env=FIXED)
    for model in ("amazon.nova-lite-v1:0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"):
        answer = gateway.post("/v1/chat/completions", {"model": f"bedrock/{model}", "messages": history})
        assert answer.status == 200, answer.body
        assert "noon" in check_completion(answer.json())["content"]


def test_reasoning_is_shown(start: Start, upstream: Upstream) -> None:
    gateway = start(bedrock(upstream), env=FIXED)
    for model in ("openai.gpt-oss-120b-1:0", "us.deepseek.r1-v1:0"):
        message = check_completion(gateway.chat(f"bedrock/{model}", "think aloud").json())
        said = check_stream(gateway.chat(f"bedrock/{model}", "think aloud", stream=True).body)
        assert message["reasoning_content"] and said.reasoning == message["reasoning_content"]


def test_usage_is_counted_in_streams(start: Start, upstream: Upstream) -> None:
    gateway = start(bedrock(upstream), env=FIXED)
    said = check_stream(gateway.chat(NOVA, "one two three", stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert said.usage == gateway.chat(NOVA, "one two three").json()["usage"] and said.usage["prompt_tokens"] == 3


# ---------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("rate_limit", 429), ("tokens_per_minute", 429), ("tokens_per_day", 429), ("not_ready", {429, 503}), ("context_length", 400),
        ("invalid_request", 400), ("auth", {401, 403, 502}), ("permission", 404), ("not_found", 404), ("timeout", 504),
        ("too_large", {400, 413}), ("model_error", 502), ("server_error", 502), ("overloaded", 503), ("bad_gateway", 502),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
def test_faults_have_their_status(start: Start, upstream: Upstream, fault: str, status: Any, stream: bool) -> None:
    upstream.next({"fail": fault, "times": -1})
    check_error(start(bedrock(upstream), env=FIXED).chat(NOVA, stream=stream), status)


@pytest.mark.parametrize("fault", ["rate_limit", "overloaded", "server_error", "stream_error", "unmodelled", "bad_gateway"])
def test_an_exception_in_mid_stream_is_visible(start: Start, upstream: Upstream, fault: str) -> None:
    upstream.next({"event_ms": 20, "error_event": {"after": 3, "fail": fault}})
    text, error = check_broken_stream(start(bedrock(upstream), env=FIXED).chat(NOVA, "a b c d e f", stream=True).body)
    assert "a b c d e f".startswith(text) and text and error["message"]


def test_an_exception_that_comes_first_is_an_answer(start: Start, upstream: Upstream) -> None:
    upstream.next({"error_event": {"after": -1, "fail": "rate_limit"}, "times": -1})
    check_error(start(bedrock(upstream), env=FIXED).chat(NOVA, "a b", stream=True), 429)


@pytest.mark.parametrize("byte", [3, 9, 20, -1])
def test_one_wrong_bit_is_seen(start: Start, upstream: Upstream, byte: int) -> None:
    """Of the length, of the prelude's CRC, of a header, of the message's CRC."""
    upstream.next({"event_ms": 20, "flip": {"event": 5, "byte": byte}})
    raw = start(bedrock(upstream), env=FIXED).chat(NOVA, "a b c d e f g h", stream=True).body
    text, _ = check_broken_stream(raw)
    assert "a b c d e f g h".startswith(text) and text


def test_a_stream_that_is_cut_is_visible(start: Start, upstream: Upstream) -> None:
    upstream.next({"event_ms": 20, "cut": {"events": 4}})
    text, _ = check_broken_stream(start(bedrock(upstream), env=FIXED).chat(NOVA, "a b c d e f g h", stream=True).body)
    assert text


@pytest.mark.parametrize("step", [1, 7])
def test_frames_may_come_in_any_pieces(start: Start, upstream: Upstream, step: int) -> None:
    upstream.next({"split": step})
    assert check_stream(start(bedrock(upstream), env=FIXED).chat(NOVA, "ä b 漢字 d", stream=True).body).text == "ä b 漢字 d"
