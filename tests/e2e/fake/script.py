"""What the pretend model answers. It depends only on the request, so a test can foresee every byte.

The last message decides:

| last message                                   | answer                                                             |
|------------------------------------------------|--------------------------------------------------------------------|
| a tool result                                  | `tool said: <the results, joined by " | ">`                         |
| user, tools offered, text has `call tools`     | calls every tool (one if parallel calls are off)                   |
| user, a tool is forced by tool_choice          | calls it, or all for "required"                                    |
| ... and text has `with {JSON}`                 | that JSON text, verbatim, is the arguments of every call           |
| ... otherwise                                  | arguments are a sample of the tool's schema                        |
| a JSON schema is asked for                     | a sample of the schema                                             |
| text has `long answer N`                       | N words; `long answer N x M` makes each M bytes long                |
| anything else                                  | the user's text itself, then one `[media ...]` note per other part  |

`finish: WORD` anywhere in the text makes WORD the vendor's own finish or stop reason.
`think aloud` makes OpenAI-shaped servers show reasoning; Anthropic thinks when `thinking` says so.
Text is cut at a stop sequence and after max_tokens words. One word is one token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SAMPLE_STRING = 'Zürich "quoted" \\ 漢字 😀'  # needs every kind of escaping
SAMPLE_INTEGER = 9007199254740993  # does not survive a double


@dataclass
class Ask:
    """What a request asks for, the same for both vendors."""

    text: str = ""  # text of the last user message
    media: list[str] = field(default_factory=list)  # its other parts, described
    tool_results: list[str] | None = None  # set when tool results end the conversation
    tools: list[tuple[str, dict]] = field(default_factory=list)
    tool_choice: str = "auto"  # auto | none | required | a tool's name
    parallel: bool = True
    schema: dict | None = None
    max_tokens: int | None = None
    stop: list[str] = field(default_factory=list)


@dataclass
class Answer:
    text: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)  # name, arguments as JSON text
    finish: str = "stop"  # stop | length | stop_sequence | tool_calls
    vendor_finish: str | None = None
    stop_sequence: str | None = None
    long: tuple[int, int] | None = None  # words, bytes per word

    def whole(self) -> str:
        return "".join(self.pieces())

    def pieces(self) -> Iterator[str]:
        """The text as it streams: word by word, nothing lost."""
        if self.long:
            words, size = self.long
            for i in range(words):
                yield f"w{i} ".rjust(size, "x")
        else:
            yield from re.findall(r"\S+\s*|\s+", self.text)


def answer(ask: Ask) -> Answer:
    out = Answer()
    if found := re.search(r"finish: (\w+)", ask.text):
        out.vendor_finish = found[1]
    if ask.tool_results is not None:
        out.text = "tool said: " + " | ".join(ask.tool_results)
    elif calls := _calls(ask):
        out.calls, out.finish = calls, "tool_calls"
        return out
    elif ask.schema is not None:
        out.text = json.dumps(sample(ask.schema), ensure_ascii=False)
    elif found := re.search(r"long answer (\d+)(?: x (\d+))?", ask.text):
        words = int(found[1])
        if ask.max_tokens is not None and ask.max_tokens < words:
            words, out.finish = ask.max_tokens, "length"
        out.long = (words, int(found[2] or 0))
        return out
    else:
        out.text = " ".join([ask.text, *(f"[{m}]" for m in ask.media)]).strip() or "(nothing)"
    return _cut(out, ask)


def _calls(ask: Ask) -> list[tuple[str, str]]:
    if not ask.tools or ask.tool_choice == "none":
        return []
    if ask.tool_choice == "auto" and "call tools" not in ask.text:
        return []
    chosen = [t for t in ask.tools if ask.tool_choice in ("auto", "required", t[0])]
    if not ask.parallel:
        chosen = chosen[:1]
    given = re.search(r"with (\{.*\})", ask.text, re.S)
    return [(name, given[1] if given else json.dumps(sample(schema), ensure_ascii=False)) for name, schema in chosen]


def _cut(out: Answer, ask: Ask) -> Answer:
    cuts = [(out.text.find(s), s) for s in ask.stop if s in out.text]
    if cuts:
        at, out.stop_sequence = min(cuts)
        out.text, out.finish = out.text[:at], "stop_sequence"
    words = list(out.pieces())
    if ask.max_tokens is not None and len(words) > ask.max_tokens:
        out.text, out.finish, out.stop_sequence = "".join(words[: ask.max_tokens]), "length", None
    return out


def sample(schema: dict, root: dict | None = None) -> Any:
    """A value that fits a JSON schema. Every property is filled in."""
    root = root or schema
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return sample(target, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for many in ("anyOf", "oneOf", "allOf"):
        if many in schema:
            return sample(schema[many][0], root)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: sample(s, root) for name, s in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {"type": "string"}), root)]
    return {"string": SAMPLE_STRING, "integer": SAMPLE_INTEGER, "number": 0.5, "boolean": True, "null": None}[kind]


def fragments(arguments: str, size: int = 7) -> list[str]:
    """Tool arguments as they stream: non-ASCII as \\u escapes, cut anywhere, also inside an escape."""
    escaped = "".join(c if ord(c) < 128 else json.dumps(c)[1:-1] for c in arguments)
    return [escaped[i : i + size] for i in range(0, len(escaped), size)]


def tokens(value: Any) -> int:
    """One word is one token, wherever it stands in the value; types and roles are free."""
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, dict):
        return sum(tokens(v) for k, v in value.items() if k not in ("type", "role"))
    if isinstance(value, list):
        return sum(tokens(v) for v in value)
    return 0
