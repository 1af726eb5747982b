"""What models are known to lack: such a target is passed over, and refused in clear words when no other is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.gateway import default_config, run
from support.samples import CLOCK
from support.upstream import Upstream
from support.wait import until

TEXT_ONLY = "ollama/qwen2.5-coder:7b"
SEES = "gemini/gemini-2.5-flash"
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WITH_IMAGE = [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]}]


def config(up: Upstream, **more: Any) -> dict:
    providers = {
        "ollama": {"base_url": up.root},
        "gemini": {"base_url": f"{up.root}/v1beta", "api_key": "AIza-test"},
        "replicate": {"base_url": f"{up.root}/replicate/v1", "api_key": "r8_test"},
    }
    return default_config(up, providers=providers, routes={"both": {"targets": [TEXT_ONLY, SEES]}}) | more


def test_an_image_goes_to_the_target_that_sees(start: Any, upstream: Upstream) -> None:
    gateway = start(config(upstream))
    assert gateway.chat("both").header("x-recloser-target") == TEXT_ONLY
    answer = gateway.chat("both", messages=WITH_IMAGE)
    assert answer.status == 200, answer.body
    assert answer.header("x-recloser-target") == SEES


@pytest.mark.parametrize(
    ("model", "fields", "word"),
    [
        (TEXT_ONLY, {"messages": WITH_IMAGE}, "vision"),
        ("replicate/meta/meta-llama-3-70b-instruct", {"tools": [CLOCK]}, "tools"),
        ("ollama/nomic-embed-text:latest", {}, "chat"),
        ("ollama/gemma:2b", {"messages": [{"role": "user", "content": "x" * 200_000}]}, "context"),
    ],
)
def test_what_no_target_has_is_refused_by_name(start: Any, upstream: Upstream, model: str, fields: dict, word: str) -> None:
    gateway = start(config(upstream))
    answer = gateway.chat(model, **fields)
    assert answer.status == 400, answer.body
    error = answer.json()["error"]
    assert error["code"] == ("context_length_exceeded" if word == "context" else "unsupported_capability")
    assert word in error["message"] and model in error["message"]
    assert upstream.requests() == []


def test_the_operator_has_the_last_word(start: Any, upstream: Upstream) -> None:
    gateway = start(config(upstream, models={"qwen2.5-coder*": {"vision": True, "context": 4096}}))
    answer = gateway.chat("both", messages=WITH_IMAGE)
    assert answer.header("x-recloser-target") == SEES or upstream.requests()  # it was tried, or failed over
    assert upstream.requests()[0].target == "/api/chat"


def test_models_say_what_they_can_do(start: Any, upstream: Upstream) -> None:
    gateway = start(config(upstream, models={"qwen2.5-coder*": {"context": 4096}}))

    def listed() -> dict | None:
        data = gateway.get("/v1/models").json()["data"]
        return next((m["recloser"] for m in data if m["id"] == TEXT_ONLY), None)

    facts = until(listed, "the model is listed")
    assert facts["context"] == 4096 and facts["vision"] is False and facts["tools"] is True


def test_the_command_line_shows_it(tmp_path: Any) -> None:
    found = run(tmp_path, "providers", "--compare", "--json")
    assert found.returncode == 0, found.stderr
    titles = [one["title"] for one in json.loads(found.stdout)["comparisons"]]
    assert titles == ["Tool calling", "Context windows", "Vision"]
    config = tmp_path / "c.yaml"
    config.write_text("providers: {openai: {api_key: sk-x, models: [gpt-4o]}}\n")
    found = run(tmp_path, "models", "--json", "--config", str(config))
    models = {m["id"]: m["capabilities"] for m in json.loads(found.stdout)["models"]}
    assert models["openai/gpt-4o"]["vision"] is True and models["openai/gpt-4o"]["context"] == 128000
