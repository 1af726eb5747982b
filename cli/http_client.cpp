#include "cli/http_client.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <boost/url.hpp>

#include "net/exchange.hpp"

namespace recloser::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto answer_patience = 960s;  // longer than any clock of the daemon: it says better what went wrong
constexpr std::size_t max_body = 64u << 20;

net::origin make_origin(boost::urls::url_view url, std::chrono::milliseconds patience) {
  net::origin result;
  std::string const bracketed(url.encoded_host());
  result.host = bracketed.starts_with('[') ? bracketed.substr(1, bracketed.size() - 2) : bracketed;
  bool const secure = url.scheme_id() == boost::urls::scheme::https;
  result.port = url.has_port() && url.port_number() ? url.port_number() : secure ? 443 : 80;
  result.authority = bracketed + (url.has_port() ? ":" + std::to_string(result.port) : std::string());
  if (secure) result.tls = net::client_tls("");
  result.key = result.authority;
  result.dns_limit = result.connect_limit = result.tls_limit = patience;
  return result;
}

/// One request and what becomes of it.
struct call {
  net::origin origin;
  std::string request;
  net::exchange_limits limits;
  http_client::piece_taker const* on_piece = nullptr;
  answer result;
  net::cancel_scope scope;
};

std::string words_for(net::io_error error, net::clock_name clock) {
  if (error == net::io_error::expired) return fmt::format("no answer in time (clock: {})", net::to_string(clock));
  return std::string(net::to_string(error));
}

void fail(call& c, net::io_error error, std::string problem) {
  c.result.status = 0;
  c.result.problem = std::move(problem);
  c.result.refused = error == net::io_error::refused;
  c.result.interrupted = c.scope.cancelled();
}

void keep_head(call& c, net::response_head const& head) {
  c.result.status = head.status;
  for (net::field const& f : head.fields.all()) {
    std::string name(f.name);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char ch) { return std::tolower(ch); });
    c.result.headers.emplace_back(std::move(name), f.value);
  }
}

net::task<> read_answer(net::exchange& upstream, call& c) {
  while (!upstream.complete()) {
    net::exchange::piece const got = co_await upstream.read_body();
    if (got.error != net::io_error::none) {
      fail(c, got.error, "the answer broke off: " + words_for(got.error, upstream.clock()));
      co_return;
    }
    if (!upstream.problem().empty()) {
      fail(c, net::io_error::reset, upstream.problem());
      co_return;
    }
    if (c.on_piece && c.result.status == 200)
      (*c.on_piece)(got.bytes);
    else if (c.result.body.size() < max_body)
      c.result.body += got.bytes;
  }
}

net::task<> perform(net::pool& pool, call& c) {
  net::leased connection = co_await pool.lease(c.origin, true, c.scope);
  if (!connection.stream) {
    fail(c, connection.error, connection.problem);
    co_return;
  }
  net::exchange upstream(std::move(connection), c.limits);
  net::cancel_scope::guard const guard(c.scope, upstream.io());
  std::array<std::string_view, 1> const pieces{std::string_view(c.request)};
  net::io_error error = co_await upstream.send(pieces);
  net::response_head head;
  if (error == net::io_error::none) error = co_await upstream.read_head(head);
  if (error != net::io_error::none) {
    fail(c, error, words_for(error, upstream.clock()));
    co_return;
  }
  if (!upstream.problem().empty()) {
    fail(c, net::io_error::reset, "what answers there does not speak HTTP/1.1: " + upstream.problem());
    co_return;
  }
  keep_head(c, head);
  co_await read_answer(upstream, c);
}

/// While it lives, SIGINT is a readable descriptor and does nothing else.
class interrupt_descriptor {
 public:
  interrupt_descriptor() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~interrupt_descriptor() {
    timespec const no_wait{};
    while (sigtimedwait(&signals_, nullptr, &no_wait) == SIGINT) {  // the one that was answered must not kill us now
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  interrupt_descriptor(interrupt_descriptor const&) = delete;
  interrupt_descriptor& operator=(interrupt_descriptor const&) = delete;

  int open() const { return signalfd(-1, &signals_, SFD_NONBLOCK | SFD_CLOEXEC); }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

net::task<> cancel_when_readable(net::descriptor& signals, net::cancel_scope& scope) {
  net::wake const how = co_await signals.readable();
  if (how == net::wake::ready) scope.cancel();
}

net::task<> perform_and_stop(net::loop& loop, net::pool& pool, call& c, net::descriptor* signals) {
  co_await perform(pool, c);
  if (signals) signals->cancel();
  loop.stop();
}

void rethrow(std::exception_ptr what) { std::rethrow_exception(what); }

void run(call& c, bool interruptible) {
  std::unique_ptr<interrupt_descriptor> interrupts;
  if (interruptible) interrupts = std::make_unique<interrupt_descriptor>();
  net::loop loop;
  std::unique_ptr<net::descriptor> signals;
  if (interrupts) {
    signals = std::make_unique<net::descriptor>(loop, interrupts->open());
    net::spawn(cancel_when_readable(*signals, c.scope), rethrow);
  }
  net::pool pool(loop);
  net::spawn(perform_and_stop(loop, pool, c, signals.get()), rethrow);
  loop.run();
}

}  // namespace

std::string_view answer::header(std::string_view name) const {
  auto const found = std::find_if(headers.begin(), headers.end(), [&](auto const& h) { return h.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

http_client::http_client(std::string url, std::string const& key) : url_(std::move(url)) {
  if (key.empty()) return;
  bool const sendable = std::all_of(key.begin(), key.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
  if (!sendable)
    throw std::runtime_error(
        "the key in $RECLOSER_KEY or $OPENAI_API_KEY has spaces or other characters "
        "that a header cannot hold");
  authorization_ = "authorization: Bearer " + key + "\r\n";
}

namespace {

call make_call(std::string const& url, std::string_view method, std::string_view path, std::string_view headers,
               std::chrono::milliseconds patience) {
  boost::urls::url const parsed(url);
  call c;
  c.origin = make_origin(parsed, patience);
  c.request = fmt::format("{} {}{} HTTP/1.1\r\nhost: {}\r\nuser-agent: recloser-cli/" RECLOSER_VERSION
                          "\r\nconnection: close\r\n{}",
                          method, std::string(parsed.encoded_path()), path, c.origin.authority, headers);
  return c;
}

}  // namespace

answer http_client::get(std::string_view path, std::chrono::milliseconds patience) const {
  call c = make_call(url_, "GET", path, authorization_ + "\r\n", patience);
  c.limits.first_byte = c.limits.idle = patience;
  run(c, interruptible_);
  return std::move(c.result);
}

answer http_client::post_streamed(std::string_view path, std::string const& body, header_list const& more,
                                  piece_taker const& on_piece) const {
  std::string headers = authorization_ + "content-type: application/json\r\n";
  for (auto const& [name, value] : more) headers += name + ": " + value + "\r\n";
  headers += fmt::format("content-length: {}\r\n\r\n", body.size());
  call c = make_call(url_, "POST", path, headers, 10s);
  c.request += body;
  c.limits.first_byte = c.limits.idle = answer_patience;
  c.on_piece = &on_piece;
  run(c, interruptible_);
  return std::move(c.result);
}

}  // namespace recloser::cli
