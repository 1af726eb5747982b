// `recloser models`: what can be written into `model`, as the running daemon says, or else as the configuration does.

#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "cli/dry_run.hpp"
#include "cli/output.hpp"

namespace recloser::cli {

namespace {

struct listing {
  std::string source;  ///< `daemon` or `configuration`
  std::string where;   ///< its URL, or the file
  std::vector<listed_model> models;
};

listing from_configuration(dry_run const& what) {
  listing result{"configuration", what.settings().file, {}};
  for (auto const& e : what.table().listed_models()) {
    listed_model one{e.model, e.provider, e.created};
    auto const* const provider = what.table().find_service(e.provider);
    auto const slash = e.model.find('/');
    if (provider && slash != std::string::npos) {
      one.what = what.table().capabilities_of(*provider, std::string_view(e.model).substr(slash + 1));
    }
    result.models.push_back(std::move(one));
  }
  return result;
}

nlohmann::ordered_json to_json(providers::capabilities const& what) {
  auto out = nlohmann::ordered_json::object();
  if (what.context > 0) out["context"] = what.context;
  if (what.max_output > 0) out["max_output"] = what.max_output;
  for (providers::capability const& each : providers::all_capabilities) {
    providers::support const known = what.*each.place;
    if (known != providers::support::unknown) out[std::string(each.name)] = known == providers::support::yes;
  }
  return out;
}

/// `128k`, `1M`, or `-` for unknown.
std::string tokens_text(std::int64_t count) {
  if (count <= 0) return "-";
  if (count >= 1'000'000) return fmt::format("{:g}M", static_cast<double>(count / 100'000) / 10);
  return count >= 1000 ? fmt::format("{}k", count / 1000) : fmt::format("{}", count);
}

std::string text_of(providers::support known) {
  return known == providers::support::unknown ? "-" : std::string(providers::to_string(known));
}

void print_as_json(listing const& what) {
  auto models = nlohmann::ordered_json::array();
  for (listed_model const& m : what.models) {
    models.push_back({{"id", m.id}, {"owned_by", m.owner}, {"created", m.created}, {"capabilities", to_json(m.what)}});
  }
  print_json({{"source", what.source}, {"where", what.where}, {"models", std::move(models)}});
}

void print_as_table(listing const& what) {
  text_table table({"MODEL", "PROVIDER", "CONTEXT", "TOOLS", "VISION", "REASONING"});
  for (listed_model const& m : what.models) {
    table.add({m.id, m.owner == "recloser" ? "(a route)" : m.owner, tokens_text(m.what.context), text_of(m.what.tools),
               text_of(m.what.vision), text_of(m.what.reasoning)});
  }
  fmt::print("{}", table.text(style_of(stdout)));
  std::fflush(stdout);
  if (what.source == "daemon") {
    fmt::print(stderr, "as the daemon at {} says\n", what.where);
    return;
  }
  fmt::print(stderr, "as {} says; what providers list themselves, only a running daemon knows (recloser serve)\n",
             what.where.empty() ? "the environment" : what.where);
}

/// nullopt: no gateway is there. An answer that refuses us is one.
std::optional<answer> ask_daemon(target_daemon const& daemon) {
  answer got = http_client(daemon.url, daemon.key).get("/v1/models");
  bool const somebody = got.status != 0 && got.status != 404;
  if (daemon.named || somebody) return got;
  return std::nullopt;
}

}  // namespace

int models(models_options const& from) {
  listing found;
  bool const only_configuration = from.url.empty() && !from.config_file.empty();
  std::optional<answer> got;
  if (!only_configuration) {
    target_daemon const daemon = find_daemon(from.url);
    got = ask_daemon(daemon);
    if (got && !got->ok()) {
      fmt::print(stderr, "recloser models: {}\n", explain_failure(daemon, *got));
      return 1;
    }
    if (got) found = {"daemon", daemon.url, read_models(got->body)};
  }
  if (!got) {
    dry_run const what({from.config_file, {}});
    if (!what.good()) {
      print_problems(what);
      return 1;
    }
    found = from_configuration(what);
  }
  if (from.json)
    print_as_json(found);
  else
    print_as_table(found);
  return 0;
}

}  // namespace recloser::cli
