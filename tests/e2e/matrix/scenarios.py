"""What every provider is asked. A scenario is a request and a function that asks it and checks the answer; when a row says that
something happens in its place (`Row.instead`), the same request must have that very effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openai
import pytest

from support.samples import CLOCK, PNG, PNG_URL, WEATHER, City, say, tool_answer

from .cell import Cell, Said
from .rows import Absent, Dropped, Partly, Refused

BOTH = (False, True)  # not streamed, streamed


@dataclass(frozen=True)
class Scenario:
    title: str  # of its line in the table
    request: Callable[[Cell], dict[str, Any]]
    check: Callable[[Cell, dict[str, Any]], None]

    def run(self, cell: Cell) -> str:
        """The text of the cell."""
        request, instead = self.request(cell), cell.row.instead.get(cell.scenario)
        match instead:
            case None:
                self.check(cell, request)
                return "✓"
            case Partly():
                self.check(cell, request)
            case Refused():
                check_refused(cell, request, instead)
            case Dropped():
                for stream in BOTH:
                    assert instead.what in cell.ask(stream, **request).dropped
            case Absent():
                for stream in BOTH * 2:
                    answer = cell.ask(stream, **request)
                    assert not answer.dropped and answer.usage
                    assert not (answer.usage["prompt_tokens_details"] or {}).get("cached_tokens")
        return str(instead)


def check_refused(cell: Cell, request: dict[str, Any], instead: Refused) -> None:
    for stream in BOTH:
        with pytest.raises(openai.BadRequestError) as refused:
            cell.ask(stream, **request)
        assert instead.words in refused.value.message
        assert refused.value.response.headers["x-recloser-fault"] == "client"
        assert refused.value.type == "invalid_request_error"
    assert not cell.upstream.requests()


def ask_well(cell: Cell, stream: bool, request: dict[str, Any]) -> Said:
    """An answer for which nothing was left out."""
    answer = cell.ask(stream, **request)
    assert answer.dropped == ""
    return answer


# ---------------------------------------------------------------------------------------------------- words


def check_plain(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        answer = ask_well(cell, stream, request)
        assert (answer.content, answer.finish, answer.calls) == ("Grüße 漢字 😀", "stop", [])


def check_instructions(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        assert ask_well(cell, stream, request).content == "one two"
        body = cell.sent().body.decode()
        assert 0 <= body.find("Be terse.") < body.find("Speak Latin.")


def check_turns(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        assert ask_well(cell, stream, request).content == "third question"
        body = cell.sent().body.decode()
        places = [body.find(words) for words in ("first question", "first answer", "second question", "second answer", "third question")]
        assert -1 not in places and places == sorted(places)


TURNS = [
    {"role": "user", "content": "first question"}, {"role": "assistant", "content": "first answer"},
    {"role": "user", "content": "second question"}, {"role": "assistant", "content": "second answer"},
    {"role": "user", "content": "third question"},
]  # fmt: skip
INSTRUCTED = [
    {"role": "system", "content": "Be terse."}, {"role": "developer", "content": "Speak Latin."}, {"role": "user", "content": "one two"},
]  # fmt: skip
PICTURE = [{"type": "text", "text": "what is this?"}, {"type": "image_url", "image_url": {"url": PNG_URL}}]


def check_vision(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        answer = ask_well(cell, stream, request).content
        assert answer.startswith("what is this?") and "image" in answer
        sent = cell.sent().body.replace(b"\\/", b"/")
        assert PNG_URL.partition(",")[2].encode() in sent or PNG in sent


def check_unicode(cell: Cell, request: dict[str, Any]) -> None:
    """The provider's bytes come three at a time: letters, frames and CRCs are cut in the middle."""
    path = {"on": "GET", "path": cell.row.stream_path} if cell.row.stream_path else {}
    cell.upstream.next({"split": 3} | path)
    assert ask_well(cell, True, request).content == request["messages"][0]["content"]


