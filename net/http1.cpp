#include "net/http1.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace recloser::net {

namespace {

// Character classes of RFC 9110 §5.6.2 (token) and §5.5 (field content).
enum : unsigned char { token_char = 1, value_char = 2, target_char = 4, host_char = 8 };

constexpr std::array<unsigned char, 256> char_classes = [] {
  std::array<unsigned char, 256> table{};
  for (int c = 0x21; c < 0x7f; ++c) table[static_cast<std::size_t>(c)] = value_char | target_char;
  table[' '] = table['\t'] = value_char;
  for (int c = 0x80; c < 0x100; ++c) table[static_cast<std::size_t>(c)] = value_char;  // obs-text
  auto mark = [&](std::string_view chars, unsigned char what) {
    for (char const c : chars) table[static_cast<unsigned char>(c)] |= what;
  };
  constexpr std::string_view alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  mark(alnum, token_char | host_char);
  mark("!#$%&'*+-.^_`|~", token_char);
  mark("-._~!$&'()*+,;=:[]%", host_char);  // reg-name, IPv6 in brackets, port; no userinfo, no path
  return table;
}();

bool is(char c, unsigned char what) { return char_classes[static_cast<unsigned char>(c)] & what; }

bool all_are(std::string_view text, unsigned char what) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return is(c, what); });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

constexpr std::size_t npos = std::string_view::npos;

/// The end of the head (after the blank line), or npos.
std::size_t find_head_end(std::string_view bytes) {
  auto const at = bytes.find("\r\n\r\n");
  return at == npos ? npos : at + 4;
}

/// Reads the field lines between `at` and the blank line.
refusal parse_fields(std::string_view head, std::size_t at, std::size_t max_count, fields& out) {
  out.clear();
  while (head.compare(at, 2, "\r\n") != 0) {
    if (head[at] == ' ' || head[at] == '\t') return {400, "a header line is folded (obs-fold)"};
    std::size_t const name_begin = at;
    while (is(head[at], token_char)) ++at;
    if (at == name_begin || head[at] != ':') return {400, "a header name is malformed"};
    std::string_view const name = head.substr(name_begin, at - name_begin);
    std::size_t const value_begin = ++at;
    while (is(head[at], value_char)) ++at;
    if (head[at] != '\r' || head[at + 1] != '\n') return {400, "a header value has a forbidden byte"};
    if (out.all().size() == max_count) return {431, "too many header fields"};
    out.add(name, trim(head.substr(value_begin, at - value_begin)));
    at += 2;
  }
  return {};
}

