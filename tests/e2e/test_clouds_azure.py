"""Azure OpenAI: paths with deployments and versions, the v1 API, Entra ID, what its content filter does to answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake import entra
from support.gateway import SECRETS, Gateway, run
from support.rules import check_broken_stream, check_completion, check_error, check_stream
from support.samples import CLOCK
from support.upstream import Upstream

Start = Callable[..., Gateway]
VERSION = "2024-10-21"
KEY = "azure-secret-key"
SECRETS += [KEY, entra.SECRET, entra.COGNITIVE]


def azure(up: Upstream, **more: Any) -> dict:
    section = {"type": "azure", "base_url": up.root, "api_key": KEY, "api_version": VERSION} | more
    return {"providers": {"azure": {k: v for k, v in section.items() if v is not None}}}


def fetches(up: Upstream) -> int:
    return sum("/oauth2/" in r.target for r in up.everything())


# ---------------------------------------------------------------------------------------------------- where requests go


DATED = "/openai/deployments/{}/chat/completions?api-version=" + VERSION
TARGETS: dict[str, tuple[dict, str, str]] = {
    "the model is the deployment": ({}, "gpt4o-prod", DATED.format("gpt4o-prod")),
    "a map of deployments": ({"deployments": {"gpt-4o": "gpt4o-prod"}}, "gpt-4o", DATED.format("gpt4o-prod")),
    "one deployment for the rest": ({"deployments": {"gpt-4": "gone"}, "deployment": "my-mini"}, "gpt-4o", DATED.format("my-mini")),
    "the v1 API": ({"api_version": None}, "gpt4o-prod", "/openai/v1/chat/completions"),
    "the v1 API by name": ({"api_version": "v1"}, "gpt4o-prod", "/openai/v1/chat/completions"),
    "the v1 API with a map": ({"api_version": None, "deployments": {"gpt-4o": "gpt4o-prod"}}, "gpt-4o", "/openai/v1/chat/completions"),
}  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("case", TARGETS)
def test_requests_go_to_the_deployment(start: Start, upstream: Upstream, case: str, stream: bool) -> None:
    settings, model, target = TARGETS[case]
    answer = start(azure(upstream, **settings)).chat(f"azure/{model}", stream=stream)
    assert answer.status == 200, answer.body
    assert (check_stream(answer.body).text if stream else check_completion(answer.json())["content"]) == "hi there"
    assert upstream.last().target == target
    assert upstream.last().headers["api-key"] == KEY and "authorization" not in upstream.last().headers


def test_the_base_url_may_have_a_path_of_its_own(start: Start, upstream: Upstream) -> None:
    gateway = start(azure(upstream, base_url=f"{upstream.root}/api/projects/p/openai/v1", api_version=None))
    assert gateway.chat("azure/gpt4o-prod").status == 200
    assert upstream.last().target == "/api/projects/p/openai/v1/chat/completions"


def test_the_version_may_come_from_the_environment(start: Start, upstream: Upstream) -> None:
    env = {"AZURE_OPENAI_ENDPOINT": upstream.root, "AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_API_VERSION": VERSION}
    gateway = start({"providers": {"azure": {}}}, env=env)
    assert gateway.chat("azure/gpt4o-prod").status == 200
    assert upstream.last().target.endswith(f"?api-version={VERSION}")


def test_the_form_of_a_profile(start: Start, upstream: Upstream) -> None:
    """What Victor's profiles.yaml says of Azure."""
    profile = {
        "provider": "azure", "model": "gpt-4o", "api_key_env": "MY_KEY", "api_base_env": "MY_BASE", "api_version": "2024-08-01-preview",
        "deployment": "gpt4o-prod", "temperature": 0.2,
    }  # fmt: skip
    gateway = start({"providers": {}, "profiles": {"cloud": profile}}, env={"MY_KEY": KEY, "MY_BASE": upstream.root})
    assert check_completion(gateway.chat("cloud").json())["content"] == "hi there"
    last = upstream.last()
    assert last.target == "/openai/deployments/gpt4o-prod/chat/completions?api-version=2024-08-01-preview"
    assert last.json()["temperature"] == 0.2 and last.headers["api-key"] == KEY


