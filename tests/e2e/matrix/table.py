"""The table of providers and scenarios: filled by the tests, shown at the end of the run, and kept in docs/providers.md."""

from __future__ import annotations

from pathlib import Path

from support.gateway import ROOT

from .rows import ROWS
from .scenarios import SCENARIOS

LOG, DOCS = Path("build/log/providers-matrix.md"), Path("docs/providers.md")
BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
UPDATE = "RECLOSER_WRITE_DOCS=1 build/venv/bin/pytest tests/e2e/matrix"
FAILED = "failed"

CELLS: dict[tuple[str, str], str] = {}  # (provider, scenario) -> its text


def is_whole() -> bool:
    return len(CELLS) == len(ROWS) * len(SCENARIOS)


def text() -> str:
    """One line for each provider, one column for each scenario."""
    lines = [["provider", *(s.title for s in SCENARIOS.values())], ["---"] + [":-:"] * len(SCENARIOS)]
    lines += [[row.name, *(CELLS.get((row.name, name), "") for name in SCENARIOS)] for row in ROWS]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def log() -> Path:
    path = ROOT / LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text() + "\n")
    return LOG


def split(page: str) -> tuple[str, str, str]:
    """What stands before the table, the table, what stands after it."""
    assert page.count(BEGIN) == page.count(END) == 1, f"{DOCS} has {BEGIN} and {END} once each"
    before, _, rest = page.partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside.strip(), after


def write() -> None:
    path = ROOT / DOCS
    if not path.exists():
        path.write_text(f"# Providers\n\n{BEGIN}\n{END}\n")
    before, _, after = split(path.read_text())
    path.write_text(f"{before}{BEGIN}\n{text()}\n{END}{after}")
