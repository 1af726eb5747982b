"""Ollama in its own API, several addresses of a server, what discovery finds, settings that only some types have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fake import ollama as fake_ollama
from support.gateway import Gateway, free_port, run
from support.rules import check_broken_stream, check_completion, check_error, check_stream
from support.samples import CLOCK, called, tool_answer
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]
QWEN, CODER = "ollama/qwen3:8b", "ollama/qwen2.5-coder:7b"


def ollama(up: Upstream, **more: Any) -> dict:
    return {"providers": {"ollama": {"base_url": up.root} | more}}


def names(gateway: Gateway) -> list[str]:
    return [m["id"] for m in gateway.get("/v1/models").json()["data"]]


# ---------------------------------------------------------------------------------------------------- Ollama


@pytest.mark.parametrize("stream", [False, True])
def test_ollama_is_spoken_to_in_its_own_api(start: Start, upstream: Upstream, stream: bool) -> None:
    answer = start(ollama(upstream)).chat(CODER, "Zürich 漢字", stream=stream)
    assert (check_stream(answer.body).text if stream else check_completion(answer.json())["content"]) == "Zürich 漢字"
    assert upstream.last().target == "/api/chat"


def test_settings_of_the_file_reach_it(start: Start, upstream: Upstream) -> None:
    gateway = start(ollama(upstream, num_ctx=32768, keep_alive="30m", options={"num_gpu": 40, "seed": 7}, defaults={"temperature": 0.2}))
    assert gateway.chat(CODER).status == 200
    sent = upstream.last().json()
    assert sent["keep_alive"] == "30m"
    assert sent["options"] == {"num_ctx": 32768, "num_gpu": 40, "seed": 7, "temperature": 0.2}


def test_what_the_client_says_wins(start: Start, upstream: Upstream) -> None:
    gateway = start(ollama(upstream, num_ctx=32768, keep_alive="30m", options={"num_gpu": 40, "seed": 7}))
    assert gateway.chat(CODER, options={"num_ctx": 8192}, seed=1, keep_alive=0).status == 200
    sent = upstream.last().json()
    assert sent["keep_alive"] == 0 and sent["options"]["num_ctx"] == 8192 and sent["options"]["seed"] == 1


@pytest.mark.parametrize("base", ["{}", "{}/", "{}/v1", "{}/v1/"])
def test_its_address_may_be_written_as_for_openai_clients(start: Start, upstream: Upstream, base: str) -> None:
    assert start(ollama(upstream, base_url=base.format(upstream.root))).chat(CODER).status == 200
    assert upstream.last().target == "/api/chat"


def test_its_address_may_come_from_the_environment(start: Start, upstream: Upstream) -> None:
    assert start({"providers": {"ollama": {}}}, env={"OLLAMA_HOST": f"127.0.0.1:{upstream.port}"}).chat(CODER).status == 200


@pytest.mark.parametrize(
    ("path", "body", "target"),
    [
        ("/v1/embeddings", {"model": "ollama/nomic-embed-text", "input": "a"}, "/v1/embeddings"),
        ("/v1/completions", {"model": "ollama/m", "prompt": "a"}, "/v1/completions"),
    ],
)
def test_embeddings_and_completions_go_to_its_openai_part(start: Start, upstream: Upstream, path: str, body: dict, target: str) -> None:
    """The fake's OpenAI wants a key there and says so: the path is what counts."""
    start(ollama(upstream)).post(path, body)
    assert upstream.last().target == target and "ollama/" not in upstream.last().json()["model"]


@pytest.mark.parametrize("stream", [False, True])
def test_tools_go_round(start: Start, upstream: Upstream, stream: bool) -> None:
    gateway = start(ollama(upstream))
    for model in (CODER, "ollama/llama3.2"):
        answer = gateway.chat(model, "call tools", tools=[CLOCK], stream=stream)
        if stream:
            call = check_stream(answer.body).calls[0]
        else:
            made = check_completion(answer.json())["tool_calls"][0]
            call = {"id": made["id"]} | made["function"]
        question = {"role": "user", "content": "call tools"}
        history = [question, called((call["id"], "clock", call["arguments"])), tool_answer(call["id"], "noon")]
        again = gateway.post("/v1/chat/completions", {"model": model, "messages": history, "tools": [CLOCK]})
        assert check_completion(again.json())["content"] == "tool said: noon"