/// Content-Length and Transfer-Encoding (RFC 9112 §6). Anything ambiguous is refused.
refusal read_framing(fields const& all, int minor, framing& out) {
  out = {};
  bool chunked = false;
  std::optional<std::string_view> length;
  for (field const& f : all.all()) {
    if (iequals(f.name, "transfer-encoding")) {
      if (chunked) return {400, "Transfer-Encoding occurs twice"};
      if (minor == 0) return {400, "Transfer-Encoding is not allowed in HTTP/1.0"};
      if (!iequals(f.value, "chunked")) {
        bool const ends_chunked = f.value.size() > 7 && iequals(f.value.substr(f.value.size() - 7), "chunked");
        bool const repeated = f.value.find("hunked") != f.value.rfind("hunked");
        return ends_chunked && !repeated && f.value.find(',') != npos
                   ? refusal{501, "only the transfer coding `chunked` is understood"}
                   : refusal{400, "Transfer-Encoding must be exactly `chunked`"};
      }
      chunked = true;
    } else if (iequals(f.name, "content-length")) {
      if (length) return {400, "Content-Length occurs twice"};
      length = f.value;
    }
  }
  if (chunked && length) return {400, "both Content-Length and Transfer-Encoding"};
  if (chunked) out.kind = body_kind::chunked;
  if (!length) return {};
  if (length->empty() || length->size() > 18) return {400, "Content-Length is malformed"};
  for (char const c : *length) {
    if (c < '0' || c > '9') return {400, "Content-Length is malformed"};
    out.length = out.length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  out.kind = out.length ? body_kind::length : body_kind::none;
  return {};
}

bool wants_keep_alive(fields const& all, int minor) {
  bool keep = minor == 1;
  for (field const& f : all.all()) {
    if (!iequals(f.name, "connection")) continue;
    if (has_token(f.value, "close")) return false;
    if (has_token(f.value, "keep-alive")) keep = true;
  }
  return keep;
}

/// `name`, `[address]`, each with an optional port. Nothing that another reader could take for another host.
bool is_host(std::string_view text) {
  std::size_t const name_end = text.starts_with('[') ? text.find(']') + 1 : std::min(text.find(':'), text.size());
  std::string_view const name = text.substr(0, name_end);
  std::string_view const port = text.substr(name_end);
  if (name.empty() || !all_are(name, host_char)) return false;
  if (!name.starts_with('[') && name.find_first_of("[]") != npos) return false;
  if (port.empty()) return true;
  return port.front() == ':' && port.size() <= 6 &&
         std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

refusal check_host(request_head& out) {
  std::optional<std::string_view> host;
  for (field const& f : out.fields.all()) {
    if (!iequals(f.name, "host")) continue;
    if (host) return {400, "Host occurs twice"};
    host = f.value;
  }
  if (!host) return {400, "the Host header is missing"};
  if (!is_host(*host)) return {400, "the Host header is malformed"};
  out.host = *host;
  return {};
}

refusal check_target(request_head& out) {
  if (out.target.front() == '/') return {};
  if (out.target == "*") {
    return out.method == "OPTIONS" ? refusal{} : refusal{400, "the request target is malformed"};
  }
  // absolute-form (RFC 9112 §3.2.2): allowed when it names the same authority as Host.
  auto const scheme_end = out.target.find("://");
  if (scheme_end == npos) return {400, "the request target is malformed"};
  std::string_view const rest = out.target.substr(scheme_end + 3);
  auto const path = rest.find('/');
  if (rest.substr(0, path) != out.host) return {400, "the request target names another host than the Host header"};
  out.target = path == npos ? std::string_view("/") : rest.substr(path);
  return {};
}

refusal check_expect(request_head& out) {
  auto const expect = out.fields.find("expect");
  if (!expect || out.minor == 0) return {};
  if (!iequals(*expect, "100-continue")) return {417, "the only expectation that is met is 100-continue"};
  out.expect_continue = true;
  return {};
}

/// `METHOD SP target SP HTTP/1.x CRLF`; returns where the field lines begin, or 0.
std::size_t parse_request_line(std::string_view head, head_limits const& limits, request_head& out, refusal& refused) {
  auto fail = [&](int status, char const* reason) {
    refused = {status, reason};
    return std::size_t{0};
  };
  std::size_t at = 0;
  while (is(head[at], token_char)) ++at;
  if (at == 0 || head[at] != ' ') return fail(400, "the request line is malformed");
  out.method = head.substr(0, at);
  std::size_t const target_begin = ++at;
  while (is(head[at], target_char)) ++at;
  out.target = head.substr(target_begin, at - target_begin);
  if (out.target.size() > limits.target) return fail(414, "the request target is too long");
  if (out.target.empty() || head[at] != ' ') return fail(400, "the request line is malformed");
  std::string_view const version = head.substr(at + 1, 8);
  if (!version.starts_with("HTTP/")) return fail(400, "the request line is malformed");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  if (head.compare(at + 9, 2, "\r\n") != 0) return fail(400, "the request line is malformed");
  out.minor = version.back() - '0';
  return at + 11;
}

}  // namespace

bool iequals(std::string_view text, std::string_view lowered) {
  if (text.size() != lowered.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lowered[i]) return false;
  }
  return true;
}

