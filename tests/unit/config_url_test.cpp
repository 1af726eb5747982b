// Hosts, base URLs, listen addresses and units of the configuration.

#include <gtest/gtest.h>

#include "config/address.hpp"
#include "config/base_url.hpp"
#include "config/host.hpp"
#include "config/units.hpp"

namespace recloser::config {
namespace {

constexpr std::string_view metadata = "names a cloud metadata service, which hands out credentials; it is never called";

std::string host_text(std::string_view written) {
  parsed<host> const found = canonical_host(written);
  return found ? found.value->text : "!" + found.fault;
}

std::string url_text(std::string_view written, url_rules const& rules = {}) {
  parsed<std::string> const found = canonical_base_url(written, rules);
  return found ? *found.value : "!" + found.fault;
}

std::string listen_text(std::string_view written) {
  parsed<std::vector<listener>> const found = parse_listen(written);
  if (!found) return "!" + found.fault;
  std::string all;
  for (listener const& one : *found.value) {
    all += (all.empty() ? "" : " ") + to_string(one) + (one.optional ? "?" : "");
  }
  return all;
}

TEST(config_host, has_one_spelling) {
  struct {
    std::string_view written, canonical;
  } const rows[] = {
      {"Example.COM.", "example.com"},
      {"gpu_box-1", "gpu_box-1"},
      {"127.0.0.1", "127.0.0.1"},
      {"2130706433", "127.0.0.1"},
      {"0x7f000001", "127.0.0.1"},
      {"0X7F.1", "127.0.0.1"},
      {"0177.0.0.01", "127.0.0.1"},
      {"127.1", "127.0.0.1"},
      {"10.1.770", "10.1.3.2"},
      {"127.0.0.1.", "127.0.0.1"},
      {"[::1]", "::1"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"FE80::00A", "fe80::a"},
      {"::ffff:10.0.0.1", "10.0.0.1"},
      {"::ffff:a00:1", "10.0.0.1"},
  };
  for (auto const& row : rows) EXPECT_EQ(host_text(row.written), row.canonical) << row.written;
}

TEST(config_host, refuses_what_is_none) {
  struct {
    std::string_view written, fault;
  } const rows[] = {
      {"", "!has no host"},
      {"1.2.3.4.5", "!is no IPv4 address"},
      {"256.1.1.1", "!is no IPv4 address"},
      {"1.2.3.256", "!is no IPv4 address"},
      {"4294967296", "!is no IPv4 address"},
      {"08.1.1.1", "!is no IPv4 address"},
      {"example.1", "!is no IPv4 address"},
      {"a..b", "!has a host that is no valid name"},
      {"example.com..", "!has a host that is no valid name"},
      {"a b", "!has a host that is no valid name"},
      {"ex%61mple.com", "!must not have a percent-encoded host"},
      {"m\xC3\xBCnchen.de", "!must have its host in the ASCII form (`xn--…`)"},
      {"[::g]", "!is no IPv6 address"},
      {"1:2", "!is no IPv6 address"},
      {"[fe80::1%eth0]", "!must not name a network interface (`%…`)"},
  };
  for (auto const& row : rows) EXPECT_EQ(host_text(row.written), row.fault) << row.written;
  EXPECT_EQ(host_text(std::string(64, 'a')), "!has a host that is no valid name");
  EXPECT_EQ(host_text(std::string(63, 'a')), std::string(63, 'a'));
}

TEST(config_host, metadata_services_are_known_by_name_and_address) {
  for (std::string_view bad :
       {"169.254.169.254", "169.254.0.1", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "metadata",
        "metadata.google.internal", "metadata.internal", "instance-data", "instance-data.ec2.internal",
        "::ffff:169.254.169.254", "::a9fe:a9fe", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}) {
    EXPECT_TRUE(is_metadata_host(bad)) << bad;
  }
  for (std::string_view good : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "169.253.1.1", "100.100.100.201",
                                "instance-database.example", "metadata.example.com", "2002:a00:1::1", "fd00::254"}) {
    EXPECT_FALSE(is_metadata_host(good)) << good;
  }
}

TEST(config_host, loopback_is_not_everything) {
  EXPECT_TRUE(is_loopback("127.0.0.1"));
  EXPECT_TRUE(is_loopback("127.9.9.9"));
  EXPECT_TRUE(is_loopback("::1"));
  EXPECT_FALSE(is_loopback("0.0.0.0"));
  EXPECT_FALSE(is_loopback("::"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
}

TEST(config_base_url, is_made_canonical) {
  struct {
    std::string_view written, canonical;
  } const rows[] = {
      {"https://API.OpenAI.com/v1/", "https://api.openai.com/v1"},
      {"HTTP://localhost:11434", "http://localhost:11434"},
      {" https://a.example// ", "https://a.example"},
      {"https://a.example:443/v1", "https://a.example/v1"},
      {"http://a.example:80", "http://a.example"},
      {"https://a.example:80", "https://a.example:80"},
      {"http://[0:0::1]:9/x/y", "http://[::1]:9/x/y"},
      {"http://0x7f.1:9000/v1", "http://127.0.0.1:9000/v1"},
      {"http://0.0.0.0:8000", "http://127.0.0.1:8000"},
      {"http://[::]:8000", "http://[::1]:8000"},
      {"http://a.example./p%20q", "http://a.example/p%20q"},
      {"http://192.168.1.100:11434", "http://192.168.1.100:11434"},
      {"http://1.2.3.4.nip.io/v1", "http://1.2.3.4.nip.io/v1"},
      {"https://a.example:/v1", "https://a.example/v1"},
  };
  for (auto const& row : rows) EXPECT_EQ(url_text(row.written), row.canonical) << row.written;
}

TEST(config_base_url, refuses_what_could_lead_elsewhere) {
  struct {
    std::string_view written, fault;
  } const rows[] = {
      {"", "is empty"},
      {"ftp://a.example", "must begin with http:// or https://"},
      {"file:///etc/passwd", "must begin with http:// or https://"},
      {"a.example/v1", "must begin with http:// or https://"},
      {"localhost:8000", "must begin with http:// or https://"},
      {"https://user:hunter2@a.example", "must not hold a user name or password; use `api_key` or `headers`"},
      {"https://user@a.example", "must not hold a user name or password; use `api_key` or `headers`"},
      {"https://a.example/v1?key=x", "must not have a query (`?…`)"},
      {"https://a.example/v1?", "must not have a query (`?…`)"},
      {"https://a.example/#x", "must not have a fragment (`#…`)"},
      {"https:///v1", "has no host"},
      {"https://", "has no host"},
      {"https://a.example:0", "must have a port from 1 to 65535"},
      {"https://a.example:65536", "must have a port from 1 to 65535"},
      {"https://a.example:99999999999999999999", "must have a port from 1 to 65535"},
      {"https://a.example:80x", "must have a port from 1 to 65535"},
      {"https://::1/v1", "must have its IPv6 address in brackets"},
      {"https://[::1]x/v1", "is no IPv6 address"},
      {"https://[::1/v1", "is no IPv6 address"},
      {"https://a b", "has a host that is no valid name"},
      {"https://a.example\\b.example", "has a host that is no valid name"},
      {"https://a.example\\@b.example", "must not hold a user name or password; use `api_key` or `headers`"},
      {"https://a.example/\x01", "has a path with characters that must be percent-encoded"},
      {"https://a.example/a b", "has a path with characters that must be percent-encoded"},
      {"https://a.example/%2", "has a path with characters that must be percent-encoded"},
      {"https://a.example/\xC3\xBC", "has a path with characters that must be percent-encoded"},
      {"https://m\xC3\xBCnchen.de", "must have its host in the ASCII form (`xn--…`)"},
      {"https://ex%61mple.com", "must not have a percent-encoded host"},
      {"://a.example", "must begin with http:// or https://"},
      {"http://1.2.3.4.5", "is no IPv4 address"},
  };
  for (auto const& row : rows) EXPECT_EQ(url_text(row.written), "!" + std::string(row.fault)) << row.written;
  EXPECT_EQ(url_text("https://a.example/" + std::string(3000, 'x')), "!is too long");
}

TEST(config_base_url, refuses_metadata_services_in_every_spelling) {
  for (std::string_view written : {
           "http://169.254.169.254",
           "http://169.254.169.254.",
           "http://169.254.169.254:80/latest",
           "http://2852039166",
           "http://0xA9FEA9FE",
           "http://0251.0376.0251.0376",
           "http://0xa9.254.0251.254",
           "http://169.254.43518",
           "http://[::ffff:169.254.169.254]",
           "http://[::ffff:a9fe:a9fe]",
           "http://[fd00:0ec2:0:0::254]",
           "http://[64:ff9b::169.254.169.254]",
           "http://100.100.100.200",
           "http://Metadata.Google.Internal.",
           "http://metadata.internal/computeMetadata",
           "http://instance-data",
       }) {
    EXPECT_EQ(url_text(written), "!" + std::string(metadata)) << written;
  }
}

TEST(config_base_url, variables_may_leave_out_scheme_port_and_path) {
  url_rules const ollama{.scheme_optional = true, .default_port = 11434, .default_path = "/v1"};
  EXPECT_EQ(url_text("gpu-box", ollama), "http://gpu-box:11434/v1");
  EXPECT_EQ(url_text("0.0.0.0", ollama), "http://127.0.0.1:11434/v1");
  EXPECT_EQ(url_text(":9999", ollama), "http://127.0.0.1:9999/v1");
  EXPECT_EQ(url_text("127.0.0.1:8000", ollama), "http://127.0.0.1:8000/v1");
  EXPECT_EQ(url_text("[::1]:8000/", ollama), "http://[::1]:8000/v1");
  EXPECT_EQ(url_text("gpu-box/other", ollama), "http://gpu-box:11434/other");
  // As Ollama's own clients do: with a scheme the port is the scheme's.
  EXPECT_EQ(url_text("https://gpu-box", ollama), "https://gpu-box/v1");
  EXPECT_EQ(url_text("169.254.169.254", ollama), "!" + std::string(metadata));
  EXPECT_EQ(url_text("user@gpu-box", ollama), "!must not hold a user name or password; use `api_key` or `headers`");
}

TEST(config_listen, takes_addresses_and_nothing_else) {
  struct {
    std::string_view written, meaning;
  } const rows[] = {
      {"127.0.0.1:4100", "127.0.0.1:4100"},
      {"localhost:4100", "127.0.0.1:4100 [::1]:4100?"},
      {"LocalHost:1", "127.0.0.1:1 [::1]:1?"},
      {"[::1]:65535", "[::1]:65535"},
      {":4100", "0.0.0.0:4100 [::]:4100?"},
      {"*:4100", "0.0.0.0:4100 [::]:4100?"},
      {"0.0.0.0:4100", "0.0.0.0:4100"},
      {"4100", "!has no port; write `127.0.0.1:4100` for this machine or `:4100` for every address"},
      {"[::1]", "!has no port; write `127.0.0.1:4100` for this machine or `:4100` for every address"},
      {"127.0.0.1:0", "!must end in a port from 1 to 65535"},
      {"127.0.0.1:65536", "!must end in a port from 1 to 65535"},
      {"127.0.0.1:", "!must end in a port from 1 to 65535"},
      {"127.0.0.1:http", "!must end in a port from 1 to 65535"},
      {"127.0.0.1:-1", "!must end in a port from 1 to 65535"},
      {"::1:4100", "!must have its IPv6 address in brackets, as in `[::1]:4100`"},
      {"example.com:80", "!must be an IP address or `localhost`, and a port"},
      {"300.0.0.1:80", "!is no IPv4 address"},
  };
  for (auto const& row : rows) EXPECT_EQ(listen_text(row.written), row.meaning) << row.written;
}

TEST(config_units, durations) {
  struct {
    std::string_view written;
    std::optional<long> milliseconds;
  } const rows[] = {
      {"250ms", 250},           {"10s", 10'000},
      {"2m", 120'000},          {"1h", 3'600'000},
      {"30", 30'000},           {"1.5", 1500},
      {"0.5 s", 500},           {"0", 0},
      {"24h", 86'400'000},      {"25h", std::nullopt},
      {"", std::nullopt},       {"s", std::nullopt},
      {"-1s", std::nullopt},    {"10 parsecs", std::nullopt},
      {".5s", std::nullopt},    {"1e3", std::nullopt},
      {"1.2.3s", std::nullopt}, {"99999999999999999999h", std::nullopt},
  };
  for (auto const& row : rows) {
    auto const found = parse_duration(row.written);
    ASSERT_EQ(found.has_value(), row.milliseconds.has_value()) << row.written;
    if (found) EXPECT_EQ(found->count(), *row.milliseconds) << row.written;
  }
}

TEST(config_units, sizes) {
  struct {
    std::string_view written;
    std::optional<std::uint64_t> bytes;
  } const rows[] = {
      {"1048576", 1 << 20},    {"64KiB", 64 << 10},
      {"32MiB", 32 << 20},     {"32 mib", 32 << 20},
      {"10MB", 10'000'000},    {"1GiB", 1 << 30},
      {"1.5KiB", 1536},        {"7B", 7},
      {"", std::nullopt},      {"MiB", std::nullopt},
      {"1TiB", std::nullopt},  {"-1", std::nullopt},
      {"1,000", std::nullopt}, {"9999999GiB", std::nullopt},
  };
  for (auto const& row : rows) EXPECT_EQ(parse_bytes(row.written), row.bytes) << row.written;
}

}  // namespace
}  // namespace recloser::config
