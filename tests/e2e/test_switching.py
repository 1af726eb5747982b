"""A conversation with tools moves from one dialect to another and back again. The client keeps what the OpenAI SDK returned and sends it
on as it is; the strict fakes refuse what does not fit them. Every ordered pair of dialects, streamed and not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
import pytest

from matrix.cell import Cell, Said
from matrix.rows import BEDROCK_CLAUDE, LOW, Row, at
from support.gateway import SECRETS, Gateway
from support.samples import CLOCK, PNG_URL, WEATHER, tool_answer
from support.upstream import Upstream

THOUGHT = "Let me think about:"  # every fake begins its thinking so
ASK = "think aloud and call tools"


@dataclass(frozen=True)
class Dialect:
    row: Row
    fields: dict[str, Any] = field(default_factory=dict)  # of each request
    sees: bool = True
    tools: bool = True
    seals: bool = False  # its thinking comes sealed, and the seals must come back
    returns: str = ""  # its thinking comes back as this member; empty: not at all


DIALECTS = {
    "openai": Dialect(Row("openai", at("/v1", "sk-openai-switch"), "gpt-4o")),
    "local": Dialect(Row("local", at("/local/v1", "sk-local-switch", type="openai-compatible"), "gpt-4o"), returns="reasoning_content"),
    "anthropic": Dialect(Row("anthropic", at("", "sk-ant-switch"), "claude-sonnet-4-5"), LOW, seals=True),
    "gemini": Dialect(Row("gemini", at("/v1beta", "AIza-switch"), "gemini-3-flash"), LOW, seals=True),
    "bedrock": Dialect(Row("bedrock", at("", "ABSK-switch", region="us-east-1"), BEDROCK_CLAUDE), LOW, seals=True),
    "ollama": Dialect(Row("ollama", at(""), "gpt-oss:20b"), LOW, sees=False, returns="thinking"),
    "mistral": Dialect(Row("mistral", at("/mistral/v1", "mistral-switch"), "magistral-latest"), sees=False),
    "responses": Dialect(Row("responses", at("/v1", "sk-responses-switch", type="openai", api="responses"), "gpt-5"), LOW, seals=True),
    "replicate": Dialect(Row("replicate", at("/replicate/v1", "r8_switch"), "meta/meta-llama-3-8b-instruct"), sees=False, tools=False),
}  # fmt: skip


@pytest.fixture(scope="module")
def _switch(
    _binary: Path, _upstreams: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, openai.OpenAI]]:
    home = tmp_path_factory.mktemp("switching")
    providers = {name: {"type": name} | one.row.section(_upstreams[0], home) for name, one in DIALECTS.items()}
    SECRETS.extend(s["api_key"] for s in providers.values() if "api_key" in s)
    gateway = Gateway(home, {"providers": providers})
    with gateway.client() as client:
        yield gateway, client
    gateway.stop()


@pytest.fixture
def ask(_switch: tuple[Gateway, openai.OpenAI], upstream: Upstream, stream: bool) -> Callable[..., Said]:
    """Asks a dialect; the tools go along where it has any."""

    def go(name: str, history: list[dict], **fields: Any) -> Said:
        one = DIALECTS[name]
        offered = {"tools": [WEATHER, CLOCK]} if one.tools else {}
        return Cell(one.row, "", *_switch, upstream).ask(stream, messages=history, **offered, **one.fields, **fields)

    return go


# ---------------------------------------------------------------------------------------------------- the conversation


def seals(message: dict) -> list[str]:
    """What only the model that made it can read. Ids that recloser packs in with encrypted reasoning stand before a colon."""
    found = [block.get("signature") or block.get("data", "").rpartition(":")[2] for block in message.get("thinking_blocks", [])]
    extra = [call.get("extra_content", {}).get("google", {}).get("thought_signature") for call in message.get("tool_calls", [])]
    return [seal for seal in [*found, *extra] if seal]


def take_turn(ask: Callable[..., Said], name: str, history: list[dict], picture: bool = False) -> dict:
    """The user asks, the assistant calls both tools, and their results are added; who has no tools says something."""
    text = f"{ASK}, {name}"
    seen = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": PNG_URL}}]
    history.append({"role": "user", "content": seen if picture else text})
    answer = ask(name, history)
    history.append(answer.message)
    if DIALECTS[name].tools:
        assert [n for _, n, _ in answer.calls] == ["weather", "clock"]
        assert json.loads(answer.calls[0][2])["id"] == 9007199254740993
        history += [tool_answer(answer.calls[0][0], "sunny"), tool_answer(answer.calls[1][0], "noon")]
    else:
        history.append({"role": "user", "content": "go on"})
    return answer.message


def answer_results(ask: Callable[..., Said], name: str, history: list[dict], after: str) -> None:
    """The results of `after`'s calls are answered by `name`."""
    answer = ask(name, history)
    if DIALECTS[name].tools and DIALECTS[after].tools:
        assert answer.content == "tool said: sunny | noon"
    else:
        assert answer.content
    history.append(answer.message)


