#pragma once
// One worker: a thread with its own loop, listeners, upstream pool and connections. Workers share nothing hot; what
// they share is in `shared`.

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "net/pool.hpp"
#include "net/tls.hpp"
#include "routing/table.hpp"
#include "server/access_log.hpp"
#include "usage/metrics.hpp"

namespace recloser::server {

class connection;

/// What all workers share. The table is swapped as a whole by a reload.
struct shared {
  explicit shared(config::config const& settings);

  /// The table now in force. Requests keep the one that they began with.
  std::shared_ptr<routing::table const> table() const { return std::atomic_load(&table_); }
  void set_table(std::shared_ptr<routing::table const> next) { std::atomic_store(&table_, std::move(next)); }

  usage::metrics metrics;
  usage::route_series const* no_route;  ///< series of requests that belong to no route
  std::shared_ptr<routing::shared_state> routing;
  access_log log;
  std::atomic<bool> draining{false};
  std::atomic<bool> ready{false};
  std::atomic<std::size_t> connections{0};
  std::function<std::string()> reload;  ///< empty answer: done; otherwise the problems

 private:
  std::shared_ptr<routing::table const> table_;
};

/// A listening address, opened once per worker (SO_REUSEPORT).
struct listening {
  config::listener settings;
  net::tls_context tls;
  bool loopback = true;
};

class worker {
 public:
  worker(shared& all, std::vector<listening> const& where);
  ~worker();

  /// Serves until drained.
  void run();
  /// Thread-safe: stop accepting, let running requests finish until `limit`, then cut them.
  void drain(std::chrono::milliseconds limit);
  /// Thread-safe: cut what still runs, now.
  void cut();

  net::loop& loop() { return loop_; }
  net::pool& pool() { return pool_; }
  shared& all() { return all_; }
  bool draining() const { return draining_; }
  bool cutting() const { return cutting_; }

  std::string_view http_date();        ///< RFC 9110 §5.6.7, made once a second
  std::string new_request_id();

  void add(connection& one);
  void remove(connection& one);

 private:
  struct acceptor;
  net::task<> accept_loop(acceptor& from);
  void stop_if_drained();

  shared& all_;
  net::loop loop_;
  net::pool pool_;
  std::vector<std::unique_ptr<acceptor>> acceptors_;
  connection* first_ = nullptr;  // intrusive list of all connections
  bool draining_ = false;
  bool cutting_ = false;
  net::alarm drain_alarm_;
  std::mt19937_64 random_;
  std::time_t date_second_ = 0;
  char date_[40] = "";
};

/// Opens a listening socket on host:port with SO_REUSEPORT. Throws std::system_error.
std::vector<int> open_listeners(config::listener const& where);

}  // namespace recloser::server
