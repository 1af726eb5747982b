"""Every rule of check.py finds what it is there for, and leaves good code alone."""

import subprocess
import sys

import pytest

import check


def findings(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return check.check(tmp_path)


def errors_of(tmp_path, name, text, others=()):
    return findings(tmp_path, {name: text, **{other: "#pragma once\n" for other in others}})[0]


# ---- includes ----


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("chat/a.cpp", "dialects/json.hpp"),
        ("chat/a.cpp", "usage/price.hpp"),
        ("config/a.cpp", "chat/fault.hpp"),
        ("net/a.cpp", "chat/fault.hpp"),
        ("net/a.cpp", "config/config.hpp"),
        ("net/framing/a.cpp", "dialects/json.hpp"),
        ("usage/a.cpp", "net/loop.hpp"),
        ("usage/a.cpp", "routing/lane.hpp"),
        ("dialects/a.cpp", "net/loop.hpp"),
        ("dialects/openai_chat/a.cpp", "providers/row.hpp"),
        ("providers/a.cpp", "routing/lane.hpp"),
        ("providers/a.cpp", "usage/price.hpp"),
        ("routing/a.cpp", "server/app.hpp"),
        ("server/a.cpp", "cli/serve.hpp"),
    ],
)
def test_an_upward_include_is_an_error(tmp_path, file, included):
    (error,) = errors_of(tmp_path, file, f'#include "{included}"\n', [included])
    assert error.startswith(f"{file}:1: {file.split('/')[0]} may not include")


def test_an_upward_include_by_a_relative_path_is_an_error(tmp_path):
    (error,) = errors_of(tmp_path, "chat/a.cpp", '\n#  include "../server/app.hpp"\n', ["server/app.hpp"])
    assert error.startswith("chat/a.cpp:2:")


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("chat/a.cpp", "chat/fault.hpp"),
        ("chat/a.cpp", "config/config.hpp"),
        ("dialects/a.cpp", "net/framing/sse.hpp"),
        ("providers/a.cpp", "dialects/json.hpp"),
        ("routing/a.cpp", "usage/meter.hpp"),
        ("routing/a.cpp", "chat/fault.hpp"),
        ("server/a.cpp", "routing/lane.hpp"),
        ("cli/a.cpp", "server/app.hpp"),
        ("tests/unit/a.cpp", "server/app.hpp"),
        ("dialects/anthropic/a.cpp", "reader.hpp"),  # beside it, or generated
    ],
)
def test_a_downward_include_is_fine(tmp_path, file, included):
    assert errors_of(tmp_path, file, f'#include "{included}"\n') == []


def test_a_file_beside_goes_before_a_room_of_the_same_name(tmp_path):
    assert errors_of(tmp_path, "chat/a.cpp", '#include "server/x.hpp"\n', ["chat/server/x.hpp"]) == []


def test_an_unknown_room_is_an_error(tmp_path):
    (error,) = errors_of(tmp_path, "helpers/a.cpp", "")
    assert "no room is called helpers" in error


# ---- headers ----


@pytest.mark.parametrize(
    "heavy",
    [
        "simdjson.h",
        "yaml-cpp/yaml.h",
        "CLI/CLI.hpp",
        "spdlog/spdlog.h",
        "nlohmann/json.hpp",
        "prometheus/counter.h",
        "openssl/ssl.h",
        "boost/url.hpp",
        "boost/url/parse.hpp",
    ],
)
def test_a_heavy_header_stays_out_of_headers(tmp_path, heavy):
    text = f"#pragma once\n#include <{heavy}>\n"
    assert errors_of(tmp_path / "header", "net/a.hpp", text) == [
        f"net/a.hpp:2: <{heavy}> is heavy: include it in .cpp files only"
    ]
    assert errors_of(tmp_path / "source", "net/a.cpp", text) == []
    assert errors_of(tmp_path / "precompiled", "tests/pch.hpp", text) == []


@pytest.mark.parametrize("light", ["spdlog/fwd.h", "nlohmann/json_fwd.hpp", "boost/system/result.hpp", "string"])
def test_a_light_header_may_be_in_headers(tmp_path, light):
    assert errors_of(tmp_path, "net/a.hpp", f"#pragma once\n#include <{light}>\n") == []


def test_a_header_needs_pragma_once(tmp_path):
    assert errors_of(tmp_path, "net/a.hpp", "struct a {};\n") == ["net/a.hpp:1: no #pragma once"]


# ---- statements with co_await (cpp-exemplars.md §2) ----


def co_await_errors(statement, around="task<void> f(int x) {{\n{}\n}}\n"):
    return [message for _, message in check.check_co_await(None, around.format(statement))]


@pytest.mark.parametrize(
    "statement",
    [
        "co_await f(opts{.a = x});",
        "co_await f({.a = x});",
        "co_await f({});",
        "co_await o->virt(t{}, opts{});",
        "plain(opts{x}, co_await n());",
        "co_await obj{}.member();",
        "opts o{.a = co_await g(), .b = co_await g()};",
        "co_await f({a, b, c});",
        'co_await f(json{{"a", 1}});',
        "std::vector<t> v{co_await g(), co_await g()};",
        "if (co_await f(opts{x})) { g(); }",
        "while (co_await f({})) g();",
        "auto r = x ? T{1} : co_await g();",
    ],
)
def test_a_braced_temporary_beside_co_await_is_an_error(statement):
    assert any("braced temporary" in error for error in co_await_errors(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "co_await call([t] { g(t); });",
        "co_await call([&] { return 1; });",
        "co_await spawn(ex, [t]() -> task<int> { co_return 1; }, token);",
        "co_await f(std::function<void()>([this] { g(); g(); }));",
        "spawn(co_await executor, [t = std::move(t)]() mutable -> task<void> { co_await g(t); }, done);",
        "co_return [x](int y) { return x + y; }(co_await g());",
    ],
)
def test_a_capturing_lambda_beside_co_await_is_an_error(statement):
    (error,) = co_await_errors(statement)
    assert "capturing lambda" in error


