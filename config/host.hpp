#pragma once
// Hosts in one spelling, so that they can be compared: the same address has many (`0xA9FEA9FE`, `[::ffff:a9fe:a9fe]`).

#include <optional>
#include <string>
#include <string_view>

#include "config/text.hpp"

namespace recloser::config {

struct host {
  std::string text;  ///< lower case; IPv4 as four decimals; IPv6 in RFC 5952's form without brackets
  enum { name, ipv4, ipv6 } kind = name;
};

/// `host:port` at its last colon, but not at one inside the brackets of an IPv6 address.
struct host_and_port {
  std::string_view host;
  std::optional<std::string_view> port;
};
host_and_port split_port(std::string_view authority);

/// `written`: a name or an IPv4 address in any of its forms, or an IPv6 address (with or without brackets).
parsed<host> canonical_host(std::string_view written);

/// An address of this machine alone: 127.0.0.0/8 or ::1.
bool is_loopback(std::string_view canonical_address);

/// Serves credentials to whoever asks: a cloud's metadata service, by canonical name or by address. The `net` side asks
/// again with the address that a name resolved to.
bool is_metadata_host(std::string_view canonical);

}  // namespace recloser::config
