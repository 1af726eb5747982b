// `recloser check`: is this configuration good, and what does it say?

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/output.hpp"
#include "cli/text.hpp"
#include "config/address.hpp"

namespace recloser::cli {

namespace {

std::vector<std::string> listeners_of(config::config const& settings) {
  std::vector<std::string> result;
  for (config::listener const& one : settings.server.listeners) {
    result.push_back((one.tls ? "https://" : "http://") + config::to_string(one));
  }
  return result;
}

/// Those of the file by name; the local servers that are only looked for are no news.
std::vector<std::string> provider_names(config::config const& settings) {
  std::vector<std::string> result;
  for (config::provider const& p : settings.providers) {
    if (!p.from_environment) result.push_back(p.name);
  }
  return result;
}

std::vector<std::string> route_names(config::config const& settings) {
  std::vector<std::string> result;
  for (config::route const& r : settings.routes) result.push_back(r.name);
  return result;
}

void print_as_json(dry_run const& what) {
  config::config const& settings = what.settings();
  nlohmann::ordered_json document{{"ok", what.good()}, {"file", settings.file}};
  document["problems"] = nlohmann::ordered_json::array();
  for (config::problem const& p : what.raw_problems()) {
    document["problems"].push_back({{"line", p.line}, {"message", p.message}});
  }
  document["warnings"] = settings.warnings;
  if (what.good()) {
    document["listeners"] = listeners_of(settings);
    document["providers"] = provider_names(settings);
    document["routes"] = route_names(settings);
    document["client_keys"] = settings.keys.size();
  }
  print_json(document);
}

void print_summary(config::config const& settings) {
  fmt::print("{} is good\n", settings.file);
  fmt::print("  listeners:   {}\n", joined(listeners_of(settings)));
  fmt::print("  client keys: {}\n",
             settings.keys.empty() ? "none, any key is accepted" : std::to_string(settings.keys.size()));
  fmt::print("  providers:   {}\n", joined(provider_names(settings), "none in the file"));
  fmt::print("  routes:      {}\n", joined(route_names(settings), "none"));
  for (std::string const& warning : settings.warnings) fmt::print("  warning:     {}\n", warning);
}

}  // namespace

int check(check_options const& from) {
  if (config::find_file(from.file, config::process_environment()).empty()) {
    fmt::print(stderr,
               "recloser check: there is no configuration file here; name one: recloser check FILE\n"
               "(none is needed: without one, `recloser serve` takes what the environment has)\n");
    return 2;
  }
  dry_run const what({from.file, {}});
  if (from.json)
    print_as_json(what);
  else if (what.good())
    print_summary(what.settings());
  else
    print_problems(what);
  return what.good() ? 0 : 1;
}

}  // namespace recloser::cli