def check_long(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        assert ask_well(cell, stream, request).content == "short question"
        assert LONG.encode() in cell.sent().body


LONG = " ".join(f"word{i}" for i in range(33_000))  # 300 KB
LONG_TURNS = [{"role": "user", "content": LONG}, {"role": "assistant", "content": "I see."}, {"role": "user", "content": "short question"}]


# ---------------------------------------------------------------------------------------------------- tools


def check_calls(answer: Said) -> None:
    assert answer.finish == "tool_calls"
    assert [name for _, name, _ in answer.calls] == ["weather", "clock"]
    assert len({call for call, _, _ in answer.calls}) == 2 and all(call for call, _, _ in answer.calls)
    arguments = [json.loads(a) for _, _, a in answer.calls]
    assert arguments == [{"city": 'Zürich "quoted" \\ 漢字 😀', "id": 9007199254740993}, {}]


def check_parallel(cell: Cell, request: dict[str, Any]) -> None:
    check_calls(ask_well(cell, False, request))


def check_streamed_calls(cell: Cell, request: dict[str, Any]) -> None:
    check_calls(ask_well(cell, True, request))


def check_results(cell: Cell, request: dict[str, Any]) -> None:
    """The history is what the SDK returns, and what it streams; two rounds of calls."""
    for stream in BOTH:
        history = list(request["messages"])
        for _ in range(2):
            answer = ask_well(cell, stream, request | {"messages": history})
            history.append(answer.message)
            history += [tool_answer(call, said) for (call, _, _), said in zip(answer.calls, ("sunny", "noon"), strict=True)]
            answer = ask_well(cell, stream, request | {"messages": history})
            assert answer.content == "tool said: sunny | noon" and answer.finish == "stop"
            history += [answer.message, {"role": "user", "content": "call tools"}]


TOOLS = say("call tools", tools=[WEATHER, CLOCK])


# ---------------------------------------------------------------------------------------------------- settings


def check_schema(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        answer = ask_well(cell, stream, request)
        assert City.model_validate_json(answer.content).name == 'Zürich "quoted" \\ 漢字 😀'


STRICT = City.model_json_schema() | {"additionalProperties": False}
CITY = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": STRICT}}


def check_stop(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        answer = ask_well(cell, stream, request)
        assert (answer.content.rstrip(), answer.finish) == ("one two", "stop")


def check_limit(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        answer = ask_well(cell, stream, request)
        finish = "stop" if isinstance(cell.row.instead.get(cell.scenario), Partly) else "length"
        assert (answer.content.split(), answer.finish) == (["w0", "w1", "w2"], finish)


def think(cell: Cell) -> dict[str, Any]:
    assert cell.row.thinking or cell.row.instead.get(cell.scenario), "say how it thinks, or that it does not"
    if not cell.row.thinking:
        return say("think aloud", reasoning_effort="low")
    return say("think aloud", **cell.row.thinking.fields) | {"model": f"{cell.row.name}/{cell.row.thinking.model}"}


def check_reasoning(cell: Cell, request: dict[str, Any]) -> None:
    for stream in BOTH:
        answer = ask_well(cell, stream, request)
        assert answer.content == "think aloud" and answer.usage
        assert cell.row.thinking
        if cell.row.thinking.shown:
            assert answer.reasoning == "Let me think about: think aloud"
        else:
            assert not answer.reasoning and answer.usage["completion_tokens_details"]["reasoning_tokens"] == 64


# ---------------------------------------------------------------------------------------------------- usage


def check_usage(cell: Cell, request: dict[str, Any]) -> None:
    """The same counts, streamed or not: all of them, to the last detail."""
    found = []
    for stream in BOTH:
        cell.upstream.reset()  # and with it the caches
        found.append(ask_well(cell, stream, request).usage)
    assert found[0] and found[0]["prompt_tokens"] > 0 and found[0]["completion_tokens"] > 0
    assert found[0]["total_tokens"] == found[0]["prompt_tokens"] + found[0]["completion_tokens"]
    assert found[0] == found[1]


def cached(cell: Cell) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "text", "text": "one two three four five six"}
    return say([part | ({"cache_control": {"type": "ephemeral"}} if cell.row.marks_cache else {})])


def check_cached(cell: Cell, request: dict[str, Any]) -> None:
    """The second time, the fakes find half of the prompt in the cache."""
    for stream in BOTH:
        cell.upstream.reset()
        first, second = (ask_well(cell, stream, request).usage for _ in BOTH)
        assert first and second and second["prompt_tokens_details"]["cached_tokens"] == 3
        assert first["prompt_tokens"] == second["prompt_tokens"] == 6
        assert not (first["prompt_tokens_details"] or {}).get("cached_tokens")


# ---------------------------------------------------------------------------------------------------- faults


@dataclass(frozen=True)
class Answered:
    """What a client gets for a provider's fault."""

    status: int
    code: str | None  # when the provider has no word of its own


FAULTS: dict[str, tuple[str, Answered]] = {
    "invalid_request": ("bad request (400)", Answered(400, None)),
    "auth": ("wrong key (401)", Answered(502, "upstream_auth")),
    "permission": ("no permission (403)", Answered(502, "upstream_auth")),
    "not_found": ("no such model (404)", Answered(404, "model_not_found")),
    "rate_limit": ("rate limit (429)", Answered(429, "rate_limit_exceeded")),
    "server_error": ("server error (500)", Answered(502, "upstream_error")),
    "overloaded": ("overloaded (503, 529)", Answered(503, "upstream_overloaded")),
}
CLASSES: dict[int, type[openai.APIStatusError]] = {400: openai.BadRequestError, 404: openai.NotFoundError, 429: openai.RateLimitError}
WAIT = 30  # what the fakes that name no time themselves are told to say


def check_fault(fault: str) -> Callable[[Cell, dict[str, Any]], None]:
    """The client gets a status that fits whose fault it is, the class that the SDK has for it, the provider's own word where there is
    one, and the time to wait."""

    def check(cell: Cell, request: dict[str, Any]) -> None:
        row, usual = cell.row, FAULTS[fault][1]
        headers = {"retry-after": str(WAIT)} if fault == "rate_limit" and row.retry_after is None else {}
        cell.upstream.next({"fail": fault, "headers": headers, "times": -1})
        status = row.answers.get(fault, usual.status)
        for stream in BOTH:
            with pytest.raises(CLASSES.get(status, openai.InternalServerError)) as raised:
                cell.ask(stream, provider=row.faulty(fault), **request)
            error = raised.value
            assert error.status_code == status
            assert isinstance(error.message, str) and error.type and error.request_id
            code = row.codes.get(fault, usual.code)
            assert code is None or error.code == code
            assert error.response.headers["x-recloser-fault"] == "upstream"
            if fault == "rate_limit":
                said = row.retry_after or WAIT
                assert max(1, said - 2) <= int(error.response.headers["retry-after"]) <= said * 1.15 + 1

    return check


def check_broken(cell: Cell, request: dict[str, Any]) -> None:
    """It fails when two words have come: they are there, and then the SDK raises."""
    path = {"on": "GET", "path": cell.row.stream_path} if cell.row.stream_path else {}
    cell.upstream.next({"error_event": {"after": 3, "fail": "overloaded"}, "event_ms": 20} | path)
    fields = cell.fields(request, cell.row.faulty("broken"))
    pieces = []
    with pytest.raises(openai.APIError) as raised:
        for chunk in cell.client.chat.completions.create(**fields, stream=True):
            pieces += [c.delta.content or "" for c in chunk.choices]
            assert all(c.finish_reason is None for c in chunk.choices)
    assert not isinstance(raised.value, openai.APIStatusError) and raised.value.message
    assert "".join(pieces).startswith("one two") and "five" not in "".join(pieces)
    asked = [r for r in cell.upstream.requests() if not r.target.endswith("/cancel")]
    assert len(asked) == 1, "no second try after the first word"


SCENARIOS: dict[str, Scenario] = {
    "plain": Scenario("plain text", lambda _: say("Grüße 漢字 😀"), check_plain),
    "instructions": Scenario("system and developer", lambda _: {"messages": INSTRUCTED}, check_instructions),
    "turns": Scenario("several turns", lambda _: {"messages": TURNS}, check_turns),
    "vision": Scenario("vision", lambda _: say(PICTURE), check_vision),
    "calls": Scenario("parallel tool calls", lambda _: TOOLS, check_parallel),
    "streamed_calls": Scenario("tool calls, streamed", lambda _: TOOLS, check_streamed_calls),
    "results": Scenario("tool results, two rounds", lambda _: TOOLS, check_results),
    "schema": Scenario("JSON schema", lambda _: say("a city", response_format=CITY), check_schema),
    "reasoning": Scenario("reasoning", think, check_reasoning),
    "stop": Scenario("stop", lambda _: say("one two END three", stop=["END"]), check_stop),
    "limit": Scenario("max tokens", lambda _: say("long answer 9", max_completion_tokens=3), check_limit),
    "usage": Scenario("usage, streamed as not", lambda _: say("one two three four"), check_usage),
    "cached": Scenario("cached tokens", cached, check_cached),
    **{f: Scenario(title, lambda _: say("hi"), check_fault(f)) for f, (title, _) in FAULTS.items()},
    "broken": Scenario("error in the middle of a stream", lambda _: say("one two three four five"), check_broken),
    "unicode": Scenario("letters cut by chunks", lambda _: say("Grüße 漢字 😀 ẞtraße 👩‍👩‍👧 !"), check_unicode),
    "long": Scenario("a prompt of 300 KB", lambda _: {"messages": LONG_TURNS}, check_long),
}  # fmt: skip
