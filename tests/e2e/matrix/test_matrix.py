"""Every provider of the catalog, asked everything through the official SDK; and the table of it in docs/providers.md."""

from __future__ import annotations

import json
import os

import openai
import pytest

from support.gateway import ROOT, Gateway, run
from support.upstream import Upstream

from . import table
from .cell import Cell
from .rows import ROWS, Row
from .scenarios import SCENARIOS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_provider_does_what_the_table_says(
    matrix_gateway: Gateway, matrix_client: openai.OpenAI, upstream: Upstream, scenario: str, row: Row
) -> None:
    table.CELLS[row.name, scenario] = table.FAILED
    table.CELLS[row.name, scenario] = SCENARIOS[scenario].run(Cell(row, scenario, matrix_gateway, matrix_client, upstream))


def test_every_provider_of_the_catalog_has_a_row(tmp_path: object, _binary: object) -> None:
    listed = run(tmp_path, "providers", "--json")  # type: ignore[arg-type]
    names = {each["name"] for each in json.loads(listed.stdout)["providers"]}
    assert {row.name for row in ROWS} - {"vertex-claude", "openai-responses"} == names - {"openai-compatible"}


def test_the_table_of_the_docs_is_the_one_that_was_measured() -> None:
    if not table.is_whole():
        pytest.skip("only a part of the matrix ran")
    if os.environ.get("RECLOSER_WRITE_DOCS"):
        table.write()
    _, inside, _ = table.split((ROOT / table.DOCS).read_text())
    assert inside == table.text(), f"{table.DOCS} is out of date; to renew its table: {table.UPDATE}"
