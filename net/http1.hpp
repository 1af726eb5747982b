#pragma once
// HTTP/1.1 message heads and bodies as bytes: strict readers without I/O. They refuse everything that two parsers could
// understand differently (RFC 9112 §2–7, §11.2): that is the whole defence against request smuggling, so the rules of
// resilience.md §10.1 live here and nowhere else. docs/adr/0002 tells why this is not Beast.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace recloser::net {

struct field {
  std::string_view name;
  std::string_view value;  ///< without surrounding white space
};

/// Header fields in their order; names compare without case.
class fields {
 public:
  /// The first value of `name` (given in lower case), or nullopt.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  std::vector<field> const& all() const { return all_; }
  void clear() { all_.clear(); }
  void add(std::string_view name, std::string_view value) {
    if (all_.capacity() == 0) all_.reserve(usual_count);  // grown step by step it costs four allocations
    all_.push_back({name, value});
  }

 private:
  static constexpr std::size_t usual_count = 12;
  std::vector<field> all_;
};

/// ASCII comparison without case; `lower` is given in lower case.
bool iequals(std::string_view text, std::string_view lower);
/// A comma-separated list (Connection, TE) has the token `lower`.
bool has_token(std::string_view list, std::string_view lower);

struct head_limits {
  std::size_t target = 8 * 1024;
  std::size_t head = 32 * 1024;
  std::size_t field_count = 100;
};

enum class body_kind { none, length, chunked, until_close };

struct framing {
  body_kind kind = body_kind::none;
  std::uint64_t length = 0;  ///< kind length
};

/// Why a head is refused: the status to answer with and words for the client.
struct refusal {
  int status = 0;  ///< 0: not refused
  char const* reason = "";
};

/// Everything views into the bytes that were parsed.
struct request_head {
  std::string_view method;
  std::string_view target;     ///< origin-form (path and query); absolute-form is reduced to it
  std::string_view host;       ///< of the Host field, with its port
  int minor = 1;               ///< HTTP/1.minor
  bool keep_alive = true;
  bool expect_continue = false;
  net::framing framing;
  net::fields fields;
};

struct response_head {
  int status = 0;
  int minor = 1;
  bool keep_alive = true;
  net::framing framing;  ///< as the fields say; the caller knows about HEAD
  net::fields fields;
};

struct parsed {
  std::size_t size = 0;  ///< bytes of the head; 0: more are needed (when not refused)
  net::refusal refusal;
};

/// Parses a request head at the start of `bytes`. One leading CRLF is skipped (RFC 9112 §2.2).
parsed parse_request_head(std::string_view bytes, head_limits const& limits, request_head& out);

/// Parses a response head. `refusal.status` is then only a flag; `reason` says what is wrong.
parsed parse_response_head(std::string_view bytes, std::size_t limit, response_head& out);

/// Takes a body out of its framing, in place: payload bytes are moved to the front of what was given.
class body_decoder {
 public:
  explicit body_decoder(net::framing how = {}) : how_(how), left_(how.length) {}

  struct step {
    std::size_t consumed = 0;  ///< bytes of the input that belong to this body
    std::size_t produced = 0;  ///< payload bytes, now at the front of the input
  };
  step decode(char* bytes, std::size_t size);

  bool done() const;
  /// A framing error; what follows on this connection cannot be trusted.
  bool failed() const { return state_ == state::failed; }
  /// The connection ended: right for a body that ends that way, wrong in the middle of any other.
  bool may_end_here() const { return how_.kind == body_kind::until_close; }

 private:
  enum class state { size, extension, size_lf, data, data_cr, data_lf, trailer, done, failed };
  step decode_chunked(char* bytes, std::size_t size);
  bool take_framing_byte(char c);

  net::framing how_;
  std::uint64_t left_;
  state state_ = state::size;
  bool any_digit_ = false;
  std::size_t extension_bytes_ = 0;  // of all chunks: 4 KB per 1-byte chunk would be an amplifier
  std::size_t trailer_bytes_ = 0;
  unsigned trailer_fields_ = 0;
  unsigned line_bytes_ = 0;  // of the trailer line at hand
  bool cr_ = false;
  bool colon_ = false;  // of the trailer line at hand
};

}  // namespace recloser::net
