"""Vertex AI: where credentials come from, how long they last, and what people read when there are none. Gemini and Claude."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake import google_tokens
from support import wire
from support.gateway import SECRETS, Gateway, run
from support.rules import check_broken_stream, check_completion, check_error, check_stream
from support.samples import CLOCK
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]
GEMINI, CLAUDE = "vertex/gemini-2.5-flash", "vertex/claude-sonnet-4-5@20250929"
SECRETS += [google_tokens.REFRESH, google_tokens.SECRET, google_tokens.ACCESS, "PRIVATE KEY"]


def vertex(up: Upstream, **more: Any) -> dict:
    section = {"type": "vertex", "base_url": up.root, "project": google_tokens.PROJECT, "location": "us-central1"} | more
    return {"providers": {"vertex": {k: v for k, v in section.items() if v is not None}}}


def key_file(folder: Path, up: Upstream, **more: Any) -> str:
    path = folder / "key.json"
    path.write_text(json.dumps(up.service_account() | more))
    return str(path)


def login_file(folder: Path, up: Upstream, **more: Any) -> str:
    path = folder / "login.json"
    path.write_text(json.dumps(google_tokens.authorized_user() | {"token_uri": f"{up.root}/token"} | more))
    return str(path)


def fetches(up: Upstream, path: str = "/token") -> int:
    return sum(path in r.target for r in up.everything())


# ---------------------------------------------------------------------------------------------------- where they come from


def service_account(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return vertex(up, credentials_file=key_file(folder, up)), {}


def service_account_in_the_environment(up: Upstream, folder: Path) -> tuple[dict, dict]:
    """The file knows its project, and the location is `global` when nobody says another."""
    return vertex(up, project=None, location=None), {"GOOGLE_APPLICATION_CREDENTIALS": key_file(folder, up)}


def login(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return vertex(up, credentials_file=login_file(folder, up)), {}


def gclouds_own_file(up: Upstream, folder: Path) -> tuple[dict, dict]:
    login_file(folder, up)
    (folder / "login.json").rename(folder / "application_default_credentials.json")
    return vertex(up), {"CLOUDSDK_CONFIG": str(folder)}


def metadata_server(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return vertex(up), {"GCE_METADATA_HOST": f"127.0.0.1:{up.port}"}


def metadata_server_that_knows_the_project(up: Upstream, folder: Path) -> tuple[dict, dict]:
    return vertex(up, project=None), {"GCE_METADATA_HOST": f"127.0.0.1:{up.port}"}


def impersonation(up: Upstream, folder: Path) -> tuple[dict, dict]:
    path = folder / "impersonated.json"
    source = google_tokens.authorized_user() | {"token_uri": f"{up.root}/token"}
    url = f"{up.root}/v1/projects/-/serviceAccounts/{google_tokens.EMAIL}:generateAccessToken"
    path.write_text(
        json.dumps({"type": "impersonated_service_account", "source_credentials": source, "service_account_impersonation_url": url})
    )
    return vertex(up, credentials_file=str(path)), {}


def project_and_location_in_the_environment(up: Upstream, folder: Path) -> tuple[dict, dict]:
    where = {"GOOGLE_CLOUD_PROJECT": google_tokens.PROJECT, "GOOGLE_CLOUD_LOCATION": "us-central1"}
    return vertex(up, project=None, location=None), where | {"GOOGLE_APPLICATION_CREDENTIALS": login_file(folder, up)}


SOURCES = [
    service_account, service_account_in_the_environment, login, gclouds_own_file, metadata_server,
    metadata_server_that_knows_the_project, impersonation, project_and_location_in_the_environment,
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_credentials_are_found_and_serve_every_model(start: Start, upstream: Upstream, tmp_path: Path, source: Any) -> None:
    config, env = source(upstream, tmp_path)
    gateway = start(config, env=env)
    for model in (GEMINI, CLAUDE):
        answer = gateway.chat(model, max_tokens=50)
        assert answer.status == 200, answer.body
        assert check_completion(answer.json())["content"] == "hi there"
        said = check_stream(gateway.chat(model, "one two three", stream=True, max_tokens=50).body)
        assert said.text == "one two three"
    everywhere = "global" if config["providers"]["vertex"].get("location") is None and "GOOGLE_CLOUD_LOCATION" not in env else "us-central1"
    assert all(f"/projects/fake-project/locations/{everywhere}/publishers/" in r.target for r in upstream.requests())
    quota = "fake-project" if source in (login, gclouds_own_file, project_and_location_in_the_environment) else None
    assert {r.headers.get("x-goog-user-project") for r in upstream.requests()} == {quota}


def test_an_access_token_of_the_environment_is_sent_as_it_is(start: Start, upstream: Upstream) -> None:
    gateway = start(vertex(upstream), env={"VERTEX_ACCESS_TOKEN": "ya29.given"})
    error = check_error(gateway.chat(GEMINI), {401, 502}, "upstream_auth")  # the fake has never issued it
    assert "VERTEX_ACCESS_TOKEN" in error["message"]
    assert upstream.last().headers["authorization"] == "Bearer ya29.given"
    assert fetches(upstream) == 0 and len(upstream.requests()) == 1


def test_an_access_token_of_the_environment_serves_every_model(start: Start, upstream: Upstream) -> None:
    path = "/computeMetadata/v1/instance/service-accounts/default/token"
    token = wire.ask(upstream.port, wire.request("GET", path, headers={"metadata-flavor": "Google"})).json()["access_token"]
    gateway = start(vertex(upstream), env={"VERTEX_ACCESS_TOKEN": token})
    for model in (GEMINI, CLAUDE):
        assert gateway.chat(model, max_tokens=50).status == 200
    assert {r.headers["authorization"] for r in upstream.requests()} == {f"Bearer {token}"}


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({"safety_level": "block_none"}, {"BLOCK_NONE", "OFF"}), ({"safety_level": "block_most"}, {"BLOCK_LOW_AND_ABOVE"}),
        ({"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}]}, {"BLOCK_ONLY_HIGH"}),
    ],
)  # fmt: skip
def test_how_much_is_blocked_may_be_set(start: Start, upstream: Upstream, tmp_path: Path, settings: dict, sent: set) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream), **settings))
    assert gateway.chat(GEMINI).status == 200
    assert {one["threshold"] for one in upstream.last().json()["safetySettings"]} <= sent


def test_the_newest_models_are_in_the_location_global(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream), location="global"))
    assert gateway.chat("vertex/gemini-3-flash").status == 200


@pytest.mark.parametrize("model", [GEMINI, CLAUDE])
def test_tools_work_on_both_publishers(start: Start, upstream: Upstream, tmp_path: Path, model: str) -> None:
    client = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream))).client()
    history: list = [{"role": "user", "content": "call tools"}]
    message = client.chat.completions.create(model=model, messages=history, tools=[CLOCK], max_tokens=100).choices[0].message
    assert message.tool_calls and message.tool_calls[0].function.name == "clock"
    history += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "noon"}]
    again = client.chat.completions.create(model=model, messages=history, tools=[CLOCK], max_tokens=100)
    assert again.choices[0].message.content == "tool said: noon"


# ---------------------------------------------------------------------------------------------------- how long they last


def test_fifty_requests_at_once_fetch_one_token(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    upstream.next({"path": "/token", "first_byte_ms": 200})
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    states: list[int] = []
    threads = [threading.Thread(target=lambda: states.append(gateway.chat(GEMINI).status)) for _ in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert states == [200] * 50
    assert fetches(upstream) == 1


def test_a_token_is_used_until_it_must_be_renewed(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    for _ in range(5):
        assert gateway.chat(GEMINI).status == 200
    assert fetches(upstream) == 1


def test_a_token_that_runs_out_soon_is_renewed_before(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    """A lifetime of 12 s: it is young for ten of them and then due."""
    upstream.next({"path": "/token", "lifetime": 12})
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    def renewed() -> bool:
        assert gateway.chat(GEMINI).status == 200
        return fetches(upstream) == 2

    until(renewed, "the token is renewed", 20)
    assert {r.target for r in upstream.requests()} and all(r.done for r in upstream.requests())


@pytest.mark.parametrize("model", [GEMINI, CLAUDE])
def test_a_refused_new_token_is_not_fetched_again(start: Start, upstream: Upstream, tmp_path: Path, model: str) -> None:
    """What has just been fetched would be fetched again just so: a loop of two requests for each of the client's."""
    upstream.next({"fail": "auth", "times": 1})
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    check_error(gateway.chat(model, max_tokens=5), {401, 502}, "upstream_auth")
    assert (fetches(upstream), len(upstream.requests())) == (1, 1)


