#include "providers/token_request.hpp"

#include <algorithm>
#include <iterator>

#include "config/host.hpp"
#include "config/text.hpp"
#include "providers/encoding.hpp"

namespace recloser::providers {

namespace {

struct url_parts {
  std::string_view scheme;
  std::string_view authority;
};

url_parts split(std::string_view url) {
  auto const mark = url.find("://");
  if (mark == std::string_view::npos) return {};
  auto const rest = url.substr(mark + 3);
  return {url.substr(0, mark), rest.substr(0, rest.find_first_of("/?#"))};
}

config::parsed<config::host> host_of(std::string_view authority) {
  return config::canonical_host(config::split_port(authority).host);
}

/// Metadata services that are asked on purpose. Narrower than `config::is_metadata_host`, which is there to refuse: it
/// takes `169.254.169.254.example.com` for one.
constexpr std::string_view metadata_hosts[] = {"fd00:ec2::23", "fd00:ec2::254", "fd20:ce::254",
                                               "metadata.google.internal"};

bool is_metadata(config::host const& host) {
  return (host.kind == config::host::ipv4 && host.text.starts_with("169.254.")) ||
         std::ranges::find(metadata_hosts, host.text) != std::end(metadata_hosts);
}

bool is_this_machine(config::host const& host) {
  return host.kind == config::host::name ? host.text == "localhost" : config::is_loopback(host.text);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string token_url_fault(std::string_view url, bool metadata) {
  if (!is_visible_ascii(url)) return "is no URL";
  auto const [scheme, authority] = split(url);
  if (scheme != "https" && scheme != "http") return "must begin with https://";
  if (authority.find('@') != std::string_view::npos) return "must not hold a user name or password";
  if (url.find('#') != std::string_view::npos) return "must not have a fragment (`#…`)";
  auto const port = config::split_port(authority).port;
  if (port && !is_port(*port)) return "has no valid port";
  auto const host = host_of(authority);
  if (!host) return host.fault;
  if (scheme == "https" || is_this_machine(*host.value) || (metadata && is_metadata(*host.value))) return {};
  return "must begin with https://: it would send a credential in the clear";
}

bool is_metadata_url(std::string_view url) {
  auto const host = host_of(split(url).authority);
  return host && is_metadata(*host.value);
}

}  // namespace recloser::providers