bool has_token(std::string_view list, std::string_view lowered) {
  while (!list.empty()) {
    auto const comma = list.find(',');
    if (iequals(trim(list.substr(0, comma)), lowered)) return true;
    if (comma == npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

std::optional<std::string_view> fields::find(std::string_view name) const {
  for (field const& f : all_) {
    if (iequals(f.name, name)) return f.value;
  }
  return std::nullopt;
}

parsed parse_request_head(std::string_view bytes, head_limits const& limits, request_head& out) {
  std::size_t const skipped = bytes.starts_with("\r\n") ? 2 : 0;
  bytes.remove_prefix(skipped);
  std::size_t const end = find_head_end(bytes.substr(0, limits.head));
  if (end == npos) {
    // Refuse early what can never become a head: an over-long line or block, or something that is not HTTP at all.
    auto const line_end = bytes.find('\n');
    if (line_end == npos && bytes.size() > limits.target + 32) return {0, {414, "the request target is too long"}};
    if (bytes.size() >= limits.head) return {0, {431, "the header block is too large"}};
    if (!bytes.empty() && !is(bytes.front(), token_char)) return {0, {400, "the request line is malformed"}};
    if (line_end != npos && (line_end == 0 || bytes[line_end - 1] != '\r')) {
      return {0, {400, "a line ends without CR"}};
    }
    if (bytes.find('\0') != npos || bytes.find("\n\n") != npos) return {0, {400, "the head has a forbidden byte"}};
    return {};
  }
  std::string_view const head = bytes.substr(0, end);
  refusal refused;
  std::size_t const fields_at = parse_request_line(head, limits, out, refused);
  if (fields_at) refused = parse_fields(head, fields_at, limits.field_count, out.fields);
  if (!refused.status) refused = read_framing(out.fields, out.minor, out.framing);
  if (!refused.status) refused = check_host(out);
  if (!refused.status) refused = check_target(out);
  if (!refused.status) refused = check_expect(out);
  if (refused.status) return {0, refused};
  out.keep_alive = wants_keep_alive(out.fields, out.minor);
  return {end + skipped, {}};
}

parsed parse_response_head(std::string_view bytes, std::size_t limit, response_head& out) {
  constexpr int refuse = 502;
  std::size_t const end = find_head_end(bytes.substr(0, limit));
  constexpr std::string_view start = "HTTP/1.";
  if (end == npos) {
    if (bytes.size() >= limit) return {0, {refuse, "the response head is too large"}};
    std::size_t const n = std::min(bytes.size(), start.size());
    if (bytes.substr(0, n) != start.substr(0, n)) return {0, {refuse, "the answer is not HTTP/1.1"}};
    return {};
  }
  std::string_view const head = bytes.substr(0, end);
  // `HTTP/1.x SP 3DIGIT [SP reason] CRLF`; the reason may hold anything but a line end.
  auto digit = [&](std::size_t i) { return head[i] >= '0' && head[i] <= '9'; };
  auto const line_end = head.find("\r\n");
  if (!head.starts_with(start) || line_end < 12 || !digit(7) || head[8] != ' ' || !digit(9) || !digit(10) || !digit(11) ||
      (line_end > 12 && head[12] != ' ')) {
    return {0, {refuse, "the status line is malformed"}};
  }
  out.minor = head[7] - '0';
  out.status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
  refusal refused = parse_fields(head, line_end + 2, 200, out.fields);
  if (!refused.status) refused = read_framing(out.fields, out.minor, out.framing);
  if (refused.status) return {0, {refuse, refused.reason}};
  out.keep_alive = wants_keep_alive(out.fields, out.minor);
  bool const no_body = out.status < 200 || out.status == 204 || out.status == 304;
  if (no_body) {
    out.framing = {};
  } else if (out.framing.kind == body_kind::none && !out.fields.find("content-length")) {
    out.framing.kind = body_kind::until_close;  // RFC 9112 §6.3, case 8
    out.keep_alive = false;
  }
  return {end, {}};
}

// ---- bodies ----------------------------------------------------------------------------------------------------

bool body_decoder::done() const {
  switch (how_.kind) {
    case body_kind::none: return true;
    case body_kind::length: return left_ == 0;
    case body_kind::chunked: return state_ == state::done;
    case body_kind::until_close: return false;
  }
  return true;
}

body_decoder::step body_decoder::decode(char* bytes, std::size_t size) {
  switch (how_.kind) {
    case body_kind::none: return {};
    case body_kind::until_close: return {size, size};
    case body_kind::length: {
      auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size));
      left_ -= n;
      return {n, n};
    }
    case body_kind::chunked: return decode_chunked(bytes, size);
  }
  return {};
}

body_decoder::step body_decoder::decode_chunked(char* bytes, std::size_t size) {
  step result;
  while (result.consumed < size && state_ != state::done && state_ != state::failed) {
    if (state_ == state::data) {
      auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - result.consumed));
      std::memmove(bytes + result.produced, bytes + result.consumed, n);
      result.consumed += n;
      result.produced += n;
      left_ -= n;
      if (left_ == 0) state_ = state::data_cr;
    } else if (!take_framing_byte(bytes[result.consumed++])) {
      state_ = state::failed;
    }
  }
  return result;
}

bool body_decoder::take_framing_byte(char c) {
  constexpr std::size_t max_extensions = 4096;
  constexpr std::size_t max_trailer = 4096;
  constexpr unsigned max_trailer_fields = 16;
  switch (state_) {
    case state::size: {
      int const digit = c >= '0' && c <= '9' ? c - '0' : lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
      if (digit >= 0) {
        if (left_ >> 52) return false;
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        any_digit_ = true;
        return true;
      }
      if (!any_digit_) return false;
      if (c == '\r') state_ = state::size_lf;
      else if (c == ';') state_ = state::extension;
      else return false;
      return true;
    }
    case state::extension:
      if (c == '\r') state_ = state::size_lf;
      return c == '\r' || (is(c, value_char) && ++extension_bytes_ <= max_extensions);
    case state::size_lf:
      state_ = left_ ? state::data : state::trailer;
      any_digit_ = false;
      return c == '\n';
    case state::data_cr: state_ = state::data_lf; return c == '\r';
    case state::data_lf: state_ = state::size; return c == '\n';
    case state::trailer:
      // Trailer fields are read over and dropped: nothing may be decided from them.
      if (cr_) {
        cr_ = false;
        if (c != '\n') return false;
        if (line_bytes_ == 0) state_ = state::done;
        else if (!colon_ || ++trailer_fields_ > max_trailer_fields) return false;
        line_bytes_ = 0;
        colon_ = false;
        return true;
      }
      if (c == '\r') {
        cr_ = true;
        return true;
      }
      if (c == ':' && line_bytes_ > 0) colon_ = true;
      ++line_bytes_;
      // A name until the colon (no fold, no space before it), a value after it.
      return (colon_ ? is(c, value_char) : is(c, token_char)) && ++trailer_bytes_ <= max_trailer;
    case state::data: case state::done: case state::failed: return false;
  }
  return false;
}

}  // namespace recloser::net
