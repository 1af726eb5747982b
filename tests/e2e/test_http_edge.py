"""HTTP/1.1 as strict as it must be. One test per row of the table of what a lenient parser lets through, plus limits,
Expect, pipelining, HEAD, 405, upgrades."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import pytest

from support import wire
from support.gateway import Gateway, default_config
from support.rules import check_completion, check_error
from support.upstream import Upstream

Start = Callable[..., Gateway]
BODY = json.dumps({"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}).encode()
SMUGGLED = wire.request("POST", "/v1/chat/completions", BODY, headers={"x-smuggled": "1"})


def head(*lines: str, method: str = "POST", target: str = "/v1/chat/completions", version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join([f"{method} {target} {version}", *lines, "", ""]).encode("latin-1")


HOST = "Host: 127.0.0.1"
JSON = "Content-Type: application/json"


def refused(gateway: Gateway, upstream: Upstream, data: bytes, *statuses: int) -> wire.Response:
    """The answer is one of these, it says close, nothing follows it, and nothing of what was sent reached the upstream."""
    with gateway.wire() as peer:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            peer.send(data)
        answer = peer.read(to_head=data.startswith(b"HEAD"))
        assert answer.status in (statuses or (400,)), answer
        assert answer.closes, "a framing error ends the connection"
        assert answer.header("date")
        assert peer.ended(), f"more follows: {peer.buffer!r}"
    assert not upstream.requests()
    return answer


# ---------------------------------------------------------------------------------------------------- Host


@pytest.mark.parametrize(
    "lines",
    [
        [], ["Host: localhost", "Host: localhost"], ["Host:"], ["Host: local host"], ["Host: user@localhost"], ["Host: localhost/path"],
        ["Host: localhost?x"], ["Host: localhost#x"],
    ],
)  # fmt: skip
def test_a_bad_host_is_a_400(gateway: Gateway, upstream: Upstream, lines: list[str]) -> None:
    refused(gateway, upstream, head(*lines, method="GET", target="/v1/models"), 400)


@pytest.mark.parametrize("host", ["localhost:port", "localhost, 127.0.0.1", "[::1", "local\thost", ":4100", "localhost:1:2", "%6cocalhost"])
def test_a_doubtful_host_is_never_taken_for_loopback(gateway: Gateway, host: str) -> None:
    with gateway.wire() as peer:
        peer.send(head(f"Host: {host}", method="GET", target="/v1/models"))
        assert peer.read().status in (400, 421)


# ---------------------------------------------------------------------------------------------------- framing


@pytest.mark.parametrize(
    "coding",
    [
        "xchunked", "", "identity", "chunked, gzip", "chunked, chunked", "gzip, chunked", "chunked;q=1", "gzip", "chunked,", ", chunked",
        "\x0bchunked", "chunked\x0b", '"chunked"', "chun ked",
    ],
)  # fmt: skip
def test_transfer_codings_other_than_chunked_are_refused(gateway: Gateway, upstream: Upstream, coding: str) -> None:
    data = head(HOST, JSON, f"Transfer-Encoding: {coding}") + b"0\r\n\r\n" + SMUGGLED
    refused(gateway, upstream, data, 400, 501)


def test_transfer_encoding_in_capitals_is_chunked(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, "Transfer-Encoding: CHUNKED") + b"%X\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY))
        assert peer.read().status == 200


def test_chunked_on_http_10_is_refused(gateway: Gateway, upstream: Upstream) -> None:
    refused(gateway, upstream, head(HOST, JSON, "Transfer-Encoding: chunked", version="HTTP/1.0") + b"0\r\n\r\n" + SMUGGLED, 400)


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Content-Length: 5", "Content-Length: 6"], ["Content-Length: 5", "Content-Length: 5"], ["Content-Length: 5, 5"], ["Content-Length: 5, 6"],
        ["Content-Length: +5"], ["Content-Length: -5"], ["Content-Length: 0x5"], ["Content-Length:"], ["Content-Length: 5 5"], ["Content-Length: 5a"],
        ["Content-Length: 18446744073709551621"], ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], ["Content-Length : 5"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], ["Content-Length: 5\x00"], ["Content-Length: \x0b5"],
    ],
)  # fmt: skip
def test_doubtful_lengths_are_refused(gateway: Gateway, upstream: Upstream, lines: list[str]) -> None:
    refused(gateway, upstream, head(HOST, JSON, *lines) + b"0\r\n\r\n" + SMUGGLED, 400, 413)


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\t, gzip\r\n\r\n0\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\n Host: localhost\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n \r\n\r\n",
    ],
)
def test_folded_header_lines_are_refused(gateway: Gateway, upstream: Upstream, raw: bytes) -> None:
    refused(gateway, upstream, raw + SMUGGLED, 400)


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /v1/chat/completions HTTP/1.1\nHost: localhost\n\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: b\0c\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX A: b\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nnocolon\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-A: b\x7f\r\n\r\n",
        b"POST  /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/chat/completions  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/chat completions HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b" POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST\t/v1/chat/completions\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/chat/completions\r\n\r\n",
        b"POST /v1/chat/completions http/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.10\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"\0\r\n\r\n",
    ],
)
def test_bad_bytes_in_the_head_are_refused(gateway: Gateway, upstream: Upstream, raw: bytes) -> None:
    refused(gateway, upstream, raw, 400)


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3"])
def test_other_versions_are_refused(gateway: Gateway, upstream: Upstream, version: str) -> None:
    refused(gateway, upstream, head(HOST, method="GET", target="/healthz", version=version), 400, 505)


@pytest.mark.parametrize(
    "target",
    [
        "/v1/m\xc3\xb6dels",
        "/v1/models\x7f",
        "/v1/models\x01",
        "*",
        "v1/models",
        "http://evil.example/v1/models",
        "http://localhost:1/v1/models",
        "http:///v1/models",
    ],
)
def test_bad_targets_are_refused(gateway: Gateway, target: str) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, method="GET", target=target))
        assert peer.read().status in ((400, 404, 421) if target == "*" else (400, 421))


def test_an_absolute_target_that_agrees_with_the_host_works(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(head("Host: localhost", method="GET", target="http://localhost/v1/models"))
        assert peer.read().status == 200


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n", b"-1\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloXX0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"ffffffffffffffffff\r\n", b"\r\n", b"5\rhello\r\n", b";ext\r\n",
    ],
)  # fmt: skip
def test_bad_chunks_are_refused(gateway: Gateway, upstream: Upstream, chunks: bytes) -> None:
    refused(gateway, upstream, head(HOST, JSON, "Transfer-Encoding: chunked") + chunks + SMUGGLED, 400, 413)


def chunked(body: bytes, size: int, extension: bytes = b"") -> bytes:
    return b"".join(b"%x%b\r\n%b\r\n" % (len(body[a : a + size]), extension, body[a : a + size]) for a in range(0, len(body), size))


def test_chunk_extensions_are_read_over_within_bounds(gateway: Gateway, upstream: Upstream) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, "Transfer-Encoding: chunked") + chunked(BODY, 20, b';name="a value"') + b"0;last\r\n\r\n")
        assert peer.read().status == 200
    upstream.reset()
    refused(gateway, upstream, head(HOST, JSON, "Transfer-Encoding: chunked") + b"5;" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n", 400)
    refused(gateway, upstream, head(HOST, JSON, "Transfer-Encoding: chunked") + chunked(BODY, 1, b";" + b"x" * 200) + b"0\r\n\r\n", 400)


def test_trailers_are_dropped_and_change_nothing(start: Start, upstream: Upstream) -> None:
    """Authorization, Content-Length and all: what comes after the body is not a header."""
    gateway = start(env={"RECLOSER_KEYS": "rk-good"})
    body = (
        chunked(BODY, 50)
        + b"0\r\nAuthorization: Bearer rk-good\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\nHost: evil.example\r\n\r\n"
    )
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, "Transfer-Encoding: chunked") + body)
        assert peer.read().status == 401
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, "Authorization: Bearer rk-good", "Transfer-Encoding: chunked") + body)
        assert peer.read().status == 200
        peer.send(wire.request("GET", "/healthz"))
        assert peer.read().status == 200, "the connection is in step"


@pytest.mark.parametrize(
    "trailers", [b"X: y\r\n" * 17, b"X: " + b"y" * 5000 + b"\r\n", b"X: y\r\n" * 100_000, b"no colon\r\n", b" folded: x\r\n"]
)
def test_too_many_or_bad_trailers_are_refused(gateway: Gateway, upstream: Upstream, trailers: bytes) -> None:
    refused(gateway, upstream, head(HOST, JSON, "Transfer-Encoding: chunked") + chunked(BODY, 50) + b"0\r\n" + trailers + b"\r\n", 400, 431)


# ---------------------------------------------------------------------------------------------------- methods


@pytest.mark.parametrize("method", ["get", "post", "Get", "BREW", "G", "X" * 1000])
def test_unknown_methods_are_refused(gateway: Gateway, method: str) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, method=method, target="/v1/models"))
        assert peer.read().status in (400, 405, 501)


@pytest.mark.parametrize(("method", "target"), [("CONNECT", "127.0.0.1:22"), ("CONNECT", "/v1/models"), ("TRACE", "/v1/models")])
def test_connect_and_trace_are_refused(gateway: Gateway, method: str, target: str) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, "Max-Forwards: 0", method=method, target=target))
        answer = peer.read()
        assert answer.status in (400, 405, 501)
        assert b"Max-Forwards" not in answer.body


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("GET", "/v1/chat/completions", "POST"), ("PUT", "/v1/chat/completions", "POST"), ("DELETE", "/chat/completions", "POST"), ("POST", "/v1/models", "GET"),
        ("GET", "/v1/embeddings", "POST"), ("POST", "/healthz", "GET"), ("DELETE", "/metrics", "GET"), ("PATCH", "/v1/models/up%2Fgpt-4o", "GET"),
    ],
)  # fmt: skip
def test_a_wrong_method_is_a_405_with_allow(gateway: Gateway, method: str, target: str, allowed: str) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request(method, target))
        answer = peer.read()
        check_error(answer, 405, fault="client")
        assert allowed in [m.strip() for m in (answer.header("allow") or "").split(",")]
        peer.send(wire.request("GET", "/healthz"))
        assert peer.read().status == 200, "the connection stays usable"


@pytest.mark.parametrize("target", ["/v1/models", "/healthz", "/", "/v1/models/smart", "/metrics"])
def test_head_is_get_without_a_body(gateway: Gateway, target: str) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request("HEAD", target))
        answer = peer.read(to_head=True)
        assert answer.status == 200
        peer.send(wire.request("GET", "/healthz"))
        assert peer.read().status == 200, "no body came in between"


def test_a_404_for_head_has_no_body_either(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request("HEAD", "/v1/nothing") + wire.request("GET", "/healthz"))
        assert peer.read(to_head=True).status == 404
        assert peer.read().status == 200


# ---------------------------------------------------------------------------------------------------- limits


def test_a_target_over_8_kib_is_a_414(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway.get("/v1/models?x=" + "a" * 7000).status == 200
    refused(gateway, upstream, head(HOST, method="GET", target="/v1/models?x=" + "a" * 9000), 414)


def test_a_head_over_32_kib_is_a_431(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway.get("/v1/models", headers={"x-big": "a" * 30_000}).status == 200
    refused(gateway, upstream, head(HOST, "X-Big: " + "a" * 40_000, method="GET", target="/v1/models"), 431)
    refused(gateway, upstream, head(HOST, *(f"X-{i}: {'a' * 500}" for i in range(90)), method="GET", target="/v1/models"), 431)


def test_more_than_100_fields_are_a_431(gateway: Gateway, upstream: Upstream) -> None:
    assert gateway.get("/v1/models", headers={f"x-{i}": "a" for i in range(90)}).status == 200
    refused(gateway, upstream, head(HOST, *(f"X-{i}: a" for i in range(101)), method="GET", target="/v1/models"), 431)


def test_a_head_that_never_ends_is_a_408(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, server={"client_header_timeout": "300ms"}))
    with gateway.wire() as peer:
        peer.send(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n")
        assert peer.read().status == 408
        assert peer.ended()


def test_a_body_that_stalls_is_a_408(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, server={"client_body_timeout": "300ms"}))
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, "Content-Length: 100") + b"{")
        assert peer.read().status == 408
        assert peer.ended()


def test_an_idle_connection_is_closed_without_a_word(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, server={"keepalive_timeout": "300ms"}))
    with gateway.wire() as peer:
        peer.send(wire.request("GET", "/healthz"))
        assert peer.read().status == 200
        assert peer.ended()


# ---------------------------------------------------------------------------------------------------- Expect


def test_expect_100_continue_is_answered_at_once(gateway: Gateway) -> None:
    for spelling in ("100-continue", "100-Continue"):
        with gateway.wire() as peer:
            peer.send(head(HOST, JSON, f"Content-Length: {len(BODY)}", f"Expect: {spelling}"))
            assert peer.read().status == 100
            peer.send(BODY)
            assert check_completion(peer.read().json())["content"] == "hi"


def test_expect_is_not_waited_for(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, f"Content-Length: {len(BODY)}", "Expect: 100-continue") + BODY)
        first = peer.read()
        assert (peer.read() if first.status == 100 else first).status == 200


@pytest.mark.parametrize(
    ("lines", "target", "status"),
    [
        (["Content-Length: 40000000"], "/v1/chat/completions", 413), (["Content-Length: 5"], "/v1/nothing", 404),
        (["Content-Length: 5", "Origin: http://evil.example"], "/v1/chat/completions", 403), (["Content-Length: 5"], "/v1/models", 405),
    ],
)  # fmt: skip
def test_a_request_that_is_refused_gets_no_100(gateway: Gateway, lines: list[str], target: str, status: int) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, "Expect: 100-continue", *lines, target=target))
        answer = peer.read()
        assert answer.status == status and answer.closes
        assert peer.ended()


def test_other_expectations_are_a_417(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, f"Content-Length: {len(BODY)}", "Expect: a-miracle") + BODY)
        assert peer.read().status == 417


def test_http_10_gets_no_100(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, f"Content-Length: {len(BODY)}", "Expect: 100-continue", version="HTTP/1.0") + BODY)
        assert peer.read().status == 200
        assert peer.ended(), "HTTP/1.0 without keep-alive closes"


# ---------------------------------------------------------------------------------------------------- connections


def test_pipelined_requests_are_answered_one_after_another(gateway: Gateway, upstream: Upstream) -> None:
    upstream.next({"first_byte_ms": 100})
    texts = ["first", "second", "third"]
    data = b"".join(wire.request("POST", "/v1/chat/completions", BODY.replace(b'"hi"', f'"{t}"'.encode())) for t in texts)
    with gateway.wire() as peer:
        peer.send(data)
        assert [check_completion(peer.read().json())["content"] for _ in texts] == texts
    assert [r.json()["messages"][0]["content"] for r in upstream.requests()] == texts


def test_a_pipelined_request_waits_for_the_stream_before_it(gateway: Gateway) -> None:
    stream = json.dumps({"model": "up/gpt-4o", "stream": True, "messages": [{"role": "user", "content": "long answer 50"}]}).encode()
    with gateway.wire() as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", stream) + wire.request("GET", "/healthz"))
        assert peer.read().body.endswith(b"data: [DONE]\n\n")
        assert peer.read().status == 200


def test_connection_close_is_obeyed(gateway: Gateway) -> None:
    for extra in ({}, {"model": "up/gpt-4o", "stream": True}):
        body = BODY if not extra else json.dumps(json.loads(BODY) | extra).encode()
        with gateway.wire() as peer:
            peer.send(wire.request("POST", "/v1/chat/completions", body, headers={"connection": "close"}))
            answer = peer.read()
            assert answer.status == 200 and answer.closes
            assert peer.ended()


def test_http_10_clients_get_streams_without_chunks(gateway: Gateway) -> None:
    body = json.dumps(json.loads(BODY) | {"stream": True}).encode()
    with gateway.wire() as peer:
        peer.send(head(HOST, JSON, f"Content-Length: {len(body)}", version="HTTP/1.0") + body)
        answer = peer.read()
        assert answer.header("transfer-encoding") is None
        assert answer.body.startswith(b"data: {") and answer.body.endswith(b"data: [DONE]\n\n")


def test_requests_may_come_byte_by_byte(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        for byte in wire.request("POST", "/v1/chat/completions", BODY):
            peer.send(bytes([byte]))
        assert peer.read().status == 200


def test_one_leading_empty_line_does_no_harm(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(b"\r\n" + wire.request("GET", "/healthz"))
        assert peer.read().status in (200, 400)


def test_a_connection_serves_a_thousand_requests(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        for _ in range(1000):
            peer.send(wire.request("GET", "/healthz"))
            assert peer.read().status == 200


def test_a_crowd_of_idle_connections_does_not_keep_others_out(gateway: Gateway) -> None:
    crowd = [gateway.wire() for _ in range(300)]
    try:
        assert gateway.chat("up/gpt-4o").status == 200
    finally:
        for one in crowd:
            one.close()


# ---------------------------------------------------------------------------------------------------- upgrades


def test_h2c_upgrades_are_ignored(gateway: Gateway) -> None:
    """Java's standard client sends them on every cleartext request, also on the second of a connection."""
    lines = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA"]
    with gateway.wire() as peer:
        for _ in range(2):
            peer.send(head(HOST, JSON, f"Content-Length: {len(BODY)}", *lines) + BODY)
            answer = peer.read()
            assert answer.status == 200 and not answer.closes
            assert check_completion(answer.json())["content"] == "hi"


def test_the_http_2_preface_is_refused(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert peer.read().status in (400, 405, 501, 505)


WEBSOCKET = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]


def test_codex_asking_for_a_websocket_gets_a_426_before_auth(start: Start) -> None:
    for gateway in (start(), start(env={"RECLOSER_KEYS": "rk-good"})):
        for target in ("/v1/responses", "/responses"):
            with gateway.wire() as peer:
                peer.send(head(HOST, *WEBSOCKET, method="GET", target=target))
                assert peer.read().status == 426


def test_a_websocket_from_a_web_page_is_a_403(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(head(HOST, "Origin: http://evil.example", *WEBSOCKET, method="GET", target="/v1/responses"))
        assert peer.read().status == 403


def test_errors_are_told_before_the_connection_ends_even_when_more_is_in_flight(gateway: Gateway) -> None:
    """A lingering close: a reset must not eat the answer."""
    for _ in range(20):
        with gateway.wire() as peer:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.send(head(HOST, JSON, "Content-Length: 5", "Content-Length: 6") + b"x" * 60_000)
            assert peer.read().status == 400
