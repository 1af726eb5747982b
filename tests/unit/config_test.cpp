// The configuration file: its place, its shape, `server:` and `keys:`.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/address.hpp"
#include "tests/unit/config_fixture.hpp"

namespace recloser::config {
namespace {

using namespace testing;
using texts = std::vector<std::string>;

std::string listeners_of(loaded const& what) {
  std::string all;
  for (listener const& one : what.value.server.listeners) {
    all += (all.empty() ? "" : " ") + to_string(one) + (one.optional ? "?" : "") + (one.tls ? "+tls" : "");
  }
  return all;
}

// ---- the whole file --------------------------------------------------------------------------------------------------

TEST(config_file, the_design_s_example_loads) {
  loaded const found = load(R"(
server:   {listen: 127.0.0.1:4100, workers: 0}
providers:
  openai: {}
  ollama: {base_urls: [http://192.168.1.100:11434, http://localhost:11434]}
  work:   {type: azure, base_url: "${AZURE_OPENAI_ENDPOINT}", api_version: 2024-08-01-preview, deployments: {gpt-4o: gpt4o-prod}}
  pool:   {type: openai, api_keys: ["${KEY_A}", "${KEY_B}"]}
  mine:   {type: openai-compatible, base_url: http://127.0.0.1:9000/v1, api_key: "${MY_KEY}"}
routes:
  smart:
    targets: [anthropic/claude-sonnet-4-5, {target: openai/gpt-4o, weight: 2}, ollama/qwen2.5-coder:7b]
    strategy: order
    defaults: {max_tokens: 8192}
profiles:
  resilient: {provider: anthropic, model: claude-sonnet-4-20250514, max_tokens: 8192, track_costs: true,
              fallback: [{provider: openai, model: gpt-4o}, {provider: ollama, model: qwen2.5-coder:7b}]}
)",
                            {{"OPENAI_API_KEY", "sk-o"},
                             {"ANTHROPIC_API_KEY", "sk-a"},
                             {"AZURE_OPENAI_ENDPOINT", "https://Res.openai.azure.com/"},
                             {"AZURE_API_KEY", "az"},
                             {"KEY_A", "a"},
                             {"KEY_B", "b"},
                             {"MY_KEY", "m"}});
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(warnings_of(found), "");
  EXPECT_EQ(listeners_of(found), "127.0.0.1:4100");
  texts names;
  for (provider const& one : found.value.providers) names.push_back(one.name + ":" + one.type);
  EXPECT_EQ(names, (texts{"openai:openai", "ollama:ollama", "work:azure", "pool:openai", "mine:openai-compatible",
                          "anthropic:anthropic"}));
  EXPECT_EQ(find_provider(found, "openai")->api_keys, texts{"sk-o"});
  EXPECT_EQ(find_provider(found, "openai")->line, 4);
  EXPECT_EQ(find_provider(found, "ollama")->base_urls,
            (texts{"http://192.168.1.100:11434/v1", "http://localhost:11434/v1"}));
  EXPECT_EQ(find_provider(found, "work")->base_urls, texts{"https://res.openai.azure.com"});
  EXPECT_EQ(find_provider(found, "work")->api_version, "2024-08-01-preview");
  EXPECT_EQ(find_provider(found, "work")->deployments.at("gpt-4o"), "gpt4o-prod");
  EXPECT_EQ(find_provider(found, "pool")->api_keys, (texts{"a", "b"}));
  EXPECT_EQ(targets_of(found, "smart"),
            (texts{"anthropic/claude-sonnet-4-5", "openai/gpt-4o", "ollama/qwen2.5-coder:7b"}));
  EXPECT_EQ(find_route(found, "smart")->targets[1].weight, 2U);
  EXPECT_EQ(find_route(found, "smart")->line, 10);
  EXPECT_EQ(targets_of(found, "resilient"),
            (texts{"anthropic/claude-sonnet-4-20250514", "openai/gpt-4o", "ollama/qwen2.5-coder:7b"}));
  EXPECT_EQ(find_route(found, "resilient")->defaults, (request_defaults{{"max_tokens", "8192"}}));
  EXPECT_TRUE(find_route(found, "resilient")->track_costs);
}

TEST(config_file, empty_sections_are_fine) {
  for (std::string_view text : {"", "# nothing\n", "{}", "server:\nproviders:\nroutes:\nprofiles:\nkeys:\n",
                                "server: {}\nproviders: {}\nroutes: {}\nprofiles: {}\nkeys: []\n"}) {
    loaded const found = load(text);
    EXPECT_EQ(problems_of(found), "") << text;
    EXPECT_EQ(listeners_of(found), "127.0.0.1:4100 [::1]:4100?") << text;
  }
  loaded const found = load("providers: {openai: , ollama: {}}\n", {{"OPENAI_API_KEY", "k"}});
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(found.value.providers.size(), 2U);
}

TEST(config_file, the_root_must_be_sections) {
  EXPECT_EQ(problems_of("just text\n"),
            "line 1: the file must hold sections (`server:`, `providers:`, …), not `just text`");
  EXPECT_EQ(problems_of("- a\n"), "line 1: the file must hold sections (`server:`, `providers:`, …), not a list");
  EXPECT_EQ(problems_of("providers: [openai]\n"),
            "line 1: `providers` must be a section (`key: value` lines), not a list");
  EXPECT_EQ(problems_of("providers: {openai: yes}\n"),
            "line 1: `providers.openai` must be a section (`key: value` lines), not `yes`");
}

TEST(config_file, unknown_keys_name_their_place_and_the_nearest) {
  EXPECT_EQ(problems_of("sever: {}\n"), "line 1: unknown key `sever` at the top level; did you mean `server`?");
  EXPECT_EQ(problems_of("zzz: {}\n"),
            "line 1: unknown key `zzz` at the top level; known here: `server`, `providers`, `routes`, `profiles`, `models` and "
            "`keys`");
  EXPECT_EQ(problems_of("providers:\n  ollama:\n    base_ulr: http://x\n"),
            "line 3: unknown key `base_ulr` in providers.ollama; did you mean `base_url`?");
  EXPECT_EQ(problems_of("providers:\n  ollama:\n    timeouts: {conect: 1s}\n"),
            "line 3: unknown key `conect` in providers.ollama.timeouts; did you mean `connect`?");
  EXPECT_EQ(problems_of("server:\n  listen:\n  - {adress: 127.0.0.1:1, address: 127.0.0.1:1}\n"),
            "line 3: unknown key `adress` in server.listen[0]; did you mean `address`?");
}

TEST(config_file, all_problems_come_in_line_order) {
  EXPECT_EQ(problems_of("profiles:\n  p: {provider: opnai, model: m}\n"
                        "server:\n  workers: many\n  workers: 2\n  listen: 127.0.0.1:99999\n"
                        "providers:\n  openai:\n    api_key: ${NOPE}\n"),
            "line 2: unknown provider `opnai`; did you mean `openai`?\n"
            "line 4: `server.workers` must be a number from 0 to 1024, not `many`\n"
            "line 5: duplicate key `workers` (first on line 4)\n"
            "line 6: `server.listen` must end in a port from 1 to 65535\n"
            "line 9: the environment variable `NOPE` is not set (`${NOPE:-default}` gives a default)");
}

// ---- server ----------------------------------------------------------------------------------------------------------

TEST(config_server, every_key_is_read) {
  loaded const found = load(R"(
server:
  listen: [127.0.0.1:4100, {address: "[::1]:4200"}]
  workers: 4
  allowed_hosts: [Gateway.Example., 10.0.0.7]
  allowed_origins: [HTTPS://App.Example:443/, "http://localhost:3000"]
  insecure_no_auth: yes
  access_log: json
  log_level: debug
  max_body: 64MiB
  max_connections: 50000
  drain_timeout: 0
  client_header_timeout: 250ms
  client_body_timeout: 1.5
  client_write_timeout: 2m
  keepalive_timeout: 1h
)");
  ASSERT_EQ(problems_of(found), "");
  server const& s = found.value.server;
  EXPECT_EQ(listeners_of(found), "127.0.0.1:4100 [::1]:4200");
  EXPECT_EQ(s.listeners[0].line, 3);
  EXPECT_EQ(s.workers, 4U);
  EXPECT_EQ(s.allowed_hosts, (texts{"gateway.example", "10.0.0.7"}));
  EXPECT_EQ(s.allowed_origins, (texts{"https://app.example", "http://localhost:3000"}));
  EXPECT_TRUE(s.insecure_no_auth);
  EXPECT_EQ(s.access_log, log_format::json);
  EXPECT_EQ(s.log_level, "debug");
  EXPECT_EQ(s.max_body, 64U << 20);
  EXPECT_EQ(s.max_connections, 50'000U);
  EXPECT_EQ(s.drain_timeout, milliseconds(0));
  EXPECT_EQ(s.client_header_timeout, milliseconds(250));
  EXPECT_EQ(s.client_body_timeout, milliseconds(1500));
  EXPECT_EQ(s.client_write_timeout, milliseconds(120'000));
  EXPECT_EQ(s.keepalive_timeout, milliseconds(3'600'000));
  EXPECT_EQ(load("server: {access_log: off}\n").value.server.access_log, log_format::off);
}

TEST(config_server, wrong_values_say_what_is_right) {
  struct {
    std::string_view line, problem;
  } const rows[] = {
      {"workers: -1", "`server.workers` must be a number from 0 to 1024, not `-1`"},
      {"workers: 1025", "`server.workers` must be a number from 0 to 1024, not `1025`"},
      {"workers: 2.5", "`server.workers` must be a number from 0 to 1024, not `2.5`"},
      {"workers: [1]", "`server.workers` must be a number from 0 to 1024, not a list"},
      {"workers:", "`server.workers` must be a number from 0 to 1024, not empty"},
      {"insecure_no_auth: maybe", "`server.insecure_no_auth` must be true or false, not `maybe`"},
      {"access_log: jsn", "`server.access_log` must be `off`, `text` or `json`, not `jsn`; did you mean `json`?"},
      {"log_level: 7",
       "`server.log_level` must be `trace`, `debug`, `info`, `warn`, `error`, `critical` or `off`, not `7`"},
      {"max_body: 32 apples", "`server.max_body` must be a size such as 1048576, 64KiB or 32MiB, not `32 apples`"},
      {"max_body: 10", "`server.max_body` must be at least 1024 bytes"},
      {"max_connections: 0", "`server.max_connections` must be a number from 1 to 1000000, not `0`"},
      {"keepalive_timeout: soon",
       "`server.keepalive_timeout` must be a duration such as 250ms, 10s or 2m (at most 24h), not `soon`"},
      {"keepalive_timeout: 0s", "`server.keepalive_timeout` must be more than 0"},
      {"listen:", "`server.listen` must be `host:port`, not empty"},
      {"listen: []", "`server.listen` needs at least one address"},
      {"listen: [[a]]", "`server.listen[0]` must be `host:port`, not a list"},
      {"listen: [127.0.0.1:1, 127.0.0.1:1]", "`server.listen[1]` repeats `127.0.0.1:1`"},
      {"listen: {tls: {certificate: /nowhere/c, key: /nowhere/k}, address: 127.0.0.1:1}",
       "`server.listen.tls.certificate` names a file that cannot be read (`/nowhere/c`: No such file or directory)\n"
       "line 2: `server.listen.tls.key` names a file that cannot be read (`/nowhere/k`: No such file or directory)"},
      {"listen: {}", "`server.listen` needs `address`"},
      {"listen: {address: 127.0.0.1:1, tls: {}}",
       "`server.listen.tls` needs `certificate`\nline 2: `server.listen.tls` needs `key`"},
      {"allowed_hosts: https://a.example",
       "`server.allowed_hosts` takes host names or IP addresses without scheme and port, such as `gateway.example`"},
      {"allowed_hosts: a.example:80",
       "`server.allowed_hosts` takes host names or IP addresses without scheme and port, such as `gateway.example`"},
      {"allowed_hosts: \"*\"",
       "`server.allowed_hosts` takes names, not `*`: any web page could reach recloser by DNS rebinding"},
      {"allowed_origins: \"*\"", "`server.allowed_origins` takes origins such as `https://app.example`"},
      {"allowed_origins: \"null\"", "`server.allowed_origins` takes origins such as `https://app.example`"},
      {"allowed_origins: https://a.example/path",
       "`server.allowed_origins` takes origins such as `https://app.example`"},
  };
  for (auto const& row : rows) {
    EXPECT_EQ(problems_of("server:\n  " + std::string(row.line) + "\n"), "line 2: " + std::string(row.problem));
  }
}

TEST(config_server, tls_listeners_have_their_files) {
  std::string const file = ::testing::TempDir() + "recloser_config_test.pem";
  std::ofstream(file) << "pem";
  loaded const found = load("server:\n  listen: {address: localhost:4443, tls: {certificate: " + file +
                            ", key: " + file + ", client_ca: " + file + "}}\n");
  ASSERT_EQ(problems_of(found), "");
  EXPECT_EQ(listeners_of(found), "127.0.0.1:4443+tls [::1]:4443?+tls");
  EXPECT_EQ(found.value.server.listeners[1].tls->client_ca, file);
  std::filesystem::remove(file);
}

constexpr std::string_view open_to_all =
    "listening on `0.0.0.0:4100` lets other machines in, so clients need keys: set `keys:` or RECLOSER_KEYS (or "
    "`insecure_no_auth: true` under `server:` to let everybody in)";

TEST(config_server, is_open_to_the_network_only_with_keys) {
  EXPECT_EQ(problems_of("server:\n  listen: 0.0.0.0:4100\n"), "line 2: " + std::string(open_to_all));
  EXPECT_EQ(problems_of("server:\n  listen: [127.0.0.1:1, \":4100\"]\n"), "line 2: " + std::string(open_to_all));
  EXPECT_EQ(problems_of("server:\n  listen: 0.0.0.0:4100\nkeys: [k]\n"), "");
  EXPECT_EQ(problems_of("server:\n  listen: 0.0.0.0:4100\n", {{"RECLOSER_KEYS", "k"}}), "");
  EXPECT_EQ(problems_of("server:\n  listen: 0.0.0.0:4100\n", {{"RECLOSER_KEYS", " , "}}),
            "line 2: " + std::string(open_to_all));
  EXPECT_EQ(problems_of("server:\n  listen: 0.0.0.0:4100\n  insecure_no_auth: true\n"), "");
  EXPECT_EQ(problems_of("server:\n  listen: [127.1:4100, \"[::ffff:127.0.0.1]:4101\"]\n"), "");
}

TEST(config_server, the_command_line_s_address_is_checked_instead) {
  loaded found = load("server:\n  listen: 0.0.0.0:4100\n");
  apply_listen(found, "127.0.0.1:9000");
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(listeners_of(found), "127.0.0.1:9000");
  apply_listen(found, ":4100");
  EXPECT_EQ(problems_of(found), open_to_all);
  apply_listen(found, "localhost:4100");
  EXPECT_EQ(problems_of(found), "");

  loaded wrong = load("");
  apply_listen(wrong, "nonsense");
  EXPECT_EQ(problems_of(wrong),
            "`--listen` has no port; write `127.0.0.1:4100` for this machine or `:4100` for every address");
}

// ---- keys ------------------------------------------------------------------------------------------------------------

TEST(config_keys, come_from_the_file_and_from_the_environment) {
  loaded const found = load("keys: [alpha, {name: laptop, key: beta}, {key: \"${C}\"}]\n",
                            {{"C", "gamma"}, {"RECLOSER_KEYS", "alpha, delta,epsilon"}});
  ASSERT_EQ(problems_of(found), "");
  texts all;
  for (client_key const& one : found.value.keys) all.push_back(one.name + "=" + one.secret);
  EXPECT_EQ(all, (texts{"key-1=alpha", "laptop=beta", "key-3=gamma", "env-2=delta", "env-3=epsilon"}));
  EXPECT_EQ(detect({{"RECLOSER_KEYS", "one"}}).value.keys.at(0).secret, "one");
  EXPECT_EQ(load("keys: only\n").value.keys.at(0).secret, "only");
}

TEST(config_keys, problems) {
  struct {
    std::string_view text, problem;
  } const rows[] = {
      {"keys: {a: b}\n", "line 1: `keys` must be a list of keys, or of `{name, key}` sections"},
      {"keys: [a, a]\n", "line 1: `keys[1]` repeats an earlier key"},
      {"keys: [{name: n, key: a}, {name: n, key: b}]\n", "line 1: `keys[1]` repeats an earlier name"},
      {"keys: [{name: n}]\n", "line 1: `keys[0]` needs `key`"},
      {"keys: [{nam: n, key: k}]\n", "line 1: unknown key in keys[0]; did you mean `name`?"},
      {"keys: [\"\"]\n", "line 1: `keys[0]` is empty"},
      {"keys: [[a]]\n", "line 1: `keys[0]` must be a key, not a list"},
  };
  for (auto const& row : rows) EXPECT_EQ(problems_of(row.text), row.problem) << row.text;
}

// ---- files -----------------------------------------------------------------------------------------------------------

class config_place : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("recloser_config_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_ / "house/.config/recloser");
    std::filesystem::create_directories(folder_ / "work");
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_ / "work");
  }
  void TearDown() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  std::string path(std::string const& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_, before_;
};

TEST_F(config_place, the_first_that_exists) {
  std::string const at_home = path("house/.config/recloser/recloser.yaml");
  variables const home = {{"HOME", path("house")}};
  std::string const nothing = find_file("", environment_of(home));
  EXPECT_TRUE(nothing.empty() || nothing.starts_with("/etc/")) << nothing;
  std::ofstream(at_home) << "{}";
  EXPECT_EQ(find_file("", environment_of(home)), at_home);
  std::ofstream("recloser.yaml") << "{}";
  EXPECT_EQ(find_file("", environment_of(home)), "recloser.yaml");
  EXPECT_EQ(find_file("", environment_of({{"RECLOSER_CONFIG", "/nowhere/x"}})), "/nowhere/x");
  EXPECT_EQ(find_file("/nowhere/y", environment_of({{"RECLOSER_CONFIG", "/nowhere/x"}})), "/nowhere/y");
}

TEST_F(config_place, is_read) {
  std::ofstream("recloser.yaml") << "server: {workers: 3}\n";
  loaded const found = load_file("recloser.yaml", test_catalog(), environment_of({}));
  EXPECT_EQ(problems_of(found), "");
  EXPECT_EQ(found.value.server.workers, 3U);
  EXPECT_EQ(found.value.file, "recloser.yaml");
  EXPECT_EQ(problems_of(load_file("missing.yaml", test_catalog(), environment_of({}))),
            "cannot read the configuration file: No such file or directory");
  EXPECT_EQ(problems_of(load_file(path("work"), test_catalog(), environment_of({}))),
            "cannot read the configuration file: it is a directory");
  std::ofstream("empty.yaml") << "\n \n";
  EXPECT_EQ(problems_of(load_file("empty.yaml", test_catalog(), environment_of({}))),
            "the configuration file is empty; write `{}` to go by the environment alone");
  std::ofstream("huge.yaml") << std::string((4 << 20) + 1, '#');
  EXPECT_EQ(problems_of(load_file("huge.yaml", test_catalog(), environment_of({}))),
            "cannot read the configuration file: it is larger than 4194304 bytes");
}

TEST(config_environment, is_that_of_the_process) {
  ::setenv("RECLOSER_CONFIG_TEST", "here", 1);
  EXPECT_EQ(process_environment()("RECLOSER_CONFIG_TEST"), "here");
  ::unsetenv("RECLOSER_CONFIG_TEST");
  EXPECT_EQ(process_environment()("RECLOSER_CONFIG_TEST"), std::nullopt);
}

}  // namespace
}  // namespace recloser::config
