#include "providers/aws_signer.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "dialects/error_text.hpp"
#include "providers/encoding.hpp"

namespace recloser::providers {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// Headers that a proxy may change or that are set apart (providers-native.md §4.3).
constexpr std::string_view unsigned_headers[] = {
    "authorization",
    "cache-control",
    "connection",
    "expect",
    "from",
    "host",
    "max-forwards",
    "pragma",
    "referer",
    "te",
    "trailer",
    "upgrade",
    "transfer-encoding",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "content-length",
    "x-amz-security-token",
    "x-amzn-trace-id",
};

bool is_signed(std::string_view name) {
  return !name.starts_with("proxy-") && !name.starts_with("sec-") &&
         std::ranges::find(unsigned_headers, name) == std::end(unsigned_headers);
}

/// Without blanks at the ends, and runs of them inside as one space.
std::string collapsed(std::string_view value) {
  std::string out;
  for (char const c : value) {
    bool const blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

using sorted_headers = std::map<std::string, std::string>;

/// Values of one name are joined in their order.
void add(sorted_headers& to, std::string_view name, std::string_view value) {
  auto const [at, is_new] = to.try_emplace(std::string(name), collapsed(value));
  if (!is_new) at->second.append(",").append(collapsed(value));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    auto const end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string canonical_path(std::string_view wire_path) {
  std::vector<std::string_view> segments;
  for (auto segment : split(wire_path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      segments.push_back(segment);
    else if (!segments.empty())
      segments.pop_back();
  }
  std::string out;
  for (auto segment : segments) out.append("/").append(percent_encode(segment));
  if (out.empty() || wire_path.ends_with('/')) out += '/';
  return out;
}

std::string canonical_query(std::string_view wire_query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (auto part : split(wire_query, '&')) {
    if (part.empty()) continue;
    auto const equals = std::min(part.find('='), part.size());
    auto const value = part.substr(std::min(equals + 1, part.size()));
    parameters.emplace_back(percent_encode(percent_decode(part.substr(0, equals))),
                            percent_encode(percent_decode(value)));
  }
  std::ranges::sort(parameters);
  std::string out;
  for (auto const& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

canonical_request make_canonical(aws_request const& request, header_list const& added, std::string_view payload_hash) {
  sorted_headers headers;
  add(headers, "host", request.host);
  for (auto const& [name, value] : request.headers) {
    if (auto const low = dialects::lower_ascii(name); is_signed(low)) add(headers, low, value);
  }
  for (auto const& [name, value] : added) add(headers, name, value);
  std::string lines;
  std::string names;
  for (auto const& [name, value] : headers) {
    lines.append(name).append(":").append(value).append("\n");
    if (!names.empty()) names += ';';
    names += name;
  }
  auto text = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.path),
                          canonical_query(request.query), lines, names, payload_hash);
  return {std::move(text), std::move(names)};
}

digest signing_key(std::string_view secret, std::string_view day, std::string_view region, std::string_view service) {
  std::string const start = fmt::format("AWS4{}", secret);
  digest key = hmac_sha256({reinterpret_cast<std::uint8_t const*>(start.data()), start.size()}, day);
  for (auto part : {region, service, std::string_view("aws4_request")}) key = hmac_sha256(key, part);
  return key;
}

digest const& aws_signer::key_of(std::string_view day) {
  if (day != day_) {
    key_ = signing_key(keys_.secret_access_key, day, region_, service_);
    day_ = day;
  }
  return key_;
}

header_list aws_signer::sign(aws_request const& request, wall_time now) {
  std::string const stamp = basic_timestamp(now);
  auto const day = std::string_view(stamp).substr(0, stamp.find('T'));
  std::string const payload_hash = hex(sha256(request.body));
  header_list added{{"x-amz-date", stamp}};
  if (!keys_.session_token.empty()) added.emplace_back("x-amz-security-token", keys_.session_token);
  if (request.content_hash) added.emplace_back("x-amz-content-sha256", payload_hash);
  auto const canonical = make_canonical(request, added, payload_hash);
  std::string const scope = fmt::format("{}/{}/{}/aws4_request", day, region_, service_);
  std::string const to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, stamp, scope, hex(sha256(canonical.text)));
  std::string const signature = hex(hmac_sha256(key_of(day), to_sign));
  added.emplace_back("authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                                                  keys_.access_key_id, scope, canonical.signed_headers, signature));
  return added;
}

}  // namespace recloser::providers
