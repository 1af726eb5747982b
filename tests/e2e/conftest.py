"""Fixtures. `gateway` and `client` share one gateway for tests that do it no harm; `start` gives a test gateways of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from support.gateway import BIN, Gateway, default_config
from support.upstream import Upstream


@pytest.fixture(scope="session")
def _upstreams() -> Iterator[tuple[Upstream, Upstream]]:
    both = (Upstream(), Upstream())
    yield both
    for one in both:
        one.stop()


@pytest.fixture
def upstream(_upstreams: tuple[Upstream, Upstream]) -> Upstream:
    _upstreams[0].reset()
    return _upstreams[0]


@pytest.fixture
def second_upstream(_upstreams: tuple[Upstream, Upstream]) -> Upstream:
    _upstreams[1].reset()
    return _upstreams[1]


@pytest.fixture(scope="session")
def _binary() -> Path:
    if not BIN.exists():
        pytest.fail(f"no gateway at {BIN}: build it, or say where it is with RECLOSER_BIN", pytrace=False)
    return BIN


@pytest.fixture(scope="session")
def _shared_gateway(_binary: Path, _upstreams: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    gateway = Gateway(tmp_path_factory.mktemp("shared"), default_config(_upstreams[0]))
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(_shared_gateway: Gateway, upstream: Upstream) -> Gateway:
    """The shared gateway with the default config. For tests whose upstream fails by its own fault, use `start`:
    a breaker or a cool-down would bench the target for the tests that follow."""
    assert _shared_gateway.process.poll() is None, f"the shared gateway has ended:\n{_shared_gateway.log()[-4000:]}"
    return _shared_gateway


@pytest.fixture(scope="session")
def _shared_client(_shared_gateway: Gateway) -> Iterator[openai.OpenAI]:
    with _shared_gateway.client() as client:
        yield client


@pytest.fixture
def client(gateway: Gateway, _shared_client: openai.OpenAI) -> openai.OpenAI:
    """The official SDK on the shared gateway."""
    return _shared_client


@pytest.fixture
def start(_binary: Path, upstream: Upstream, tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Starts gateways that belong to this test alone. Without a config: the default one. `config=None` starts it without a file."""
    started: list[Gateway] = []

    def go(config: Any = "default", **options: Any) -> Gateway:
        home = tmp_path / f"home{len(started)}"
        home.mkdir(exist_ok=True)
        gateway = Gateway(home, default_config(upstream) if config == "default" else config, **options)
        started.append(gateway)
        return gateway

    yield go
    for gateway in started:
        gateway.stop()