def test_a_profile_may_name_a_deployment_and_no_model(start: Start, upstream: Upstream) -> None:
    profile = {"provider": "azure", "api_key_env": "MY_KEY", "api_base_env": "MY_BASE", "api_version": VERSION, "deployment": "my-mini"}
    gateway = start({"providers": {}, "profiles": {"cloud": profile}}, env={"MY_KEY": KEY, "MY_BASE": upstream.root})
    assert gateway.chat("cloud").status == 200
    assert "/deployments/my-mini/" in upstream.last().target


def test_embeddings_and_completions_go_to_their_deployments(start: Start, upstream: Upstream) -> None:
    client = start(azure(upstream, deployments={"text-embedding-3-small": "embed"})).client()
    assert len(client.embeddings.create(model="azure/text-embedding-3-small", input="a").data[0].embedding) == 8
    assert "/deployments/embed/embeddings" in upstream.last().target
    assert client.completions.create(model="azure/instruct", prompt="abc").choices[0].text == "echo: abc"


def test_tools_go_round(start: Start, upstream: Upstream) -> None:
    client = start(azure(upstream)).client()
    history: list = [{"role": "user", "content": "call tools"}]
    message = client.chat.completions.create(model="azure/gpt4o-prod", messages=history, tools=[CLOCK]).choices[0].message
    assert message.tool_calls
    history += [message.model_dump(exclude_none=True), {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "noon"}]
    answer = client.chat.completions.create(model="azure/gpt4o-prod", messages=history, tools=[CLOCK])
    assert answer.choices[0].message.content == "tool said: noon"


def test_a_deployment_that_is_not_there(start: Start, upstream: Upstream) -> None:
    check_error(start(azure(upstream)).chat("azure/gone"), 404)


# ---------------------------------------------------------------------------------------------------- Entra ID


def with_entra(up: Upstream, **more: Any) -> dict:
    url = f"{up.root}/{entra.TENANT}/oauth2/v2.0/token"
    client = {"tenant_id": entra.TENANT, "client_id": entra.CLIENT, "client_secret": entra.SECRET, "token_url": url}
    return azure(up, **({"api_key": None} | client | more))


@pytest.mark.parametrize("version", [VERSION, None])
def test_entra_gives_a_token(start: Start, upstream: Upstream, version: str | None) -> None:
    gateway = start(with_entra(upstream, api_version=version))
    for _ in range(3):
        answer = gateway.chat("azure/gpt4o-prod")
        assert answer.status == 200, answer.body
    assert fetches(upstream) == 1
    sent = upstream.last().headers
    assert sent["authorization"].startswith("Bearer ") and "api-key" not in sent


def test_entra_may_be_set_in_the_environment(start: Start, upstream: Upstream) -> None:
    env = {"AZURE_TENANT_ID": entra.TENANT, "AZURE_CLIENT_ID": entra.CLIENT, "AZURE_CLIENT_SECRET": entra.SECRET}
    given = {"tenant_id": None, "client_id": None, "client_secret": None}
    assert start(with_entra(upstream, **given), env=env).chat("azure/gpt4o-prod").status == 200


def test_the_secret_may_be_in_a_file(start: Start, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{entra.SECRET}\n")
    assert start(with_entra(upstream, client_secret=f"file:{tmp_path / 'secret'}")).chat("azure/gpt4o-prod").status == 200


def test_fifty_requests_at_once_fetch_one_token(start: Start, upstream: Upstream) -> None:
    upstream.next({"path": "/oauth2/", "first_byte_ms": 200})
    gateway = start(with_entra(upstream))
    states: list[int] = []
    threads = [threading.Thread(target=lambda: states.append(gateway.chat("azure/gpt4o-prod").status)) for _ in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert states == [200] * 50 and fetches(upstream) == 1


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"client_secret": "not-it"}, 502, "client secret"),
        ({"client_id": "nobody"}, 502, "nobody"),
        ({"tenant_id": "other", "token_url": "/other/oauth2/v2.0/token"}, 502, "other"),
    ],
)
def test_a_client_that_entra_refuses_is_told_why(start: Start, upstream: Upstream, settings: dict, status: int, words: str) -> None:
    if "token_url" in settings:
        settings = settings | {"token_url": upstream.root + settings["token_url"]}
    error = check_error(start(with_entra(upstream, **settings)).chat("azure/gpt4o-prod"), status, "upstream_auth")
    assert words in error["message"] and "`azure`" in error["message"] and "not-it" not in error["message"], error
    assert not upstream.requests()


