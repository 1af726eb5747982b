#pragma once
// Upstream connections of one worker: kept alive, reused last-in first-out, thrown away before the server would do it.

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/connect.hpp"
#include "net/tls.hpp"

namespace recloser::net {

/// A server that connections are made to. Immutable; shared by all workers.
struct origin {
  std::string key;        ///< identity of connections that may serve it: scheme, host, port, TLS settings
  std::string host;
  std::uint16_t port = 0;
  std::string authority;  ///< for the Host header
  tls_context tls;        ///< null: plain
  bool verify = true;
  milliseconds dns_limit{3'000};
  milliseconds connect_limit{5'000};
  milliseconds tls_limit{5'000};
  bool metadata = false;  ///< a cloud's metadata service: the only ones that may be called at such addresses
  milliseconds idle_limit{50'000};  ///< shorter than the server's own keep-alive (resilience.md §9)
};

/// Which clock of an upstream request fired (resilience.md §7).
enum class clock_name { none, dns, connect, tls, send, first_byte, idle, total };
std::string_view to_string(clock_name clock);

struct leased {
  std::unique_ptr<net::stream> stream;  ///< null: see error
  bool reused = false;
  io_error error = io_error::none;
  clock_name clock = clock_name::none;  ///< error expired
  std::string problem;                  ///< words for the operator, no secrets
};

struct pool_counts {
  std::size_t idle = 0;
  std::uint64_t opened = 0;
  std::uint64_t reused = 0;
};

class pool {
 public:
  explicit pool(loop& owner);

  /// A connection to `where`: an idle one unless `fresh`, else a new one.
  task<leased> lease(origin const& where, bool fresh, cancel_scope& scope);

  /// Gives back a connection whose last exchange ended well.
  void give_back(origin const& where, std::unique_ptr<stream> connection);

  /// Coroutines that still use the pool although no request waits for them; `when_quiet` is called when none is left.
  void begin_linger() { ++lingering_; }
  void end_linger() {
    if (--lingering_ == 0 && when_quiet_) when_quiet_();
  }
  bool is_quiet() const { return lingering_ == 0; }
  void when_quiet(std::function<void()> call) { when_quiet_ = std::move(call); }

  /// Closes everything that is idle.
  void close_idle() { idle_.clear(); }
  pool_counts counts() const;

 private:
  struct idle {
    std::unique_ptr<net::stream> stream;
    time_point close_at;
  };
  std::unique_ptr<stream> take_idle(std::string const& key);
  task<leased> open(origin const& where, cancel_scope& scope);
  void sweep();

  loop& owner_;
  resolver resolver_;
  alarm sweeper_;
  std::unordered_map<std::string, std::vector<idle>> idle_;
  std::uint64_t opened_ = 0;
  std::uint64_t reused_ = 0;
  int lingering_ = 0;
  std::function<void()> when_quiet_;
};

}  // namespace recloser::net
