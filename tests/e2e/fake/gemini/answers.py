"""What generateContent answers, whole and as a stream."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from .. import script
from ..protojson import decode
from ..reply import Event, Reply, compact
from . import signatures
from .fields import CONTINUATION_TOKEN, Model

# Reasons after which nothing is left of the content.
BLOCKS_ANSWER = {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"}
EMPTIES_ANSWER = {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
RATINGS = [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}]


def text_of(content: dict) -> str:
    return " ".join(p["text"] for p in content.get("parts", []) if "text" in p)


def describe(part: dict) -> str:
    if "inlineData" in part:
        blob = part["inlineData"]
        return f"{blob['mimeType'].partition('/')[0]} {blob['mimeType']} {len(decode(blob['data']))} bytes"
    return f"file {part['fileData']['fileUri']}"


def result_of(response: dict) -> str:
    """What a function said: the text itself when it comes wrapped the usual way, else the JSON."""
    inner = response["response"]
    if len(inner) == 1 and (only := next(iter(inner))) in ("output", "result", "error"):
        said = inner[only] if isinstance(inner[only], str) else compact(inner[only]).decode()
        said = f"error {said}" if only == "error" else said
    else:
        said = compact(inner).decode()
    return " ".join([said, *(f"[{describe(p)}]" for p in response.get("parts", []))])


def read(body: dict) -> script.Ask:
    last = body["contents"][-1]
    config = body.get("generationConfig", {})
    ask = script.Ask(text=text_of(last), stop=config.get("stopSequences", []))
    results = [p["functionResponse"] for p in last["parts"] if "functionResponse" in p]
    if results and not ask.text:
        ask.tool_results = [result_of(r) for r in results]
    ask.media = [describe(p) for p in last["parts"] if "inlineData" in p or "fileData" in p]
    for tool in body.get("tools", []):
        for one in tool.get("functionDeclarations", []):
            ask.tools.append((one["name"], plain(one.get("parametersJsonSchema") or one.get("parameters") or {"type": "object"})))
    calling = body.get("toolConfig", {}).get("functionCallingConfig", {})
    ask.tool_choice = {"ANY": "required", "NONE": "none"}.get(calling.get("mode", "AUTO"), "auto")
    if names := calling.get("allowedFunctionNames"):
        ask.tools = [t for t in ask.tools if t[0] in names]
    if config.get("responseMimeType") == "application/json":
        echo = {"type": "object", "properties": {"echo": {"const": ask.text}}}
        ask.schema = plain(config.get("responseJsonSchema") or config.get("responseSchema") or echo)
    if "maxOutputTokens" in config:
        ask.max_tokens = int(config["maxOutputTokens"])
    return ask


def plain(schema: Any) -> Any:
    """The OpenAPI spelling of types in small letters."""
    if isinstance(schema, list):
        return [plain(s) for s in schema]
    if isinstance(schema, dict):
        return {k: v.lower() if k == "type" and isinstance(v, str) else plain(v) for k, v in schema.items()}
    return schema


class Answer:
    """One answer: its parts, why it ended, what it used."""

    def __init__(self, body: dict, name: str, model: Model, route: str, seen: set[bytes]) -> None:
        self.body, self.name, self.model, self.route = body, name, model, route
        self.ask = read(body)
        self.thought = self.think()
        if self.ask.max_tokens is not None:  # thoughts are paid from the same purse
            self.ask.max_tokens = max(0, self.ask.max_tokens - self.thought_tokens)
        if "continuationToken" in body:  # the second half of an answer that ended with CONTINUATION
            self.ask = script.Ask(text="and the rest")
        self.said = script.answer(self.ask)
        self.finish = self.said.vendor_finish or ("MAX_TOKENS" if self.said.finish == "length" else "STOP")
        if self.finish in EMPTIES_ANSWER | BLOCKS_ANSWER:
            self.said.calls = []
        self.cached = self.find_cached(seen)

    def think(self) -> str:
        config = self.body.get("generationConfig", {}).get("thinkingConfig", {})
        asked = config.get("includeThoughts") or "thinkingLevel" in config or int(config.get("thinkingBudget", 0)) > 0
        switched_off = config.get("thinkingBudget") in (0, "0")
        if not self.model.thinks or switched_off or not (asked or "think aloud" in self.ask.text):
            return ""
        return f"Let me think about: {self.ask.text}"

    @property
    def thought_tokens(self) -> int:
        return 3 * script.tokens(self.thought)

    @property
    def shows_thoughts(self) -> bool:
        config = self.body.get("generationConfig", {}).get("thinkingConfig", {})
        return bool(self.thought and config.get("includeThoughts"))

    def find_cached(self, seen: set[bytes]) -> int:
        """The second time half of the prompt is in the cache."""
        key = compact([self.name, self.body["contents"], self.body.get("systemInstruction")])
        known = key in seen or "cachedContent" in self.body
        seen.add(key)
        return self.prompt_tokens // 2 if known and (self.model.major >= 3 or self.model.budget) else 0

    @property
    def prompt_tokens(self) -> int:
        return script.tokens([self.body["contents"], self.body.get("systemInstruction", ""), self.body.get("tools", [])])

    def calls(self) -> list[dict]:
        """The parts with function calls. Only the first one of an answer is signed; ids come from the Developer API since Gemini 3."""
        parts = []
        for i, (name, arguments) in enumerate(self.said.calls):
            args = json.loads(arguments)
            call = {"name": name, "args": args}
            if self.model.major >= 3 and self.route.startswith("developer"):
                call = {"id": f"call{len(self.body['contents'])}x{i}"} | call
            part: dict[str, Any] = {"functionCall": call}
            if i == 0 and self.model.major >= 3:
                part["thoughtSignature"] = signatures.sign_call(self.route, name, args)
            parts.append(part)
        return parts

    def usage(self, spoken: int) -> dict:
        out: dict[str, Any] = {"promptTokenCount": self.prompt_tokens}
        if spoken:
            out["candidatesTokenCount"] = spoken
        out["totalTokenCount"] = self.prompt_tokens + spoken + self.thought_tokens
        if self.cached:
            out |= {"cachedContentTokenCount": self.cached, "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": self.cached}]}
        out["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": self.prompt_tokens}]
        if self.thought:
            out["thoughtsTokenCount"] = self.thought_tokens
        if self.route.startswith("vertex"):
            out["trafficType"] = "ON_DEMAND"
        return out

    def spoken(self) -> int:
        return script.tokens(list(self.said.pieces())) + script.tokens([c[1] for c in self.said.calls])

    def frame(self) -> dict:
        return {"modelVersion": self.name, "responseId": hashlib.sha256(compact(self.body)).hexdigest()[:22]}

    # --- the answer in one piece

    def whole(self) -> dict:
        if blocked := re.search(r"block: (\w+)", self.ask.text):
            return self.blocked(blocked[1])
        count = int(self.body.get("generationConfig", {}).get("candidateCount", 1))
        candidates = [self.candidate(i) for i in range(count)]
        spoken = self.spoken() * count if self.finish not in EMPTIES_ANSWER | BLOCKS_ANSWER else 0
        return {"candidates": candidates, "usageMetadata": self.usage(spoken)} | self.frame()

    def blocked(self, reason: str) -> dict:
        return {"promptFeedback": {"blockReason": reason, "safetyRatings": RATINGS}, "usageMetadata": self.usage(0)} | self.frame()

    def candidate(self, index: int) -> dict:
        parts: list[dict] = [{"text": self.thought, "thought": True}] if self.shows_thoughts else []
        if self.said.calls:
            parts += ([{"text": "I will call the tools."}] if "say first" in self.ask.text else []) + self.calls()
        elif text := self.said.whole():
            parts.append({"text": text} | ({"thoughtSignature": signatures.sign_text(self.route)} if self.model.major >= 3 else {}))
        if "IMAGE" in self.body.get("generationConfig", {}).get("responseModalities", []):
            parts.append({"inlineData": {"mimeType": "image/png", "data": PIXEL}})
        out: dict[str, Any] = {}
        if self.finish in EMPTIES_ANSWER:
            out["content"] = {}
        elif self.finish not in BLOCKS_ANSWER:
            out["content"] = ({"parts": parts} if parts else {}) | {"role": "model"}
        return out | self.ending() | {"index": index}

    def ending(self) -> dict:
        out: dict[str, Any] = {"finishReason": self.finish}
        if self.finish in EMPTIES_ANSWER:
            out["finishMessage"] = "Malformed function call: weather(city="
        if self.finish in BLOCKS_ANSWER:
            out["safetyRatings"] = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}]
        if self.finish == "CONTINUATION":
            out["continuationToken"] = CONTINUATION_TOKEN
        if any("googleSearch" in tool for tool in self.body.get("tools", [])):
            web = {"uri": "https://example.com/found", "title": "example.com"}
            out["groundingMetadata"] = {"groundingChunks": [{"web": web}], "webSearchQueries": [self.ask.text]}
        return out

    # --- the answer as a stream of answers

    def stream(self) -> Iterator[Event]:
        if blocked := re.search(r"block: (\w+)", self.ask.text):
            yield self.event("content", self.blocked(blocked[1]))
            return
        for word in re.findall(r"\S+\s*", self.thought) if self.shows_thoughts else []:
            yield self.chunk("content", [{"text": word, "thought": True}], 0)
        spoken = 0
        if self.finish not in EMPTIES_ANSWER | BLOCKS_ANSWER:
            if self.said.calls and "say first" in self.ask.text:
                yield self.chunk("content", [{"text": "I will call the tools."}], 5)
            for parts in [self.calls()] if "at once" in self.ask.text else [[part] for part in self.calls()]:
                spoken = self.spoken()
                yield self.chunk("content", parts, spoken)
        for piece in self.said.pieces():
            spoken += script.tokens(piece)
            yield self.chunk("content", [{"text": piece}], spoken)
        if "IMAGE" in self.body.get("generationConfig", {}).get("responseModalities", []):
            yield self.chunk("content", [{"inlineData": {"mimeType": "image/png", "data": PIXEL}}], spoken)
        yield self.last_chunk(spoken)

    def last_chunk(self, spoken: int) -> Event:
        """The end often comes in a chunk of its own, with an empty text that may carry the signature."""
        part: dict[str, Any] = {"text": ""}
        if self.model.major >= 3 and not self.said.calls:
            part["thoughtSignature"] = signatures.sign_text(self.route)
        content = {} if self.finish in BLOCKS_ANSWER | EMPTIES_ANSWER else {"content": {"parts": [part], "role": "model"}}
        candidate = content | self.ending() | {"index": 0}
        return self.event("finish", {"candidates": [candidate], "usageMetadata": self.usage(spoken)} | self.frame())

    def chunk(self, kind: str, parts: list[dict], spoken: int) -> Event:
        candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
        return self.event(kind, {"candidates": [candidate], "usageMetadata": self.usage(spoken)} | self.frame())

    def event(self, kind: str, value: dict) -> Event:
        return Event(kind, b"data: " + compact(value) + b"\r\n\r\n")


def generate(body: dict, name: str, model: Model, route: str, seen: set[bytes], stream: str) -> Reply:
    """`stream`: "" for one answer, "sse" for events, "json" for one growing array."""
    made = Answer(body, name, model, route, seen)
    if stream == "sse":
        return Reply(events=made.stream())
    if stream == "json":
        found = [e.data.removeprefix(b"data: ").strip() for e in made.stream()]
        return Reply(body=b"[" + b"\n,\r\n".join(found) + b"\n]\n", content_type="application/json; charset=UTF-8")
    return Reply(body=compact(made.whole()), content_type="application/json; charset=UTF-8")
