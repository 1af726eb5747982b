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
constexpr std::string_view json_type = "application/json";

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

microseconds since(net::time_point then) {
  return std::chrono::duration_cast<microseconds>(net::steady::now() - then);
}

void add_line(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

net::framing const chunked_framing{net::body_kind::chunked, 0};

void add_number(std::string& out, std::uint64_t value, int base = 10) {
  char digits[24];
  auto const end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  out.append(digits, end);
}

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
    next_step const next = co_await serve_one(head);
    io().on_close_cancel(nullptr);
    scope_.reset();
    table_.reset();
    in_.consume(used_);
    // Pipelined requests behind a body are read next.
    if (body_.size() > body_used_) in_.append(body_.data() + body_used_, body_.size() - body_used_);
    body_.truncate(0);
    body_.shrink(0);
    if (next == next_step::close) break;
  }
}

/// Waits for a request and reads its head. False: the connection is over (and was answered when there was something to
/// answer).
net::task<bool> connection::read_head(net::request_head& head) {
  config::server const& settings = owner_.all().table()->settings().server;
  net::head_limits const limits;
  replied_ = streaming_ = head_only_ = false;
  allowed_origin_.clear();
  entry_ = {};
  used_ = body_used_ = 0;
  in_.shrink(kept_buffer);
  idle_ = in_.size() == 0;
  if (idle_ && owner_.draining()) co_return false;
  // The clock of the head is absolute: a slow client cannot stretch it byte by byte.
  bool const fresh = std::exchange(first_request_, false);
  net::time_point const now = owner_.loop().now();
  io().expires_at(idle_ && !fresh ? now + settings.keepalive_timeout : now + settings.client_header_timeout);
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
    if (idle_ && !fresh) io().expires_at(owner_.loop().now() + settings.client_header_timeout);
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

net::task<connection::next_step> connection::answer_options(net::request_head const& head, std::string_view allow) {
  how_ = usage::outcome_label::ok;
  if (head.framing.kind != net::body_kind::none) keep_alive_ = false;
  std::string text;
  begin_head(text, 204);
  add_line(text, "allow", allow);
  if (!allowed_origin_.empty()) {
    add_line(text, "access-control-allow-methods", allow);
    add_line(text, "access-control-allow-headers", head.fields.get("access-control-request-headers"));
    add_line(text, "access-control-max-age", "600");
  }
  finish_head(text, {}, std::nullopt);
  std::array<std::string_view, 1> const pieces{std::string_view(text)};
  io_error const error = co_await send(pieces);
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
    std::memmove(body_.data() + done + step.produced, body_.data() + done + step.consumed, left);
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

// ---- answers ---------------------------------------------------------------------------------------------------

void connection::begin_head(std::string& head, int status) {
  entry_.status = status;
  replied_ = true;
  head.reserve(512);
  head.append("HTTP/1.1 ");
  add_number(head, static_cast<std::uint64_t>(status));
  head.append(" ").append(reason_phrase(status)).append("\r\ndate: ").append(owner_.http_date());
  head.append("\r\nx-request-id: ").append(request_id_).append("\r\n");
}

void connection::add_cors(std::string& head) const {
  if (allowed_origin_.empty()) return;
  add_line(head, "access-control-allow-origin", allowed_origin_);
  add_line(head, "vary", "Origin");
  add_line(head, "access-control-expose-headers", "x-request-id, retry-after, retry-after-ms, x-should-retry");
}

void connection::add_info(std::string& head, routing::reply_info const& info) {
  add_line(head, "x-recloser-target", info.target);
  head.append("x-recloser-attempts: ");
  add_number(head, static_cast<std::uint64_t>(info.attempts));
  head.append("\r\n");
  if (info.dropped && !info.dropped->empty()) {
    head.append("x-recloser-dropped: ");
    for (std::size_t i = 0; i < info.dropped->size(); ++i) head.append(i ? ", " : "").append((*info.dropped)[i]);
    head.append("\r\n");
  }
  microseconds const own = std::max(since(started_) - info.upstream, microseconds(0));
  fmt::format_to(std::back_inserter(head), "server-timing: gateway;dur={}.{:03}, upstream;dur={}.{:03}\r\n",
                 own.count() / 1000, own.count() % 1000, info.upstream.count() / 1000, info.upstream.count() % 1000);
}

void connection::finish_head(std::string& head, std::string_view content_type, std::optional<std::size_t> length) {
  add_cors(head);
  if (!content_type.empty()) add_line(head, "content-type", content_type);
  if (length) {
    head.append("content-length: ");
    add_number(head, *length);
    head.append("\r\n");
  }
  if (!keep_alive_) head.append("connection: close\r\n");
  else if (http10_) head.append("connection: keep-alive\r\n");
  head.append("\r\n");
}

net::task<io_error> connection::send(std::span<std::string_view const> pieces) {
  io_error error = io_error::none;
  if (stream_->try_write_all(pieces, error)) co_return error;
  io().expires_at(owner_.loop().now() + table_->settings().server.client_write_timeout);
  error = co_await stream_->flush();
  if (error == io_error::none) io().never_expires();
  co_return error;
}

net::task<io_error> connection::reply(int status, std::string_view content_type, std::string_view body) {
  std::string head;
  begin_head(head, status);
  finish_head(head, content_type, body.size());
  std::array<std::string_view, 2> const pieces{std::string_view(head), head_only_ ? std::string_view() : body};
  co_return co_await send(pieces);
}

net::task<io_error> connection::refuse(chat::fault const& what, routing::reply_info const* info) {
  int status = chat::effects_of(what.what).client_status;
  if (status == 0) status = what.status ? what.status : 400;
  std::string head;
  begin_head(head, status);
  entry_.fault = chat::to_string(what.what);
  add_line(head, "x-recloser-fault", chat::to_string(what.source));
  if (info) add_info(head, *info);
  if (status == 405) add_line(head, "allow", what.param);
  if (status == 401) add_line(head, "www-authenticate", "Bearer");
  if (what.retry_after) {
    // Whole seconds beside milliseconds, never 0: SDKs would come back at once (resilience.md §3.2).
    auto const ms = std::max<std::int64_t>(what.retry_after->count(), 1);
    add_line(head, "retry-after-ms", std::to_string(ms));
    add_line(head, "retry-after", std::to_string((ms + 999) / 1000));
  }
  std::string body;
  if (status == 405) {
    chat::fault shown = what;
    shown.param.clear();
    body = dialects::openai_chat::write_error(shown);
  } else {
    body = dialects::openai_chat::write_error(what);
  }
  finish_head(head, json_type, body.size());
  std::array<std::string_view, 2> const pieces{std::string_view(head), head_only_ ? std::string_view() : std::string_view(body)};
  co_return co_await send(pieces);
}

net::task<io_error> connection::refuse_and_close(int status, std::string_view code, std::string_view reason) {
  if (!table_) table_ = owner_.all().table();
  if (request_id_.empty()) request_id_ = owner_.new_request_id();
  keep_alive_ = false;
  owner_.all().metrics.http_rejected(code);
  std::string message(reason);
  if (!message.empty()) message[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(message[0])));
  chat::fault const what(chat::fault_class::client_fault, chat::fault_source::client, status, message + ".",
                         std::string(code));
  io_error const error = co_await refuse(what);
  if (error == io_error::none) co_await linger();
  co_return error;
}

// ---- routing::reply_sink ---------------------------------------------------------------------------------------

net::task<io_error> connection::answer(routing::reply_info const& info, std::span<std::string_view const> body) {
  std::string head;
  begin_head(head, 200);
  add_info(head, info);
  std::size_t size = 0;
  for (std::string_view const piece : body) size += piece.size();
  finish_head(head, json_type, size);
  std::vector<std::string_view> pieces;
  pieces.reserve(body.size() + 1);
  pieces.push_back(head);
  pieces.insert(pieces.end(), body.begin(), body.end());
  co_return co_await send(pieces);
}

net::task<io_error> connection::begin_stream(routing::reply_info const& info, std::string_view first) {
  std::string head;
  if (http10_) keep_alive_ = false;  // no chunks there: the end of the connection is the end of the stream
  begin_head(head, 200);
  add_info(head, info);
  add_line(head, "cache-control", "no-cache");
  add_line(head, "x-accel-buffering", "no");
  if (!http10_) add_line(head, "transfer-encoding", "chunked");
  finish_head(head, "text/event-stream; charset=utf-8", std::nullopt);
  streaming_ = true;
  if (body_.size() == body_used_) {
    // No other attempt can follow, so a large prompt is not kept for the length of its answer.
    body_.truncate(body_used_ = 0);
    body_.shrink(0);
  }
  std::string size;
  if (!http10_ && !first.empty()) {
    add_number(size, first.size(), 16);
    size.append("\r\n");
  }
  std::string_view const tail = http10_ || first.empty() ? "" : "\r\n";
  std::array<std::string_view, 4> const pieces{std::string_view(head), std::string_view(size), first, tail};
  co_return co_await send(pieces);
}

net::task<io_error> connection::stream(std::string_view bytes) {
  if (http10_) {
    std::array<std::string_view, 1> const pieces{bytes};
    co_return co_await send(pieces);
  }
  char size[20];
  char* end = std::to_chars(size, size + 16, bytes.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  std::array<std::string_view, 3> const pieces{std::string_view(size, static_cast<std::size_t>(end - size)), bytes, "\r\n"};
  co_return co_await send(pieces);
}

net::task<io_error> connection::end_stream(std::string_view last, bool clean) {
  streaming_ = false;
  if (!clean) keep_alive_ = false;
  std::string size;
  if (!http10_ && !last.empty()) {
    add_number(size, last.size(), 16);
    size.append("\r\n");
  }
  std::string_view const tail = http10_ ? "" : last.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
  std::array<std::string_view, 3> const pieces{std::string_view(size), last, tail};
  co_return co_await send(pieces);
}

}  // namespace recloser::server