def check_sent(upstream: Upstream, name: str, made: dict[str, dict], own: bool = True) -> None:
    """Foreign thinking stays away from `name`, and its own, when it made any before, comes back sealed as it was."""
    body = upstream.last().body.decode().replace("\\/", "/")
    for maker, message in made.items():
        for seal in seals(message):
            if maker != name:
                assert seal not in body, f"a seal of {maker} reached {name}"
            elif own:
                assert seal in body, f"a seal of {name} did not come back"
        # Words without a seal say nowhere whose they are: a server of OpenAI's own shape gets them as the client has them
        if maker != name and DIALECTS[name].returns != "reasoning_content":
            assert f"{THOUGHT} {ASK}, {maker}" not in body, f"thinking of {maker} reached {name}"


def opening() -> list[dict]:
    return [{"role": "system", "content": "Be terse."}]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("second", DIALECTS)
@pytest.mark.parametrize("first", DIALECTS)
def test_a_conversation_moves_to_another_dialect_and_back(ask: Callable[..., Said], upstream: Upstream, first: str, second: str) -> None:
    history = opening()
    made = {first: take_turn(ask, first, history, picture=DIALECTS[first].sees and DIALECTS[second].sees)}
    assert bool(seals(made[first])) == DIALECTS[first].seals
    answer_results(ask, second, history, after=first)
    check_sent(upstream, second, made)
    take_turn(ask, first, history)
    check_sent(upstream, first, made)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("second", DIALECTS)
@pytest.mark.parametrize("first", DIALECTS)
def test_the_first_dialect_answers_the_calls_of_the_second(ask: Callable[..., Said], upstream: Upstream, first: str, second: str) -> None:
    """Thinking of its own from before the other's calls may stay away: in a loop that another began, Claude cannot think."""
    history = opening()
    made = {first: take_turn(ask, first, history)}
    answer_results(ask, first, history, after=first)
    check_sent(upstream, first, made)
    made[second] = take_turn(ask, second, history)
    answer_results(ask, first, history, after=second)
    check_sent(upstream, first, made, own=False)
    take_turn(ask, second, history)
    check_sent(upstream, second, made)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", [n for n, d in DIALECTS.items() if d.returns])
def test_thinking_without_a_seal_comes_back_in_the_servers_own_member(ask: Callable[..., Said], upstream: Upstream, name: str) -> None:
    history = opening()
    take_turn(ask, name, history)
    answer_results(ask, name, history, after=name)
    turns = [m for m in upstream.last().json()["messages"] if m["role"] == "assistant"]
    assert turns[0][DIALECTS[name].returns].startswith(THOUGHT)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_tools_where_there_are_none_are_refused_in_clear_words(ask: Callable[..., Said], upstream: Upstream) -> None:
    with pytest.raises(openai.BadRequestError, match="cannot call tools"):
        ask("replicate", [{"role": "user", "content": "hi"}], tools=[CLOCK])
    assert not upstream.requests()
