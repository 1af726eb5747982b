#pragma once
// One connection, plain or TLS, for either side. Reads and writes are tried first and waited for only when the kernel
// has nothing; data goes straight between the caller's buffer and the socket. One coroutine at a time.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/loop.hpp"
#include "net/task.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace recloser::net {

enum class io_error {
  none,
  end,        ///< the peer closed cleanly
  reset,      ///< reset, broken pipe, any other error of the socket
  refused,    ///< nobody listens there
  expired,    ///< the deadline passed
  cancelled,  ///< someone cancelled the wait
  tls,        ///< handshake or record failed; `stream::tls_problem` says why
  dns,        ///< the name could not be resolved
};
std::string_view to_string(io_error error);

struct io_result {
  io_error error = io_error::none;
  std::size_t size = 0;
};

/// Whether the pieces of a write outlive it: then nothing is copied when the peer is slow.
enum class lifetime { stable, transient };

class stream {
 public:
  stream(loop& owner, int fd) : io_(owner, fd) {}
  ~stream();
  stream(stream const&) = delete;
  stream& operator=(stream const&) = delete;

  descriptor& io() { return io_; }
  bool is_tls() const { return ssl_ != nullptr; }

  /// TLS handshakes. `name` is sent as SNI and checked against the certificate (a DNS name or an IP address).
  task<io_error> tls_connect(ssl_ctx_st* context, std::string name, bool verify);
  task<io_error> tls_accept(ssl_ctx_st* context);
  std::string const& tls_problem() const { return tls_problem_; }

  /// Reads what is there, at least one byte, waiting if need be.
  task<io_result> read_some(char* into, std::size_t room);
  /// Reads without waiting; `size` 0 and no error: nothing is there yet.
  io_result try_read(char* into, std::size_t room);

  /// Writes all pieces, gathered into as few system calls as possible. With `transient`, what the kernel does not take
  /// at once is copied before the wait.
  task<io_error> write_all(std::span<std::string_view const> pieces, lifetime how = lifetime::transient);
  /// The same without a coroutine for the usual case that the kernel takes everything at once: false when something
  /// is left, which `flush` then finishes (`transient`) .
  bool try_write_all(std::span<std::string_view const> pieces, io_error& error);
  task<io_error> flush();

  /// Says goodbye (TLS close_notify, FIN) without waiting for the peer.
  void shutdown();

 private:
  io_result write_some(std::span<std::string_view const> pieces);
  io_result write_tls(std::span<std::string_view const> pieces);
  task<io_error> handshake(int (*step)(ssl_st*));
  io_error wait_result(wake how) const {
    return how == wake::ready ? io_error::none : how == wake::expired ? io_error::expired : io_error::cancelled;
  }

  descriptor io_;
  ssl_st* ssl_ = nullptr;
  std::string pending_;  // left over from try_write_all
  std::string tls_problem_;
};

}  // namespace recloser::net
