#include "config/load.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "config/address.hpp"
#include "config/host.hpp"
#include "config/provider_set.hpp"
#include "config/sections.hpp"
#include "config/substitute.hpp"

namespace recloser::config {

namespace {

constexpr std::size_t largest_file = 4 << 20;

constexpr key<file_draft> file_keys[] = {
    {"server", [](field const& value, file_draft& file) { read_server(value, file.server); }},
    {"providers", [](field const& value, file_draft& file) { read_providers(value, file.providers.emplace()); }},
    {"routes", [](field const& value, file_draft& file) { read_routes(value, file.routes); }},
    {"profiles", [](field const& value, file_draft& file) { read_profiles(value, file.profiles); }},
    {"models", [](field const& value, file_draft& file) { read_models(value, file.models); }},
    {"keys", [](field const& value, file_draft& file) { read_client_keys(value, file.keys); }},
};

// ---- routes ----------------------------------------------------------------------------------------------------------

/// The route's defaults with the target's own on top.
request_defaults merged(request_defaults const& of_route, request_defaults const& own) {
  request_defaults all = own;
  for (auto const& one : of_route) {
    auto const same = [&](auto const& other) { return other.first == one.first; };
    if (std::ranges::none_of(own, same)) all.push_back(one);
  }
  return all;
}

/// Gives a route its targets one by one, and tells what keeps some of them out.
class route_builder {
 public:
  route_builder(context& in, route value) : in_(in), route_(std::move(value)) {}

  /// `shown` stands for the target in messages.
  void add(target one, std::string const& shown, provider_set::answer const& answer) {
    if (!answer.unknown.empty()) {
      in_.fail(one.line, answer.unknown);
      failed_ = true;
    } else if (!answer.lack.empty()) {
      skipped_.push_back(
          {one.line, "the target " + quote(shown) + " of route " + quote(route_.name) + " is skipped: " + answer.lack});
    } else {
      one.provider = answer.name;
      one.defaults = merged(route_.defaults, one.defaults);
      route_.targets.push_back(std::move(one));
    }
  }

  /// With one usable target left the others are worth a warning; with none the route cannot work.
  route finish() {
    bool const useless = route_.targets.empty() && !failed_;
    auto& reports = useless ? in_.problems : in_.warnings;
    reports.insert(reports.end(), skipped_.begin(), skipped_.end());
    return std::move(route_);
  }

 private:
  context& in_;
  route route_;
  std::vector<problem> skipped_;
  bool failed_ = false;
};

route complete_route(route_draft const& draft, provider_set& providers, context& in) {
  route_builder builder(in, draft.value);
  for (target_draft const& one : draft.targets) {
    std::string const shown_provider = one.written.substr(0, one.written.find('/'));
    builder.add(one.value, one.written, providers.find(one.value.provider, shown_provider));
  }
  return builder.finish();
}

route complete_profile(profile_draft const& draft, provider_set& providers, context& in) {
  route_builder builder(in, draft.value);
  for (profile_link const& link : draft.links) {
    target const one{.provider = link.provider, .model = link.model, .defaults = link.defaults, .line = link.line};
    builder.add(one, link.written, providers.find(link, draft.value.name));
  }
  return builder.finish();
}

void report_same_names(file_draft const& file, context& in) {
  for (profile_draft const& profile : file.profiles) {
    auto const same_name = [&](route_draft const& one) { return one.value.name == profile.value.name; };
    auto const same = std::ranges::find_if(file.routes, same_name);
    if (same == file.routes.end()) continue;
    in.fail(profile.value.line, "the profile " + quote(same->value.name) + " has the name of the route on line " +
                                    std::to_string(same->value.line));
  }
}

// ---- listeners -------------------------------------------------------------------------------------------------------

/// Open to the network without a key is refused: thousands of model servers were found that way (resilience.md §11.1).
void check_listeners(loaded& what) {
  std::erase_if(what.problems, &problem::open_listener);
  if (!what.value.keys.empty() || what.value.server.insecure_no_auth) return;
  auto const& listeners = what.value.server.listeners;
  auto const open = std::ranges::find_if(listeners, [](listener const& one) { return !is_loopback(one.host); });
  if (open == listeners.end()) return;
  what.problems.push_back({open->line,
                           "listening on " + quote(to_string(*open)) +
                               " lets other machines in, so clients need keys: set `keys:` or RECLOSER_KEYS (or "
                               "`insecure_no_auth: true` under `server:` to let everybody in)",
                           true});
}

// ---- together --------------------------------------------------------------------------------------------------------

void sort_by_line(std::vector<problem>& problems) {
  std::ranges::stable_sort(problems, {}, &problem::line);
  auto const same = [](problem const& a, problem const& b) { return a.line == b.line && a.message == b.message; };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());  // an alias repeats them
}

loaded finish(file_draft file, context& in, std::vector<known_provider> const& catalog) {
  loaded result;
  provider_set providers(in, catalog);
  for (provider_draft& one : file.providers.value_or(std::vector<provider_draft>()))
    providers.add_section(std::move(one));
  for (route_draft const& one : file.routes) result.value.routes.push_back(complete_route(one, providers, in));
  for (profile_draft const& one : file.profiles) result.value.routes.push_back(complete_profile(one, providers, in));
  // A file that names no providers says nothing about them: they are found as without a file.
  if (!file.providers) providers.add_from_environment();
  add_client_keys_from_environment(in, file.keys);
  report_same_names(file, in);

  result.value.server = std::move(file.server);
  if (result.value.server.listeners.empty()) result.value.server.listeners = default_listeners();
  result.value.providers = providers.take();
  result.value.keys = std::move(file.keys);
  result.value.models = std::move(file.models);
  result.problems = std::move(in.problems);
  check_listeners(result);
  sort_by_line(result.problems);
  sort_by_line(in.warnings);
  for (problem const& one : in.warnings) result.value.warnings.push_back(to_string(one));
  return result;
}

std::string home_file(environment const& env) {
  std::optional<std::string> const home = variable(env, "HOME");
  return home ? *home + "/.config/recloser/recloser.yaml" : std::string();
}

}  // namespace

