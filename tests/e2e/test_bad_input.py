"""Bad input gets the right status and an error that says what to do; the connection stays usable where HTTP allows it."""

from __future__ import annotations

import contextlib
import json

import pytest

from support import wire
from support.gateway import Gateway
from support.rules import check_completion, check_error
from support.samples import CLOCK
from support.upstream import Upstream

MODELS = ["up/gpt-4o", "claude/claude-sonnet-4-5"]
GOOD = '"messages":[{"role":"user","content":"hi"}]'


def post(gateway: Gateway, body: bytes) -> wire.Response:
    """On a connection that must still be good for another request afterwards."""
    with gateway.wire() as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", body))
        answer = peer.read()
        assert not answer.closes
        good = {"model": "up/gpt-4o", "messages": [{"role": "user", "content": "still here"}]}
        peer.send(wire.request("POST", "/v1/chat/completions", json.dumps(good).encode()))
        assert check_completion(peer.read().json())["content"] == "still here"
    return answer


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \r\n",
    "no JSON": b"hello",
    "a text": b'"hello"',
    "an array": b"[]",
    "null": b"null",
    "cut off": b'{"model":"up/gpt-4o","messages":[{"role":"us',
    "two values": b'{"model":"up/gpt-4o"}{}',
    "a trailing comma": b'{"model":"up/gpt-4o",}',
    "a comment": b'{/* */"model":"up/gpt-4o"}',
    "single quotes": b"{'model':'up/gpt-4o'}",
    "NaN": b'{"model":"up/gpt-4o","temperature":NaN,' + GOOD.encode() + b"}",
    "a leading zero": b'{"model":"up/gpt-4o","seed":01,' + GOOD.encode() + b"}",
    "a raw newline in a text": b'{"model":"up/gpt-4o","user":"a\nb",' + GOOD.encode() + b"}",
    "a NUL in a text": b'{"model":"up/gpt-4o","user":"a\0b",' + GOOD.encode() + b"}",
    "a bad escape": b'{"model":"up/gpt-4o","user":"\\x41",' + GOOD.encode() + b"}",
    "a byte order mark": b"\xef\xbb\xbf[]",
    "invalid UTF-8": b'{"model":"up/gpt-4o","messages":[{"role":"user","content":"\xff\xfe"}]}',
    "an overlong UTF-8 slash": b'{"model":"up/gpt-4o","messages":[{"role":"user","content":"\xc0\xaf"}]}',
    "half a UTF-8 character": b'{"model":"up/gpt-4o","messages":[{"role":"user","content":"\xf0\x9f"}]}',
    "UTF-16": '{"model":"up/gpt-4o"}'.encode("utf-16"),
    "two models": b'{"model":"up/gpt-4o","model":"local/qwen2.5-coder:7b",' + GOOD.encode() + b"}",
    "two models, one escaped": b'{"model":"up/gpt-4o","mod\\u0065l":"local/qwen2.5-coder:7b",' + GOOD.encode() + b"}",
    "two streams": b'{"model":"up/gpt-4o","stream":false,"stream":true,' + GOOD.encode() + b"}",
    "129 levels": b'{"model":"up/gpt-4o","x":' + b"[" * 129 + b"]" * 129 + b"," + GOOD.encode() + b"}",
    "100,000 levels": b'{"model":"up/gpt-4o","x":' + b"[" * 100_000 + b"]" * 100_000 + b"," + GOOD.encode() + b"}",
    "100,000 open objects": b'{"a":' * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_bodies_that_are_no_good_json_are_a_400(gateway: Gateway, upstream: Upstream, case: str) -> None:
    error = check_error(post(gateway, BROKEN[case]), 400, fault="client")
    assert error["type"] == "invalid_request_error"
    assert len(upstream.requests()) == 1, "only the good request went up"


def test_128_levels_are_fine(gateway: Gateway) -> None:
    body = b'{"model":"local/qwen2.5-coder:7b","x":' + b"[" * 127 + b"]" * 127 + b"," + GOOD.encode() + b"}"
    assert post(gateway, body).status == 200


