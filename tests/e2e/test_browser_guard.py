"""A daemon on localhost can be reached from every web page; these checks keep the pages out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from support import wire
from support.gateway import Gateway, default_config
from support.rules import check_completion, check_error
from support.upstream import Upstream

Start = Callable[..., Gateway]
BODY = json.dumps({"model": "up/gpt-4o", "messages": [{"role": "user", "content": "hi"}]}).encode()


def chat(gateway: Gateway, **headers: Any) -> wire.Response:
    return gateway.post("/v1/chat/completions", BODY, headers={k.replace("_", "-"): v for k, v in headers.items()})


# ---------------------------------------------------------------------------------------------------- Host


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "localhost:4100", "127.0.0.1", "127.0.0.1:9", "127.1.2.3", "[::1]", "[::1]:4100"]
)
def test_loopback_names_are_good_hosts(gateway: Gateway, host: str) -> None:
    assert gateway.get("/v1/models", host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4100",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "192.168.1.10",
        "[::2]",
        "xlocalhost",
        "localhost..",
    ],
)
def test_other_hosts_are_misdirected(gateway: Gateway, upstream: Upstream, host: str) -> None:
    for target in ("/v1/models", "/healthz", "/metrics", "/admin/lanes"):
        answer = gateway.get(target, host=host)
        assert answer.status == 421, target
        assert host.encode() not in answer.body, "no echo"
    assert gateway.post("/v1/chat/completions", BODY, host=host).status == 421
    assert not upstream.requests()


def test_hosts_that_the_operator_allows_are_good(start: Start, upstream: Upstream) -> None:
    gateway = start(default_config(upstream, server={"allowed_hosts": ["ai.home.example"]}))
    assert gateway.get("/v1/models", host="AI.home.example:8080").status == 200
    assert gateway.get("/v1/models", host="x.ai.home.example").status == 421


# ---------------------------------------------------------------------------------------------------- Origin


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "https://evil.example", "null", "http://localhost.evil.example", "file://", "http://localhost:1", ""]
)
def test_foreign_origins_are_refused_for_every_method(gateway: Gateway, upstream: Upstream, origin: str) -> None:
    for method, target in (
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/models"),
        ("OPTIONS", "/v1/chat/completions"),
        ("GET", "/admin/lanes"),
    ):
        body = BODY if method == "POST" else b""
        answer = wire.ask(gateway.port, wire.request(method, target, body, headers={"origin": origin}))
        assert answer.status == 403, (method, target)
        assert answer.header("access-control-allow-origin") is None
    assert not upstream.requests()


def test_a_foreign_origin_is_refused_before_its_body_is_read(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", headers={"origin": "http://evil.example", "content-length": "1000000"}))
        assert peer.read().status == 403


def test_cross_site_fetches_without_an_origin_are_refused(gateway: Gateway) -> None:
    assert gateway.get("/v1/models", headers={"sec-fetch-site": "cross-site"}).status == 403
    assert gateway.get("/v1/models", headers={"sec-fetch-site": "none"}).status == 200


def test_the_own_origin_is_good(gateway: Gateway) -> None:
    own = f"http://127.0.0.1:{gateway.port}"
    answer = wire.ask(
        gateway.port, wire.request("POST", "/v1/chat/completions", BODY, host=f"127.0.0.1:{gateway.port}", headers={"origin": own})
    )
    assert answer.status == 200


def test_cors_is_off_by_default(gateway: Gateway) -> None:
    for answer in (gateway.get("/v1/models"), chat(gateway)):
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


PREFLIGHT = {
    "origin": "https://app.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, content-type, x-stainless-lang, x-stainless-retry-count",
}


@pytest.fixture
def open_gateway(start: Start, upstream: Upstream) -> Gateway:
    return start(default_config(upstream, server={"allowed_origins": ["https://app.example"]}))


def test_allowed_origins_get_their_preflight(open_gateway: Gateway) -> None:
    answer = wire.ask(open_gateway.port, wire.request("OPTIONS", "/v1/chat/completions", headers=PREFLIGHT | {"authorization": None}))
    assert answer.status in (200, 204)
    assert answer.header("access-control-allow-origin") == "https://app.example"
    assert "origin" in (answer.header("vary") or "").lower()
    assert "POST" in (answer.header("access-control-allow-methods") or "")
    allowed = {h.strip().lower() for h in (answer.header("access-control-allow-headers") or "").split(",")}
    assert {"authorization", "content-type", "x-stainless-lang", "x-stainless-retry-count"} <= allowed
    assert int(answer.header("access-control-max-age") or "0") <= 600


def test_allowed_origins_can_read_answers_and_errors(open_gateway: Gateway) -> None:
    for answer in (
        chat(open_gateway, origin="https://app.example"),
        open_gateway.post("/v1/chat/completions", b"{", headers={"origin": "https://app.example"}),
    ):
        assert answer.header("access-control-allow-origin") == "https://app.example"
        exposed = (answer.header("access-control-expose-headers") or "").lower()
        for name in ("x-request-id", "retry-after", "retry-after-ms", "x-should-retry"):
            assert name in exposed


@pytest.mark.parametrize("origin", ["https://app.example.evil.example", "http://app.example", "https://app.example:444", "null"])
def test_only_the_exact_origin_is_allowed(open_gateway: Gateway, origin: str) -> None:
    assert chat(open_gateway, origin=origin).status == 403


# ---------------------------------------------------------------------------------------------------- Content-Type


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        'application/json;charset="UTF-8"',
        "application/problem+json",
        None,
    ],
)
def test_json_types_and_no_type_are_taken(gateway: Gateway, kind: str | None) -> None:
    assert check_completion(chat(gateway, content_type=kind).json())["content"] == "hi"


def test_curl_without_a_type_is_taken_but_not_from_a_web_page(open_gateway: Gateway) -> None:
    form = "application/x-www-form-urlencoded"
    assert chat(open_gateway, content_type=form).status == 200, "curl -d"
    assert chat(open_gateway, content_type=form, origin="https://app.example").status == 415


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain;charset=UTF-8", "multipart/form-data; boundary=x", "text/html", "application/octet-stream", "x"]
)
def test_types_that_pages_can_send_without_a_preflight_are_a_415(gateway: Gateway, upstream: Upstream, kind: str) -> None:
    check_error(chat(gateway, content_type=kind), 415, fault="client")
    assert not upstream.requests()


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/event-stream", "text/html", None])
def test_accept_decides_nothing(gateway: Gateway, accept: str | None) -> None:
    assert (chat(gateway, accept=accept).header("content-type") or "").startswith("application/json")
