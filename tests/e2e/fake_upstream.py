#!/usr/bin/env python3
"""A strict, scriptable stand-in for every vendor that the gateway speaks to, all on one port.

    python fake_upstream.py [--port N] [--certificate F --key F]      prints `listening on 127.0.0.1:PORT`

What it answers:      fake/script.py     (from the request alone)
What it refuses:      fake/vendors.py    (which vendor answers at which path; each vendor's file says what it refuses)
What it does wrong:   a queue of behaviours, set by `POST /__control {"next": [BEHAVIOUR, ...]}`. Each is used by the next
                      request that it fits and then forgotten. Members, all optional and free to combine:

  on            "POST" (default), "GET" or "PUT": the method it waits for;   path   a part of the path it waits for
                Requests for credentials and for facts about a model (`aside` in fake/vendors.py) need the path
  times         how many requests it serves (default 1; -1: until the next reset)

  fail          a vendor's error by name: invalid_request context_length content_policy auth permission not_found too_large
                rate_limit quota billing credit server_error bad_gateway overloaded timeout, and the vendor's own
  status        replaces the status; with `fail` and 200 it is an error inside a good answer
  headers       {name: value} added to the reply
  body, content_type      replace the body and its type;   raw  replaces the whole reply, status line and all
  events        [text, ...] replaces the stream's events, each text is sent as it is (add "\\n\\n")
  error_event   {"after": N, "fail": NAME}: after N content events an error event ends the stream ("after": -1: it comes first)
  omit          ["finish", "usage", "done", "ping", "head"]: kinds of stream events to leave out
  malformed     true: the JSON, or the JSON of the second event, breaks off in the middle
  flip          {"event": N, "byte": N}: one bit of that byte of that event is wrong (a CRC should see it)
  lifetime      N: credentials that this request fetches live for N seconds

  interim       N: so many 1xx replies come first
  huge_headers  N: so many extra header bytes
  content_length  N: the promised length is wrong by N
  framing       "eof": no length, no chunks, the end of the connection ends the body
  first_byte_ms, event_ms     wait before the head, and before each event
  split         N: every write is cut into pieces of N bytes
  cut           "head": nothing is answered. {"bytes": N}: cut after N bytes of body (0: just the head). {"events": N}: after N events
  reset         true: cuts are resets (RST) instead of ends (FIN)
  close_idle    "now": closes after the reply without having said so. "on_next": answers the reply, lets the connection look well,
                and closes it without a word when the next request comes on it

`GET /__requests`     [{id, connection, method, target, headers [[name, value]], head (base64), body (base64), at, sent, done, cut_at}]
                      head and body are the exact bytes; a chunked body is de-chunked. `sent` counts reply bytes handed to the
                      kernel, `done` says that the reply went out whole, `cut_at` is when the peer left before that. Unix time, seconds.
                      `vendor` and `aside` are those of fake/vendors.py.
`GET /__connections`  {open: [{id, requests, busy}], accepted: N, last_cut: the request cut last or null}
`GET /__service_account`  a Google key file made for this run, whose token_uri is this server
`POST /__reset`       forgets requests, behaviours, prompt caches.  Connections stay.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import signal
import socket
import ssl
import struct
import time
import traceback
from collections.abc import AsyncIterator
from typing import Any

from fake import google_tokens, vendors
from fake.reply import Event, Refused, Reply, Request, compact
from fake.vendors import Vendor

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error"}
MAX_BODY = 64 << 20


class Gone(Exception):
    """The connection is over."""


class World:
    """Everything that the control API shows and sets."""

    def __init__(self) -> None:
        self.connections: dict[int, Connection] = {}
        self.accepted = 0
        self.reset()

    def reset(self) -> None:
        self.requests: list[dict] = []
        self.behaviours: list[dict] = []
        self.memories: dict[str, Any] = {}
        self.last_cut: dict | None = None

    def behaviour_for(self, request: Request, vendor: Vendor) -> dict:
        for i, one in enumerate(self.behaviours):
            if vendor.aside and "path" not in one:
                continue
            if one.get("on", "POST") == request.method and one.get("path", "") in request.path:
                left = one.get("times", 1)
                if left == 1:
                    del self.behaviours[i]
                else:
                    one["times"] = left - 1 if left > 0 else left
                return one
        return {}

    def control(self, request: Request) -> Reply:
        if request.path == "/__control" and request.method == "POST":
            self.behaviours += request.json().get("next", [])
            return Reply(body=compact({"queued": len(self.behaviours)}))
        if request.path == "/__reset" and request.method == "POST":
            self.reset()
            return Reply(body=b"{}")
        if request.path == "/__service_account":
            return Reply(body=compact(google_tokens.service_account(f"http://{request.headers['host']}")))
        if request.path == "/__requests":
            return Reply(body=compact(self.requests))
        if request.path == "/__connections":
            open_ = [{"id": c.id, "requests": c.served, "busy": c.current is not None} for c in self.connections.values() if not c.control]
            return Reply(body=compact({"open": open_, "accepted": self.accepted, "last_cut": self.last_cut}))
        return Reply(404, body=b"{}")


class Connection(asyncio.Protocol):
    """One client connection: reads requests one after another, answers each, and notices at once when the peer leaves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.buffer = bytearray()
        self.wake = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()
        self.served = 0
        self.current: dict | None = None  # the record of the request being answered
        self.control = False
        self.close_on_next = False
        self.closed = False

    # --- what the event loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.socket: socket.socket = transport.get_extra_info("socket")
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 10)  # so that a slow reader is felt soon
        transport.set_write_buffer_limits(high=64 << 10)
        self.world.accepted += 1
        self.id = self.world.accepted
        self.world.connections[self.id] = self
        self.task = asyncio.ensure_future(self.run())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.wake.set()

    def eof_received(self) -> None:
        self.leave()

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def leave(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.world.connections.pop(self.id, None)
        if self.current is not None and not self.current["done"]:
            self.current["cut_at"] = time.time()
            self.world.last_cut = self.current
        self.task.cancel()
        self.transport.close()

    # --- reading

    async def read_until(self, mark: bytes, limit: int = 1 << 20) -> bytes:
        while (at := self.buffer.find(mark)) < 0:
            if len(self.buffer) > limit:
                raise Gone
            await self.more()
        taken = bytes(self.buffer[: at + len(mark)])
        del self.buffer[: at + len(mark)]
        return taken

    async def read_exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            await self.more()
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    async def more(self) -> None:
        self.wake.clear()
        await self.wake.wait()

    async def read_request(self) -> tuple[Request, dict]:
        head = await self.read_until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        pairs = [[name, value.strip()] for name, _, value in (line.partition(":") for line in lines[1:-2])]
        headers: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        body = await self.read_body(headers)
        request = Request(method, target, target.partition("?")[0], headers, body)
        record = {
            "id": len(self.world.requests), "connection": self.id, "method": method, "target": target, "headers": pairs,
            "head": base64.b64encode(head).decode(), "body": base64.b64encode(body).decode(), "at": time.time(),
            "sent": 0, "done": False, "cut_at": None,
        }  # fmt: skip
        return request, record

    async def read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = bytearray()
            while size := int((await self.read_until(b"\r\n")).split(b";")[0], 16):
                body += await self.read_exactly(size)
                await self.read_exactly(2)
            await self.read_until(b"\r\n")
            return bytes(body)
        return await self.read_exactly(min(int(headers.get("content-length", "0")), MAX_BODY))

    # --- answering

    async def run(self) -> None:
        try:
            while True:
                request, record = await self.read_request()
                if self.close_on_next:
                    raise Gone
                self.served += 1
                if request.path.startswith("/__"):
                    self.control = True
                    await self.send_whole(self.world.control(request), {})
                    continue
                vendor = vendors.find(request)
                self.world.requests.append(record | {"vendor": vendor.name, "aside": vendor.aside})
                self.current = self.world.requests[-1]
                request.how = self.world.behaviour_for(request, vendor)
                await self.serve(request, vendor, request.how)
                self.current["done"] = True
                self.current = None
        except (Gone, ValueError):
            self.hang_up(reset=False)

    async def serve(self, request: Request, vendor: Vendor, how: dict) -> None:
        reply = self.judge(request, vendor, how)
        if how.get("first_byte_ms"):
            await asyncio.sleep(how["first_byte_ms"] / 1000)
        if how.get("cut") == "head":
            self.cut(how)
        for i in range(how.get("interim", 0)):
            status = (b"100 Continue", b"103 Early Hints\r\nlink: </x>; rel=preload", b"102 Processing")[i % 3]
            await self.write(b"HTTP/1.1 " + status + b"\r\n\r\n", how)
        if "raw" in how:
            await self.write(how["raw"].encode("latin-1"), how)
            raise Gone
        if reply.events is None:
            await self.send_whole(reply, how)
        else:
            await self.send_stream(reply, how, vendor)
        if how.get("close_idle") == "now" or how.get("framing") == "eof" or reply.headers.get("connection") == "close":
            if self.current:
                self.current["done"] = True
            raise Gone
        self.close_on_next = how.get("close_idle") == "on_next"

    def judge(self, request: Request, vendor: Vendor, how: dict) -> Reply:
        """The vendor's reply to this request, bent as the behaviour says."""
        if "fail" in how:
            fault = vendor.faults[how["fail"]]
            reply = Reply(fault.status, dict(fault.headers), fault.body, fault.content_type)
        else:
            memory = self.world.memories.setdefault(vendor.name, vendor.memory())
            try:
                reply = vendor.handle(request, memory)
            except Refused as refused:
                reply = refused.reply
            except Exception:  # a slip of the fake's own: say so, rather than hang
                traceback.print_exc()
                reply = Reply(500, body=f"the fake broke:\n{traceback.format_exc()}".encode(), content_type="text/plain")
        reply.headers = reply.headers | how.get("headers", {})
        reply.status = how.get("status", reply.status)
        if "body" in how:
            reply.events, reply.body = None, how["body"].encode("utf-8", "surrogateescape")
        if "events" in how:
            reply.events = [Event("content", text.encode("utf-8", "surrogateescape")) for text in how["events"]]
        if reply.events is not None:
            reply.content_type = vendor.stream_type
        reply.content_type = how.get("content_type", reply.content_type)
        return reply

    def head(self, reply: Reply, how: dict, framing: bytes) -> bytes:
        out = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Status')}".encode(), b"content-type: " + reply.content_type.encode()]
        out += [f"{name}: {value}".encode("latin-1") for name, value in reply.headers.items()]
        for i in range(0, how.get("huge_headers", 0), 1000):
            out.append(f"x-huge-{i}: ".encode() + b"x" * 1000)
        if framing:
            out.append(framing)
        return b"\r\n".join(out) + b"\r\n\r\n"

    async def send_whole(self, reply: Reply, how: dict) -> None:
        body = reply.body[: len(reply.body) // 2] if how.get("malformed") else reply.body
        framing = b"" if how.get("framing") == "eof" else b"content-length: %d" % (len(body) + how.get("content_length", 0))
        await self.write(self.head(reply, how, framing), how)
        stop = how["cut"]["bytes"] if isinstance(how.get("cut"), dict) and "bytes" in how["cut"] else None
        await self.write(body[:stop], how)
        if stop is not None:
            await self.flush()
            self.cut(how)
        if how.get("content_length"):
            raise Gone

    async def send_stream(self, reply: Reply, how: dict, vendor: Vendor) -> None:
        chunked = how.get("framing") != "eof"
        await self.write(self.head(reply, how, b"transfer-encoding: chunked" if chunked else b""), how)
        cut = how["cut"] if isinstance(how.get("cut"), dict) else {}
        body_bytes = events = 0
        if cut.get("bytes") == 0 or cut.get("events") == 0:
            await self.flush()
            self.cut(how)
        async for event in self.bend(reply, how, vendor):
            wire = b"%x\r\n%b\r\n" % (len(event), event) if chunked else event
            if "bytes" in cut and body_bytes + len(wire) >= cut["bytes"]:
                await self.write(wire[: cut["bytes"] - body_bytes], how)
                await self.flush()
                self.cut(how)
            await self.write(wire, how)
            body_bytes += len(wire)
            events += 1
            if cut.get("events") == events:
                await self.flush()
                self.cut(how)
        if chunked:
            await self.write(b"0\r\n\r\n", how)

    async def bend(self, reply: Reply, how: dict, vendor: Vendor) -> AsyncIterator[bytes]:
        """The stream's events, as the behaviour wants them."""
        assert reply.events is not None
        omit, failing = how.get("omit", []), how.get("error_event")
        content = position = 0
        if failing and failing["after"] < 0:
            yield vendor.stream_error(failing["fail"])
            return
        for event in reply.events:
            if event.kind in omit:
                continue
            if how.get("event_ms"):
                await asyncio.sleep(how["event_ms"] / 1000)
            if failing and event.kind not in ("head", "ping") and content == failing["after"]:
                yield vendor.stream_error(failing["fail"])
                return
            broken = how.get("malformed") and position == 1
            yield event.data[: len(event.data) // 2] + vendor.event_end if broken else flipped(event.data, position, how)
            content += event.kind == "content"
            position += 1

    async def write(self, data: bytes, how: dict) -> None:
        step = how.get("split") or len(data) or 1
        for at in range(0, len(data), step):
            await self.writable.wait()
            if self.transport.is_closing():  # the last write found the peer gone; let the loop say so before more is counted as sent
                await asyncio.sleep(0)
                raise Gone
            self.transport.write(data[at : at + step])
            if self.current:
                self.current["sent"] += len(data[at : at + step])
            if how.get("split"):
                await asyncio.sleep(0)

    async def flush(self) -> None:
        while self.transport.get_write_buffer_size():
            await asyncio.sleep(0.001)

    def cut(self, how: dict) -> None:
        if self.current:
            self.current["done"] = True  # it was us who left
        self.hang_up(reset=how.get("reset", False))
        raise Gone

    def hang_up(self, reset: bool) -> None:
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()


def flipped(data: bytes, position: int, how: dict) -> bytes:
    if how.get("flip", {}).get("event") != position:
        return data
    at = how["flip"]["byte"]
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


async def main(port: int, certificate: str | None, key: str | None) -> None:
    world = World()
    loop = asyncio.get_running_loop()
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
    server = await loop.create_server(lambda: Connection(world), "127.0.0.1", port, ssl=tls)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A strict, scriptable stand-in for the vendors.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", help="PEM file: speak TLS")
    parser.add_argument("--key", help="PEM file")
    asyncio.run(main(**vars(parser.parse_args())))
