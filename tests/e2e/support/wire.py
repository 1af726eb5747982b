"""HTTP/1.1 by hand, so that a test can send any bytes and see every byte that comes back."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from .wait import SLOW


@dataclass
class Response:
    status: int
    head: bytes
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [v for n, v in self.headers if n.lower() == name.lower()]
        assert len(found) <= 1, f"{name} is there {len(found)} times"
        return found[0] if found else None

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def closes(self) -> bool:
        return (self.header("connection") or "").lower() == "close"


def request(method: str, target: str, body: bytes = b"", *, host: str = "127.0.0.1", headers: dict[str, str | None] | None = None) -> bytes:
    """A plain good request. A body gets its content-length and a JSON content-type unless the headers say otherwise."""
    lines: dict[str, str | None] = {"host": host, "authorization": "Bearer sk-client-anything"}
    if body or method == "POST":
        lines |= {"content-type": "application/json", "content-length": str(len(body))}
    lines |= {k.lower(): v for k, v in (headers or {}).items()}
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v is not None)
    return head.encode("latin-1") + b"\r\n" + body


class Wire:
    """One client connection."""

    def __init__(self, port: int, timeout: float = 10, receive_buffer: int | None = None, tls: ssl.SSLContext | None = None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout * SLOW)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = bytearray()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def more(self) -> bool:
        """Reads once. False at the end of the connection, also when it ends with a reset."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)

    def read_until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            if not self.more():
                raise EOFError(f"the connection ended before {mark!r}; got {bytes(self.buffer[:200])!r}")
        return self._take(self.buffer.index(mark) + len(mark))

    def read_exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not self.more():
                raise EOFError(f"the connection ended {count - len(self.buffer)} bytes too early")
        return self._take(count)

    def _take(self, count: int) -> bytes:
        taken = bytes(memoryview(self.buffer)[:count])
        del self.buffer[:count]
        return taken

    def read_head(self) -> Response:
        head = self.read_until(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")[:-2]
        version, status, *_ = first.split(" ", 2)
        assert version == "HTTP/1.1", first
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in rest)]
        return Response(int(status), head, headers, b"")

    def read_chunk(self) -> bytes:
        """One chunk of a chunked body; empty at its end."""
        size = int(self.read_until(b"\r\n").split(b";")[0], 16)
        if size == 0:
            assert self.read_until(b"\r\n") == b"\r\n"
            return b""
        data = self.read_exactly(size)
        assert self.read_exactly(2) == b"\r\n"
        return data

    def read_chunks(self) -> bytes:
        """All chunks up to the end of the body."""
        return b"".join(iter(self.read_chunk, b""))

    def read_event(self) -> bytes:
        """One SSE event of a chunked stream that is being read event by event; empty at its end."""
        self.events = getattr(self, "events", b"")
        while b"\n\n" not in self.events:
            chunk = self.read_chunk()
            if not chunk:
                assert not self.events, f"an unfinished event: {self.events!r}"
                return b""
            self.events += chunk
        event, self.events = self.events.split(b"\n\n", 1)
        return event + b"\n\n"

    def read(self, to_head: bool = False) -> Response:
        """A whole response. `to_head`: the request was HEAD, so there is no body."""
        found = self.read_head()
        if to_head or found.status < 200 or found.status in (204, 304):
            return found
        if (found.header("transfer-encoding") or "").lower() == "chunked":
            found.body = self.read_chunks()
        elif (length := found.header("content-length")) is not None:
            found.body = self.read_exactly(int(length))
        else:
            while self.more():
                pass
            found.body = self._take(len(self.buffer))
        return found

    def ended(self) -> bool:
        """Waits for the peer to end the connection. False if it says anything more instead."""
        return not self.buffer and not self.more()


def ask(port: int, data: bytes, tls: ssl.SSLContext | None = None) -> Response:
    """One request on a connection of its own."""
    with Wire(port, tls=tls) as wire:
        wire.send(data)
        return wire.read()
