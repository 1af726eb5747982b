"""The providers of the matrix: how each is set up against its fake, what it cannot do, and what the gateway says then.

A provider of OpenAI's shape without a fake of its own has the lenient server of `fake/openai.py`: the form in which it shows reasoning
decides which of the two.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.upstream import Upstream


@dataclass(frozen=True)
class Refused:
    """The gateway says 400 and names what cannot be, without asking the provider."""

    words: str

    def __str__(self) -> str:
        return f"400: {self.words}"


@dataclass(frozen=True)
class Dropped:
    """The answer comes, and `x-recloser-dropped` names what was left out, or put into words for the model."""

    what: str

    def __str__(self) -> str:
        return f"dropped: {self.what}"


@dataclass(frozen=True)
class Partly:
    """It works but for this, which the vendor does not say."""

    what: str

    def __str__(self) -> str:
        return f"✓ but {self.what}"


@dataclass(frozen=True)
class Absent:
    """The vendor has no such figure: it is not made up."""

    what: str

    def __str__(self) -> str:
        return self.what


Instead = Refused | Dropped | Partly | Absent


@dataclass(frozen=True)
class Thinking:
    """How its reasoning is asked for and what is seen of it."""

    model: str
    fields: dict[str, Any] = field(default_factory=dict)
    shown: bool = True  # in `reasoning_content`; else only the tokens are counted


@dataclass(frozen=True)
class Row:
    name: str
    section: Callable[[Upstream, Path], dict[str, Any]]  # of the config; the folder is for files that it names
    model: str
    models: dict[str, str] = field(default_factory=dict)  # of single scenarios
    thinking: Thinking | None = None
    instead: dict[str, Instead] = field(default_factory=dict)  # scenario: what happens in place of the usual
    marks_cache: bool = False  # the cache is used only where the client marks it
    retry_after: float | None = None  # what the vendor's own 429 says, in seconds
    codes: dict[str, str] = field(default_factory=dict)  # the provider's own words for faults, which are kept
    answers: dict[str, int] = field(default_factory=dict)  # faults that this vendor's words put into another class
    stream_path: str | None = None  # the answer is a GET below this path

    def model_for(self, scenario: str) -> str:
        return self.models.get(scenario, self.model)

    def faulty(self, fault: str) -> str:
        """A provider of the same kind with a lane of its own, so that what fails there benches nobody."""
        return f"{self.name}-{fault}"


LOW = {"reasoning_effort": "low", "max_completion_tokens": 4000}
LENIENT, CONTENT = "/local/v1", "/local/content/v1"


def at(path: str, key: str | None = None, **more: Any) -> Callable[[Upstream, Path], dict[str, Any]]:
    keys: dict[str, Any] = {"api_key": key} if key else {"api_keys": []}
    return lambda up, home: {"base_url": up.root + path} | keys | more


def vertex(up: Upstream, home: Path) -> dict[str, Any]:
    key_file = home / "google.json"
    key_file.write_text(json.dumps(up.service_account()))
    return {"type": "vertex", "base_url": f"{up.root}/v1", "credentials_file": str(key_file), "location": "global"}


BUSY = {"overloaded": "server_is_overloaded"}
GOOGLE = {"server_error": "internal", "overloaded": "unavailable"}


def open_model(name: str, path: str, key: str | None, model: str, **more: Any) -> Row:
    """A server that takes any model."""
    return Row(name, at(path, key), model, codes=BUSY, thinking=Thinking(model), **more)


CLAUDE = "claude-sonnet-4-5"
BEDROCK_CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
VERTEX_CLAUDE = "claude-sonnet-4-5@20250929"
OPEN, SEEING = "meta-llama/Llama-3.3-70B-Instruct", "meta-llama/Llama-4-Scout-17B-16E-Instruct"
BLIND, NO_TOOLS = Refused("cannot see images"), Refused("cannot call tools")
IN_WORDS = Dropped("response_format (instructed)")
NOT_COUNTED = Absent("not reported")

ROWS: list[Row] = [
    Row("anthropic", at("", "sk-ant-matrix"), CLAUDE, thinking=Thinking(CLAUDE, LOW), marks_cache=True),
    Row(
        "azure", at("", "azure-matrix", api_version="2024-10-21", deployments={"gpt-4o": "gpt4o-prod", "o3-mini": "reasoner"}), "gpt-4o",
        thinking=Thinking("o3-mini", LOW, shown=False), retry_after=0.35,
        codes={"server_error": "InternalServerError", "overloaded": "ServiceUnavailable"},
    ),
    # Bedrock's and Ollama's own words say more than the status: a model that one may not use is none, a subscription is about money
    Row(
        "bedrock", at("", "ABSK-matrix", region="us-east-1"), BEDROCK_CLAUDE, thinking=Thinking(BEDROCK_CLAUDE, LOW), marks_cache=True,
        answers={"permission": 404}, codes={"permission": "model_not_found"},
    ),
    open_model("cerebras", LENIENT, "csk-matrix", "gpt-oss-120b", instead={"vision": BLIND}),
    open_model("deepseek", CONTENT, "sk-deepseek-matrix", "deepseek-chat", instead={"vision": BLIND, "schema": IN_WORDS}),
    open_model(
        "fireworks", CONTENT, "fw_matrix", "accounts/fireworks/models/kimi-k2-instruct",
        models={"vision": "accounts/fireworks/models/qwen2p5-vl-32b-instruct"},
    ),
    Row(
        "gemini", at("/v1beta", "AIza-matrix"), "gemini-2.5-flash", thinking=Thinking("gemini-3-flash", LOW), retry_after=34.07,
        codes=GOOGLE,
    ),
    Row(
        "groq", at("/groq/openai/v1", "gsk_matrix"), "llama-3.3-70b-versatile",
        models={"vision": "meta-llama/llama-4-scout-17b-16e-instruct"}, thinking=Thinking("openai/gpt-oss-120b", LOW),
    ),
    open_model("huggingface", LENIENT, "hf_matrix", OPEN, models={"vision": SEEING}),
    open_model("llamacpp", CONTENT, None, "qwen2.5-coder:7b", models={"vision": "gemma-3-4b-it"}),
    open_model("lmstudio", LENIENT, None, "qwen2.5-coder:7b", models={"vision": "gemma-3-4b-it"}),
    Row(
        "mistral", at("/mistral/v1", "mistral-matrix"), "mistral-small-latest", models={"vision": "pixtral-large-latest"},
        thinking=Thinking("magistral-latest"),
    ),
    open_model("moonshot", CONTENT, "sk-moonshot-matrix", "kimi-k2.6"),
    Row(
        "ollama", at("", None), "qwen2.5-coder:7b", models={"vision": "gemma3:4b"}, thinking=Thinking("gpt-oss:20b", LOW),
        answers={"permission": 503}, codes={"permission": "upstream_billing"}, instead={"cached": NOT_COUNTED},
    ),
    Row("openai", at("/v1", "sk-openai-matrix"), "gpt-4o", thinking=Thinking("gpt-5", LOW, shown=False), codes=BUSY),
    Row(
        "openai-responses", at("/v1", "sk-responses-matrix", type="openai", api="responses"), "gpt-4o",
        thinking=Thinking("gpt-5", LOW, shown=False), codes=BUSY,
        instead={"stop": Dropped("stop"), "limit": Dropped("max_tokens (clamped)")},
    ),
    open_model("openrouter", LENIENT, "sk-or-matrix", OPEN, models={"vision": SEEING}),
    Row(
        "replicate", at("/replicate/v1", "r8_matrix"), "meta/meta-llama-3-8b-instruct",
        models={"vision": "openai/gpt-4o", "long": "openai/gpt-4o"}, stream_path="/stream/",
        instead={
            "calls": NO_TOOLS, "streamed_calls": NO_TOOLS, "results": NO_TOOLS, "schema": IN_WORDS,
            "reasoning": Dropped("reasoning_effort"), "limit": Partly("finish_reason `stop`"), "cached": NOT_COUNTED,
        },
    ),
    open_model("together", LENIENT, "together-matrix", OPEN, models={"vision": SEEING}),
    Row("vertex", vertex, "gemini-2.5-flash", thinking=Thinking("gemini-3-flash", LOW), codes=GOOGLE),
    Row("vertex-claude", vertex, VERTEX_CLAUDE, thinking=Thinking(VERTEX_CLAUDE, LOW), marks_cache=True),
    open_model("vllm", LENIENT, None, OPEN, models={"vision": SEEING}),
    open_model("xai", CONTENT, "xai-matrix", "grok-4.5", instead={"stop": Dropped("stop")}),
]  # fmt: skip
