#include "routing/service.hpp"

#include <algorithm>
#include <stdexcept>

#include "dialects/error_text.hpp"
#include "config/text.hpp"
#include "dialects/model_text/model_families.hpp"
#include "routing/cloud.hpp"
#include "routing/origin.hpp"

namespace recloser::routing {

using namespace std::chrono_literals;

namespace {

std::string credential_header(providers::auth_kind kind, std::string const& secret) {
  if (secret.empty()) return {};
  switch (kind) {
    case providers::auth_kind::none: return {};
    case providers::auth_kind::bearer: return "authorization: Bearer " + secret + "\r\n";
    case providers::auth_kind::google:
    case providers::auth_kind::aws: return "authorization: Bearer " + secret + "\r\n";
    case providers::auth_kind::x_api_key: return "x-api-key: " + secret + "\r\n";
    case providers::auth_kind::goog_api_key: return "x-goog-api-key: " + secret + "\r\n";
    case providers::auth_kind::azure: return "api-key: " + secret + "\r\n";
  }
  return {};
}

/// The word of `text_calls`, which only the reader of texts knows.
void check_text_calls(config::provider const& section) {
  namespace model_text = dialects::model_text;
  if (section.text_calls == "auto" || section.text_calls == "off" || model_text::find_family(section.text_calls)) return;
  std::string all;
  for (model_text::family const& one : model_text::families()) all.append(", ").append(one.name);
  throw std::runtime_error("providers." + section.name + ".text_calls: there is no model family " +
                           config::quote(section.text_calls) + "; use auto, off" + all);
}

void add_header(std::string& out, std::string_view name, std::string_view value) {
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    throw std::runtime_error("the header " + std::string(name) + " has a line break in its value");
  }
  out.append(name).append(": ").append(value).append("\r\n");
}

bool has_header(std::vector<std::pair<std::string, std::string>> const& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](auto const& each) { return dialects::lower_ascii(each.first) == dialects::lower_ascii(name); });
}

}  // namespace

std::string service::post_head(routing::endpoint const& where, std::string_view authorization,
                               std::string_view path) const {
  std::string head;
  head.reserve(256 + extra_headers.size() + authorization.size());
  head.append("POST ").append(where.base_path);
  head.append(path).append(" HTTP/1.1\r\nhost: ").append(where.origin.authority).append("\r\n");
  head += authorization;
  head += extra_headers;
  head += "content-type: application/json\r\ncontent-length: ";
  return head;
}

std::string service::get_request(routing::endpoint const& where, routing::credential const& who,
                                 std::string_view path) const {
  std::string head = "GET ";
  head.append(path).append(" HTTP/1.1\r\nhost: ").append(where.origin.authority).append("\r\n");
  head += who.header;
  head += extra_headers;
  head += "\r\n";
  return head;
}

std::shared_ptr<endpoint_health> endpoint_registry::get(std::string const& identity) {
  std::lock_guard const lock(mutex_);
  auto& known = known_[identity];
  if (!known) known = std::make_shared<endpoint_health>();
  return known;
}

service make_service(config::provider const& section, endpoint_registry& endpoints) {
  service result;
  result.name = section.name;
  result.row = providers::find_row(section.type);
  if (!result.row) throw std::runtime_error("providers." + section.name + ": there is no provider type " + section.type);
  providers::row const& row = *result.row;
  result.models = section.models;
  result.deployments = section.deployments;
  result.api_version = section.api_version;
  result.defaults = section.defaults;
  result.api = section.api;
  result.text_calls = section.text_calls;
  check_text_calls(section);
  result.truncate = section.on_oversize == config::oversize::truncate;
  result.from_environment = section.from_environment;

  auto cloud = set_up_cloud(row, section, providers::process_credentials());
  if (!cloud) throw std::runtime_error("providers." + section.name + ": " + cloud.error().message);
  result.region = cloud->region;
  if (row.auth == providers::auth_kind::azure) result.api_version = cloud->api_version;
  std::vector<std::string> urls = section.base_urls;
  if (urls.empty()) urls = cloud->base_urls;
  if (urls.empty()) urls.assign(row.base_urls.begin(), row.base_urls.end());
  bool const secure = std::any_of(urls.begin(), urls.end(), [](auto const& u) { return u.starts_with("https:"); });
  net::tls_context const tls = secure ? net::client_tls(section.ca_file) : nullptr;
  origin_settings const how{.tls = tls,
                            .ca_file = section.ca_file,
                            .verify = !section.insecure_skip_verify,
                            .connect_limit = section.clocks.connect,
                            .tls_limit = section.clocks.tls,
                            .local = row.local};
  for (std::string const& text : urls) {
    auto const url = parse_url(text, how);
    if (!url) throw std::runtime_error("providers." + section.name + ": base_url " + text + " is not a URL");
    endpoint one;
    one.url = text;
    one.origin = url->origin;
    one.base_path = url->path.empty() ? cloud->default_path : url->path;
    one.base_path += cloud->path;
    // `http://gpu-box:11434/v1` is how people write Ollama's address for OpenAI clients.
    if (!row.relay_prefix.empty() && one.base_path == row.relay_prefix) one.base_path.clear();
    one.health = endpoints.get(section.name + " " + text);
    result.endpoints.push_back(std::move(one));
  }
  if (result.endpoints.empty()) {
    throw std::runtime_error("providers." + section.name + ": needs a base_url");
  }

  for (std::string const& key : section.api_keys) {
    std::size_t const n = result.credentials.size() + 1;
    result.credentials.push_back({credential_header(row.auth, key), n == 1 ? std::string() : "#" + std::to_string(n), {}});
  }
  if (result.credentials.empty()) result.credentials.push_back({credential_header(row.auth, cloud->secret), {}, {}});
  if (cloud->credential) {
    auto const trust = net::client_tls(section.ca_file);
    result.credentials.front().fetched = std::make_shared<fetched_credential>(std::move(*cloud->credential), trust);
  }

  add_header(result.extra_headers, "user-agent", "recloser/0.1");
  add_header(result.extra_headers, "accept-encoding", "identity");
  for (auto const& [name, value] : row.headers) {
    if (has_header(section.headers, name)) continue;  // the operator's own comes below
    bool const own_version = name == "anthropic-version" && !section.api_version.empty();
    add_header(result.extra_headers, name, own_version ? std::string_view(section.api_version) : value);
  }
  result.extra_headers += cloud->headers;
  for (auto const& [name, value] : section.headers) add_header(result.extra_headers, name, value);

  config::clocks const& clocks = section.clocks;
  result.limits.send = clocks.send.value_or(30s);
  result.limits.first_byte = clocks.first_byte.value_or(row.first_byte);
  result.limits.idle = clocks.idle.value_or(row.local ? 600s : 300s);
  result.total = clocks.total.value_or(900s);
  return result;
}

service make_demo_service() {
  static constexpr providers::row demo_row{.name = "demo", .title = "Built-in demo", .auth = providers::auth_kind::none};
  service result;
  result.name = "demo";
  result.row = &demo_row;
  result.credentials.emplace_back();
  result.models = {"echo"};
  return result;
}

}  // namespace recloser::routing
