"""One gateway that has every provider of the matrix, and the table at the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from support.gateway import SECRETS, Gateway
from support.upstream import Upstream

from . import table
from .rows import ROWS
from .scenarios import FAULTS


@pytest.fixture(scope="module")
def _matrix_gateway(_binary: Path, _upstreams: tuple[Upstream, Upstream], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    home = tmp_path_factory.mktemp("matrix")
    providers = {}
    for row in ROWS:
        section = {"type": row.name} | row.section(_upstreams[0], home)
        SECRETS.extend(k for k in [section.get("api_key")] if k)
        for name in (row.name, *map(row.faulty, FAULTS), row.faulty("broken")):
            providers[name] = section
    gateway = Gateway(home, {"providers": providers, "server": {"access_log": "json"}})
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module")
def matrix_client(_matrix_gateway: Gateway) -> Iterator[openai.OpenAI]:
    with _matrix_gateway.client() as client:
        yield client


@pytest.fixture
def matrix_gateway(_matrix_gateway: Gateway) -> Gateway:
    assert _matrix_gateway.process.poll() is None, f"the gateway has ended:\n{_matrix_gateway.log()[-4000:]}"
    return _matrix_gateway


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if table.CELLS:
        terminalreporter.section("providers and what they were asked")
        terminalreporter.write_line(table.text())
        terminalreporter.write_line(f"also in {table.log()}")
