"""A request read against a table of shapes, as a Smithy service reads it.

A structure maps a member to a type; `!` behind it: required. A union is a structure that has exactly one member.
Types: a name of the table, "[T]", "{T}" (a map of names to T), "bool", "int(low,high)", "float(low,high)", "blob", "json" (anything).
Texts: (least, most, pattern). Words: a list.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from ..reply import is_int, is_number
from .errors import refuse

Text = tuple[int, int | None, str | None]


@dataclass(frozen=True)
class Shapes:
    structures: dict[str, dict[str, str]]
    unions: frozenset[str]
    texts: dict[str, Text]
    words: dict[str, list[str]]

    def check(self, type_: str, value: Any, path: str) -> None:
        if type_ in self.structures:
            self.check_structure(type_, value, path)
        elif type_[0] == "[":
            if not isinstance(value, list):
                raise wrong_type(value, "List")
            for i, inner in enumerate(value):
                self.check(type_[1:-1], inner, f"{path}.{i}")
        elif type_[0] == "{":
            if not isinstance(value, dict):
                raise wrong_type(value, "Map")
            for name, inner in value.items():
                self.check(type_[1:-1], inner, f"{path}.{name}")
        elif type_ in self.texts or type_ in self.words:
            self.check_text(type_, value, path)
        else:
            check_scalar(type_, value, path)

    def check_structure(self, name: str, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong_type(value, "structure")
        members = self.structures[name]
        for given in value:
            if given not in members:
                raise refuse(
                    f"Malformed input request: #{''.join('/' + p for p in path.split('.') if p)}: extraneous key [{given}] is not permitted, "
                    "please reformat your input and try again."
                )
        present = {k: v for k, v in value.items() if v is not None}
        for member, type_ in members.items():
            if type_.endswith("!") and member not in present:
                raise constraint(f"{path}.{member}", None, "Member must not be null")
        if name in self.unions and len(present) != 1:
            raise refuse(f"Invalid union at '{path}': exactly one of {', '.join(members)} must be set.", "SerializationException")
        for member, inner in present.items():
            self.check(members[member].rstrip("!"), inner, f"{path}.{member}".lstrip("."))

    def check_text(self, type_: str, value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise wrong_type(value, "String")
        if type_ in self.words:
            if value not in self.words[type_]:
                raise constraint(path, value, f"Member must satisfy enum value set: [{', '.join(self.words[type_])}]")
            return
        least, most, pattern = self.texts[type_]
        if len(value) < least:
            raise constraint(path, value, f"Member must have length greater than or equal to {least}")
        if most is not None and len(value) > most:
            raise constraint(path, value, f"Member must have length less than or equal to {most}")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise constraint(path, value, f"Member must satisfy regular expression pattern: {pattern}")


def check_scalar(type_: str, value: Any, path: str) -> None:
    kind, _, limits = type_.rstrip(")").partition("(")
    if kind == "json":
        return
    if kind == "bool" and not isinstance(value, bool):
        raise wrong_type(value, "Boolean")
    if kind == "blob":
        try:
            if not base64.b64decode(value, validate=True):
                raise constraint(path, "", "Member must have length greater than or equal to 1")
        except (binascii.Error, TypeError, ValueError):
            raise wrong_type(value, "Blob") from None
    if kind in ("int", "float"):
        if not (is_int(value) if kind == "int" else is_number(value)):
            raise wrong_type(value, "Integer" if kind == "int" else "Float")
        low, high = (float(limit) if limit else None for limit in limits.split(","))
        if low is not None and value < low:
            raise constraint(path, value, f"Member must have value greater than or equal to {low:g}")
        if high is not None and value > high:
            raise constraint(path, value, f"Member must have value less than or equal to {high:g}")


def constraint(path: str, value: Any, rule: str) -> Exception:
    where = re.sub(r"\.(\d+)", lambda m: f".{int(m[1]) + 1}.member", path.lstrip("."))
    shown = "" if value is None else f"'{value}' "
    return refuse(f"1 validation error detected: Value {shown}at '{where}' failed to satisfy constraint: {rule}")


def wrong_type(value: Any, wanted: str) -> Exception:
    found = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", list: "START_ARRAY", dict: "START_OBJECT"}
    return refuse(f"{found.get(type(value), 'NULL_VALUE')} can not be converted to {wanted}", "SerializationException")
