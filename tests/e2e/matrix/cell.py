"""One cell of the matrix: asks through the official SDK and hands back what matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import openai

from support.gateway import Gateway
from support.upstream import Received, Upstream

from .rows import Row


@dataclass
class Said:
    """An answer, streamed or not."""

    content: str = ""
    reasoning: str = ""
    calls: list[tuple[str, str, str]] = field(default_factory=list)  # id, name, arguments
    finish: str = ""
    usage: dict[str, Any] | None = None
    message: dict[str, Any] = field(default_factory=dict)  # as a client appends it to its history
    dropped: str = ""


@dataclass
class Cell:
    row: Row
    scenario: str
    gateway: Gateway
    client: openai.OpenAI
    upstream: Upstream

    def fields(self, given: dict[str, Any], provider: str | None = None) -> dict[str, Any]:
        return {"model": f"{provider or self.row.name}/{self.row.model_for(self.scenario)}"} | given

    def ask(self, stream: bool, provider: str | None = None, **given: Any) -> Said:
        fields = self.fields(given, provider)
        if stream:
            return self._streamed(fields)
        raw = self.client.chat.completions.with_raw_response.create(**fields)
        answer = raw.parse()
        choice = answer.choices[0]
        message = choice.message.model_dump(exclude_none=True)
        return said(message, choice.finish_reason, answer.usage.model_dump() if answer.usage else None, raw.headers)

    def _streamed(self, fields: dict[str, Any]) -> Said:
        """By the SDK's own helper, which puts the pieces together and is strict about them."""
        with self.client.chat.completions.stream(**fields, stream_options={"include_usage": True}) as stream:
            try:
                answer = stream.get_final_completion()
            except openai.LengthFinishReasonError as cut:  # the helper's way to say it
                answer = cut.completion
            headers = stream._response.headers
        choice = answer.choices[0]
        message = choice.message.model_dump(exclude_none=True)
        message.pop("parsed", None)
        for call in message.get("tool_calls", []):  # what the helper adds for itself
            call.pop("index", None)
            call["function"].pop("parsed_arguments", None)
        return said(message, choice.finish_reason, answer.usage.model_dump() if answer.usage else None, headers)

    def sent(self) -> Received:
        """What reached the provider last."""
        return self.upstream.last()


def said(message: dict[str, Any], finish: str, usage: dict[str, Any] | None, headers: Any) -> Said:
    calls = [(c["id"], c["function"]["name"], c["function"]["arguments"]) for c in message.get("tool_calls") or []]
    reasoning, dropped = message.get("reasoning_content") or "", headers.get("x-recloser-dropped") or ""
    return Said(message.get("content") or "", reasoning, calls, finish, usage, message, dropped)
