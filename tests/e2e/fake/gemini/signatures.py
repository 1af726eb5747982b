"""Thought signatures: which ones the model makes, and which ones it demands back (providers-native.md §2.6)."""

from __future__ import annotations

import base64
import hashlib
from ..protojson import decode, refuse

PLACEHOLDERS = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
ACCEPTED = {form for p in PLACEHOLDERS for form in (decode(p), p.encode())}  # sent as they are, or in base64


def sign_call(route: str, name: str, args: dict) -> str:
    """Only the route that made it can read it: another model, API or project cannot."""
    return sign(f"{route} {name} {sorted(args.items())!r}")


def sign_text(route: str) -> str:
    return sign(route)


def sign(what: str) -> str:
    return base64.b64encode(b"sig:" + hashlib.sha256(what.encode()).digest()).decode()


def fits(given: str, wanted: str) -> bool:
    return decode(given) in ACCEPTED or decode(given) == decode(wanted)


def check(contents: list[dict], route: str, demanded: bool) -> None:
    """Only the current turn counts: what comes after the last user content that is not all function responses."""
    starts = [i for i, c in enumerate(contents) if c.get("role") == "user" and any("functionResponse" not in p for p in c["parts"])]
    for i in range(starts[-1] + 1 if starts else 0, len(contents)):
        if contents[i].get("role") == "model":
            check_step(contents[i]["parts"], i, route, demanded)


def check_step(parts: list[dict], i: int, route: str, demanded: bool) -> None:
    calls = [p for p in parts if "functionCall" in p]
    for k, part in enumerate(calls):
        call, signature = part["functionCall"], part.get("thoughtSignature")
        if k == 0 and demanded and signature is None:
            raise refuse(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and "
                "missing thought_signature may lead to degraded model performance. Additional data, function call "
                f"`default_api:{call['name']}` , position {i + 1}."
            )
        if signature is not None and (k > 0 or not fits(signature, sign_call(route, call["name"], call.get("args", {})))):
            raise refuse("Thought signature is not valid")
    for part in parts:
        if "functionCall" not in part and "thoughtSignature" in part and not fits(part["thoughtSignature"], sign_text(route)):
            raise refuse("Corrupted thought signature.")
