#include "net/stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace recloser::net {

std::string_view to_string(io_error error) {
  switch (error) {
    case io_error::none: return "ok";
    case io_error::end: return "the peer closed the connection";
    case io_error::reset: return "the connection was reset";
    case io_error::refused: return "the connection was refused";
    case io_error::expired: return "timed out";
    case io_error::cancelled: return "cancelled";
    case io_error::tls: return "TLS failed";
    case io_error::dns: return "the name could not be resolved";
  }
  return "";
}

stream::~stream() {
  if (ssl_) SSL_free(ssl_);
}

namespace {

constexpr std::size_t tls_record = 16 * 1024;  // the largest plain text of one record (RFC 8446 §5.1)

std::string last_tls_problem(ssl_st* ssl) {
  if (long const verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK) {
    return X509_verify_cert_error_string(verdict);
  }
  char text[160] = "the peer does not speak TLS here";
  if (unsigned long const code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

}  // namespace

task<io_error> stream::handshake(int (*step)(ssl_st*)) {
  for (;;) {
    ERR_clear_error();
    int const done = step(ssl_);
    if (done == 1) co_return io_error::none;
    int const why = SSL_get_error(ssl_, done);
    wake woken = wake::ready;
    if (why == SSL_ERROR_WANT_READ) {
      io_.drained();
      if (io_.peer_closed()) co_return io_error::reset;
      woken = co_await io_.readable();
    } else if (why == SSL_ERROR_WANT_WRITE) {
      io_.filled();
      woken = co_await io_.writable();
    } else if (why == SSL_ERROR_SYSCALL || why == SSL_ERROR_ZERO_RETURN) {
      co_return io_error::reset;
    } else {
      tls_problem_ = last_tls_problem(ssl_);
      co_return io_error::tls;
    }
    if (woken != wake::ready) co_return wait_result(woken);
  }
}

task<io_error> stream::tls_connect(ssl_ctx_st* context, std::string name, bool verify) {
  ssl_ = SSL_new(context);
  SSL_set_fd(ssl_, io_.fd());
  SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  in6_addr address;
  bool const is_ip = inet_pton(AF_INET, name.c_str(), &address) == 1 || inet_pton(AF_INET6, name.c_str(), &address) == 1;
  if (!is_ip) SSL_set_tlsext_host_name(ssl_, name.c_str());  // RFC 6066 §3: never an address
  if (verify) {
    SSL_set_verify(ssl_, SSL_VERIFY_PEER, nullptr);
    if (is_ip) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name.c_str());
    } else {
      SSL_set1_host(ssl_, name.c_str());
    }
  }
  co_return co_await handshake(SSL_connect);
}

task<io_error> stream::tls_accept(ssl_ctx_st* context) {
  ssl_ = SSL_new(context);
  SSL_set_fd(ssl_, io_.fd());
  SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  co_return co_await handshake(SSL_accept);
}

io_result stream::try_read(char* into, std::size_t room) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t size = 0;
    if (SSL_read_ex(ssl_, into, room, &size)) return {io_error::none, size};
    switch (SSL_get_error(ssl_, 0)) {
      case SSL_ERROR_WANT_READ:
        if (io_.peer_closed()) return {io_error::reset, 0};
        io_.drained();
        return {};
      case SSL_ERROR_WANT_WRITE: return {};  // only in a renegotiation, which TLS 1.3 and our settings do not have
      case SSL_ERROR_ZERO_RETURN: return {io_error::end, 0};
      default: return {io_error::reset, 0};
    }
  }
  for (;;) {
    ssize_t const n = ::recv(io_.fd(), into, room, 0);
    if (n > 0) {
      // A short read has emptied the socket (epoll(7)): the next byte comes with a new edge, no need to ask again.
      if (static_cast<std::size_t>(n) < room) io_.drained();
      return {io_error::none, static_cast<std::size_t>(n)};
    }
    if (n == 0) return {io_error::end, 0};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {io_error::reset, 0};
    io_.drained();
    return io_.peer_closed() ? io_result{io_error::reset, 0} : io_result{};
  }
}

