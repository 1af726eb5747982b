"""The README's examples, run as a newcomer would: against a daemon that was started without any configuration.

A block counts when the line above it is `<!-- test: daemon -->`. It must end well and print something. bash blocks run
in the project's folder, python blocks with the interpreter of this test.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
RECLOSER = Path(os.environ.get("RECLOSER_BIN", ROOT / "build/release/recloser")).resolve()
ADDRESS = ("127.0.0.1", 4100)

BLOCK = re.compile(r"^<!-- test: daemon -->\n+```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(text):
    return [(match.group(1), match.group(2)) for match in BLOCK.finditer(text)]


def command_of(language):
    return {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}[language]


def run_block(language, source, env):
    finished = subprocess.run(
        command_of(language) + [source], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, f"exit {finished.returncode}\n{finished.stdout}{finished.stderr}"
    assert finished.stdout.strip(), "it printed nothing"


def answers():
    try:
        with urllib.request.urlopen(f"http://{ADDRESS[0]}:{ADDRESS[1]}/healthz", timeout=1) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """The environment of someone without keys and configuration, with the daemon running."""
    assert RECLOSER.exists(), f"there is no {RECLOSER}: run ./dev build"
    with socket.socket() as probe:
        busy = probe.connect_ex(ADDRESS) == 0
    assert not busy, f"something already listens on port {ADDRESS[1]}; stop it, the README's examples need that port"

    home = tmp_path_factory.mktemp("newcomer")
    env = {name: value for name, value in os.environ.items() if not re.search(r"RECLOSER|_KEY|_TOKEN|_API_|_HOST$|_URL$|_ENDPOINTS?$", name)}
    env |= {"HOME": str(home), "NO_COLOR": "1"}
    daemon = subprocess.Popen([RECLOSER, "serve"], cwd=home, env=env, stderr=subprocess.STDOUT, stdout=(home / "log").open("w"))
    try:
        started = time.monotonic()
        while not answers():
            assert daemon.poll() is None, (home / "log").read_text()
            assert time.monotonic() - started < 10, "the daemon does not answer on /healthz"
            time.sleep(0.02)
        yield env
    finally:
        daemon.terminate()
        daemon.wait(timeout=40)


BLOCKS = blocks_of(README.read_text()) if README.exists() else []


def test_the_readme_has_examples_in_both_languages():
    assert {language for language, _ in BLOCKS} == {"bash", "python"}


@pytest.mark.parametrize(("language", "source"), BLOCKS)
def test_example(newcomer, language, source):
    run_block(language, source, newcomer)


# ---- the test itself ----


def test_only_marked_blocks_count():
    text = "```bash\nno\n```\n<!-- test: daemon -->\n```bash\none\ntwo\n```\n\n<!-- test: daemon -->\n\n```python\nthree\n```\n"
    assert blocks_of(text) == [("bash", "one\ntwo\n"), ("python", "three\n")]


@pytest.mark.parametrize(
    ("language", "source"),
    [("bash", "false; echo x"), ("bash", "echo x; false | cat"), ("bash", "true"), ("python", "print(1); exit(1)")],
)
def test_a_bad_example_fails(language, source):
    with pytest.raises(AssertionError):
        run_block(language, source, os.environ)


def test_a_good_example_passes():
    run_block("bash", "echo x | cat", os.environ)
    run_block("python", "print(1)", os.environ)
