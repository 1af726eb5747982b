"""The exact rules for chat answers and streams, so that every test that sees one checks all of them.

They come from what the official SDKs and the coding tools break on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .wire import Response

FINISH_REASONS = {"stop", "length", "tool_calls", "content_filter"}


@dataclass
class Streamed:
    """What a chat stream said, put together."""

    pieces: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: dict[int, dict] = field(default_factory=dict)
    finish: str | None = None
    usage: dict | None = None
    chunks: list[dict] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def reasoning(self) -> str:
        return "".join(self.thoughts)


def check_completion(value: dict) -> dict:
    """A whole chat.completion. Returns its first message."""
    assert "error" not in value
    assert value["object"] == "chat.completion"
    assert isinstance(value["id"], str) and value["id"]
    assert isinstance(value["created"], int) and value["created"] > 0
    assert isinstance(value["model"], str)
    usage = value["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    for i, choice in enumerate(value["choices"]):
        message = choice["message"]
        assert choice["index"] == i
        assert choice["finish_reason"] in FINISH_REASONS
        assert message["role"] == "assistant"
        assert message["content"] is None or isinstance(message["content"], str)
        if message.get("tool_calls"):
            assert choice["finish_reason"] == "tool_calls"
            for call in message["tool_calls"]:
                assert call["type"] == "function" and call["id"] and call["function"]["name"]
                assert isinstance(json.loads(call["function"]["arguments"]), dict)
    return value["choices"][0]["message"]


def check_stream_head(head: Response) -> None:
    assert head.status == 200
    assert (head.header("content-type") or "").startswith("text/event-stream")
    assert head.header("cache-control") == "no-cache"
    assert head.header("x-accel-buffering") == "no"
    assert head.header("content-length") is None
    assert head.header("content-encoding") is None
    assert head.header("x-request-id")


def split_events(raw: bytes) -> list[str]:
    """The data of each event. Nothing but `data:` lines and comments may be there, each event ended by a blank line."""
    text = raw.decode("utf-8")  # valid UTF-8 always
    assert "\r" not in text
    assert text.endswith("\n\n"), f"the last event is not ended: {text[-80:]!r}"
    found = []
    for block in text[:-2].split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        if not lines:
            continue
        assert len(lines) == 1, f"one event, one line: {block!r}"
        assert lines[0].startswith("data: "), f"only data lines: {block!r}"
        found.append(lines[0].removeprefix("data: "))
    return found


def check_stream(raw: bytes, *, usage: bool = False) -> Streamed:
    """A chat stream that ended well, rule by rule. `usage`: the client asked for it."""
    events = split_events(raw)
    assert events[-1] == "[DONE]", f"the stream ends with {events[-1]!r}"
    assert events.count("[DONE]") == 1
    out = Streamed()
    finished: set[int] = set()
    spoken: set[int] = set()
    for i, event in enumerate(events[:-1]):
        chunk = json.loads(event)
        out.chunks.append(chunk)
        assert "error" not in chunk
        assert chunk["object"] == "chat.completion.chunk"
        assert isinstance(chunk["created"], int) and isinstance(chunk["model"], str)
        assert chunk["id"] and chunk["id"] == out.chunks[0]["id"]
        assert isinstance(chunk["choices"], list)
        if chunk["choices"]:
            assert chunk.get("usage") is None, "usage has a chunk of its own"
        else:
            assert usage and i == len(events) - 2, "a chunk without choices is the usage chunk, asked for and last"
            out.usage = chunk["usage"]
        for choice in chunk["choices"]:
            _check_choice(choice, out, finished, spoken)
    assert finished == spoken and finished, "every choice finishes once"
    assert (out.usage is not None) == usage
    if out.usage is not None:
        assert out.usage["total_tokens"] == out.usage["prompt_tokens"] + out.usage["completion_tokens"]
    if out.calls:
        assert out.finish == "tool_calls"
        assert sorted(out.calls) == list(range(len(out.calls))), "tool calls are numbered from 0 without gaps"
        for call in out.calls.values():
            assert isinstance(json.loads(call["arguments"]), dict), "a call without arguments says {}"
    return out


def _check_choice(choice: dict, out: Streamed, finished: set[int], spoken: set[int]) -> None:
    index, delta = choice["index"], choice["delta"]
    assert isinstance(index, int) and isinstance(delta, dict)
    assert index not in finished, "nothing after finish_reason"
    if index not in spoken:
        assert delta.get("role") == "assistant", "the first delta has the role"
    else:
        assert "role" not in delta, "the role is said only once"
    spoken.add(index)
    assert delta.get("content") is None or isinstance(delta["content"], str)
    if index == 0:
        out.pieces.append(delta.get("content") or "")
        out.thoughts.append(delta.get("reasoning_content") or "")
    for call in delta.get("tool_calls") or []:
        _check_call(call, out)
    reason = choice.get("finish_reason")
    if reason is not None:
        assert reason in FINISH_REASONS
        finished.add(index)
        out.finish = reason


def _check_call(call: dict, out: Streamed) -> None:
    at = call["index"]
    function = call.get("function") or {}
    assert isinstance(function.get("arguments", ""), str)
    if at not in out.calls:
        assert call["type"] == "function" and call["id"] and function["name"]
        assert call["id"] not in [c["id"] for c in out.calls.values()]
        out.calls[at] = {"id": call["id"], "name": function["name"], "arguments": ""}
    else:
        assert "id" not in call and "type" not in call and "name" not in function, "said only in the first delta of a call"
    out.calls[at]["arguments"] += function.get("arguments", "")


def check_broken_stream(raw: bytes) -> tuple[str, dict]:
    """A stream that failed after its start: one error event, last, no [DONE], no invented finish. Returns the text before it and the error."""
    events = split_events(raw)
    assert "[DONE]" not in events
    *before, last = [json.loads(e) for e in events]
    assert set(last) == {"error"}, "an error event has nothing but the error"
    check_error_object(last["error"])
    text = ""
    for chunk in before:
        assert "error" not in chunk
        for choice in chunk["choices"]:
            assert choice.get("finish_reason") is None, "no made-up finish_reason"
            text += choice["delta"].get("content") or ""
    return text, last["error"]


def check_error_object(error: Any) -> None:
    assert isinstance(error["message"], str) and error["message"]
    assert isinstance(error["type"], str) and error["type"]
    assert error["param"] is None or isinstance(error["param"], str)
    assert error["code"] is None or isinstance(error["code"], str)
    assert "<html" not in error["message"].lower()


def check_error(response: Response, status: int | set[int], code: str | set[str] | None = None, fault: str | None = None) -> dict:
    """An error answer in OpenAI's shape. Returns the error object."""
    wanted = status if isinstance(status, set) else {status}
    assert response.status in wanted, f"{response.status} {response.body[:300]!r}"
    assert (response.header("content-type") or "").startswith("application/json")
    assert response.header("x-request-id")
    value = response.json()
    assert set(value) == {"error"}
    check_error_object(value["error"])
    assert response.header("x-recloser-fault") in {"client", "gateway", "upstream"}
    if code is not None:
        assert value["error"]["code"] in (code if isinstance(code, set) else {code}), value
    if fault is not None:
        assert response.header("x-recloser-fault") == fault
    return value["error"]
