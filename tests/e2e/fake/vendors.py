"""Which vendor answers at which path. The first pattern that fits the path decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from . import anthropic, ollama, openai
from .aws import credentials, eventstream
from .bedrock import service as bedrock
from .gemini import developer
from .reply import Reply, Request


@dataclass(frozen=True)
class Vendor:
    name: str
    handle: Callable[[Request, Any], Reply]  # the request, and what it remembers of earlier ones
    faults: dict[str, Reply]
    stream_error: Callable[[str], bytes]  # the event that says a fault in the middle of a stream
    stream_type: str = "text/event-stream"
    event_end: bytes = b"\n\n"
    memory: Callable[[], Any] = set
    aside: bool = False  # not inference: only behaviours that name its path are meant for it


OPENAI = Vendor("openai", openai.handle, openai.FAULTS, openai.stream_error)
ANTHROPIC = Vendor("anthropic", anthropic.handle, anthropic.FAULTS, anthropic.stream_error)
GEMINI = Vendor("gemini", developer.handle, developer.FAULTS, developer.stream_error, event_end=b"\r\n\r\n")
BEDROCK = Vendor("bedrock", bedrock.handle, bedrock.FAULTS, bedrock.stream_error, eventstream.CONTENT_TYPE, event_end=b"")
AWS = Vendor("aws credentials", credentials.handle, credentials.FAULTS, credentials.stream_error, aside=True)
OLLAMA = Vendor("ollama", ollama.handle, ollama.FAULTS, ollama.stream_error, ollama.STREAM_TYPE, event_end=b"\n")

ROUTES: list[tuple[str, Vendor]] = [
    (r"/v1/messages", ANTHROPIC),
    (r"/v1beta/models", GEMINI),
    (r"/model/|/foundation-models|/inference-profiles", BEDROCK),
    (r"/api/chat$", OLLAMA),
    (r"/api/|/$", replace(OLLAMA, aside=True)),
    (r"/latest/|/v1/credentials|/v2/credentials/", AWS),
]


def find(request: Request) -> Vendor:
    for pattern, vendor in ROUTES:
        if re.match(pattern, request.path):
            return vendor
    return ANTHROPIC if "anthropic-version" in request.headers else OPENAI
