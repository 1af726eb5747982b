#!/usr/bin/env python3
"""The rules of the house that no compiler checks. Prints what breaks them; exit 1 when anything does.

    tests/house/check.py [ROOT]
"""

import os
import re
import sys
from pathlib import Path, PurePosixPath

# What a file of a room may include from other rooms. A name with a slash is a folder of a room. `cli` is above all.
MAY_INCLUDE = {
    "chat": {"config"},
    "net": set(),
    "config": set(),
    "usage": {"chat", "config"},
    "dialects": {"chat", "config", "net/framing"},
    "providers": {"chat", "config", "dialects", "net"},
    "routing": {"chat", "config", "dialects", "net", "providers", "usage"},
    "server": {"chat", "config", "dialects", "net", "providers", "routing", "usage"},
    "cli": {"chat", "config", "dialects", "net", "providers", "routing", "server", "usage"},
}
OUTSIDE = {"tests", "bench"}  # C++ that may include anything

HEAVY_HEADER = re.compile(
    r"simdjson\.h|yaml-cpp/.*|CLI/.*|spdlog/(?!fwd).*|nlohmann/json\.hpp|prometheus/.*|openssl/.*|boost/url.*"
)
PRECOMPILED = "pch.hpp"  # the one header that exists to hold heavy ones

LONG_FILE, TOO_LONG_FILE = 450, 800

# Spelt in pieces, so that this file does not break its own rules.
MACHINE_PATH = re.compile("(?<![\\w.~])/(?:" + "|".join(["root", "work", "home"]) + ")/")
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
REGISTRY_HOST = re.compile(
    "|".join(
        re.escape(".".join(host))
        for host in [
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("crates", "io"),
            ("proxy", "golang", "org"),
            ("repo", "maven", "apache", "org"),
            ("repo1", "maven", "org"),
            ("deb", "debian", "org"),
            ("security", "debian", "org"),
            ("archive", "ubuntu", "com"),
            ("security", "ubuntu", "com"),
            ("ports", "ubuntu", "com"),
        ]
    )
)

SKIPPED_FOLDERS = {".git", ".cache", ".pytest_cache", "__pycache__", "build", "node_modules"}


def files_of(root):
    """Every file of the project as (path relative to root, text). Binary files are left out."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if name not in SKIPPED_FOLDERS)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink():
                continue
            try:
                yield PurePosixPath(path.relative_to(root).as_posix()), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                pass


def is_cpp(path):
    return path.suffix in {".cpp", ".hpp"}


# ---- includes --------------------------------------------------------------------------------------------------------

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes_of(text):
    """(line, what is included, whether in quotes)."""
    for match in INCLUDE.finditer(text):
        yield line_at(text, match.start()), match.group(2), match.group(1) == '"'


def line_at(text, position):
    return text.count("\n", 0, position) + 1


def may_include(room, target):
    folders = ["/".join(target.parts[:depth]) for depth in range(1, len(target.parts))]
    return target.parts[0] == room or any(folder in MAY_INCLUDE[room] for folder in folders)


def check_includes(path, text, exists):
    room = path.parts[0]
    for line, name, quoted in includes_of(text):
        if path.suffix == ".hpp" and path.name != PRECOMPILED and HEAVY_HEADER.fullmatch(name):
            yield line, f"<{name}> is heavy: include it in .cpp files only"
        if not quoted or room in OUTSIDE:
            continue
        beside = PurePosixPath(os.path.normpath(path.parent / name))
        target = beside if exists(beside) else PurePosixPath(os.path.normpath(name))
        if target.parts[0] in MAY_INCLUDE and not may_include(room, target):
            allowed = ", ".join(sorted(MAY_INCLUDE[room])) or "nothing of ours"
            yield line, f'{room} may not include "{name}" (it may include: {allowed})'


# ---- statements with co_await ----------------------------------------------------------------------------------------

NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:\\\n|[^\n])*',
    re.DOTALL | re.MULTILINE,
)


def without_noise(text):
    """Comments, literals and preprocessor lines blanked, every character still at its place."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


LAMBDA_HEAD = re.compile(
    r"\[[^\[\]]*\]\s*(?:<[^<>]*>\s*)?(?:\((?:[^()]|\([^()]*\))*\))?\s*(?:mutable\s*|noexcept\s*|constexpr\s*)*(?:->[^(){};]+)?$"
)
BLOCK_HEAD = re.compile(r"(?:[)}]|\b(?:else|do|try|const|noexcept|override|final)|:)\s*$")
CONTROL = re.compile(r"\s*(?:else\s+)?(?:if(?:\s+constexpr)?|while|for|switch)\s*\(")