task<io_result> stream::read_some(char* into, std::size_t room) {
  for (;;) {
    wake const woken = co_await io_.readable();
    if (woken != wake::ready) co_return io_result{wait_result(woken), 0};
    io_result const got = try_read(into, room);
    if (got.size || got.error != io_error::none) co_return got;
  }
}

io_result stream::write_tls(std::span<std::string_view const> pieces) {
  // Small pieces are joined so that a message is one record and one system call.
  thread_local std::string joined;
  std::size_t total = 0;
  for (std::size_t i = 0; i < pieces.size();) {
    joined.clear();
    std::string_view record = pieces[i++];
    while (i < pieces.size() && record.size() + pieces[i].size() <= tls_record) {
      if (joined.empty()) joined = record;
      record = joined += pieces[i++];
    }
    while (!record.empty()) {
      ERR_clear_error();
      std::size_t size = 0;
      if (!SSL_write_ex(ssl_, record.data(), record.size(), &size)) {
        int const why = SSL_get_error(ssl_, 0);
        if (why != SSL_ERROR_WANT_WRITE && why != SSL_ERROR_WANT_READ) return {io_error::reset, total};
        io_.filled();
        return {io_error::none, total};
      }
      total += size;
      record.remove_prefix(size);
    }
  }
  return {io_error::none, total};
}

io_result stream::write_some(std::span<std::string_view const> pieces) {
  if (ssl_) return write_tls(pieces);
  std::array<iovec, 64> parts;
  std::size_t count = 0;
  for (std::string_view const piece : pieces.first(std::min(pieces.size(), parts.size()))) {
    if (!piece.empty()) parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  if (count == 0) return {};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  for (;;) {
    ssize_t const n = ::sendmsg(io_.fd(), &message, MSG_NOSIGNAL);
    if (n >= 0) return {io_error::none, static_cast<std::size_t>(n)};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return {io_error::reset, 0};
    io_.filled();
    return {};
  }
}

namespace {

/// Drops the first `size` bytes of a list of pieces.
void advance(std::vector<std::string_view>& pieces, std::size_t size) {
  auto first = pieces.begin();
  while (first != pieces.end() && size >= first->size()) size -= (first++)->size();
  if (first != pieces.end()) first->remove_prefix(size);
  pieces.erase(pieces.begin(), first);
}

}  // namespace

bool stream::try_write_all(std::span<std::string_view const> pieces, io_error& error) {
  error = io_error::none;
  if (!pending_.empty()) {
    for (std::string_view const piece : pieces) pending_ += piece;
    return false;
  }
  std::size_t total = 0;
  for (std::string_view const piece : pieces) total += piece.size();
  io_result const sent = write_some(pieces);
  error = sent.error;
  if (error != io_error::none || sent.size == total) return true;
  std::vector<std::string_view> rest(pieces.begin(), pieces.end());
  advance(rest, sent.size);
  for (std::string_view const piece : rest) pending_ += piece;
  return false;
}

task<io_error> stream::flush() {
  std::string_view rest = pending_;
  while (!rest.empty()) {
    io_result const sent = write_some(std::span(&rest, 1));
    if (sent.error != io_error::none) co_return sent.error;
    rest.remove_prefix(sent.size);
    if (rest.empty() || sent.size) continue;
    wake const woken = co_await io_.writable();
    if (woken != wake::ready) co_return wait_result(woken);
  }
  pending_ = {};
  co_return io_error::none;
}

task<io_error> stream::write_all(std::span<std::string_view const> pieces, lifetime how) {
  if (how == lifetime::transient) {
    io_error error;
    if (try_write_all(pieces, error)) co_return error;
    co_return co_await flush();
  }
  std::vector<std::string_view> rest(pieces.begin(), pieces.end());
  for (;;) {
    io_result const sent = write_some(rest);
    if (sent.error != io_error::none) co_return sent.error;
    advance(rest, sent.size);
    if (rest.empty()) co_return io_error::none;
    if (sent.size) continue;
    wake const woken = co_await io_.writable();
    if (woken != wake::ready) co_return wait_result(woken);
  }
}

void stream::shutdown() {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
  }
  ::shutdown(io_.fd(), SHUT_WR);
}

}  // namespace recloser::net
