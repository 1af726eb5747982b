"""The command line: exit codes, errors that say where and what, JSON that parses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.gateway import SECRETS, UP_KEY, default_config, run
from support.upstream import Upstream

GOOD = """\
server: {listen: 127.0.0.1:4100}
providers:
  up: {type: openai-compatible, base_url: http://127.0.0.1:9/v1, api_key: sk-test-up}
routes:
  smart:
    targets: [up/gpt-4o]
"""


@pytest.fixture
def recloser(_binary: Path, tmp_path: Path) -> Callable[..., CompletedProcess[str]]:
    """Runs a command in an empty home; the config file there, if any, is `c.yaml`."""

    def go(*args: str, config: str | dict | None = None, env: dict[str, str] | None = None) -> CompletedProcess[str]:
        if config is not None:
            (tmp_path / "c.yaml").write_text(config if isinstance(config, str) else json.dumps(config))
        ended = run(tmp_path, *args, env=env)
        for secret in SECRETS:
            assert secret not in ended.stdout + ended.stderr
        return ended

    return go


Recloser = Callable[..., "CompletedProcess[str]"]


# ---------------------------------------------------------------------------------------------------- help and usage


def test_help_names_every_command(recloser: Recloser) -> None:
    ended = recloser("--help")
    assert ended.returncode == 0
    for command in ("serve", "check", "providers", "models", "explain", "chat"):
        assert command in ended.stdout
        assert recloser(command, "--help").returncode == 0


def test_version_is_told(recloser: Recloser) -> None:
    ended = recloser("--version")
    assert ended.returncode == 0 and any(c.isdigit() for c in ended.stdout)


@pytest.mark.parametrize("args", [("nonsense",), ("serve", "--nonsense"), ("explain",), ("check",), ("serve", "--listen", "nonsense")])
def test_wrong_usage_exits_2(recloser: Recloser, args: tuple[str, ...]) -> None:
    ended = recloser(*args)
    assert ended.returncode == 2 and ended.stderr


# ---------------------------------------------------------------------------------------------------- check


def test_a_good_file_passes(recloser: Recloser) -> None:
    assert recloser("check", "c.yaml", config=GOOD).returncode == 0


BAD: dict[str, tuple[str, int, list[str]]] = {
    "an unknown section": (GOOD + "serverr: {}\n", 7, ["serverr", "server"]),
    "an unknown key": (GOOD.replace("targets", "tragets"), 6, ["tragets", "targets"]),
    "an unknown provider key": (GOOD.replace("base_url", "bas_url"), 3, ["bas_url", "base_url"]),
    "an unknown type": (GOOD.replace("openai-compatible", "opnai-compatible"), 3, ["opnai-compatible", "openai-compatible"]),
    "an unknown provider in a target": (GOOD.replace("[up/gpt-4o]", "[upp/gpt-4o]"), 6, ["upp", "up"]),
    "a target without a model": (GOOD.replace("[up/gpt-4o]", "[up]"), 6, ["up"]),
    "no targets": (GOOD.replace("[up/gpt-4o]", "[]"), 6, ["targets"]),
    "a wrong type": (GOOD.replace("listen: 127.0.0.1:4100", "workers: many"), 1, ["workers"]),
    "a bad address": (GOOD.replace("127.0.0.1:4100", "127.0.0.1:99999"), 1, ["listen"]),
    "a bad strategy": (GOOD + "    strategy: ordr\n", 7, ["ordr", "order"]),
    "a bad URL": (GOOD.replace("http://127.0.0.1:9/v1", "ftp://127.0.0.1/v1"), 3, ["base_url"]),
    "a URL with a password": (GOOD.replace("http://127.0.0.1:9/v1", "http://a:b@127.0.0.1/v1"), 3, ["base_url"]),
    "an unset variable": (GOOD.replace("sk-test-up", '"${NOT_SET_ANYWHERE}"'), 3, ["NOT_SET_ANYWHERE"]),
    "a missing secret file": (GOOD.replace("sk-test-up", "file:/nowhere/key"), 3, ["/nowhere/key"]),
    "a key twice": (GOOD + "routes: {}\n", 7, ["routes"]),
    "broken YAML": (GOOD + "  - [\n", 7, []),
    "a tab": (GOOD.replace("  smart:", "\tsmart:"), 5, []),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_fails_with_its_line_and_a_hint(recloser: Recloser, case: str) -> None:
    text, line, words = BAD[case]
    ended = recloser("check", "c.yaml", config=text)
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    near = [f"c.yaml:{n}:" for n in ((line,) if words else (line, line + 1))]
    assert any(n in said for n in near), said
    for word in words:
        assert word in said


def test_a_provider_without_its_key_says_which_variable_to_set(recloser: Recloser) -> None:
    ended = recloser("check", "c.yaml", config=GOOD.replace("providers:\n", "providers:\n  openai: {}\n"))
    assert ended.returncode == 1
    assert "c.yaml:3:" in ended.stderr + ended.stdout and "OPENAI_API_KEY" in ended.stderr + ended.stdout


def test_every_problem_is_told_in_one_run(recloser: Recloser) -> None:
    said = recloser("check", "c.yaml", config=GOOD.replace("base_url", "bas_url").replace("targets", "tragets")).stderr
    assert "bas_url" in said and "tragets" in said


def test_a_missing_file_fails(recloser: Recloser) -> None:
    ended = recloser("check", "nowhere.yaml")
    assert ended.returncode == 1 and "nowhere.yaml" in ended.stderr


def test_serve_with_a_bad_file_fails_the_same_way(recloser: Recloser) -> None:
    ended = recloser("serve", "--config", "c.yaml", config=GOOD + "serverr: {}\n")
    assert ended.returncode == 1 and "c.yaml:7:" in ended.stderr


def test_check_opens_no_socket(recloser: Recloser, upstream: Upstream) -> None:
    before = upstream.connections()["accepted"]
    assert recloser("check", "c.yaml", config=default_config(upstream)).returncode == 0
    assert upstream.connections()["accepted"] <= before + 1  # the control connection that asks


def test_check_speaks_json(recloser: Recloser) -> None:
    ended = recloser("check", "c.yaml", "--json", config=GOOD.replace("base_url", "bas_url"))
    assert ended.returncode == 1 and "bas_url" in json.dumps(json.loads(ended.stdout))


# ---------------------------------------------------------------------------------------------------- explain


def test_explain_prints_the_plan_and_sends_nothing(recloser: Recloser, upstream: Upstream) -> None:
    ended = recloser("explain", "--config", "c.yaml", "--model", "smart", config=default_config(upstream))
    assert ended.returncode == 0
    assert ended.stdout.index("gpt-4o") < ended.stdout.index("claude-sonnet-4-5")
    assert not upstream.requests()


@pytest.mark.parametrize("model", ["smart", "up/gpt-4o", "local/meta-llama/Llama-3.3-70B"])
def test_explain_speaks_json(recloser: Recloser, upstream: Upstream, model: str) -> None:
    ended = recloser("explain", "--config", "c.yaml", "--model", model, "--json", config=default_config(upstream))
    assert ended.returncode == 0 and ("up/gpt-4o" if model == "smart" else model) in json.dumps(json.loads(ended.stdout))


def test_explain_says_what_is_near_an_unknown_model(recloser: Recloser, upstream: Upstream) -> None:
    ended = recloser("explain", "--config", "c.yaml", "--model", "smrt", config=default_config(upstream))
    assert ended.returncode == 1 and "smart" in ended.stderr + ended.stdout


# ---------------------------------------------------------------------------------------------------- providers and models


def test_providers_are_listed(recloser: Recloser, upstream: Upstream) -> None:
    for flag in ((), ("--json",)):
        ended = recloser("providers", "--config", "c.yaml", *flag, config=default_config(upstream))
        assert ended.returncode == 0
        for name in ("up", "local", "claude"):
            assert name in ended.stdout
    json.loads(ended.stdout)


def test_the_catalog_is_complete(recloser: Recloser) -> None:
    said = recloser("providers", "--json").stdout
    json.loads(said)
    for name in (
        "openai", "anthropic", "xai", "deepseek", "mistral", "groq", "cerebras", "together", "fireworks", "openrouter", "moonshot", "huggingface", "lmstudio",
        "vllm", "llamacpp", "ollama",
    ):  # fmt: skip
        assert f'"{name}"' in said


def test_one_provider_can_be_asked_for(recloser: Recloser) -> None:
    ended = recloser("providers", "--provider", "groq", "--json")
    assert ended.returncode == 0 and "GROQ_API_KEY" in ended.stdout and "GROQCLOUD_API_KEY" in ended.stdout
    assert recloser("providers", "--provider", "grok-not-there").returncode == 1


def test_models_are_listed_from_the_upstreams(recloser: Recloser, upstream: Upstream) -> None:
    for flag in ((), ("--json",)):
        ended = recloser("models", "--config", "c.yaml", *flag, config=default_config(upstream))
        assert ended.returncode == 0
        for name in ("smart", "up/gpt-4o", "claude/claude-sonnet-4-5"):
            assert name in ended.stdout
    json.loads(ended.stdout)


def test_models_come_although_a_provider_is_down(recloser: Recloser, upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"]["dead"] = {"type": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "api_key": UP_KEY}
    ended = recloser("models", "--config", "c.yaml", "--json", config=config)
    assert ended.returncode == 0 and "up/gpt-4o" in json.dumps(json.loads(ended.stdout))
