// `recloser providers`: the catalog, and what of it can be used here.

#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/output.hpp"
#include "providers/comparison.hpp"
#include "cli/provider_facts.hpp"
#include "cli/text.hpp"

namespace recloser::cli {

namespace {

constexpr std::size_t text_indent = 17;

std::string key_text(provider_facts const& of) {
  if (!of.needs_key && !of.has_key) return "not needed";
  return of.has_key ? "yes" : "no";
}

std::string where_text(provider_facts const& of) {
  if (of.configured == "file") return "yes";
  if (of.configured == "environment") return of.row->local ? "while it answers" : "by its key";
  return "no";
}

std::string url_text(provider_facts const& of) {
  if (of.base_urls.empty()) return "(say base_url)";
  std::string const more = of.base_urls.size() > 1 ? fmt::format(" +{}", of.base_urls.size() - 1) : "";
  return of.base_urls.front() + more;
}

nlohmann::ordered_json to_json(provider_facts const& of) {
  providers::row const& row = *of.row;
  nlohmann::ordered_json document{{"name", of.name},
                                  {"type", row.name},
                                  {"title", row.title},
                                  {"aliases", row.aliases},
                                  {"dialect", dialect_name(row)},
                                  {"local", row.local},
                                  {"base_urls", of.base_urls},
                                  {"key_variables", row.key_variables},
                                  {"url_variables", row.url_variables},
                                  {"key_set", of.has_key},
                                  {"keys", of.keys},
                                  {"configured", of.configured != "no"},
                                  {"from", of.configured},
                                  {"models", of.models},
                                  {"endpoints", endpoint_names(row)}};
  document["quirks"] = quirks_of(row);
  return document;
}

void print_table(std::vector<provider_facts> const& all) {
  text_table table({"NAME", "DIALECT", "BASE URL", "KEY VARIABLE", "KEY SET", "CONFIGURED"});
  for (provider_facts const& one : all) {
    bool const none = one.row->key_variables.empty();
    table.add({one.name, std::string(dialect_name(*one.row)), url_text(one),
               none ? "-" : std::string(one.row->key_variables.front()), key_text(one), where_text(one)});
  }
  fmt::print("{}", table.text(style_of(stdout)));
}

std::string variables_text(std::span<std::string_view const> names) {
  std::vector<std::string> result;
  for (std::string_view const name : names) {
    result.push_back(fmt::format("{} ({})", name, is_set(name) ? "set" : "not set"));
  }
  return joined(result, "none");
}

void print_details(provider_facts const& of) {
  providers::row const& row = *of.row;
  std::size_t const width = std::max<std::size_t>(terminal_width(stdout), 60);
  auto line = [width](std::string_view what, std::string const& text) {
    fmt::print("  {:<15}{}\n", what, wrapped(one_line(text), width, text_indent));
  };
  style const how = style_of(stdout);
  fmt::print("{}: {}{}\n", how.bold(of.name), row.title,
             of.name == row.name ? "" : fmt::format(" (type {})", row.name));
  line("configured", where_text(of));
  line("other names", joined({row.aliases.begin(), row.aliases.end()}, "none"));
  line("dialect", std::string(dialect_name(row)));
  line("runs", row.local ? "on your machine or network" : "in a cloud");
  line("base URL", joined(of.base_urls, "must be configured: base_url"));
  line("key", of.keys > 1 ? fmt::format("{} keys", of.keys) : key_text(of));
  line("key variables", variables_text(row.key_variables));
  line("URL variables", variables_text(row.url_variables));
  line("endpoints", joined(endpoint_names(row)));
  if (!of.models.empty()) line("models", joined(of.models));
  std::vector<std::string> const quirks = quirks_of(row);
  for (std::size_t i = 0; i < quirks.size(); ++i) line(i == 0 ? "quirks" : "", quirks[i]);
  fmt::print("\n  in `model`:    {}/MODEL\n", of.name);
}

int print_one(std::string const& wanted, std::vector<provider_facts> const& all, bool json) {
  provider_facts const* const found = find_facts(wanted, all);
  if (!found) {
    std::vector<std::string> names;
    for (provider_facts const& one : all) names.push_back(one.name);
    std::string const near = config::nearest(wanted, names);
    fmt::print(stderr, "recloser providers: there is no provider {}; {}\n", printable(wanted),
               near.empty() ? "`recloser providers` lists them" : "did you mean " + near + "?");
    return 1;
  }
  if (json)
    print_json(to_json(*found));
  else
    print_details(*found);
  return 0;
}

int compare(bool json) {
  auto const models = providers::known_models();
  auto const tables = providers::compare(models);
  if (json) {
    auto list = nlohmann::ordered_json::array();
    for (providers::comparison const& one : tables) {
      list.push_back({{"title", one.title}, {"columns", one.columns}, {"rows", one.rows}});
    }
    print_json({{"comparisons", std::move(list)}});
    return 0;
  }
  for (providers::comparison const& one : tables) {
    text_table table({one.columns.begin(), one.columns.end()});
    for (auto const& row : one.rows) table.add(row);
    fmt::print("{}\n{}\n", style_of(stdout).bold(one.title), table.text(style_of(stdout)));
  }
  return 0;
}

}  // namespace

int providers(providers_options const& from) {
  if (from.compare) return compare(from.json);
  dry_run const what({from.config_file, {}});
  if (!what.good()) {
    print_problems(what);
    if (!from.config_file.empty()) return 1;
    fmt::print(stderr, "(so this is the catalog alone)\n");
  }
  std::vector<provider_facts> const all = collect_facts(what.good() ? what.settings() : config::config());
  if (!from.provider.empty()) return print_one(from.provider, all, from.json);
  if (!from.json) {
    print_table(all);
    return 0;
  }
  auto list = nlohmann::ordered_json::array();
  for (provider_facts const& one : all) list.push_back(to_json(one));
  print_json({{"providers", std::move(list)}});
  return 0;
}

}  // namespace recloser::cli
