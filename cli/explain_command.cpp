// `recloser explain`: where a request for a model would go, without sending one.

#include <cstdio>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/output.hpp"
#include "cli/text.hpp"
#include "providers/prepare.hpp"

namespace recloser::cli {

namespace {

/// One target as it is told.
struct step {
  std::string target;
  std::string provider;
  std::string model;
  std::string how;  ///< relay, translate, built in
  std::vector<std::string> urls;
  std::size_t lanes = 0;
  bool has_key = false;
  unsigned weight = 1;
  std::vector<std::pair<std::string, std::string>> defaults;
};

/// The path below the base URL, asked of the code that makes the real request.
std::string path_of(routing::target const& t) {
  std::string body = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";
  body.reserve(body.size() + json::padding);
  std::vector<json::member> members;
  if (!json::scan_object(body, members)) return {};
  providers::client_request request;
  request.body = body;
  request.members = &members;
  auto const made = providers::prepare(request, t.preparation());
  return made ? std::string(made->path) : std::string();
}

std::string way_of(routing::service const& provider) {
  if (provider.is_demo()) return "built in";
  return provider.row->dialect ? "translate" : "relay";
}

step describe(routing::target const& t) {
  step result{t.name(), t.provider->name, t.model, way_of(*t.provider), {}, t.provider->credentials.size(),
              false,    t.weight, t.defaults};
  result.has_key = !t.provider->credentials.front().header.empty() || t.provider->credentials.front().fetched;
  std::string const path = t.provider->is_demo() ? std::string() : path_of(t);
  for (routing::endpoint const& e : t.provider->endpoints) result.urls.push_back(e.url + path);
  return result;
}

std::string_view name_of(config::strategy strategy) {
  switch (strategy) {
    case config::strategy::order: return "order";
    case config::strategy::weighted: return "weighted";
  }
  return "";
}

/// The plan with everything that is told about it.
struct explained {
  std::string model;
  std::string how;  ///< route, provider/model, bare name
  routing::route const* route = nullptr;
  std::vector<step> steps;
};

explained explain_plan(std::string const& model, routing::plan const& plan) {
  explained result;
  result.model = model;
  result.route = plan.route;
  // A weighted plan begins with whose turn it is; what is told is the configuration.
  if (plan.route) {
    for (routing::target const& t : plan.route->targets) result.steps.push_back(describe(t));
  } else {
    result.steps.push_back(describe(*plan.own));
  }
  bool const qualified = !plan.route && model == result.steps.front().target;
  result.how = plan.route                                          ? "route"
               : qualified || model.find('/') != std::string::npos ? "provider/model"
                                                                   : "bare name";
  return result;
}

void print_as_json(explained const& what) {
  nlohmann::ordered_json document{{"model", what.model}, {"resolved_as", what.how}};
  if (what.route) {
    document["strategy"] = name_of(what.route->strategy);
    document["strict"] = what.route->strict;
  }
  auto targets = nlohmann::ordered_json::array();
  for (step const& s : what.steps) {
    auto defaults = nlohmann::ordered_json::object();
    for (auto const& [name, value] : s.defaults) defaults[name] = nlohmann::ordered_json::parse(value, nullptr, false);
    targets.push_back({{"target", s.target},
                       {"provider", s.provider},
                       {"model", s.model},
                       {"how", s.how},
                       {"weight", s.weight},
                       {"lanes", s.lanes},
                       {"has_key", s.has_key},
                       {"endpoints", s.urls},
                       {"defaults", std::move(defaults)}});
  }
  document["targets"] = std::move(targets);
  print_json(document);
}

std::string heading(explained const& what) {
  if (what.how == "provider/model") return "a provider and its model";
  if (what.how == "bare name") return fmt::format("a bare model name that only {} owns", what.steps.front().provider);
  std::string const how = what.route->strategy == config::strategy::order
                              ? "targets are tried in this order"
                              : "the first target is drawn by weight, the others follow in this order";
  return fmt::format("a route; {}{}", how, what.route->strict ? "; strict: 400 instead of dropping a parameter" : "");
}

std::string lanes_text(step const& s) {
  if (!s.has_key) return "no key";
  return s.lanes == 1 ? "1 key" : fmt::format("{} keys", s.lanes);
}

void print_as_text(explained const& what) {
  fmt::print("{}: {}\n", one_line(what.model), heading(what));
  for (step const& s : what.steps) {
    if (s.defaults.empty()) continue;
    std::vector<std::string> members;
    for (auto const& [name, value] : s.defaults) members.push_back(name + ": " + value);
    fmt::print("{} gets, when the request has none: {}\n", s.target, joined(members));
  }
  bool const weighted = what.route && what.route->strategy == config::strategy::weighted;
  unsigned const total = std::accumulate(what.steps.begin(), what.steps.end(), 0U,
                                         [](unsigned sum, step const& s) { return sum + s.weight; });
  text_table table({"#", "PROVIDER", "MODEL", "KEYS", "HOW", "ENDPOINTS IN ORDER"});
  for (std::size_t i = 0; i < what.steps.size(); ++i) {
    step const& s = what.steps[i];
    std::string number = std::to_string(i + 1);
    if (weighted && total) number += fmt::format(" ({:.0f} %)", 100.0 * s.weight / total);
    table.add(
        {number, s.provider, s.model, lanes_text(s), s.how, s.urls.empty() ? "none, it answers itself" : s.urls[0]});
    for (std::size_t u = 1; u < s.urls.size(); ++u) table.add({"", "", "", "", "", s.urls[u]});
  }
  fmt::print("\n{}", table.text(style_of(stdout)));
}

int say_unknown(explain_options const& from, chat::fault const& why) {
  if (from.json) {
    print_json(
        {{"model", from.model}, {"error", {{"status", why.status}, {"code", why.code}, {"message", why.message}}}});
  } else {
    fmt::print(stderr, "{}\n", printable(why.message));
    fmt::print(stderr, "(model lists that providers publish are not asked for here; a running daemon knows them)\n");
  }
  return 1;
}

}  // namespace

int explain(explain_options const& from) {
  dry_run const what({from.config_file, {}});
  if (!what.good()) {
    print_problems(what);
    return 1;
  }
  auto const plan = what.table().find(from.model);
  if (!plan) return say_unknown(from, plan.error());
  explained const told = explain_plan(from.model, *plan);
  if (from.json)
    print_as_json(told);
  else
    print_as_text(told);
  return 0;
}

}  // namespace recloser::cli
