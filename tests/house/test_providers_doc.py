"""docs/providers.md against the catalog: every provider has its section, and every variable of it is named there."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECLOSER = Path(os.environ.get("RECLOSER_BIN", ROOT / "build/release/recloser")).resolve()
DOC = ROOT / "docs/providers.md"

SECTION = re.compile(r"^#{2,3} `([^`]+)`$\n(.*?)(?=^#{2,3} |\Z)", re.MULTILINE | re.DOTALL)


def sections_of(text):
    return dict(SECTION.findall(text))


def problems(providers, text):
    sections = sections_of(text)
    names = [each["name"] for each in providers]
    found = [f"no section `{name}`" for name in names if name not in sections]
    found += [f"`{name}` is no provider" for name in sections if name not in names]
    for each in providers:
        words = each["key_variables"] + each["url_variables"] + each["aliases"]
        section = sections.get(each["name"])
        if section is None:
            continue
        found += [f"`{each['name']}` does not name `{word}`" for word in words if f"`{word}`" not in section]
        if "```yaml" not in section:
            found.append(f"`{each['name']}` has no example")
    return found


@pytest.fixture(scope="module")
def providers(tmp_path_factory):
    assert RECLOSER.exists(), f"there is no {RECLOSER}: run ./dev build"
    home = tmp_path_factory.mktemp("home")
    finished = subprocess.run(
        [RECLOSER, "providers", "--json"], cwd=home, env={"HOME": str(home)}, capture_output=True, text=True, timeout=60
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)["providers"]


def test_every_provider_has_a_section_that_names_its_variables(providers):
    assert problems(providers, DOC.read_text()) == []


def test_every_example_is_a_good_configuration(providers, tmp_path):
    variables = {name: "https://x.example" for name in re.findall(r"\$\{(\w+)", DOC.read_text())}
    keys = {each["name"]: each["key_variables"][:1] for each in providers}
    for name, section in sections_of(DOC.read_text()).items():
        file = tmp_path / f"{name}.yaml"
        file.write_text("\n".join(re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)))
        env = {"HOME": str(tmp_path), "MY_KEY": "k"} | variables | dict.fromkeys(keys[name], "key")
        finished = subprocess.run([RECLOSER, "check", file], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
        assert finished.returncode == 0, f"{name}: {finished.stdout}{finished.stderr}"


# ---- the test itself ----


def test_what_is_missing_is_found():
    one = {"name": "a", "key_variables": ["A_KEY"], "url_variables": ["A_URL"], "aliases": ["b"]}
    good = "# x\n\n### `a`\n`A_KEY` `A_URL` `b`\n```yaml\n```\n## y\n"
    assert problems([one], good) == []
    assert problems([one], good.replace("`A_URL`", "A_URL")) == ["`a` does not name `A_URL`"]
    assert problems([one], good.replace("yaml", "sh")) == ["`a` has no example"]
    assert problems([one], good.replace("### `a`", "### `c`")) == ["no section `a`", "`c` is no provider"]