def test_thinking_is_reasoning_and_can_be_switched_off(start: Start, upstream: Upstream) -> None:
    gateway = start(ollama(upstream))
    assert check_completion(gateway.chat(QWEN).json())["reasoning_content"]
    assert check_stream(gateway.chat(QWEN, stream=True).body).reasoning
    assert "reasoning_content" not in check_completion(gateway.chat(QWEN, reasoning_effort="none").json())
    assert upstream.last().json()["think"] is False


@pytest.mark.parametrize("fault", ["server_error", "out_of_memory", "overloaded"])
def test_an_error_line_in_mid_stream_is_visible(start: Start, upstream: Upstream, fault: str) -> None:
    upstream.next({"event_ms": 20, "error_event": {"after": 3, "fail": fault}})
    text, error = check_broken_stream(start(ollama(upstream)).chat(CODER, "a b c d e", stream=True).body)
    assert text and "a b c d e".startswith(text) and error["message"]


def test_an_error_line_that_comes_first_is_an_answer(start: Start, upstream: Upstream) -> None:
    upstream.next({"error_event": {"after": -1, "fail": "overloaded"}, "times": -1})
    check_error(start(ollama(upstream)).chat(CODER, stream=True), 503)


@pytest.mark.parametrize(("how", "least"), [({"cut": {"events": 3}}, 1), ({"omit": ["finish"]}, 1), ({"malformed": True}, 0)])
def test_a_stream_that_breaks_is_visible(start: Start, upstream: Upstream, how: dict, least: int) -> None:
    upstream.next({"event_ms": 20, "times": 1} | how)
    text, _ = check_broken_stream(start(ollama(upstream)).chat(CODER, "a b c d e", stream=True).body)
    assert len(text) >= least


@pytest.mark.parametrize(
    ("fault", "status"),
    [("not_found", 404), ("context_length", 400), ("rate_limit", 429), ("server_error", 502), ("overloaded", 503), ("auth", 502)],
)
def test_faults_have_their_status(start: Start, upstream: Upstream, fault: str, status: int) -> None:
    upstream.next({"fail": fault, "times": -1})
    check_error(start(ollama(upstream)).chat(CODER), status)


# ---------------------------------------------------------------------------------------------------- several addresses


def test_the_next_address_is_tried_when_one_is_off(start: Start, upstream: Upstream) -> None:
    urls = [f"http://127.0.0.1:{free_port()}", upstream.root]
    gateway = start({"providers": {"ollama": {"base_urls": urls}}})
    for _ in range(3):
        assert check_completion(gateway.chat(CODER).json())["content"] == "hi there"
    assert len(upstream.requests()) == 3


def test_the_first_address_that_works_serves_all(start: Start, upstream: Upstream, second_upstream: Upstream) -> None:
    gateway = start({"providers": {"ollama": {"base_urls": [upstream.root, second_upstream.root]}}})
    assert [gateway.chat(CODER).status for _ in range(4)] == [200] * 4
    assert (len(upstream.requests()), len(second_upstream.requests())) == (4, 0)


def test_a_server_that_answers_badly_is_no_reason_to_ask_the_next(start: Start, upstream: Upstream, second_upstream: Upstream) -> None:
    """A request that has reached a server may have done something there."""
    upstream.next({"fail": "not_found", "times": -1})
    gateway = start({"providers": {"ollama": {"base_urls": [upstream.root, second_upstream.root]}}})
    check_error(gateway.chat(CODER), 404)
    assert not second_upstream.requests()


