"""No file, no key, no network: the first curl works. With a key in the environment, its provider is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support import wire
from support.gateway import CLAUDE_KEY, UP_KEY, Gateway
from support.rules import check_completion, check_stream
from support.samples import say
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]
ECHO = "demo/echo"


@pytest.fixture
def bare(start: Start) -> Gateway:
    """Started in an empty environment and an empty home."""
    return start(None)


def test_the_demo_model_answers(bare: Gateway) -> None:
    assert "hello there" in check_completion(bare.chat(ECHO, "hello there").json())["content"]


def test_the_demo_model_streams(bare: Gateway) -> None:
    said = check_stream(bare.chat(ECHO, "hello there", stream=True, stream_options={"include_usage": True}).body, usage=True)
    assert "hello there" in said.text and len(said.chunks) > 2


def test_the_sdk_talks_to_the_demo_model(bare: Gateway) -> None:
    with bare.client() as client:
        assert "hello" in (client.chat.completions.create(model=ECHO, **say("hello")).choices[0].message.content or "")
        assert ECHO in [m.id for m in client.models.list()]
        assert client.models.retrieve(ECHO).id == ECHO


def test_the_readmes_first_curl_works(bare: Gateway) -> None:
    body = b'{"model":"demo/echo","messages":[{"role":"user","content":"hello"}]}'
    sent = wire.request(
        "POST",
        "/v1/chat/completions",
        body,
        host=f"localhost:{bare.port}",
        headers={"authorization": None, "content-type": "application/x-www-form-urlencoded"},
    )
    assert "hello" in check_completion(wire.ask(bare.port, sent).json())["content"]


def test_an_unknown_model_names_the_one_that_works(bare: Gateway) -> None:
    answer = bare.chat("gpt-4o")
    assert answer.status == 404 and ECHO in answer.json()["error"]["message"]


def test_it_is_ready(bare: Gateway) -> None:
    assert until(lambda: bare.get("/readyz").status == 200, "ready")


def test_keys_in_the_environment_turn_providers_on(start: Start, upstream: Upstream) -> None:
    env = {
        "OPENAI_API_KEY": UP_KEY,
        "OPENAI_BASE_URL": upstream.openai,
        "ANTHROPIC_API_KEY": CLAUDE_KEY,
        "ANTHROPIC_BASE_URL": upstream.root,
    }
    gateway = start(None, env=env)
    assert gateway.chat("openai/gpt-4o").header("x-recloser-target") == "openai/gpt-4o"
    assert gateway.chat("anthropic/claude-sonnet-4-5").header("x-recloser-target") == "anthropic/claude-sonnet-4-5"
    answer = until(lambda: (a := gateway.chat("claude-sonnet-4-5")).status == 200 and a, "bare names are known")
    assert answer.header("x-recloser-target") == "anthropic/claude-sonnet-4-5"


def test_ollama_is_found_and_spoken_to_in_its_own_api(start: Start, upstream: Upstream) -> None:
    gateway = start(None, env={"OLLAMA_HOST": upstream.root + "/v1"})  # as people write it for OpenAI clients
    until(lambda: "ollama/qwen3:8b" in [m["id"] for m in gateway.get("/v1/models").json()["data"]], "its models are listed")
    assert gateway.chat("ollama/qwen3:8b").status == 200
    assert upstream.last().target == "/api/chat"


def test_a_local_server_is_found_where_its_variable_says(start: Start, upstream: Upstream) -> None:
    gateway = start(None, env={"VICTOR_VLLM_HOST": upstream.local})
    wanted = "vllm/qwen2.5-coder:7b"
    until(lambda: wanted in [m["id"] for m in gateway.get("/v1/models").json()["data"]], "its models are listed")
    assert gateway.chat(wanted).status == 200


CONFIG = """
providers:
  up: {type: openai-compatible, base_url: "URL", api_key: "${THE_KEY:-KEY}"}
routes:
  here: {targets: [up/gpt-4o]}
"""


@pytest.mark.parametrize("place", ["$RECLOSER_CONFIG", "recloser.yaml", ".config/recloser/recloser.yaml"])
def test_a_file_is_found_in_its_usual_places(start: Start, upstream: Upstream, tmp_path: Path, place: str) -> None:
    """The home that `start` makes is also the working directory."""
    file = tmp_path / ("elsewhere.yaml" if place.startswith("$") else f"home0/{place}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CONFIG.replace("URL", upstream.openai).replace("KEY}", UP_KEY + "}"))
    gateway = start(None, env={"RECLOSER_CONFIG": str(file)} if place.startswith("$") else {})
    assert gateway.chat("here").header("x-recloser-target") == "up/gpt-4o"
