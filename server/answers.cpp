// The client's side of an answer: heads, errors, whole bodies and streams.

#include <array>
#include <charconv>

#include "dialects/openai_chat/relay.hpp"
#include "server/connection.hpp"

namespace recloser::server {

using net::io_error;
using std::chrono::microseconds;

namespace {

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

void add_number(std::string& out, std::uint64_t value, int base = 10) {
  char digits[24];
  auto const end = std::to_chars(digits, digits + sizeof digits, value, base).ptr;
  out.append(digits, end);
}

/// Milliseconds with three digits behind the point.
void add_ms(std::string& out, microseconds time) {
  add_number(out, static_cast<std::uint64_t>(time.count() / 1000));
  char const digits[4] = {'.', static_cast<char>('0' + time.count() / 100 % 10),
                          static_cast<char>('0' + time.count() / 10 % 10), static_cast<char>('0' + time.count() % 10)};
  out.append(digits, 4);
}

}  // namespace

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
  if (!session_.empty()) add_line(head, "x-recloser-session", session_);
  microseconds const own = std::max(since(started_) - info.upstream, microseconds(0));
  head.append("server-timing: gateway;dur=");
  add_ms(head, own);
  head.append(", upstream;dur=");
  add_ms(head, info.upstream);
  head.append("\r\n");
}

void connection::finish_head(std::string& head, std::string_view content_type, std::optional<std::size_t> length) {
  add_cors(head);
  if (!content_type.empty()) add_line(head, "content-type", content_type);
  if (length) {
    head.append("content-length: ");
    add_number(head, *length);
    head.append("\r\n");
  }
  if (owner_.draining()) keep_alive_ = false;
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
  int const status = chat::client_status(what);
  std::string head;
  begin_head(head, status);
  entry_.fault = chat::to_string(what.what);
  add_line(head, "x-recloser-fault", chat::to_string(what.source));
  if (info) add_info(head, *info);
  // Everything that could be tried has been tried; a throttled client may come back when it was told when.
  bool const exhausted = what.source == chat::fault_source::upstream && what.what != chat::fault_class::rate_limit;
  if (exhausted) add_line(head, "x-should-retry", "false");
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
