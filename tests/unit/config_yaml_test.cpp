// The text of the configuration: YAML, `${NAME}`, secrets, and the words of the problems.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "config/json_text.hpp"
#include "config/node.hpp"
#include "config/section.hpp"
#include "config/substitute.hpp"
#include "tests/unit/config_fixture.hpp"

namespace recloser::config {
namespace {

using namespace testing;

/// A file that is gone at the end of the test.
class temporary_file {
 public:
  explicit temporary_file(std::string const& content) : path_(::testing::TempDir() + "recloser_config_test_secret") {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~temporary_file() { std::remove(path_.c_str()); }
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;

  std::string const& path() const { return path_; }

 private:
  std::string path_;
};

/// The tree of a document, as JSON; or its problems.
std::string tree_of(std::string_view text) {
  loaded found;
  node const tree = parse_yaml(text, found.problems);
  return found.problems.empty() ? to_json(tree) : problems_of(found);
}

TEST(config_yaml, becomes_a_tree) {
  struct {
    std::string_view text, tree;
  } const rows[] = {
      {"", "null"},
      {"# only a comment\n", "null"},
      {"a: 1\nb: [x, {c: }]\n", R"({"a":1,"b":["x",{"c":null}]})"},
      {"\xEF\xBB\xBF"
       "a: 1\r\nb: 2\r\n",
       R"({"a":1,"b":2})"},
      {"a: &x {k: 1}\nb: *x\n", R"({"a":{"k":1},"b":{"k":1}})"},
      {"a: &x {k: 1, z: 1}\nb: {<<: *x, z: 2}\n", R"({"a":{"k":1,"z":1},"b":{"z":2,"k":1}})"},
      {"a: &x {k: 1}\nb: &y {l: 2}\nc: {<<: [*x, *y]}\n", R"({"a":{"k":1},"b":{"l":2},"c":{"k":1,"l":2}})"},
      {"a: |\n  two\n  lines\n", R"({"a":"two\nlines\n"})"},
      {"a: \"it's\"\nb: 'a \"b\"'\n", R"({"a":"it's","b":"a \"b\""})"},
  };
  for (auto const& row : rows) EXPECT_EQ(tree_of(row.text), row.tree) << row.text;
}

TEST(config_yaml, syntax_errors_have_their_line) {
  struct {
    std::string_view text, problem;
  } const rows[] = {
      {"a:\n  b: c: d\n", "line 2: unexpected `:`; check the indentation, and put values that hold `: ` in quotes"},
      {"a:\n\tb: 1\n", "line 2: a tab in the indentation; use spaces"},
      {"a:\n  b: 1\n\tc: 2\n", "line 3: a tab in the indentation; use spaces"},
      {"a: {b: ${X}}\n", "line 1: a `{` is not closed, or a value inside it needs quotes (write \"${NAME}\")"},
      {"a: [1, 2]]\n", "line 1: a `]` or `}` that was never opened"},
      {"x: 1\na: \"open\nb: 1\n", "line 2: a quote is never closed"},
      {"a: 'open\nb: 1\n", "line 1: a quote is never closed"},
      {"a: \"open", "line 1: a quote is never closed"},
      {"\xC3\xA9: \"closed\"\nb: !!str \"open\nc: 1\n", "line 2: a quote is never closed"},
      {"a: @x\n", "line 1: a value cannot begin with this character; put it in quotes"},
      {"a: *nowhere\n", "line 1: `*` names an anchor (`&name`) that was not defined above"},
      {"a: &x [*x]\n", "line 1: an alias inside the value that it stands for"},
      {"a: 1\n---\nb: 2\n", "line 2: a second document begins here; one file holds one"},
      {"- a\nb: c\n", "line 2: a second document begins here; one file holds one"},
      {"a: 1\nb: 2\na: 3\n", "line 3: duplicate key `a` (first on line 1)"},
      {"a:\n  b: {c: 1, c: 2}\n", "line 2: duplicate key `c` (first on line 2)"},
      {"? [1, 2]\n: x\n", "line 1: a key must be a word"},
      {"a: {<<: 5}\n", "line 1: `<<` takes a section (`*name`) or a list of them"},
      {"a: 1\nb: \x01\n", "line 2: the file must be UTF-8 text without control characters"},
      {"a: 1\n\nb: \xFF\n", "line 3: the file must be UTF-8 text without control characters"},
      {"a: \xE0\x80\x80\n", "line 1: the file must be UTF-8 text without control characters"},
      {"a: \xED\xA0\x80\n", "line 1: the file must be UTF-8 text without control characters"},
      {"a: \xF4\x90\x80\x80\n", "line 1: the file must be UTF-8 text without control characters"},
      {"a: 1\nb: \xC0\xAF\n", "line 2: the file must be UTF-8 text without control characters"},
  };
  for (auto const& row : rows) EXPECT_EQ(tree_of(row.text), row.problem) << row.text;
}

TEST(config_yaml, a_small_file_cannot_become_a_huge_tree) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    std::string const last = "*a" + std::to_string(i - 1) + ", ";
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += last;
    text += "x]\n";
  }
  EXPECT_EQ(tree_of(text), "line 5: the file is too large, or its aliases make it so");
  EXPECT_EQ(tree_of("a: " + std::string(100'000, '[')), "line 1: sections are nested too deeply");
}

TEST(config_yaml, json_keeps_what_was_written) {
  struct {
    std::string_view yaml, json;
  } const rows[] = {
      {"8192", "8192"},
      {"0.7", "0.7"},
      {".5", "0.5"},
      {"5.", "5"},
      {"+1", "1"},
      {"-0.10", "-0.10"},
      {"007", "7"},
      {"0", "0"},
      {"1e5", "1e5"},
      {"1.5E-3", "1.5e-3"},
      {"12345678901234567890123", "12345678901234567890123"},
      {"0.1234567890123456789", "0.1234567890123456789"},
      {"1e", "\"1e\""},
      {"-x", "\"-x\""},
      {"1.2.3", "\"1.2.3\""},
      {"0x10", "\"0x10\""},
      {"\"8192\"", "\"8192\""},
      {"true", "true"},
      {"False", "false"},
      {"'true'", "\"true\""},
      {"yes", "\"yes\""},
      {"~", "null"},
      {"null", "null"},
      {"\"\"", "\"\""},
      {"\"a\\tb\\\"c\\\\\"", R"("a\u0009b\"c\\")"},
      {"\xC3\xA9", "\"\xC3\xA9\""},
      {"[1, a, {b: [~]}]", R"([1,"a",{"b":[null]}])"},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(tree_of("v: " + std::string(row.yaml) + "\n"), "{\"v\":" + std::string(row.json) + "}") << row.yaml;
  }
}

TEST(config_substitution, replaces_variables) {
  environment const env = environment_of({{"A", "one"}, {"B_2", "two"}, {"EMPTY", ""}, {"BAD", "a\x01"}});
  struct {
    std::string_view text, meaning;
  } const rows[] = {
      {"plain", "plain"},
      {"${A}", "one"},
      {"x${A}y${B_2}", "xoneytwo"},
      {"${C:-three}", "three"},
      {"${A:-three}", "one"},
      {"${EMPTY:-three}", "three"},
      {"${EMPTY}", ""},
      {"${C:-}", ""},
      {"${C:-a:-b}", "a:-b"},
      {"$${A}", "${A}"},
      {"$$", "$"},
      {"cost $5, $A", "cost $5, $A"},
      {"$", "$"},
      {"${C}", "!the environment variable `C` is not set (`${C:-default}` gives a default)"},
      {"${BAD}", "!the environment variable `BAD` holds control characters or is not UTF-8"},
      {"${A", "!`${` is not closed by `}` (write `$$` for a dollar sign)"},
      {"${}", "!`${` must be followed by a variable's name and `}` (write `$$` for a dollar sign)"},
      {"${sk-1}", "!`${` must be followed by a variable's name and `}` (write `$$` for a dollar sign)"},
      {"${1A}", "!`${` must be followed by a variable's name and `}` (write `$$` for a dollar sign)"},
      {"${A:-${B_2}}", "!the default of `${A:-…}` cannot hold another `${`"},
  };
  for (auto const& row : rows) {
    parsed<std::string> const found = substitute(row.text, env);
    EXPECT_EQ(found ? *found.value : "!" + found.fault, row.meaning) << row.text;
  }
}

TEST(config_substitution, works_in_every_value_and_never_in_keys) {
  loaded const found = load(
      "server: {workers: \"${W}\", max_body: \"${SIZE:-2MiB}\"}\n"
      "routes: {\"${R}\": {targets: [\"${P}/m\"], defaults: {max_tokens: \"${W}\"}}}\n",
      {{"W", "3"}, {"P", "ollama"}, {"R", "no"}});
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(found.value.server.workers, 3U);
  EXPECT_EQ(found.value.server.max_body, 2U << 20);
  EXPECT_EQ(targets_of(found, "${R}"), std::vector<std::string>{"ollama/m"});
}

TEST(config_substitution, an_undefined_variable_is_one_problem_not_two) {
  EXPECT_EQ(problems_of("providers:\n  openai:\n    api_key: ${NOPE}\n"),
            "line 3: the environment variable `NOPE` is not set (`${NOPE:-default}` gives a default)");
  EXPECT_EQ(problems_of("server:\n  listen: ${NOPE}\n"),
            "line 2: the environment variable `NOPE` is not set (`${NOPE:-default}` gives a default)");
  EXPECT_EQ(
      problems_of("routes:\n  r: {targets: [\"${NOPE}/m\"]}\nprofiles:\n  p: {provider: \"${NOPE}\", model: m}\n"),
      "line 2: the environment variable `NOPE` is not set (`${NOPE:-default}` gives a default)\n"
      "line 4: the environment variable `NOPE` is not set (`${NOPE:-default}` gives a default)");
  EXPECT_EQ(problems_of("keys: [\"${NOPE}\"]\n"),
            "line 1: the environment variable `NOPE` is not set (`${NOPE:-default}` gives a default)");
}

TEST(config_secrets, may_stand_in_a_file) {
  temporary_file const file("s3cret\r\n\n");
  loaded const found = load("providers:\n  openai: {api_keys: [\"file:" + file.path() +
                            "\", other]}\nkeys: [\"file:" + file.path() + "\"]\n");
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(find_provider(found, "openai")->api_keys, (std::vector<std::string>{"s3cret", "other"}));
  EXPECT_EQ(found.value.keys.at(0).secret, "s3cret");
}

TEST(config_secrets, a_file_must_hold_one_line) {
  temporary_file const two_lines("s3cret\nmore\n");
  EXPECT_EQ(problems_of("providers:\n  openai:\n    api_key: file:" + two_lines.path() + "\n"),
            "line 3: `providers.openai.api_key` holds a line break or another control character");
  temporary_file const empty("\n");
  EXPECT_EQ(problems_of("providers:\n  openai:\n    api_key: file:" + empty.path() + "\n"),
            "line 3: `providers.openai.api_key` names an empty secret file (`" + empty.path().substr(0, 60) + "`)");
  EXPECT_EQ(problems_of("keys: [\"file:/nowhere/key\"]\n"),
            "line 1: `keys[0]` names a secret file that cannot be read (`/nowhere/key`: No such file or directory)");
  EXPECT_EQ(problems_of("keys: [\"file:\"]\n"), "line 1: `keys[0]` is `file:` without a path");
}

TEST(config_secrets, never_stand_in_a_message) {
  std::string const secret = "Hunter2Hunter2";
  for (std::string const& text : {
           "keys: {SECRET: laptop}\n",
           "keys: [{SECRET: laptop}]\n",
           "keys: [[SECRET]]\n",
           "keys: [SECRET, SECRET]\n",
           "providers: {openai: {api_key: {SECRET: 1}}}\n",
           "providers: {openai: {api_key: [a, [SECRET]]}}\n",
           "providers: {openai: {api_key: \"SECRET\\nx\"}}\n",
           "providers: {openai: {api_keys: [SECRET, SECRET]}}\n",
           "providers: {openai: {api_key_env: SECRET-}}\n",
           "providers: {openai: {api_key: k, base_url: \"https://me:SECRET@a.example\"}}\n",
           "providers: {openai: {api_key: k, base_url: \"https://a.example/?key=SECRET\"}}\n",
           "providers: {openai: {api_key: k, headers: {x-key: \"SECRET\\n\\x01\"}}}\n",
           "providers: {openai: {api_key: k, headers: {host: SECRET}}}\n",
           "providers: {openai: {api_key: \"${SECRET-}\"}}\n",
           "server: {workers: \"${V}\"}\n",
           "server: {access_log: \"${V}\"}\n",
           "server: {allowed_hosts: [\"a/${V}\"]}\n",
           "providers: {openai: {api_key: k, base_url: \"${V}\"}}\n",
           "providers: {\"x\": {type: \"${V}\"}}\n",
           "routes: {r: {targets: [\"${V}\"]}}\n",
           "routes: {r: {targets: [\"${V}/m\"]}}\n",
           "profiles: {p: {provider: \"${V}\", model: m}}\n",
           "profiles: {p: {provider: \"${V}\", model: m, api_key: k}}\n",
       }) {
    std::string filled = text;
    for (std::size_t at; (at = filled.find("SECRET")) != std::string::npos;) filled.replace(at, 6, secret);
    loaded const found = load(filled, {{"V", secret}});
    EXPECT_NE(problems_of(found), "") << text;
    EXPECT_EQ((problems_of(found) + warnings_of(found)).find(secret), std::string::npos) << problems_of(found);
  }
  EXPECT_EQ(problems_of("server:\n  sk-abcdefghijklmnop: 1\n").find("abcdef"), std::string::npos);
}

TEST(config_secrets, are_hidden_where_a_value_would_be_shown) {
  node const value{.kind = node_kind::scalar, .line = 3, .text = "hunter2", .written = "hunter2"};
  environment const env = environment_of({});
  context in{.env = env, .problems = {}, .warnings = {}};
  field(in, value, "a", true).fail_type("a number");
  field(in, value, "b", false).fail_type("a number");
  ASSERT_EQ(in.problems.size(), 2U);
  EXPECT_EQ(in.problems[0].message, "`a` must be a number, not this");
  EXPECT_EQ(in.problems[1].message, "`b` must be a number, not `hunter2`");
}

TEST(config_words, nearest_finds_typing_errors_only) {
  std::vector<std::string> const known = {"base_url", "api_key", "timeouts", "type"};
  EXPECT_EQ(nearest("base_ulr", known), "base_url");
  EXPECT_EQ(nearest("baseurl", known), "base_url");
  EXPECT_EQ(nearest("API_KEY", known), "api_key");
  EXPECT_EQ(nearest("tpye", known), "type");
  EXPECT_EQ(nearest("timeout", known), "timeouts");
  EXPECT_EQ(nearest("colour", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), known), "");
}

TEST(config_words, quoting_is_short_and_clean) {
  EXPECT_EQ(quote("plain"), "`plain`");
  EXPECT_EQ(quote("a\nb\x7F"), "`a?b?`");
  EXPECT_EQ(quote(std::string(100, 'x')), "`" + std::string(60, 'x') + "…`");
  EXPECT_EQ(quote("\xC3\xA9\xFF"), "`\xC3\xA9?`");
  EXPECT_EQ(quote("Bearer sk-ant-0123456789"), "`***`");
}

TEST(config_words, a_problem_names_its_place) {
  EXPECT_EQ(to_string(problem{7, "x"}), "line 7: x");
  EXPECT_EQ(to_string(problem{7, "x"}, "recloser.yaml"), "recloser.yaml:7: x");
  EXPECT_EQ(to_string(problem{0, "x"}, "recloser.yaml"), "recloser.yaml: x");
  EXPECT_EQ(to_string(problem{0, "x"}), "x");
}

}  // namespace
}  // namespace recloser::config