def test_no_address_works(start: Start) -> None:
    gateway = start({"providers": {"ollama": {"base_urls": [f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"]}}})
    error = check_error(gateway.chat(CODER), 502)
    assert "`ollama`" in error["message"]


# ---------------------------------------------------------------------------------------------------- discovery


def test_ollamas_models_are_found_and_answer_by_their_bare_name(start: Start, upstream: Upstream) -> None:
    gateway = start(ollama(upstream))
    until(lambda: "ollama/qwen3:8b" in names(gateway), "the models are found")
    assert {f"ollama/{name}" for name in fake_ollama.MODELS} <= set(names(gateway))
    assert any(r.target == "/api/tags" for r in upstream.everything())
    assert check_completion(gateway.chat("qwen2.5-coder:7b").json())["content"] == "hi there"
    assert upstream.last().target == "/api/chat"


def test_geminis_models_are_found(start: Start, upstream: Upstream) -> None:
    gateway = start({"providers": {"gemini": {"base_url": f"{upstream.root}/v1beta", "api_key": "AIza-test"}}})
    until(lambda: "gemini/gemini-2.5-flash" in names(gateway), "the models are found")
    assert not any(name.startswith("gemini/models/") for name in names(gateway))
    asked = [r for r in upstream.everything() if r.method == "GET"]
    assert asked and all(r.headers["x-goog-api-key"] == "AIza-test" and "key=" not in r.target for r in asked)
    assert check_completion(gateway.chat("gemini-2.5-flash").json())["content"] == "hi there"


def test_clouds_without_a_list_are_not_asked_for_one(start: Start, upstream: Upstream) -> None:
    """Nor is a token fetched, or a key of AWS, before anybody needs one."""
    providers = {
        "vertex": {"base_url": upstream.root, "project": "fake-project", "location": "global"},
        "bedrock": {"base_url": upstream.root, "region": "us-east-1"},
        "azure": {"base_url": upstream.root, "api_key": "azure-x", "api_version": "2024-10-21"},
        "replicate": {"base_url": f"{upstream.root}/replicate/v1", "api_key": "r8_x"},
        "ollama": {"base_url": upstream.root},
    }
    env = {"GCE_METADATA_HOST": f"127.0.0.1:{upstream.port}", "AWS_EC2_METADATA_SERVICE_ENDPOINT": upstream.root}
    gateway = start({"providers": providers}, env=env)
    until(lambda: "ollama/qwen3:8b" in names(gateway), "a round of discovery is over")
    assert {r.target for r in upstream.everything()} == {"/api/tags"}


# ---------------------------------------------------------------------------------------------------- settings


WRONG: dict[str, tuple[dict, str]] = {
    "region": ({"type": "openai", "api_key": "sk-x", "region": "us-east-1"}, "`providers.p.region` means nothing for the type openai"),
    "project": ({"type": "gemini", "api_key": "AIza", "project": "x"}, "`providers.p.project` means nothing for the type gemini"),
    "num_ctx": ({"type": "vllm", "num_ctx": 5}, "`providers.p.num_ctx` means nothing for the type vllm"),
    "on_oversize": ({"type": "ollama", "on_oversize": "truncate"}, "`providers.p.on_oversize` means nothing for the type ollama"),
    "api": ({"type": "groq", "api_key": "gsk_x", "api": "chat"}, "`providers.p.api` means nothing for the type groq"),
    "text_calls": ({"type": "xai", "api_key": "x", "text_calls": "off"}, "`providers.p.text_calls` means nothing for the type xai"),
    "a family that is none": ({"type": "vllm", "text_calls": "lama"}, "lama"),
    "a word that is none": ({"type": "groq", "api_key": "gsk_x", "on_oversize": "cut"}, "truncate"),
    "an api that is none": ({"type": "openai", "api_key": "sk-x", "api": "assistants"}, "responses"),
    "a misspelt key": ({"type": "bedrock", "regoin": "us-east-1"}, "did you mean `region`"),
    "a window that is none": ({"type": "ollama", "num_ctx": "large"}, "num_ctx"),
    "options that are none": ({"type": "ollama", "options": [1]}, "options"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_setting_of_another_type_is_an_error_with_its_line(tmp_path: Path, case: str) -> None:
    section, words = WRONG[case]
    lines = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in section.items())
    (tmp_path / "recloser.yaml").write_text(f"providers:\n  p:\n{lines}")
    name = list(section)[-1]
    line = f":{3 + len(section) - 1}" if name != "text_calls" else ""  # what families there are is known only later
    for command in (["check", "recloser.yaml"], ["serve", "--config", "recloser.yaml"]):
        ended = run(tmp_path, *command)
        said = ended.stdout + ended.stderr
        assert ended.returncode == 1 and words in said and line in said, (name, said)