std::string to_string(problem const& what, std::string_view file) {
  std::string const number = what.line > 0 ? std::to_string(what.line) : std::string();
  std::string where;
  if (!file.empty()) {
    where = std::string(file) + (number.empty() ? "" : ":" + number) + ": ";
  } else if (!number.empty()) {
    where = "line " + number + ": ";
  }
  return where + what.message;
}

std::string find_file(std::string const& from_command_line, environment const& env) {
  if (!from_command_line.empty()) return from_command_line;
  if (auto const named = variable(env, "RECLOSER_CONFIG")) return *named;
  for (std::string const& place :
       {std::string("recloser.yaml"), home_file(env), std::string("/etc/recloser/recloser.yaml")}) {
    std::error_code ignored;
    if (!place.empty() && std::filesystem::exists(place, ignored)) return place;
  }
  return {};
}

loaded load_text(std::string_view text, std::vector<known_provider> const& catalog, environment const& env) {
  context in{.env = env, .problems = {}, .warnings = {}};
  node root = parse_yaml(text, in.problems);
  substitute(root, env, in.problems);
  file_draft file;
  read_section(field(in, root, {}), bind(file_keys, file));
  return finish(std::move(file), in, catalog);
}

loaded load_file(std::string const& path, std::vector<known_provider> const& catalog, environment const& env) {
  parsed<std::string> const text = read_small_file(path, largest_file);
  loaded result;
  if (text && text.value->find_first_not_of(" \t\r\n") == std::string::npos) {
    // Most likely a file that is just being written: a reload must not take it for "no providers".
    result.problems.push_back({0, "the configuration file is empty; write `{}` to go by the environment alone"});
  } else if (text) {
    result = load_text(*text.value, catalog, env);
  } else {
    result.problems.push_back({0, "cannot read the configuration file: " + text.fault});
  }
  result.value.file = path;
  return result;
}

loaded from_environment(std::vector<known_provider> const& catalog, environment const& env) {
  context in{.env = env, .problems = {}, .warnings = {}};
  return finish({}, in, catalog);
}

void apply_listen(loaded& what, std::string_view address) {
  parsed<std::vector<listener>> listeners = parse_listen(address);
  if (listeners) {
    what.value.server.listeners = std::move(*listeners.value);
  } else {
    what.problems.push_back({0, "`--listen` " + listeners.fault});
  }
  check_listeners(what);
  sort_by_line(what.problems);
}

std::vector<std::string> known_keys() {
  std::vector<std::string> all;
  add_names(file_keys, "", all);
  add_server_keys(all);
  add_provider_keys(all);
  add_route_keys(all);
  add_profile_keys(all);
  add_model_keys(all);
  add_client_key_keys(all);
  return all;
}

}  // namespace recloser::config
