#include "server/connection.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "dialects/openai_chat/relay.hpp"
#include "net/exchange.hpp"
#include "server/endpoints.hpp"
#include "server/guard.hpp"

namespace recloser::server {

using namespace std::chrono_literals;
using net::io_error;
using std::chrono::microseconds;

namespace {

constexpr std::size_t kept_buffer = 4 * 1024;       // between requests; more is given back
constexpr std::size_t slow_body_bytes_per_s = 500;  // resilience.md §7, client_body
constexpr auto slow_body_grace = 20s;
constexpr auto linger_time = 2s;
constexpr std::size_t linger_bytes = 64u << 20;

microseconds since(net::time_point then) {
  return std::chrono::duration_cast<microseconds>(net::steady::now() - then);
}

net::framing const chunked_framing{net::body_kind::chunked, 0};

std::string percent_decoded(std::string_view text) {
  auto hex = [](char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      result += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

connection::connection(worker& owner, std::unique_ptr<net::stream> stream, listening const& from)
    : owner_(owner), from_(from), stream_(std::move(stream)), accepted_(owner.loop().now()) {
  owner_.add(*this);
}

connection::~connection() { owner_.remove(*this); }

void connection::cut() {
  if (scope_) scope_->cancel();
  if (idle_) io().cancel();
}

net::task<> connection::serve() {
  if (from_.tls) {
    io().expires_at(owner_.loop().now() + 10s);
    io_error const error = co_await stream_->tls_accept(from_.tls.get());
    if (error != io_error::none) co_return;
  }
  net::request_head head;
  for (;;) {
    bool const has_head = co_await read_head(head);
    if (!has_head) break;
    next_step const after = co_await serve_one(head);
    io().on_close_cancel(nullptr);
    scope_.reset();
    table_.reset();
    in_.consume(used_);
    // Pipelined requests behind a body are read next.
    if (body_.size() > body_used_) in_.append(body_.data() + body_used_, body_.size() - body_used_);
    body_.truncate(0);
    body_.shrink(0);
    if (after == next_step::close) break;
  }
}

/// Waits for a request and reads its head. False: the connection is over (and was answered when there was something to
/// answer).
net::task<bool> connection::read_head(net::request_head& head) {
  // Values, not references: a reload may free this table while the connection waits.
  auto const header_timeout = owner_.all().table()->settings().server.client_header_timeout;
  auto const keepalive_timeout = owner_.all().table()->settings().server.keepalive_timeout;
  net::head_limits const limits;
  replied_ = streaming_ = head_only_ = false;
  allowed_origin_.clear();
  session_.clear();
  entry_ = {};
  used_ = body_used_ = 0;
  in_.shrink(kept_buffer);
  idle_ = in_.size() == 0;
  if (idle_ && owner_.draining()) co_return false;
  // The clock of the head is absolute: a slow client cannot stretch it byte by byte.
  bool const fresh = std::exchange(first_request_, false);
  net::time_point const now = owner_.loop().now();
  io().expires_at(idle_ && !fresh ? now + keepalive_timeout : now + header_timeout);
  for (;;) {
    if (in_.size() > 0) {
      net::parsed const parsed = net::parse_request_head(in_.view(), limits, head);
      if (parsed.refusal.status) {
        started_ = owner_.loop().now();
        keep_alive_ = http10_ = false;
        co_await refuse_and_close(parsed.refusal.status, "invalid_http", parsed.refusal.reason);
        co_return false;
      }
      if (parsed.size) {
        used_ = parsed.size;
        started_ = net::steady::now();
        co_return true;
      }
    }
    std::span<char> const room = net::scratch();
    net::io_result const got = co_await stream_->read_some(room.data(), room.size());
    if (got.error == io_error::expired && in_.size() > 0) {
      keep_alive_ = http10_ = false;
      started_ = owner_.loop().now();
      co_await refuse_and_close(408, "client_header_timeout", "the request head did not arrive in time");
      co_return false;
    }
    if (got.error != io_error::none) co_return false;
    if (idle_ && !fresh) io().expires_at(owner_.loop().now() + header_timeout);
    idle_ = false;
    in_.append(room.data(), got.size);
  }
}

net::task<connection::next_step> connection::serve_one(net::request_head const& head) {
  table_ = owner_.all().table();
  scope_.emplace();
  request_id_ = owner_.new_request_id();
  http10_ = head.minor == 0;
  keep_alive_ = head.keep_alive && !owner_.draining();
  head_only_ = head.method == "HEAD";
  endpoint_ = usage::endpoint_label::other;
  series_ = owner_.all().no_route;
  how_ = usage::outcome_label::client_error;
  std::string const path = normal_path(head.target);
  entry_.id = request_id_;
  entry_.method = head.method;
  entry_.path = path;

  struct settlement {
    connection& self;
    ~settlement() { self.settle(); }
  } const settled{*this};
  owner_.all().metrics.requests_in_flight(1);

  request asked;
  asked.method = head.method;
  asked.path = path;
  asked.headers = &head.fields;
  bool const has_body = head.framing.kind != net::body_kind::none;
  endpoint const* found = nullptr;
  std::optional<chat::fault> const refused = admit(head, asked, found);
  if (refused && refused->status == 405 && head.method == "OPTIONS") co_return co_await answer_options(head, refused->param);
  if (refused) co_return co_await refuse_unread(*refused, has_body);
  if (head.expect_continue && has_body && in_.size() == used_) {
    static constexpr std::array<std::string_view, 1> go_on{"HTTP/1.1 100 Continue\r\n\r\n"};
    io_error const error = co_await stream_->write_all(go_on);
    if (error != io_error::none) co_return next_step::close;
  }
  bool const whole = co_await read_body(head, asked.body);
  if (!whole) co_return next_step::close;
  // From here on a client that leaves cancels whatever is done for it.
  io().never_expires();
  io().on_close_cancel(&*scope_);
  how_ = usage::outcome_label::ok;
  co_await found->serve(*this, asked);
  co_return replied_ && keep_alive_ ? next_step::again : next_step::close;
}

/// Everything that is decided from the head alone, in the order of resilience.md §10.2: Host, Origin, endpoint, key,
/// content type, size. Nothing is read for a caller that will be refused.
std::optional<chat::fault> connection::admit(net::request_head const& head, request& asked, endpoint const*& found) {
  auto refuse = [](int status, std::string message, std::string code) {
    return chat::fault(chat::fault_class::client_fault, chat::fault_source::client, status, std::move(message),
                       std::move(code));
  };
  config::config const& settings = table_->settings();
  if (!host_is_allowed(head.host, from_.loopback, settings)) {
    return refuse(421, "This Host is not served; add it to server.allowed_hosts if it should be.", "host_not_allowed");
  }
  origin_verdict const origin = check_origin(head.fields, head.host, settings.server);
  if (origin == origin_verdict::refused) {
    return refuse(403, "Requests from this web page are not allowed; add its origin to server.allowed_origins.",
                  "origin_not_allowed");
  }
  if (origin == origin_verdict::allowed) allowed_origin_ = head.fields.get("origin");
  if (asked.path == "/responses" && net::has_token(head.fields.get("upgrade"), "websocket")) {
    // Before the key: Codex falls back to HTTP at once on 426, and only on 426 (clients.md §0.2).
    return refuse(426, "WebSocket is not spoken here; use HTTP.", "upgrade_required");
  }
  std::string allow;
  found = find_endpoint(head.method, asked.path, allow);
  if (!found && (!allow.empty() || head.method == "CONNECT" || head.method == "TRACE")) {
    chat::fault wrong = refuse(405, allow.empty() ? "This method is not served." : "This path only takes: " + allow + ".",
                               "method_not_allowed");
    wrong.param = allow;  // becomes the Allow header
    return wrong;
  }
  if (!found) {
    return refuse(404, "There is nothing at " + std::string(asked.path.substr(0, 200)) + ".", "unknown_url");
  }
  endpoint_ = found->label;
  if (found->path.ends_with("/*")) asked.rest = percent_decoded(asked.path.substr(found->path.size() - 1));
  if (found->access == access::keyed && !settings.keys.empty()) {
    config::client_key const* const key = find_key(shown_key(head.fields), settings);
    if (!key) {
      return refuse(401, "Incorrect API key provided. Ask the operator of this gateway for one.", "invalid_api_key");
    }
    entry_.key = key->name;
    asked.key_name = key->name;
  }
  if (found->method == "POST") {
    if (auto refused = check_content_type(head.fields)) return refused;
  }
  if (head.framing.kind == net::body_kind::length && head.framing.length > settings.server.max_body) {
    return refuse(413, "The request body is larger than server.max_body (" + std::to_string(settings.server.max_body) +
                           " bytes).", "request_too_large");
  }
  return std::nullopt;
}

/// Refuses a request whose body has not been read: after that the connection cannot go on.
net::task<connection::next_step> connection::refuse_unread(chat::fault const& what, bool has_body) {
  owner_.all().metrics.http_rejected(what.code);
  if (has_body) keep_alive_ = false;
  io_error const error = co_await refuse(what);
  if (error == io_error::none && !keep_alive_) co_await linger();
  co_return error == io_error::none && keep_alive_ ? next_step::again : next_step::close;
}

void connection::settle() {
  shared& all = owner_.all();
  all.metrics.requests_in_flight(-1);
  microseconds const took = since(started_);
  entry_.own = std::max(took - entry_.upstream, microseconds(0));
  if (series_) all.metrics.request(*series_, endpoint_, how_, took, entry_.own, entry_.first_token);
  all.log.write(entry_);
}

// ---- bodies ----------------------------------------------------------------------------------------------------

net::task<bool> connection::read_body(net::request_head const& head, std::string_view& body) {
  switch (head.framing.kind) {
    case net::body_kind::length: co_return co_await read_sized_body(head.framing.length, body);
    case net::body_kind::chunked: co_return co_await read_chunked_body(body);
    case net::body_kind::none: case net::body_kind::until_close: break;
  }
  body = {};
  co_return true;
}

net::task<bool> connection::read_sized_body(std::uint64_t length, std::string_view& body) {
  auto const size = static_cast<std::size_t>(length);
  if (in_.size() - used_ >= size) {
    body = in_.view().substr(used_, size);
    used_ += size;
    co_return true;
  }
  body_.append(in_.data() + used_, in_.size() - used_);
  used_ = in_.size();
  net::time_point const begun = owner_.loop().now();
  while (body_.size() < size) {
    // The declared size is only believed as bytes arrive.
    constexpr std::size_t step = 1u << 20;
    body_.reserve(std::min(size, body_.size() + step));
    bool const more = co_await read_more(begun, size - body_.size());
    if (!more) co_return false;
  }
  body = body_.view();
  body_used_ = size;
  co_return true;
}

net::task<bool> connection::read_chunked_body(std::string_view& body) {
  std::size_t const max_body = table_->settings().server.max_body;
  body_.append(in_.data() + used_, in_.size() - used_);
  used_ = in_.size();
  net::body_decoder decoder(chunked_framing);
  net::time_point const begun = owner_.loop().now();
  std::size_t done = 0;  // payload ends here; undecoded bytes follow
  for (;;) {
    auto const step = decoder.decode(body_.data() + done, body_.size() - done);
    std::size_t const left = body_.size() - done - step.consumed;
    if (left) std::memmove(body_.data() + done + step.produced, body_.data() + done + step.consumed, left);
    done += step.produced;
    body_.truncate(done + left);
    if (decoder.failed()) {
      co_await refuse_and_close(400, "invalid_http", "the chunked body is malformed");
      co_return false;
    }
    if (done > max_body) {
      co_await refuse_and_close(413, "request_too_large", "the request body is larger than server.max_body");
      co_return false;
    }
    if (decoder.done()) break;
    body_.reserve(body_.size() + 16 * 1024);
    bool const more = co_await read_more(begun, body_.room());
    if (!more) co_return false;
  }
  body = body_.view().substr(0, done);
  body_used_ = done;
  co_return true;
}

/// The next bytes of a body, at most `room`, into body_. False: the client is gone or too slow (and was told).
net::task<bool> connection::read_more(net::time_point begun, std::size_t room) {
  io().expires_at(owner_.loop().now() + table_->settings().server.client_body_timeout);
  net::io_result const got = co_await stream_->read_some(body_.end(), std::min(body_.room(), room));
  body_.grown(got.size);
  auto const took = owner_.loop().now() - begun;
  auto const enough = std::chrono::duration_cast<std::chrono::seconds>(took).count() * slow_body_bytes_per_s;
  bool const too_slow = took > slow_body_grace && body_.size() < static_cast<std::size_t>(enough);
  if (got.error == io_error::expired || too_slow) {
    co_await refuse_and_close(408, "client_body_timeout", "the request body did not arrive in time");
    co_return false;
  }
  co_return got.error == io_error::none;
}

/// Reads and drops what the client still sends, so that it sees our answer instead of a reset.
net::task<> connection::linger() {
  stream_->shutdown();
  io().expires_at(owner_.loop().now() + linger_time);
  std::span<char> const room = net::scratch();
  for (std::size_t dropped = 0; dropped < linger_bytes;) {
    net::io_result const got = co_await stream_->read_some(room.data(), room.size());
    if (got.error != io_error::none) co_return;
    dropped += got.size;
  }
}

}  // namespace recloser::server
