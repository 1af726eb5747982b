#include "config/host.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace recloser::config {

namespace {

using ipv6_bytes = std::array<std::uint8_t, 16>;

/// Metadata services: AWS, GCP, Azure and others at 169.254.0.0/16 (tested apart), and these.
constexpr std::string_view metadata_addresses[] = {
    "100.100.100.200",  // Alibaba
    "192.0.0.192",      // Oracle
    "168.63.129.16",    // Azure's wire server
    "fd00:ec2::254",    // AWS
    "fd20:ce::254",     // GCP
};
constexpr std::string_view metadata_names[] = {"metadata.google.internal", "metadata.goog", "metadata.internal",
                                               "metadata"};
constexpr std::string_view metadata_first_label = "instance-data";  // AWS: instance-data.ec2.internal

std::vector<std::string_view> split_dots(std::string_view text) {
  std::vector<std::string_view> labels;
  while (true) {
    std::size_t const dot = text.find('.');
    labels.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    text.remove_prefix(dot + 1);
  }
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// One part of an address as C libraries read it: decimal, `0x` hexadecimal or `0` octal.
std::optional<std::uint64_t> address_part(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
    if (text.empty()) return 0;
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  auto const [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// `a`, `a.b`, `a.b.c` or `a.b.c.d`; the last part fills the bytes that are left.
std::optional<std::uint32_t> loose_ipv4(std::vector<std::string_view> const& parts) {
  if (parts.size() > 4) return std::nullopt;
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    bool const last = i + 1 == parts.size();
    unsigned const bits = last ? 8 * static_cast<unsigned>(4 - i) : 8;
    std::optional<std::uint64_t> const part = address_part(parts[i]);
    if (!part || *part >= (std::uint64_t{1} << bits)) return std::nullopt;
    address = (address << bits) | *part;
  }
  return static_cast<std::uint32_t>(address);
}

std::string ipv4_text(std::uint32_t address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += std::to_string((address >> shift) & 0xFF);
    if (shift > 0) out += '.';
  }
  return out;
}

std::uint32_t ipv4_at(ipv6_bytes const& bytes, std::size_t offset) {
  std::uint32_t address = 0;
  for (std::size_t i = 0; i < 4; ++i) address = (address << 8) | bytes[offset + i];
  return address;
}

std::optional<ipv6_bytes> ipv6_from(std::string_view text) {
  ipv6_bytes bytes;
  if (inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool begins_with(ipv6_bytes const& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

/// The IPv4 address inside an IPv4-mapped one (`::ffff:1.2.3.4`): the same host to every system call.
std::optional<std::uint32_t> mapped_ipv4(ipv6_bytes const& bytes) {
  if (!begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return std::nullopt;
  return ipv4_at(bytes, 12);
}

/// Addresses that a gateway on the way may turn into IPv4: `::1.2.3.4`, NAT64 and 6to4.
std::optional<std::uint32_t> embedded_ipv4(ipv6_bytes const& bytes) {
  if (auto const mapped = mapped_ipv4(bytes)) return mapped;
  if (begins_with(bytes, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return ipv4_at(bytes, 12);
  if (begins_with(bytes, {0x20, 0x02})) return ipv4_at(bytes, 2);
  if (begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && bytes[12] != 0) return ipv4_at(bytes, 12);
  return std::nullopt;
}

parsed<host> ipv6_host(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return parsed<host>::bad("must not name a network interface (`%…`)");
  auto const bytes = ipv6_from(text);
  if (!bytes) return parsed<host>::bad("is no IPv6 address");
  if (auto const mapped = mapped_ipv4(*bytes)) return parsed<host>::good({ipv4_text(*mapped), host::ipv4});
  char canonical[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, bytes->data(), canonical, sizeof canonical);
  return parsed<host>::good({canonical, host::ipv6});
}

bool is_label(std::string_view label) {
  constexpr std::size_t longest = 63;
  return !label.empty() && label.size() <= longest &&
         label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

}  // namespace

host_and_port split_port(std::string_view authority) {
  std::size_t const colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.ends_with(']')) return {.host = authority, .port = std::nullopt};
  return {.host = authority.substr(0, colon), .port = authority.substr(colon + 1)};
}

parsed<host> canonical_host(std::string_view written) {
  constexpr std::size_t longest = 253;
  if (written.empty()) return parsed<host>::bad("has no host");
  if (written.front() == '[' && written.back() == ']') return ipv6_host(written.substr(1, written.size() - 2));
  if (written.find(':') != std::string_view::npos) return ipv6_host(written);
  if (written.find('%') != std::string_view::npos) return parsed<host>::bad("must not have a percent-encoded host");
  if (std::ranges::any_of(written, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return parsed<host>::bad("must have its host in the ASCII form (`xn--…`)");
  }
  std::string text = lower(written);
  if (text.ends_with('.')) text.pop_back();
  std::vector<std::string_view> const labels = split_dots(text);
  // As browsers do: a name whose last label is a number is an address or a mistake, never a name.
  if (is_digits(labels.back()) || labels.back().starts_with("0x")) {
    auto const address = loose_ipv4(labels);
    if (address) return parsed<host>::good({ipv4_text(*address), host::ipv4});
    if (is_digits(labels.back())) return parsed<host>::bad("is no IPv4 address");
  }
  if (text.size() > longest || !std::ranges::all_of(labels, is_label)) {
    return parsed<host>::bad("has a host that is no valid name");
  }
  return parsed<host>::good({std::move(text), host::name});
}

bool is_loopback(std::string_view canonical_address) {
  return canonical_address.starts_with("127.") || canonical_address == "::1";
}

bool is_metadata_host(std::string_view canonical) {
  if (canonical.starts_with("169.254.")) return true;
  if (std::ranges::find(metadata_addresses, canonical) != std::end(metadata_addresses)) return true;
  if (auto const bytes = ipv6_from(canonical)) {
    auto const inside = embedded_ipv4(*bytes);
    return inside && is_metadata_host(ipv4_text(*inside));
  }
  return canonical.substr(0, canonical.find('.')) == metadata_first_label ||
         std::ranges::find(metadata_names, canonical) != std::end(metadata_names);
}

}  // namespace recloser::config
