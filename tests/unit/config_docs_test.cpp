// The example file and the reference page say what the loader does.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "config/address.hpp"
#include "config/node.hpp"
#include "tests/unit/config_fixture.hpp"

namespace recloser::config {
namespace {

using namespace testing;

std::string file_of_the_project(std::string const& name) {
  std::ifstream in(std::string(RECLOSER_SOURCE_DIR) + "/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The example with all of its settings switched on.
std::string example_switched_on() {
  return std::regex_replace(file_of_the_project("recloser.example.yaml"), std::regex("(^|\n)( *)#([^ #\n])"), "$1$2$3");
}

/// Every setting of the server in one line.
std::string settings_of(server const& s) {
  std::ostringstream out;
  for (listener const& one : s.listeners) out << to_string(one) << one.optional << one.tls.has_value() << ' ';
  out << s.workers << ' ' << s.allowed_hosts.size() << s.allowed_origins.size() << s.insecure_no_auth << ' '
      << static_cast<int>(s.access_log) << s.log_level << ' ' << s.max_body << ' ' << s.max_connections;
  for (milliseconds time :
       {s.drain_timeout, s.client_header_timeout, s.client_body_timeout, s.client_write_timeout, s.keepalive_timeout}) {
    out << ' ' << time.count();
  }
  return out.str();
}

/// The paths of all keys, in the form of `known_keys`.
void collect_keys(node const& tree, std::string const& path, std::set<std::string>& into) {
  bool const named = path == "providers" || path == "routes" || path == "profiles" || path == "models";
  for (node const& item : tree.items) collect_keys(item, path, into);
  for (member const& one : tree.members) {
    std::string const child = (path.empty() ? "" : path + ".") + (named ? "*" : one.name);
    into.insert(child);
    collect_keys(one.value, child, into);
  }
}

TEST(config_example, changes_nothing_as_it_stands) {
  loaded const found = load(file_of_the_project("recloser.example.yaml"));
  loaded const none = load("");
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(warnings_of(found), "");
  EXPECT_EQ(settings_of(found.value.server), settings_of(none.value.server));
  EXPECT_EQ(found.value.providers, none.value.providers);
  EXPECT_TRUE(found.value.keys.empty());
  EXPECT_TRUE(found.value.routes.empty());
}

TEST(config_example, shows_every_key_of_the_server_with_its_default) {
  std::vector<problem> problems;
  node const tree = parse_yaml(file_of_the_project("recloser.example.yaml"), problems);
  std::set<std::string> shown;
  collect_keys(tree, "", shown);
  for (std::string const& key : known_keys()) {
    if (key.starts_with("server.") && !key.starts_with("server.listen.")) EXPECT_TRUE(shown.contains(key)) << key;
  }
}

TEST(config_example, loads_with_everything_switched_on) {
  std::filesystem::path const folder = std::filesystem::path(::testing::TempDir()) / "recloser_example";
  std::filesystem::create_directories(folder);
  for (std::string_view name : {"server.crt", "server.key", "clients.crt", "client.key", "mine.key", "ca.crt", "azure.secret",
                                "google.json"}) {
    std::ofstream(folder / name) << "content of " << name << "\n";
  }
  std::string const text = std::regex_replace(example_switched_on(), std::regex("/etc/recloser/(\\w+\\.(crt|key|secret|json))"),
                                              folder.string() + "/$1");
  loaded const found = load(text, {{"OPENAI_API_KEY", "o"},
                                   {"GEMINI_API_KEY", "g"},
                                   {"GROQ_API_KEY", "q"},
                                   {"OPENAI_KEY_A", "a"},
                                   {"OPENAI_KEY_B", "b"},
                                   {"AZURE_OPENAI_API_KEY", "z"},
                                   {"AZURE_OPENAI_ENDPOINT", "https://r.example"},
                                   {"MY_SERVER_URL", "http://127.0.0.1:9000/v1"},
                                   {"RECLOSER_KEY_LAPTOP", "l"}});
  std::filesystem::remove_all(folder);
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(warnings_of(found), "");
  EXPECT_EQ(found.value.keys.size(), 2U);
  EXPECT_EQ(found.value.routes.size(), 6U);
}

TEST(config_example, shows_every_key) {
  std::vector<problem> problems;
  node const tree = parse_yaml(example_switched_on(), problems);
  ASSERT_TRUE(problems.empty()) << to_string(problems[0]);
  std::set<std::string> shown;
  collect_keys(tree, "", shown);
  for (std::string const& key : known_keys()) EXPECT_TRUE(shown.contains(key)) << key;
}

/// The part of the page under `## \`name\``.
std::string section_of_the_page(std::string const& name) {
  std::string const page = file_of_the_project("docs/configuration.md");
  std::size_t const begin = page.find("\n## `" + name + "`");
  if (begin == std::string::npos) return {};
  return page.substr(begin, page.find("\n## ", begin + 1) - begin);
}

TEST(config_page, has_every_key) {
  std::vector<std::string> const all = known_keys();
  ASSERT_GT(all.size(), 60U);
  for (std::string const& key : all) {
    std::string const section = key.substr(0, key.find('.'));
    std::string const name = key.substr(key.rfind('.') + 1);  // npos + 1 is 0
    std::string const text = section_of_the_page(section);
    EXPECT_FALSE(text.empty()) << section;
    EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << key;
  }
}

TEST(config_page, has_the_server_s_defaults) {
  std::string const text = section_of_the_page("server");
  std::string yaml = "server:\n";
  std::regex const row("\n\\| `(\\w+)` \\| `([^`]*)` \\|");
  int rows = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it, ++rows) {
    yaml += "  " + it->str(1) + ": " + it->str(2) + "\n";
  }
  EXPECT_EQ(rows, 14);
  loaded const found = load(yaml);
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(settings_of(found.value.server), settings_of(load("").value.server));
}

}  // namespace
}  // namespace recloser::config