def test_a_conditional_beside_co_await_is_an_error():
    (error,) = co_await_errors("std::string s = (co_await yes()) ? std::string(a) : std::string(b);")
    assert "?:" in error


@pytest.mark.parametrize(
    "statement",
    [
        'co_await f(t("x"));',
        'co_await f("literal { ? [x]( } of text", \'{\', R"({"a": [1]})");',
        "co_await f(g(a[i](1)), 10'000); // what? {why}",
        "/* {?} */ auto o = co_await g();",
        "auto [ec, n] = co_await g();",
        "auto& [ec, n] = co_await g();",
        "if (auto r = co_await g(); r) { t x{1}; y = z ? 1 : 2; }",
        "if (!co_await g()) co_return opts{1};",
        "else if (co_await g()) { f({1}); }",
        "for (auto& x : co_await g()) { h({x}); }",
        "while (co_await yes()) {}\nopts o{x};",
        "switch (co_await g()) { case 1: { f({}); break; } default: break; }",
        "do { f({}); } while (co_await yes());",
        "opts o{x};\nco_await f(std::move(o));",
        "auto l = [t] { g(t); };\nco_await spawn(std::move(l));",
        "co_return opts{x};",
        "[[maybe_unused]] auto n = co_await g();",
        "co_await f([] { return 1; });",
        "spawn([x]() -> task<void> { co_await g(x); }(), done);",
        "try { co_await g(); } catch (error const& e) { h({}); }",
        "#define f(x) { x ? y : z }\nco_await g();",
        "if (x) co_await g(); else f({1});",
    ],
)
def test_the_usual_statements_with_co_await_are_fine(statement):
    assert co_await_errors(statement) == []


def test_statements_inside_lambdas_and_classes_are_seen():
    inside_lambda = "auto l = [](int x) -> task<void> {\n  co_await f({x});\n};"
    inside_class = "struct a {{\n  explicit a(int x) : b{{x}}, c(x) {{}}\n  task<void> g() const {{\n{}\n}}\n}};"
    assert len(co_await_errors(inside_lambda)) == 1
    assert len(co_await_errors("co_await f({});", inside_class)) == 1
    assert co_await_errors("co_await f(x);", inside_class) == []


def test_the_line_of_the_statement_is_told():
    ((line, _),) = check.check_co_await(None, "task<void> f() {\n  // {\n  g();\n\n  co_await\n      f({});\n}\n")
    assert line == 5


def test_defining_the_operator_is_not_a_use():
    text = "struct t {\n  awaiter operator co_await() && noexcept { return awaiter{frame_}; }\n};\n"
    assert list(check.check_co_await(None, text)) == []


# ---- text ----


@pytest.mark.parametrize("folder", ["root", "work", "home"])
def test_a_path_of_one_machine_is_an_error(tmp_path, folder):
    (error,) = errors_of(tmp_path, "docs/a.md", f"see\n`/{folder}/me/notes`\n")
    assert error == f"docs/a.md:2: /{folder}/ is a path of one machine"


def test_other_paths_are_fine(tmp_path):
    assert errors_of(tmp_path, "docs/a.md", "~/work/a build/root/b https://example.com/home/c homework/\n") == []


@pytest.mark.parametrize("host", [("registry", "npmjs", "org"), ("pypi", "org"), ("deb", "debian", "org")])
def test_a_registry_host_is_an_error(tmp_path, host):
    (error,) = errors_of(tmp_path, "package-lock.json", "https://" + ".".join(host) + "/x\n")
    assert "package registry" in error


@pytest.mark.parametrize("mark", ["TO" + "DO", "FIX" + "ME", "X" + "XX"])
def test_unfinished_marks_are_errors(tmp_path, mark):
    (error,) = errors_of(tmp_path, "net/a.cpp", f"// {mark}: later\n")
    assert mark in error
    assert errors_of(tmp_path, "net/a.cpp", f"mktemp.{mark}{mark}\n") == []


# ---- sizes ----


@pytest.mark.parametrize(("lines", "errors", "warnings"), [(450, 0, 0), (451, 0, 1), (800, 0, 1), (801, 1, 0)])
def test_long_files_are_warned_about_and_very_long_ones_fail(tmp_path, lines, errors, warnings):
    found = findings(tmp_path, {"net/a.cpp": "\n" * lines, "docs/long.md": "\n" * 2000})
    assert [len(found[0]), len(found[1])] == [errors, warnings]


# ---- the whole ----


def test_build_folders_links_and_binaries_are_left_out(tmp_path):
    bad = "TO" + "DO\n"
    errors, _, count = findings(tmp_path, {"build/a.md": bad, "x/node_modules/a.md": bad, "a.md": "fine\n"})
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "link.md").symlink_to(tmp_path / "build/a.md")
    assert (errors, count) == ([], 1)
    assert check.check(tmp_path)[0] == []


def test_the_exit_status_says_whether_the_house_is_in_order(tmp_path):
    def run():
        return subprocess.run([sys.executable, check.__file__, tmp_path], capture_output=True, text=True)

    (tmp_path / "chat").mkdir()
    (tmp_path / "chat/a.hpp").write_text("#pragma once\n")
    assert run().returncode == 0
    (tmp_path / "chat/a.hpp").write_text("\n")
    finished = run()
    assert finished.returncode == 1
    assert "chat/a.hpp:1: no #pragma once" in finished.stdout
