// URLs that answers hold: where they lead, and whether they stay with the provider.

#include <algorithm>
#include <charconv>

#include "dialects/error_text.hpp"
#include "dialects/replicate/predictions.hpp"

namespace recloser::dialects::replicate {

namespace {

constexpr std::string_view own_domains[] = {".replicate.com", ".replicate.net"};

bool is_own_domain(std::string_view host) {
  return std::ranges::any_of(own_domains, [&](auto domain) { return host.ends_with(domain); });
}

bool is_host_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
}

/// No white space, no control bytes, nothing that is not ASCII: it goes into a request line.
bool is_target_byte(char c) { return c > ' ' && c < 0x7F && c != '#' && c != '\\'; }

bool take_port(std::string_view digits, std::uint16_t& port) {
  auto const* const end = digits.data() + digits.size();
  auto const [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0;
}

/// Splits `https://host:port/path?query`. Nothing for anything with more to it (users, fragments, other schemes).
std::optional<link> parse(std::string_view url) {
  link out;
  auto const scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  out.tls = url.substr(0, scheme) == "https";
  if (!out.tls && url.substr(0, scheme) != "http") return std::nullopt;
  out.port = out.tls ? 443 : 80;
  url.remove_prefix(scheme + 3);
  auto const end = std::min(url.find_first_of("/?#"), url.size());
  auto authority = lower_ascii(url.substr(0, end));
  out.target = url.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (!std::ranges::all_of(authority, is_host_byte) || !std::ranges::all_of(out.target, is_target_byte))
    return std::nullopt;
  auto const colon = authority.rfind(':');
  bool const has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  if (has_port && !take_port(std::string_view(authority).substr(colon + 1), out.port)) return std::nullopt;
  out.host = has_port ? authority.substr(0, colon) : authority;
  bool const bracketed = out.host.starts_with('[') && out.host.ends_with(']');
  bool const plain = out.host.find_first_of(":[]") == std::string::npos;
  if (out.host.empty() || (!bracketed && !plain)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<link> own_link(std::string_view url, std::string_view base_url) {
  auto const base = parse(base_url);
  auto found = parse(url);
  if (!base || !found) return std::nullopt;
  bool const same = found->tls == base->tls && found->host == base->host && found->port == base->port;
  bool const https = found->tls && base->tls && found->port == 443 && base->port == 443;
  if (same || (https && is_own_domain(found->host) && is_own_domain(base->host))) return found;
  return std::nullopt;
}

}  // namespace recloser::dialects::replicate