class Statements:
    """Splits C++ into statements, well enough for the co_await rule. A function's or lambda's body is a list of
    statements of its own and stands in the outer one as `@`; a braced initialiser stays where it is."""

    def __init__(self, text):
        self.text = text
        self.found = []  # (position, statement)

    def read(self):
        position = 0
        while position < len(self.text):  # one round, unless there are stray closing braces
            position, _, rest, start = self.read_block(position)
            self.close(rest, start)
        return self.found

    def close(self, statement, start):
        if statement.strip():
            self.found.append((start, statement))

    def read_block(self, position):
        """From behind a `{` to behind its `}`: (position, whether it was a block, an unfinished statement, its start)."""
        statement, start, depth, is_block = "", position, 0, False

        def finish():
            nonlocal statement, depth, is_block
            self.close(statement, start)
            statement, depth, is_block = "", 0, True

        while position < len(self.text):
            char = self.text[position]
            position += 1
            if not statement.strip():
                start = position - 1
            if char == "}":
                return position, is_block, statement, start
            if char == ";" and depth == 0:
                finish()
            elif char == "{":
                end, inner_is_block, rest, rest_start = self.read_block(position)
                if LAMBDA_HEAD.search(statement):
                    self.close(rest, rest_start)
                    statement += "@"
                elif inner_is_block or (depth == 0 and BLOCK_HEAD.search(statement)):
                    self.close(rest, rest_start)
                    if depth == 0:
                        finish()
                    else:
                        statement += "@"
                else:
                    statement += "{" + rest + "}"
                position = end
            else:
                statement += char
                depth += (char in "([") - (char in ")]")
                if char == ")" and depth == 0 and is_header(statement):
                    finish()
        return position, is_block, statement, start


def is_header(statement):
    """Is this `if (...)` and the like, with nothing behind it?"""
    match = CONTROL.match(statement)
    if not match:
        return False
    depth = 0
    for position in range(match.end() - 1, len(statement)):
        depth += (statement[position] == "(") - (statement[position] == ")")
        if depth == 0:
            return position == len(statement) - 1
    return False


NOT_A_LAMBDA = re.compile(r"\[\[.*?\]\]|\bauto\s*(?:const\s*)?&{0,2}\s*\[[^\]]*\]|\boperator\s+co_await\b")
KEYWORD = re.compile(r"\b(?:co_await|co_return|co_yield|return)\b")
CAPTURING_LAMBDA = re.compile(r"(?:(?<![\w)\]\s])|^)\s*\[[^\[\]]+\]\s*[({@<m-]")


def check_co_await(path, text):
    for start, statement in Statements(without_noise(text)).read():
        statement = NOT_A_LAMBDA.sub(" ", statement)
        if not re.search(r"\bco_await\b", statement):
            continue
        for found, what in [
            ("{" in statement, "a braced temporary"),
            ("?" in statement, "?:"),
            (CAPTURING_LAMBDA.search(KEYWORD.sub("=", statement)), "a capturing lambda"),
        ]:
            if found:
                yield line_at(text, start), f"{what} in a statement with co_await: name the object on the line before"


# ---- the rest --------------------------------------------------------------------------------------------------------


def check_text(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := MACHINE_PATH.search(line):
            yield number, f"{match.group()} is a path of one machine"
        if match := REGISTRY_HOST.search(line):
            yield number, f"{match.group()} is a package registry's host: leave that to the client's own settings"
        if match := UNFINISHED.search(line):
            yield number, f"{match.group()}: do it, or file an issue"


def check(root):
    """(errors, warnings, number of files), the first two as lines of text."""
    errors, warnings, count = [], [], 0
    for path, text in files_of(root):
        count += 1
        found = list(check_text(path, text))
        if is_cpp(path):
            if path.parts[0] not in MAY_INCLUDE.keys() | OUTSIDE:
                found.append((1, f"no room is called {path.parts[0]}: say in tests/house/check.py what it may include"))
            else:
                found += check_includes(path, text, lambda other: (root / other).is_file())
            if path.suffix == ".hpp" and "#pragma once" not in text:
                found.append((1, "no #pragma once"))
            if "co_await" in text:
                found += check_co_await(path, text)
            lines = text.count("\n")
            if lines > TOO_LONG_FILE:
                found.append((lines, f"{lines} lines; {TOO_LONG_FILE} is the most: what are its two jobs?"))
            elif lines > LONG_FILE:
                warnings.append(f"{path}: {lines} lines; does it still do one thing?")
        errors += [f"{path}:{line}: {message}" for line, message in sorted(found)]
    return errors, warnings, count


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    errors, warnings, count = check(root)
    for warning in warnings:
        print(f"warning: {warning}")
    for error in errors:
        print(error)
    print(f"house: {count} files, {len(errors)} errors, {len(warnings)} warnings")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