@pytest.mark.parametrize(("fault", "status"), [("server_error", 502), ("overloaded", 503), ("rate_limit", 429)])
def test_an_entra_that_fails_is_named(start: Start, upstream: Upstream, fault: str, status: int) -> None:
    upstream.next({"path": "/oauth2/", "fail": fault, "times": -1})
    error = check_error(start(with_entra(upstream)).chat("azure/gpt4o-prod"), status)
    assert "`azure`" in error["message"], error


def test_no_key_and_no_client_is_an_error_at_the_start(upstream: Upstream, tmp_path: Path) -> None:
    config = tmp_path / "recloser.yaml"
    config.write_text(json.dumps(azure(upstream, api_key=None)))
    ended = run(tmp_path, "serve", "--config", str(config))
    said = ended.stdout + ended.stderr
    assert ended.returncode == 1 and "providers.azure" in said and "AZURE_OPENAI_API_KEY" in said, said


# ---------------------------------------------------------------------------------------------------- the content filter


@pytest.mark.parametrize("text", ["one two three", "one two three async filter", "one two three filter outage"])
@pytest.mark.parametrize("usage", [False, True])
def test_chunks_of_the_filter_do_not_disturb_a_stream(start: Start, upstream: Upstream, text: str, usage: bool) -> None:
    """The first chunk has no choices, and others have no delta: SDKs of others stumble over both."""
    more = {"stream_options": {"include_usage": True}} if usage else {}
    said = check_stream(start(azure(upstream)).chat("azure/gpt4o-prod", text, stream=True, **more).body, usage=usage)
    assert said.text == text


def test_the_filters_verdict_is_kept_in_whole_answers(start: Start, upstream: Upstream) -> None:
    answer = start(azure(upstream)).chat("azure/gpt4o-prod").json()
    check_completion(answer)
    assert answer["prompt_filter_results"][0]["prompt_index"] == 0
    assert answer["choices"][0]["content_filter_results"]["hate"]["severity"] == "safe"


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_that_is_filtered_is_the_clients_fault(start: Start, upstream: Upstream, stream: bool) -> None:
    answer = start(azure(upstream)).chat("azure/gpt4o-prod", "block: hate", stream=stream)
    error = check_error(answer, 400)
    assert "content" in (error["code"] or "") and len(upstream.requests()) == 1


def test_an_answer_that_is_filtered_says_so(start: Start, upstream: Upstream) -> None:
    gateway = start(azure(upstream))
    assert gateway.chat("azure/gpt4o-prod", "a b finish: content_filter").json()["choices"][0]["finish_reason"] == "content_filter"
    said = check_stream(gateway.chat("azure/gpt4o-prod", "a b finish: content_filter", stream=True).body)
    assert said.finish == "content_filter"


# ---------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(("fault", "ms"), [("rate_limit", 350), ("capacity", 120)])
def test_the_wait_is_kept_to_the_millisecond(start: Start, upstream: Upstream, fault: str, ms: int) -> None:
    upstream.next({"fail": fault, "times": -1})
    answer = start(azure(upstream)).chat("azure/gpt4o-prod")
    check_error(answer, 429)
    assert answer.header("retry-after-ms") is not None and ms - 50 <= int(answer.header("retry-after-ms") or 0) <= ms
    assert answer.header("retry-after") == "1"


@pytest.mark.parametrize(
    ("fault", "status"), [("auth", 502), ("permission", 502), ("quota", {429, 503}), ("server_error", 502), ("overloaded", 503)]
)
def test_faults_have_their_status(start: Start, upstream: Upstream, fault: str, status: Any) -> None:
    upstream.next({"fail": fault, "times": -1})
    check_error(start(azure(upstream)).chat("azure/gpt4o-prod"), status)


def test_an_error_in_mid_stream_is_visible(start: Start, upstream: Upstream) -> None:
    upstream.next({"event_ms": 20, "error_event": {"after": 3, "fail": "server_error"}})
    text, _ = check_broken_stream(start(azure(upstream)).chat("azure/gpt4o-prod", "a b c d e", stream=True).body)
    assert text and "a b c d e".startswith(text)


def test_a_wrong_key_says_which_to_change(start: Start, upstream: Upstream) -> None:
    error = check_error(start(azure(upstream, api_key="azure-wrong")).chat("azure/gpt4o-prod"), 502, "upstream_auth")
    assert "AZURE_OPENAI_API_KEY" in error["message"]
