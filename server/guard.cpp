#include "server/guard.hpp"

#include <algorithm>

#include <openssl/crypto.h>

namespace recloser::server {

namespace {

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

bool contains(std::vector<std::string> const& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string_view media_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  return value;
}

}  // namespace

std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(0, host.find(']') + 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  return lowered(host);
}

bool is_loopback_name(std::string_view name) {
  if (name == "localhost" || name == "[::1]") return true;
  // 127.0.0.0/8 as four plain numbers: 127.evil.example must not pass.
  if (!name.starts_with("127.")) return false;
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool host_is_allowed(std::string_view host, bool loopback_listener, config::config const& settings) {
  std::string const name = host_name(host);
  if (is_loopback_name(name) || contains(settings.server.allowed_hosts, name)) return true;
  return !loopback_listener && settings.server.allowed_hosts.empty() && !settings.keys.empty();
}

origin_verdict check_origin(net::fields const& headers, std::string_view host, config::server const& settings) {
  auto const origin = headers.find("origin");
  if (!origin) {
    return headers.get("sec-fetch-site") == "cross-site" ? origin_verdict::refused : origin_verdict::none;
  }
  if (contains(settings.allowed_origins, *origin)) return origin_verdict::allowed;
  auto const scheme_end = origin->find("://");
  bool const own_page = scheme_end != std::string_view::npos && lowered(origin->substr(scheme_end + 3)) == lowered(host);
  return own_page ? origin_verdict::none : origin_verdict::refused;
}

std::optional<chat::fault> check_content_type(net::fields const& headers) {
  auto refuse = [](std::string message) {
    return chat::fault(chat::fault_class::client_fault, chat::fault_source::client, 415, std::move(message),
                       "unsupported_media_type");
  };
  std::string_view const coding = headers.get("content-encoding");
  if (!coding.empty() && !net::iequals(coding, "identity")) {
    return refuse("A compressed request body is not accepted; send it without Content-Encoding.");
  }
  auto const type = headers.find("content-type");
  if (!type) return std::nullopt;
  std::string const media = lowered(media_type(*type));
  if (media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))) return std::nullopt;
  if (media == "application/x-www-form-urlencoded" && !headers.find("origin")) return std::nullopt;
  return refuse("Send the body as `Content-Type: application/json`.");
}

std::string_view shown_key(net::fields const& headers) {
  if (auto const value = headers.find("authorization")) {
    auto const space = value->find(' ');
    if (space != std::string_view::npos && net::iequals(value->substr(0, space), "bearer")) {
      std::string_view key = value->substr(space + 1);
      while (key.starts_with(' ')) key.remove_prefix(1);
      return key;
    }
  }
  if (auto const value = headers.find("x-api-key")) return *value;
  return headers.get("api-key");
}

config::client_key const* find_key(std::string_view shown, config::config const& settings) {
  // Every key is compared, each in constant time; only its length could be guessed from the time.
  config::client_key const* found = nullptr;
  for (config::client_key const& key : settings.keys) {
    if (key.secret.size() == shown.size() && CRYPTO_memcmp(key.secret.data(), shown.data(), shown.size()) == 0) found = &key;
  }
  return found;
}

}  // namespace recloser::server
