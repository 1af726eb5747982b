#pragma once
// From a host name to a connection: names are looked up beside the loop, answers are kept for a while, several
// addresses are tried in a staggered race (RFC 8305), so `localhost` works whether the server listens on ::1 or 127.0.0.1.

#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "net/stream.hpp"

namespace recloser::net {

struct address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
/// `127.0.0.1:80`, `[::1]:80`.
std::string to_string(address const& where);

/// Numeric addresses and `localhost` without a lookup; empty for anything else.
std::vector<address> literal_addresses(std::string const& host, std::uint16_t port);

/// Looks names up on threads of its own (getaddrinfo blocks) and remembers the answers. One per worker.
class resolver {
 public:
  explicit resolver(loop& owner) : owner_(owner) {}

  /// Empty: no such name, or no answer within `limit` (then `problem` says why).
  task<std::vector<address>> resolve(std::string host, std::uint16_t port, milliseconds limit, cancel_scope& scope,
                                     std::string& problem);
  /// The next lookup asks again: the addresses did not work.
  void distrust(std::string const& host);

 private:
  struct entry {
    std::string host;
    std::vector<address> addresses;  // port 0; empty: a remembered failure
    time_point fresh_until;
    time_point usable_until;  // a stale answer is better than none
    std::string problem;
  };
  entry* find(std::string const& host);

  loop& owner_;
  std::vector<entry> cache_;  // a handful of upstream hosts; bounded
};

struct connected {
  std::unique_ptr<net::stream> stream;  ///< null: see error
  io_error error = io_error::none;
};

/// Connects to the first address that answers before `deadline`.
task<connected> connect(loop& owner, std::vector<address> addresses, time_point deadline, cancel_scope& scope);

/// True when the address must never be called, whatever the configuration resolves to: cloud metadata services
/// (resilience.md §11.5).
bool is_forbidden(address const& where);

}  // namespace recloser::net
