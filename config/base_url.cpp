#include "config/base_url.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "config/host.hpp"
#include "config/units.hpp"

namespace recloser::config {

namespace {

using outcome = parsed<std::string>;

struct url_parts {
  std::string scheme;  ///< empty: left out
  std::string_view authority;
  std::string_view path;  ///< with what follows it
};

/// By hand and not with Boost.URL, whose 1.81 reads `http://1.2.3.4.evil.example` as the host 1.2.3.4 and a path.
url_parts split(std::string_view text) {
  url_parts parts;
  if (std::size_t const mark = text.find("://"); mark != std::string_view::npos) {
    parts.scheme = lower(text.substr(0, mark));
    text.remove_prefix(mark + 3);
  }
  std::size_t const end = std::min(text.find_first_of("/?#"), text.size());
  parts.authority = text.substr(0, end);
  parts.path = text.substr(end);
  return parts;
}

/// The fault of what a URL must not have; empty when there is none.
std::string forbidden_part(url_parts const& parts) {
  if (parts.authority.find('@') != std::string_view::npos) {
    return "must not hold a user name or password; use `api_key` or `headers`";
  }
  if (parts.path.find('#') != std::string_view::npos) return "must not have a fragment (`#…`)";
  if (parts.path.find('?') != std::string_view::npos) return "must not have a query (`?…`)";
  return {};
}

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

bool is_path(std::string_view path) {
  constexpr std::string_view marks = "/-._~!$&'()*+,;=:@";
  for (std::size_t i = 0; i < path.size(); ++i) {
    char const c = path[i];
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || marks.find(c) != std::string_view::npos) continue;
    bool const encoded = c == '%' && i + 2 < path.size() && is_hex(path[i + 1]) && is_hex(path[i + 2]);
    if (!encoded) return false;
    i += 2;
  }
  return true;
}

parsed<host> host_of(std::string_view written) {
  parsed<host> name = canonical_host(written);
  if (!name) return name;
  if (is_metadata_host(name.value->text)) {
    return parsed<host>::bad("names a cloud metadata service, which hands out credentials; it is never called");
  }
  if (name.value->text == "0.0.0.0") name.value->text = "127.0.0.1";
  if (name.value->text == "::") name.value->text = "::1";
  return name;
}

/// `:8080`, or empty when it is the scheme's own.
outcome port_of(std::string_view written, std::string_view scheme, std::uint16_t fallback) {
  std::uint64_t number = fallback;
  if (!written.empty()) {
    auto const port = parse_number(written);
    if (!port || *port == 0 || *port > 65535) return outcome::bad("must have a port from 1 to 65535");
    number = *port;
  }
  bool const usual = number == 0 || number == (scheme == "https" ? 443U : 80U);
  return outcome::good(usual ? std::string() : ":" + std::to_string(number));
}

std::string path_of(std::string_view path, std::string_view fallback) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path.empty() ? fallback : path);
}

outcome assemble(url_parts const& parts, url_rules const& rules) {
  std::string const scheme = parts.scheme.empty() ? "http" : parts.scheme;
  host_and_port written = split_port(parts.authority);
  if (parts.scheme.empty() && written.host.empty() && written.port) written.host = "127.0.0.1";  // `:11434`
  bool const bare_ipv6 = !written.host.starts_with('[') && written.host.find(':') != std::string_view::npos;
  if (bare_ipv6) return outcome::bad("must have its IPv6 address in brackets");
  parsed<host> const name = host_of(written.host);
  if (!name) return outcome::bad(name.fault);
  outcome port =
      port_of(written.port.value_or(""), scheme, parts.scheme.empty() ? rules.default_port : std::uint16_t{0});
  if (!port) return port;
  if (!is_path(parts.path)) return outcome::bad("has a path with characters that must be percent-encoded");
  std::string const shown = name.value->kind == host::ipv6 ? "[" + name.value->text + "]" : name.value->text;
  return outcome::good(scheme + "://" + shown + *port.value + path_of(parts.path, rules.default_path));
}

}  // namespace

parsed<std::string> canonical_base_url(std::string_view written, url_rules const& rules) {
  constexpr std::size_t longest = 2048;
  std::string_view const text = trim(written);
  if (text.empty()) return outcome::bad("is empty");
  if (text.size() > longest) return outcome::bad("is too long");
  url_parts const parts = split(text);
  bool const scheme_missing = parts.scheme.empty() && !rules.scheme_optional;
  bool const scheme_unknown = !parts.scheme.empty() && parts.scheme != "http" && parts.scheme != "https";
  if (scheme_missing || scheme_unknown || text.starts_with("://")) {
    return outcome::bad("must begin with http:// or https://");
  }
  if (std::string fault = forbidden_part(parts); !fault.empty()) return outcome::bad(std::move(fault));
  return assemble(parts, rules);
}

}  // namespace recloser::config