def test_a_token_that_is_refused_later_is_renewed_once(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    assert gateway.chat(GEMINI).status == 200
    born = time.time()
    until(lambda: time.time() - born > 11, "the token is no longer young", 15)
    upstream.next({"fail": "auth"})
    assert gateway.chat(GEMINI).status == 200
    assert fetches(upstream) == 2 and len(upstream.requests()) == 3


# ---------------------------------------------------------------------------------------------------- when there are none


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"fail": "auth"}, ["invalid_grant", "clock"]),
        ({"fail": "server_error"}, ["Google's token endpoint"]),
        ({"fail": "overloaded"}, ["Google's token endpoint"]),
        ({"fail": "rate_limit"}, ["Google's token endpoint"]),
        ({"malformed": True}, ["Google's token endpoint"]),
        ({"cut": "head"}, ["cannot be fetched"]),
        ({"body": '{"error":"invalid_grant","error_description":"%s"}' % google_tokens.REFRESH, "status": 400}, ["invalid_grant"]),
    ],
    ids=["refused", "broken", "busy", "throttled", "half an answer", "no answer", "a secret in its words"],
)
def test_a_token_endpoint_that_fails_says_so(
    start: Start, upstream: Upstream, tmp_path: Path, fault: dict, words: list[str]
) -> None:
    upstream.next({"path": "/token", "times": -1} | fault)
    path = login_file(tmp_path, upstream) if "body" in fault else key_file(tmp_path, upstream)
    gateway = start(vertex(upstream, credentials_file=path))
    answer = gateway.chat(GEMINI)
    error = check_error(answer, {401, 429, 502, 503})
    assert all(word in error["message"] for word in words), error
    assert "`vertex`" in error["message"], error
    for secret in (google_tokens.REFRESH, google_tokens.SECRET, "PRIVATE KEY", "eyJ"):
        assert secret.encode() not in answer.body
    assert not upstream.requests()