WRONG: dict[str, tuple[dict, str]] = {
    "no model": ({"model": None}, "model"),
    "an empty model": ({"model": ""}, "model"),
    "a number for a model": ({"model": 5}, "model"),
    "no messages": ({"messages": None}, "messages"),
    "empty messages": ({"messages": []}, "messages"),
    "a text for messages": ({"messages": "hi"}, "messages"),
    "a number for a message": ({"messages": [5]}, "messages"),
    "a message without a role": ({"messages": [{"content": "hi"}]}, "role"),
    "an unknown role": ({"messages": [{"role": "robot", "content": "hi"}]}, "role"),
    "a number for content": ({"messages": [{"role": "user", "content": 5}]}, "content"),
    "a part without a type": ({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, "content"),
    "a text for stream": ({"stream": "yes"}, "stream"),
    "an object for tools": ({"tools": {}}, "tools"),
    "a tool without a name": ({"tools": [{"type": "function", "function": {}}]}, "tools"),
    "a text for max_tokens": ({"max_tokens": "many"}, "max_tokens"),
    "negative max_tokens": ({"max_tokens": -1}, "max_tokens"),
    "a text for temperature": ({"temperature": "hot"}, "temperature"),
    "an unknown tool_choice": ({"tools": [CLOCK], "tool_choice": "maybe"}, "tool_choice"),
    "an unknown response_format": ({"response_format": {"type": "xml"}}, "response_format"),
    "a number for stop": ({"stop": 5}, "stop"),
    "an unknown reasoning_effort": ({"reasoning_effort": "extreme"}, "reasoning_effort"),
    "a text for tool_calls": ({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "tool_calls": "none"}]}, "tool_calls"),
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", WRONG)
def test_wrong_types_are_a_400_that_names_the_member(gateway: Gateway, model: str, case: str) -> None:
    fields, name = WRONG[case]
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]} | fields
    error = check_error(post(gateway, json.dumps({k: v for k, v in body.items() if v is not None}).encode()), 400)
    assert name in (error["param"] or "") + error["message"], error


@pytest.mark.parametrize("endpoint", ["completions", "embeddings"])
def test_the_small_endpoints_check_too(gateway: Gateway, endpoint: str) -> None:
    for body in (b"", b"[]", b"{", b'{"input":"x"}', b'{"model":5}'):
        check_error(gateway.post(f"/v1/{endpoint}", body), 400, fault="client")
    check_error(gateway.post(f"/v1/{endpoint}", {"model": "nowhere/x", "input": "x", "prompt": "x"}), 404, "model_not_found")


# ---------------------------------------------------------------------------------------------------- sizes

MIB = 1 << 20


def test_a_body_over_the_limit_is_refused_before_it_is_sent(gateway: Gateway) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", headers={"content-length": str(33 * MIB)}))
        answer = peer.read()
        check_error(answer, 413, fault="client")
        assert answer.closes and peer.ended()


def test_a_body_over_the_limit_that_is_sent_all_the_same_still_gets_its_answer(gateway: Gateway) -> None:
    with gateway.wire(timeout=60) as peer:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # it need not listen to the end
            peer.send(wire.request("POST", "/v1/chat/completions", b'{"x":"' + b"a" * 33 * MIB + b'"}'))
        check_error(peer.read(), 413)


def test_a_chunked_body_over_the_limit_is_a_413(gateway: Gateway) -> None:
    with gateway.wire(timeout=60) as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", headers={"content-length": None, "transfer-encoding": "chunked"}))
        piece = b"%x\r\n" % MIB + b"a" * MIB + b"\r\n"
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(34):
                peer.send(piece)
        check_error(peer.read(), 413)


def test_a_body_just_under_the_limit_goes_through(gateway: Gateway, upstream: Upstream) -> None:
    filler = b"a" * (32 * MIB - 200)
    body = b'{"model":"local/qwen2.5-coder:7b","filler":"' + filler + b'",' + GOOD.encode() + b"}"
    assert gateway.post("/v1/chat/completions", body).status == 200
    assert len(upstream.last().body) > 32 * MIB - 200


@pytest.mark.parametrize("length", [str(1 << 63), str((1 << 64) + 10), "9" * 40])
def test_absurd_lengths_are_refused(gateway: Gateway, length: str) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", headers={"content-length": length}))
        assert peer.read().status in (400, 413)
        assert peer.ended()


def test_a_body_that_never_comes_whole_is_not_answered_with_success(gateway: Gateway, upstream: Upstream) -> None:
    with gateway.wire() as peer:
        peer.send(wire.request("POST", "/v1/chat/completions", b'{"model":', headers={"content-length": "100"}))
        peer.socket.shutdown(1)
        peer.more()
        assert not peer.buffer.startswith(b"HTTP/1.1 200")
    assert not upstream.requests()


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate"])
def test_compressed_bodies_are_a_415(gateway: Gateway, encoding: str) -> None:
    body = {"model": "up/gpt-4o", "messages": []}
    check_error(gateway.post("/v1/chat/completions", body, headers={"content-encoding": encoding}), 415)


def test_secrets_in_bad_requests_are_not_echoed(gateway: Gateway) -> None:
    answer = gateway.post("/v1/chat/completions", {"model": "sk-proj-abcdefghijklmnop", "messages": []})
    assert answer.status in (400, 404)
    assert "sk-proj-abcdefghijklmnop" not in gateway.log()
