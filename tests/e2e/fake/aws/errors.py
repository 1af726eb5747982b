"""AWS's errors: the name in a header, the message in the body."""

from __future__ import annotations

from ..reply import Refused, Reply, compact

REQUEST_ID = "6e3b1c1e-0000-4000-8000-00000000fa4e"


def error(status: int, name: str, message: str, **more: object) -> Reply:
    headers = {"x-amzn-requestid": REQUEST_ID, "x-amzn-errortype": f"{name}:http://internal.amazon.com/coral/com.amazon.bedrock/"}
    return Reply(status, headers, compact({"message": message} | more))


def refuse(message: str, name: str = "ValidationException", status: int = 400) -> Refused:
    return Refused(error(status, name, message))