def test_a_login_that_has_run_out_says_how_to_log_in_again(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    gateway = start(vertex(upstream, credentials_file=login_file(tmp_path, upstream, refresh_token=google_tokens.REAUTH)))
    error = check_error(gateway.chat(GEMINI), {401, 502}, "upstream_auth")
    assert "gcloud auth application-default login" in error["message"]


def test_a_token_endpoint_that_recovers_is_asked_again(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    upstream.next({"path": "/token", "fail": "server_error"})
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    assert gateway.chat(GEMINI).status != 200
    until(lambda: gateway.chat(GEMINI).status == 200, "it works again", 5)
    assert fetches(upstream) == 2


def test_credentials_that_fail_lead_to_the_next_target(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    upstream.next({"path": "/token", "times": -1, "fail": "auth"})
    config = vertex(upstream, credentials_file=key_file(tmp_path, upstream))
    config["providers"]["local"] = {"type": "openai-compatible", "base_url": upstream.local}
    config["routes"] = {"r": {"targets": [GEMINI, "local/m"]}}
    answer = start(config).chat("r")
    assert answer.status == 200 and answer.header("x-recloser-target") == "local/m"


BROKEN = {
    "no such file": (None, "cannot be read"),
    "no JSON": ("{", "no JSON object"),
    "no type": ("{}", "`type`"),
    "another type": ('{"type": "gdch_service_account"}', "gdch_service_account"),
    "no key": ('{"type": "service_account", "client_email": "a@b"}', "`private_key`"),
    "a broken key": (
        '{"type": "service_account", "client_email": "a@b", '
        '"private_key": "-----BEGIN PRIVATE KEY-----\\nABC\\n-----END PRIVATE KEY-----\\n"}',
        "`private_key`",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_credentials_file_is_an_error_at_the_start(upstream: Upstream, tmp_path: Path, case: str) -> None:
    text, words = BROKEN[case]
    path = tmp_path / "broken.json"
    if text is not None:
        path.write_text(text)
    config = tmp_path / "recloser.yaml"
    config.write_text(json.dumps(vertex(upstream, credentials_file=str(path))))
    for command in ("serve", "check"):
        ended = run(tmp_path, *([command, "--config", str(config)] if command == "serve" else [command, str(config)]))
        assert ended.returncode == 1, ended
        said = ended.stdout + ended.stderr
        assert "providers.vertex" in said and words in said, said
        assert "ABC" not in said


def test_a_project_that_nobody_knows_is_an_error_at_the_start(upstream: Upstream, tmp_path: Path) -> None:
    config = tmp_path / "recloser.yaml"
    config.write_text(json.dumps(vertex(upstream, project=None)))
    ended = run(tmp_path, "serve", "--config", str(config), env={"VERTEX_ACCESS_TOKEN": "ya29.given"})
    assert ended.returncode == 1 and "GOOGLE_CLOUD_PROJECT" in ended.stderr + ended.stdout


# ---------------------------------------------------------------------------------------------------- what goes wrong there


@pytest.mark.parametrize("model", [GEMINI, CLAUDE])
@pytest.mark.parametrize(("fault", "status"), [("rate_limit", 429), ("permission", {403, 502}), ("overloaded", {502, 503, 529})])
def test_faults_of_the_platform(start: Start, upstream: Upstream, tmp_path: Path, model: str, fault: str, status: Any) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    upstream.next({"fail": fault, "times": -1})
    check_error(gateway.chat(model, max_tokens=5), status)


@pytest.mark.parametrize("model", [GEMINI, CLAUDE])
def test_an_error_in_mid_stream_is_visible(start: Start, upstream: Upstream, tmp_path: Path, model: str) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    upstream.next({"event_ms": 30, "error_event": {"after": 2, "fail": "overloaded"}})
    text, _ = check_broken_stream(gateway.chat(model, "a b c d e", stream=True, max_tokens=50).body)
    assert text.startswith("a")


def test_a_model_that_is_not_there_is_named(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    gateway = start(vertex(upstream, credentials_file=key_file(tmp_path, upstream)))
    assert "gone" in check_error(gateway.chat("vertex/gemini-gone"), 404)["message"]
