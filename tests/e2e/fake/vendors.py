"""Which vendor answers at which path. The first pattern that fits the path decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from . import anthropic, azure, entra, google_tokens, groq, mistral, ollama, openai, replicate, responses, vertex
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
RESPONSES = Vendor("responses", responses.handle, responses.FAULTS, responses.stream_error)
ANTHROPIC = Vendor("anthropic", anthropic.handle, anthropic.FAULTS, anthropic.stream_error)
GEMINI = Vendor("gemini", developer.handle, developer.FAULTS, developer.stream_error, event_end=b"\r\n\r\n")
BEDROCK = Vendor("bedrock", bedrock.handle, bedrock.FAULTS, bedrock.stream_error, eventstream.CONTENT_TYPE, event_end=b"")
AWS = Vendor("aws credentials", credentials.handle, credentials.FAULTS, credentials.stream_error, aside=True)
OLLAMA = Vendor("ollama", ollama.handle, ollama.FAULTS, ollama.stream_error, ollama.STREAM_TYPE, event_end=b"\n")
AZURE = Vendor("azure", azure.handle, azure.FAULTS, azure.stream_error)
ENTRA = Vendor("entra", entra.handle, entra.FAULTS, entra.stream_error, aside=True)
VERTEX = Vendor("vertex", vertex.gemini, vertex.FAULTS, vertex.stream_error, event_end=b"\r\n\r\n")
VERTEX_CLAUDE = Vendor("vertex claude", vertex.claude, vertex.CLAUDE_FAULTS, vertex.claude_stream_error)
GOOGLE = Vendor("google tokens", google_tokens.handle, google_tokens.FAULTS, google_tokens.stream_error, aside=True)
REPLICATE = Vendor("replicate", replicate.handle, replicate.FAULTS, replicate.stream_error, memory=dict)
MISTRAL = Vendor("mistral", mistral.handle, mistral.FAULTS, mistral.stream_error)
GROQ = Vendor("groq", groq.handle, groq.FAULTS, groq.stream_error)

ROUTES: list[tuple[str, Vendor]] = [
    (r"/v1/messages", ANTHROPIC),
    (r"/v1/responses$", RESPONSES),
    (r"/v1beta/models", GEMINI),
    (r"/model/|/foundation-models|/inference-profiles", BEDROCK),
    (r"/replicate/", REPLICATE),
    (r"/mistral/", MISTRAL),
    (r"/groq/", GROQ),
    (r"/openai/|/api/projects/", AZURE),
    (r"/[^/]+/oauth2/v2.0/token$|/metadata/identity/", ENTRA),
    (r"/token$|/computeMetadata/|/v1/projects/-/", GOOGLE),
    (r"/v1(beta1)?/projects/.*/publishers/anthropic/", VERTEX_CLAUDE),
    (r"/v1(beta1)?/(projects|publishers)/", VERTEX),
    (r"/api/chat$", OLLAMA),
    (r"/api/|/$", replace(OLLAMA, aside=True)),
    (r"/latest/|/v1/credentials|/v2/credentials/", AWS),
]


def find(request: Request) -> Vendor:
    if "metadata-flavor" in request.headers:
        return GOOGLE
    for pattern, vendor in ROUTES:
        if re.match(pattern, request.path):
            return vendor
    return ANTHROPIC if "anthropic-version" in request.headers else OPENAI
