"""TLS on both sides: the listener with its own certificate, upstreams whose certificate must be good."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import wire
from support.gateway import Gateway, default_config, free_port
from support.rules import check_completion, check_error, check_stream
from support.upstream import Upstream
from support.wait import until

Start = Callable[..., Gateway]
MODELS = ["up/gpt-4o", "claude/claude-sonnet-4-5"]


def openssl(*args: str) -> None:
    subprocess.run(["openssl", *args], check=True, capture_output=True)


class Certificate:
    """A fresh key and a certificate that it signed itself."""

    def __init__(self, folder: Path, name: str, alternatives: str):
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName={alternatives}", "-keyout", str(self.key), "-out", str(self.certificate),
        )  # fmt: skip


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"), "localhost", "DNS:localhost,IP:127.0.0.1")


@pytest.fixture(scope="module")
def secure(own: Certificate) -> Iterator[Upstream]:
    upstream = Upstream(own.certificate, own.key)
    yield upstream
    upstream.stop()


# ---------------------------------------------------------------------------------------------------- upstreams


def over_tls(secure: Upstream, **settings: object) -> dict:
    config = default_config(secure)
    for provider in config["providers"].values():
        provider |= settings
    return config


@pytest.mark.parametrize("model", MODELS)
def test_an_upstream_with_a_trusted_certificate_answers(start: Start, secure: Upstream, own: Certificate, model: str) -> None:
    gateway = start(over_tls(secure, ca_file=str(own.certificate)))
    assert check_completion(gateway.chat(model).json())["content"] == "hi there"
    assert check_stream(gateway.chat(model, stream=True).body).text == "hi there"
    secure.next({"split": 1})
    assert check_stream(gateway.chat(model, stream=True).body).text == "hi there"


def test_a_big_answer_comes_whole_over_tls(start: Start, secure: Upstream, own: Certificate) -> None:
    gateway = start(over_tls(secure, ca_file=str(own.certificate)))
    assert len(check_stream(gateway.chat(MODELS[0], "long answer 500 x 16000", stream=True).body).text) == 8_000_000


def test_an_unknown_certificate_is_refused_before_anything_is_sent(start: Start, secure: Upstream) -> None:
    secure.reset()
    error = check_error(start(over_tls(secure)).chat(MODELS[0]), 502, fault="upstream")
    assert "certificate" in error["message"].lower()
    assert not secure.everything()


def test_a_certificate_for_another_name_is_refused(start: Start, tmp_path: Path) -> None:
    wrong = Certificate(tmp_path, "elsewhere", "DNS:elsewhere.example")
    upstream = Upstream(wrong.certificate, wrong.key)
    try:
        check_error(start(over_tls(upstream, ca_file=str(wrong.certificate))).chat(MODELS[0]), 502, fault="upstream")
    finally:
        upstream.process.terminate()
        upstream.process.wait(10)


def test_checks_can_be_switched_off_for_one_provider_with_a_loud_warning(start: Start, secure: Upstream) -> None:
    config = default_config(secure)
    config["providers"]["up"]["insecure_skip_verify"] = True
    gateway = start(config)
    assert gateway.chat(MODELS[0]).status == 200
    check_error(gateway.chat(MODELS[1]), 502)
    assert "insecure_skip_verify" in gateway.log()


def test_a_plain_port_that_is_asked_for_tls_is_a_502(start: Start, upstream: Upstream) -> None:
    config = default_config(upstream)
    config["providers"]["up"]["base_url"] = upstream.openai.replace("http://", "https://")
    check_error(start(config).chat(MODELS[0]), 502, fault="upstream")


def test_a_client_that_leaves_cancels_a_tls_upstream(start: Start, secure: Upstream, own: Certificate) -> None:
    gateway = start(over_tls(secure, ca_file=str(own.certificate)))
    secure.reset()
    secure.next({"event_ms": 20})
    with gateway.wire() as peer:
        body = b'{"model":"up/gpt-4o","stream":true,"messages":[{"role":"user","content":"long answer 5000"}]}'
        peer.send(wire.request("POST", "/v1/chat/completions", body))
        assert peer.read_head().status == 200
    assert secure.wait_for_cut()


# ---------------------------------------------------------------------------------------------------- the listener


def listening(upstream: Upstream, plain: int, port: int, own: Certificate, **tls: str) -> dict:
    """A config that listens twice: plain and with TLS."""
    tls |= {"certificate": str(own.certificate), "key": str(own.key)}
    listen = [{"address": f"127.0.0.1:{plain}"}, {"address": f"127.0.0.1:{port}", "tls": tls}]
    return default_config(upstream, server={"listen": listen})


def test_a_tls_listener_answers_beside_a_plain_one(start: Start, upstream: Upstream, own: Certificate) -> None:
    port, plain = free_port(), free_port()
    gateway = start(listening(upstream, plain, port, own), port=plain)
    trust = ssl.create_default_context(cafile=str(own.certificate))
    body = b'{"model":"up/gpt-4o","messages":[{"role":"user","content":"hi"}]}'
    data = wire.request("POST", "/v1/chat/completions", body, host="localhost")
    assert check_completion(until(lambda: wire.ask(port, data, trust), "the TLS listener answers").json())["content"] == "hi"
    assert gateway.chat(MODELS[0]).status == 200
    with gateway.client(base_url=f"https://localhost:{port}/v1") as client, pytest.raises(Exception, match="Connection error"):
        client.models.list()  # the SDK does not trust this certificate


def test_clients_must_show_a_certificate_when_a_client_ca_is_set(
    start: Start, upstream: Upstream, own: Certificate, tmp_path: Path
) -> None:
    port, plain = free_port(), free_port()
    friend = Certificate(tmp_path, "friend", "DNS:friend")
    start(listening(upstream, plain, port, own, client_ca=str(friend.certificate)), port=plain)
    stranger = ssl.create_default_context(cafile=str(own.certificate))
    known = ssl.create_default_context(cafile=str(own.certificate))
    known.load_cert_chain(str(friend.certificate), str(friend.key))
    data = wire.request("GET", "/healthz", host="localhost")
    assert wire.ask(port, data, known).status == 200
    with pytest.raises((ssl.SSLError, EOFError, OSError)):
        wire.ask(port, data, stranger)


def test_a_plain_request_on_the_tls_port_does_no_harm(start: Start, upstream: Upstream, own: Certificate) -> None:
    port, plain = free_port(), free_port()
    gateway = start(listening(upstream, plain, port, own), port=plain)
    with wire.Wire(port) as peer:
        peer.send(wire.request("GET", "/healthz"))
        while peer.more():
            pass
        assert not peer.buffer.startswith(b"HTTP/1.1 200")
    assert gateway.alive()
