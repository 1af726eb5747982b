#include "cli/daemon.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "cli/json_reading.hpp"
#include "cli/text.hpp"
#include "config/base_url.hpp"
#include "config/host.hpp"
#include "server/app.hpp"

namespace recloser::cli {

namespace {

constexpr std::uint16_t usual_port = 4100;

/// The host of a canonical URL, without brackets.
std::string host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  std::string_view host = config::split_port(url.substr(0, url.find('/'))).host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

bool is_this_machine(std::string_view url) {
  std::string const host = host_of(url);
  return host == "localhost" || config::is_loopback(host);
}

}  // namespace

config::parsed<std::string> daemon_url(std::string_view written) {
  config::url_rules rules;
  rules.scheme_optional = true;
  rules.default_port = usual_port;
  config::parsed<std::string> url = config::canonical_base_url(written, rules);
  if (url && url.value->ends_with("/v1")) url.value->resize(url.value->size() - 3);
  return url;
}

std::string daemon_url_of(config::server const& settings) {
  if (settings.listeners.empty()) return fmt::format("http://127.0.0.1:{}", usual_port);
  config::listener const& first = settings.listeners.front();
  std::string host = first.host == "0.0.0.0" ? "127.0.0.1" : first.host == "::" ? "::1" : first.host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("{}://{}:{}", first.tls ? "https" : "http", host, first.port);
}

std::string client_key(config::environment const& env, std::string_view url) {
  if (auto const own = env("RECLOSER_KEY"); own && !trim(*own).empty()) return std::string(trim(*own));
  if (!is_this_machine(url)) return {};
  return std::string(trim(env("OPENAI_API_KEY").value_or("")));
}

target_daemon find_daemon(std::string const& url) {
  target_daemon result;
  result.named = !url.empty();
  if (result.named) {
    result.url = url;
  } else {
    // A file with problems keeps `serve` from starting but not us from asking at the usual place.
    config::loaded const loaded = server::load({});
    result.url = daemon_url_of(loaded.problems.empty() ? loaded.value.server : config::server());
  }
  result.key = client_key(config::process_environment(), result.url);
  return result;
}

std::string error_message(answer const& got) {
  json_object const body(got.body);
  if (body) {
    chat::raw_json const error = body.get("error");
    std::string const message = one_line(string_of(error.starts_with('{') ? json::find(error, "message") : error));
    if (!message.empty()) return message;
  }
  constexpr std::size_t shown = 200;
  std::string const start = one_line(valid_utf8(std::string_view(got.body).substr(0, shown)));
  return start.empty() ? fmt::format("HTTP status {}", got.status)
                       : fmt::format("HTTP status {}: {}", got.status, start);
}

std::string explain_failure(target_daemon const& asked, answer const& got) {
  if (got.refused) {
    return fmt::format("no recloser answers at {}; start one with `recloser serve`, or name another with --url",
                       asked.url);
  }
  if (got.status == 0) return fmt::format("{}: {}", asked.url, one_line(got.problem));
  std::string result = error_message(got);
  if (got.status == 401) result += " (the key to show comes from $RECLOSER_KEY)";
  return result;
}

namespace {

/// The object of ours in a model's entry (server/pages.cpp).
providers::capabilities capabilities_in(chat::raw_json object) {
  providers::capabilities what;
  what.context = count_of(json::find(object, "context"));
  what.max_output = count_of(json::find(object, "max_output"));
  for (providers::capability const& each : providers::all_capabilities) {
    auto const value = json::find(object, each.name);
    if (value == "true") what.*each.place = providers::support::yes;
    if (value == "false") what.*each.place = providers::support::no;
  }
  return what;
}

}  // namespace

std::vector<listed_model> read_models(std::string_view body) {
  std::vector<listed_model> result;
  json_object const list(body);
  if (!list) return result;
  for (chat::raw_json const entry : elements_of(list.get("data"))) {
    listed_model one{string_of(json::find(entry, "id")), string_of(json::find(entry, "owned_by")),
                     count_of(json::find(entry, "created"))};
    one.what = capabilities_in(json::find(entry, "recloser"));
    if (!one.id.empty()) result.push_back(std::move(one));
  }
  return result;
}

std::vector<std::string> read_providers(std::string_view body) {
  std::vector<std::string> result;
  json_object const page(body);
  if (!page) return result;
  for (chat::raw_json const entry : elements_of(page.get("endpoints"))) {
    std::string name = string_of(json::find(entry, "provider"));
    if (!name.empty() && std::find(result.begin(), result.end(), name) == result.end())
      result.push_back(std::move(name));
  }
  return result;
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos)
      result += c;
    else
      result += fmt::format("%{:02X}", byte);
  }
  return result;
}

}  // namespace recloser::cli
