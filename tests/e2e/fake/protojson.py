"""Google's JSON, read as strictly as Google reads it: every member is in a table, camelCase or snake_case, of the right type.

A table maps a message's name to its fields, a field to its type. Types:
  "string" "bool" "int" "number" "bytes" "struct" (any object) "value" (anything)
  "[T]" a list of T    "{T}" an object with T for every member    ("A", "B") one of these words, in any case    "Name" a message
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from .reply import Refused, Reply, compact, is_int, is_number

Type = str | tuple[str, ...]
Messages = dict[str, dict[str, Type]]

STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip


def error(code: int, message: str, *details: dict, status: str | None = None) -> Reply:
    """A google.rpc.Status as JSON."""
    inner: dict[str, Any] = {"code": code, "message": message, "status": status or STATUS[code]}
    if details:
        inner["details"] = [{"@type": f"type.googleapis.com/google.rpc.{d.pop('kind')}"} | d for d in map(dict, details)]
    return Reply(code, body=compact({"error": inner}), content_type="application/json; charset=UTF-8")


def refuse(message: str) -> Refused:
    return Refused(error(400, message))


def bad_field(path: str, message: str) -> Refused:
    violation = {"description": message} | ({"field": path} if path else {})
    return Refused(error(400, message, {"kind": "BadRequest", "fieldViolations": [violation]}))


def snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), name)


def read(messages: Messages, name: str, value: Any, path: str = "") -> dict:
    """The message with its members in camelCase. null members are left out, as if they had not been sent."""
    if not isinstance(value, dict):
        raise invalid(path, name, value)
    fields = messages[name]
    both = {spelling: field for field in fields for spelling in (field, snake(field))}
    out = {}
    for given, inner in value.items():
        if given not in both:
            at = f" at '{path}'" if path else ""
            raise bad_field(path, f'Invalid JSON payload received. Unknown name "{given}"{at}: Cannot find field.')
        if inner is not None:
            field = both[given]
            out[field] = read_value(messages, fields[field], inner, f"{path}.{snake(field)}".lstrip("."))
    return out


def read_value(messages: Messages, type_: Type, value: Any, path: str) -> Any:
    if isinstance(type_, tuple):
        return read_word(type_, value, path)
    if type_[0] == "[":
        if not isinstance(value, list):
            raise invalid(path, "list", value)
        return [read_value(messages, type_[1:-1], inner, f"{path}[{i}]") for i, inner in enumerate(value)]
    if type_[0] == "{":
        if not isinstance(value, dict):
            raise invalid(path, "map", value)
        return {k: read_value(messages, type_[1:-1], inner, f"{path}[{k}]") for k, inner in value.items()}
    if type_ in SCALARS:
        if not SCALARS[type_](value):
            raise invalid(path, {"string": "TYPE_STRING", "bool": "TYPE_BOOL", "int": "TYPE_INT32"}.get(type_, type_), value)
        return value
    return read(messages, type_, value, path)


def read_word(words: tuple[str, ...], value: Any, path: str) -> str:
    if not isinstance(value, str) or value.upper() not in words:
        raise invalid(path, "enum", value)
    return value.upper()


def invalid(path: str, type_: str, value: Any) -> Refused:
    shown = f'"{value}"' if isinstance(value, str) else type(value).__name__ if isinstance(value, (dict, list)) else value
    return bad_field(path, f"Invalid value at '{path}' ({type_}), {shown}")


def is_bytes(value: Any) -> bool:
    try:
        decode(value)
    except (ValueError, binascii.Error):
        return False
    return True


def decode(value: Any) -> bytes:
    """Base64 of either alphabet, padded or not."""
    if not isinstance(value, str):
        raise ValueError
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


SCALARS = {
    "string": lambda v: isinstance(v, str),
    "bool": lambda v: isinstance(v, bool),
    "int": lambda v: is_int(v) or (isinstance(v, str) and re.fullmatch(r"-?\d+", v) is not None),
    "number": is_number,
    "bytes": is_bytes,
    "struct": lambda v: isinstance(v, dict),
    "value": lambda v: True,
}  # fmt: skip
