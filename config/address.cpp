#include "config/address.hpp"

#include <utility>

#include "config/host.hpp"
#include "config/units.hpp"

namespace recloser::config {

namespace {

using outcome = parsed<std::vector<listener>>;

constexpr std::uint16_t default_port = 4100;

/// Both address families. Only the IPv4 half must work: many containers have no IPv6.
std::vector<listener> pair_of(std::string ipv4, std::string ipv6, std::uint16_t port) {
  std::vector<listener> both(2);
  both[0].host = std::move(ipv4);
  both[1].host = std::move(ipv6);
  both[1].optional = true;
  both[0].port = both[1].port = port;
  return both;
}

std::vector<listener> single(std::string host, std::uint16_t port) {
  std::vector<listener> one(1);
  one[0].host = std::move(host);
  one[0].port = port;
  return one;
}

}  // namespace

parsed<std::vector<listener>> parse_listen(std::string_view written) {
  host_and_port const parts = split_port(trim(written));
  if (!parts.port)
    return outcome::bad("has no port; write `127.0.0.1:4100` for this machine or `:4100` for every address");
  auto const port = parse_number(*parts.port);
  if (!port || *port == 0 || *port > 65535) return outcome::bad("must end in a port from 1 to 65535");
  auto const number = static_cast<std::uint16_t>(*port);
  if (parts.host.empty() || parts.host == "*") return outcome::good(pair_of("0.0.0.0", "::", number));
  if (lower(parts.host) == "localhost") return outcome::good(pair_of("127.0.0.1", "::1", number));
  bool const bare_ipv6 = !parts.host.starts_with('[') && parts.host.find(':') != std::string_view::npos;
  if (bare_ipv6) return outcome::bad("must have its IPv6 address in brackets, as in `[::1]:4100`");
  parsed<host> address = canonical_host(parts.host);
  if (!address) return outcome::bad(std::move(address.fault));
  if (address.value->kind == host::name) return outcome::bad("must be an IP address or `localhost`, and a port");
  return outcome::good(single(std::move(address.value->text), number));
}

std::vector<listener> default_listeners() { return pair_of("127.0.0.1", "::1", default_port); }

std::string to_string(listener const& what) {
  bool const ipv6 = what.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + what.host + "]" : what.host) + ":" + std::to_string(what.port);
}

}  // namespace recloser::config
