"""The plain values that the vendors hand to the wire: a reply, a stream event, a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    method: str
    target: str
    path: str
    headers: dict[str, str]  # lower-case names; repeated ones joined by ", "
    body: bytes
    how: dict = field(default_factory=dict)  # the behaviour that it was told to show

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Event:
    """One event of a stream, framing and all. `kind` is head, content, ping, finish, usage or done, so that a behaviour can leave it out."""

    kind: str
    data: bytes


@dataclass
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"
    events: Iterable[Event] | None = None  # set for a stream


class Refused(Exception):
    """The vendor says no."""

    def __init__(self, reply: Reply):
        super().__init__(reply.body)
        self.reply = reply


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
