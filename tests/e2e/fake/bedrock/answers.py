"""What Converse answers, whole and as a stream of frames."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from .. import anthropic, script
from ..aws import eventstream
from ..aws.errors import REQUEST_ID
from ..reply import Event, Reply, compact
from .models import Model
from .rules import cacheable

STOP_REASON = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "stop_sequence": "stop_sequence"}


def describe(block: dict) -> str:
    kind = next(iter(block))
    inner = block[kind]
    data = inner["source"].get("bytes")
    return f"{kind} {inner.get('format')} {len(base64.b64decode(data))} bytes" if data else f"{kind} {inner.get('format')}"


def result_of(result: dict) -> str:
    said = []
    for inner in result["content"]:
        if "text" in inner:
            said.append(inner["text"])
        elif "json" in inner:
            said.append(compact(inner["json"]).decode())
        else:
            said.append(f"[{describe(inner)}]")
    return ("error " if result.get("status") == "error" else "") + " ".join(said)


def read(body: dict) -> script.Ask:
    content = body["messages"][-1]["content"]
    config = body.get("inferenceConfig", {})
    ask = script.Ask(max_tokens=config.get("maxTokens"), stop=config.get("stopSequences", []))
    ask.text = " ".join(b["text"] for b in content if "text" in b)
    results = [b["toolResult"] for b in content if "toolResult" in b]
    if results and not ask.text:
        ask.tool_results = [result_of(r) for r in results]
    ask.media = [describe(b) for b in content if "image" in b or "document" in b]
    tools = body.get("toolConfig", {})
    ask.tools = [(t["toolSpec"]["name"], t["toolSpec"]["inputSchema"]["json"]) for t in tools.get("tools", []) if "toolSpec" in t]
    for kind, value in tools.get("toolChoice", {}).items():
        ask.tool_choice = {"any": "required", "tool": value.get("name", "")}.get(kind, "auto")
    extra = body.get("additionalModelRequestFields") or {}
    ask.parallel = not extra.get("tool_choice", {}).get("disable_parallel_tool_use", False)
    if wanted := body.get("outputConfig", {}).get("textFormat"):
        ask.schema = json.loads(wanted["structure"]["jsonSchema"]["schema"])
    elif wanted := extra.get("output_config", {}).get("format"):  # Claude's own spelling
        ask.schema = wanted["schema"]
    return ask


class Answer:
    def __init__(self, body: dict, model: Model, seen: set[bytes]) -> None:
        self.body, self.model = body, model
        self.ask = read(body)
        self.said = script.answer(self.ask)
        self.thought = self.think()
        self.stop_reason = self.said.vendor_finish or STOP_REASON[self.said.finish]
        if self.stop_reason == "tool_use" and model.says_end_turn:
            self.stop_reason = "end_turn"
        self.content = self.blocks()
        self.usage = self.count(seen)

    def think(self) -> str:
        extra = self.body.get("additionalModelRequestFields") or {}
        asked = extra.get("thinking", {}).get("type") in ("enabled", "adaptive")
        asked = asked or (self.model.reasons and "think aloud" in self.ask.text)
        return f"Let me think about: {self.ask.text}" if asked else ""

    def blocks(self) -> list[dict]:
        out: list[dict] = []
        if self.thought:
            signature = {"signature": anthropic.signature(self.thought, self.model.claude)} if self.model.claude else {}
            out.append({"reasoningContent": {"reasoningText": {"text": self.thought} | signature}})
        if self.said.calls:
            if "say first" in self.ask.text:
                out.append({"text": "I will call the tools."})
            for i, (name, arguments) in enumerate(self.said.calls):
                out.append({"toolUse": {"toolUseId": self.tool_id(i), "name": name, "input": json.loads(arguments)}})
        elif text := self.said.whole():
            out.append({"text": text})
        return out

    def tool_id(self, i: int) -> str:
        digest = hashlib.sha256(compact([self.body["messages"], i])).hexdigest()
        return digest[:9] if self.model.family == "mistral" else f"tooluse_{digest[:22]}"

    def count(self, seen: set[bytes]) -> dict:
        """Prefixes that a cache point marks are written the first time and read the next time."""
        total = script.tokens([self.body["messages"], self.body.get("system", []), self.body.get("toolConfig", {})])
        marked = any("cachePoint" in block for block in cacheable(self.body))
        output = (
            sum(script.tokens(b.get("text") or b.get("toolUse", {}).get("input")) for b in self.content)
            + 3 * script.tokens(self.thought)
            + 1
        )
        usage = {"inputTokens": total, "outputTokens": output, "totalTokens": total + output}
        if marked:
            key = hashlib.sha256(compact(self.body["messages"])).digest()
            prefix, known = total // 2, key in seen
            seen.add(key)
            usage |= {"inputTokens": total - prefix, "cacheReadInputTokens": prefix * known, "cacheWriteInputTokens": prefix * (not known)}
        return usage

    def more(self) -> dict:
        """What additionalModelResponseFieldPaths asks for. Only the stop sequence is there to be had."""
        paths = self.body.get("additionalModelResponseFieldPaths", [])
        return (
            {"additionalModelResponseFields": {"stop_sequence": self.said.stop_sequence}}
            if any(p.endswith("/stop_sequence") for p in paths)
            else {}
        )

    def whole(self) -> dict:
        message = {"role": "assistant", "content": self.content}
        out = {"output": {"message": message}, "stopReason": self.stop_reason, "usage": self.usage, "metrics": {"latencyMs": 12}}
        return out | self.more()

    def stream(self) -> Iterator[Event]:
        yield event("head", "messageStart", role="assistant")
        calls = iter(self.said.calls)
        for index, block in enumerate(self.content):
            if "toolUse" in block:
                start = {"toolUse": {k: block["toolUse"][k] for k in ("toolUseId", "name")}}
                yield event("content", "contentBlockStart", start=start, contentBlockIndex=index)
            for delta in self.deltas(block, calls):
                yield event("content", "contentBlockDelta", delta=delta, contentBlockIndex=index)
            yield event("content", "contentBlockStop", contentBlockIndex=index)
        yield event("finish", "messageStop", stopReason=self.stop_reason, **self.more())
        yield event("usage", "metadata", usage=self.usage, metrics={"latencyMs": 12})

    def deltas(self, block: dict, calls: Iterator[tuple[str, str]]) -> Iterator[dict]:
        if "reasoningContent" in block:
            text = block["reasoningContent"]["reasoningText"]
            for word in re.findall(r"\S+\s*", text["text"]):
                yield {"reasoningContent": {"text": word}}
            if "signature" in text:
                yield {"reasoningContent": {"signature": text["signature"]}}
        elif "toolUse" in block:
            arguments = next(calls)[1]
            for fragment in script.fragments(arguments) if arguments != "{}" else []:  # no arguments, no deltas
                yield {"toolUse": {"input": fragment}}
        elif self.said.calls:
            yield {"text": block["text"]}
        else:
            for piece in self.said.pieces():
                yield {"text": piece}


def event(kind: str, name: str, **members: Any) -> Event:
    """With the padding that the vendor adds to hide the length of the text."""
    payload = compact(members)
    padding = "abcdefghijklmnopqrstuvwxyz"[: 1 + len(payload) % 26]
    return Event(kind, eventstream.event(name, compact(members | {"p": padding})))


def converse(body: dict, model: Model, stream: bool, seen: set[bytes]) -> Reply:
    made = Answer(body, model, seen)
    headers = {"x-amzn-requestid": REQUEST_ID}
    return Reply(headers=headers, events=made.stream()) if stream else Reply(headers=headers, body=compact(made.whole()))
